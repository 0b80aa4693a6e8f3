"""Files that came for a workflow since a moment: Query by status, then the items by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from file_transfer.expectations.windows import ARRIVED, DELIVERED
from file_transfer.records.identity import SHARDS, arrival_of
from shared.batch_reads import read_batches
from shared.clock import stamp
from shared.dynamodb import from_item, to_item

INDEX = "WorkflowStatusIndex"
STATUSES = {
    DELIVERED: ("SUCCESS", "SUPERSEDED"),
    ARRIVED: ("SUCCESS", "SUPERSEDED", "PARTIAL", "FAILED", "RETRYING", "HELD", "IN_PROGRESS"),
}
#: The most that a window may want is 1,000; who sends more has sent enough.
MOST_FILES = 2000
#: What is read of an item.
READ = {
    "ProjectionExpression": "SK, fileName, customerId, metadata, #at",
    "ExpressionAttributeNames": {"#at": "timestamp"},
}


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
        """Files that arrived at or after `start` and count, in no order; at most 2,000.

        Raises Throttled when keys stay unread.
        """
        keys = list(islice(self._keys(workflow_id, stamp(start), counts), MOST_FILES))
        batches = read_batches(self._dynamodb, self._table, keys, **READ)
        found = [_file(item, counts) for batch in batches for item in batch]
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
                    yield from (from_item({"PK": item["PK"], "SK": item["SK"]}) for item in page["Items"])


def _file(item: Mapping[str, Any], counts: str) -> File:
    arrived_at = arrival_of(item["SK"])
    return File(
        name=item["fileName"],
        customer_id=item["customerId"],
        size=int(item["metadata"].get("fileSizeBytes", 0)),
        at=item["timestamp"] if counts == DELIVERED else arrived_at,
        arrived_at=arrived_at,
    )
