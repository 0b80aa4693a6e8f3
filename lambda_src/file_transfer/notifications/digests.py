"""Digests: what channels gather instead of sending, in the table FileTransferControl.

An entry lies in the partition of its channel and due time; a marker in one partition says which of them are due when,
so that nobody has to look for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from file_transfer.notifications.channels import EVERYBODY, Channel
from file_transfer.records.identity import ID_DIGITS
from shared.canonical import sha256_hex
from shared.clock import parse, stamp
from shared.conditional import put_if
from shared.dynamodb import from_item, to_item

MARKERS = "DIGEST#DUE"
KEPT = timedelta(days=30)
#: A digest names so many, and counts all.
LISTED = 50
NEW = "attribute_not_exists(PK)"
SHOWN = ("notificationId", "status", "text", "customerId", "fileName", "expectationId", "failureReason", "timestamp")

Item = dict[str, Any]


@dataclass(frozen=True)
class Due:
    """A digest that has to be sent."""

    workflow_id: str
    channel: str
    due_at: str
    sort_key: str

    @property
    def partition(self) -> str:
        """Where its entries are."""
        return _partition(self.workflow_id, self.channel, self.due_at)


class DigestStore:
    """`dynamodb` is a low-level boto3 client."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def gather(self, notification: Mapping[str, Any], channel: Channel, now: datetime) -> None:
        """Keeps a notification for the channel's next digest. Of two calls the second changes nothing."""
        if channel.digest is None:
            raise ValueError(f"channel {channel.id} has no digest")
        due = channel.digest.next_due(now)
        due_at, expires_at = stamp(due), int((due + KEPT).timestamp())
        shown = {name: notification[name] for name in SHOWN if name in notification}
        workflow_id = notification["workflowId"]
        entry = {
            "PK": _partition(workflow_id, channel.id, due_at),
            "SK": f"{notification['timestamp']}#{notification['notificationId']}",
            "entry": shown,
            "expiresAt": expires_at,
        }
        marker = {
            "PK": MARKERS,
            "SK": f"{due_at}#{workflow_id}#{channel.id}",
            "workflowId": workflow_id,
            "channel": channel.id,
            "dueAt": due_at,
            "expiresAt": expires_at,
        }
        # The marker last: a digest without one is never sent, one that is sent has all its entries.
        put_if(self._dynamodb, self._table, entry, NEW)
        put_if(self._dynamodb, self._table, marker, NEW)

    def due(self, until: datetime) -> Iterator[Due]:
        """Digests that are due at or before a moment, oldest first."""
        for item in self._query(MARKERS, " AND SK < :until", {":until": {"S": stamp(until) + "$"}}):
            yield Due(item["workflowId"], item["channel"], item["dueAt"], item["SK"])

    def entries(self, due: Due) -> Iterator[Item]:
        """What was gathered, oldest first."""
        for item in self._query(due.partition):
            yield item["entry"]

    def done(self, due: Due) -> None:
        """The digest is on its way: it is not due any more. Its entries expire."""
        key = to_item({"PK": MARKERS, "SK": due.sort_key})
        self._dynamodb.delete_item(TableName=self._table, Key=key)

    def _query(self, partition: str, more: str = "", values: Mapping[str, Any] | None = None) -> Iterator[Item]:
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=f"PK = :pk{more}",
            ExpressionAttributeValues={":pk": {"S": partition}, **(values or {})},
            ConsistentRead=True,
        )
        for page in pages:
            for typed in page["Items"]:
                yield from_item(typed)


def digest_payload(due: Due, entries: Iterator[Item]) -> Item:
    """The notification that stands for all entries; schemas/digest-payload.schema.json."""
    counts: Counter[str] = Counter()
    customers: set[str] = set()
    listed: list[Item] = []
    for entry in entries:
        counts[entry["status"]] += 1
        customers.add(entry["customerId"])
        if len(listed) < LISTED:
            listed.append(entry)
    said = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
    return {
        "kind": "towpath.digest",
        "notificationId": f"digest-{sha256_hex(due.partition)[:ID_DIGITS]}",
        "status": "DIGEST",
        "text": f"Workflow {due.workflow_id} until {parse(due.due_at):%Y-%m-%d %H:%M} UTC: {said or 'nothing'}.",
        "workflowId": due.workflow_id,
        "customerId": customers.pop() if len(customers) == 1 else EVERYBODY,
        "channel": due.channel,
        "counts": dict(counts),
        "entries": listed,
        "timestamp": due.due_at,
    }


def _partition(workflow_id: str, channel: str, due_at: str) -> str:
    return f"DIGEST#{workflow_id}#{channel}#{due_at}"
