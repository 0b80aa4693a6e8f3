"""What is known of arrivals: status items by key, and by day where the key is not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from file_transfer.records.identity import SHARDS, StatusKey, arrival_of, id_of, shard
from shared.batch_reads import read_batches

INDEX = "DateStatusIndex"
UNFINISHED = ("IN_PROGRESS", "RETRYING", "HELD")
SETTLED = ("SUCCESS", "REJECTED", "FAILED", "PARTIAL", "SUPERSEDED")

Item = dict[str, Any]


class Records:
    """Reads of FileTransferStatus. Throttled when the table keeps leaving keys unanswered."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def items(self, keys: Iterable[StatusKey]) -> dict[StatusKey, Item]:
        """The items that exist."""
        found = (item for batch in self._read(keys) for item in batch)
        return {StatusKey(item["PK"], item["SK"]): item for item in found}

    def settled_elsewhere(self, keys: Sequence[StatusKey]) -> set[str]:
        """Ids among those of the keys that have an item under another key.

        A message may have named another customer than the definition does, and definitions change.
        """
        wanted: dict[tuple[str, int], set[str]] = defaultdict(set)
        for key in keys:
            wanted[arrival_of(key.sk)[:10], shard(id_of(key.sk))].add(id_of(key.sk))
        found: set[str] = set()
        for (day, number), ids in wanted.items():
            for status in (*SETTLED, *UNFINISHED):
                found |= {id_of(each.sk) for each in self._of_day(day, status, number) if id_of(each.sk) in ids}
        return found

    def unfinished(self, now: datetime, days: int) -> Iterator[list[Item]]:
        """What arrived in the last days and is RETRYING, HELD, or delivered asynchronously, a hundred at a time.

        A first attempt is in no index: one more row of it would cost each transfer two writes.
        """
        dates = [(now - timedelta(days=back)).strftime("%Y-%m-%d") for back in range(days + 1)]
        partitions = product(dates, UNFINISHED, range(SHARDS))
        return self._read(key for partition in partitions for key in self._of_day(*partition))

    def _read(self, keys: Iterable[StatusKey]) -> Iterator[list[Item]]:
        return read_batches(self._dynamodb, self._table, ({"PK": key.pk, "SK": key.sk} for key in keys))

    def _of_day(self, day: str, status: str, number: int) -> Iterator[StatusKey]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=INDEX,
            KeyConditionExpression="dateStatus = :value",
            ExpressionAttributeValues={":value": {"S": f"{day}#{status}#{number}"}},
        )
        for page in pages:
            for item in page["Items"]:
                yield StatusKey(item["PK"]["S"], item["SK"]["S"])
