"""Files that came for a workflow since a moment: Query by status, then the items by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from file_transfer.expectations.windows import ARRIVED, DELIVERED
from file_transfer.records.identity import SHARDS, arrival_of
from shared.clock import stamp
from shared.dynamodb import from_item, to_item
from shared.errors import Throttled

INDEX = "WorkflowStatusIndex"
STATUSES = {
    DELIVERED: ("SUCCESS", "SUPERSEDED"),
    ARRIVED: ("SUCCESS", "SUPERSEDED", "PARTIAL", "FAILED", "RETRYING", "HELD", "IN_PROGRESS"),
}
#: The most that a window may want is 1,000; who sends more has sent enough.
MOST_FILES = 2000
#: Keys of one BatchGetItem (API Reference).
BATCH = 100
BATCH_ATTEMPTS = 4


@dataclass(frozen=True)
class File:
    """A file as far as expectations care. `at`: when it arrived, or reached its targets; `arrived_at`: arrival."""

    name: str
    customer_id: str
    size: int
    at: str
    arrived_at: str


class Arrivals:
    """`dynamodb` is a low-level boto3 client."""

    def __init__(self, dynamodb: Any, status_table: str) -> None:
        self._dynamodb = dynamodb
        self._table = status_table

    def since(self, workflow_id: str, start: datetime, counts: str) -> list[File]:
        """Files that arrived at or after `start` and count, in no order; at most 2,000."""
        keys = list(islice(self._keys(workflow_id, stamp(start), counts), MOST_FILES))
        found = [_file(item, counts) for batch in _batches(keys) for item in self._items(batch)]
        return [file for file in found if file.arrived_at >= stamp(start)]

    def _keys(self, workflow_id: str, start: str, counts: str) -> Iterator[dict[str, Any]]:
        for status in STATUSES[counts]:
            for shard in range(SHARDS):
                pages = self._dynamodb.get_paginator("query").paginate(
                    TableName=self._table,
                    IndexName=INDEX,
                    KeyConditionExpression="workflowStatus = :value AND #at >= :start",
                    ExpressionAttributeNames={"#at": "timestamp"},
                    ExpressionAttributeValues=to_item({":value": f"{workflow_id}#{status}#{shard}", ":start": start}),
                )
                for page in pages:
                    yield from ({"PK": item["PK"], "SK": item["SK"]} for item in page["Items"])

    def _items(self, keys: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Raises Throttled when DynamoDB keeps leaving keys unread."""
        asked: dict[str, Any] = {
            self._table: {
                "Keys": list(keys),
                "ProjectionExpression": "SK, fileName, customerId, metadata, #at",
                "ExpressionAttributeNames": {"#at": "timestamp"},
            }
        }
        for _ in range(BATCH_ATTEMPTS):
            answer = self._dynamodb.batch_get_item(RequestItems=asked)
            yield from (from_item(item) for item in answer["Responses"].get(self._table, []))
            asked = answer.get("UnprocessedKeys") or {}
            if not asked:
                return
        raise Throttled("BatchGetItem left keys unread")


def _batches(keys: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def _file(item: Mapping[str, Any], counts: str) -> File:
    arrived_at = arrival_of(item["SK"])
    return File(
        name=item["fileName"],
        customer_id=item["customerId"],
        size=int(item["metadata"].get("fileSizeBytes", 0)),
        at=item["timestamp"] if counts == DELIVERED else arrived_at,
        arrived_at=arrived_at,
    )
