"""Writes what follows from a change of a status item: audit record, index row, failure record, notification.

A replay marks the failure record it is about; should the transfer fail again, its record is a new one.

Every write is conditional, so that a change delivered twice leaves one of each. The audit record comes first: a
transfer may lack a row for a moment, never its trail. The index row comes last and so says that all was done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from file_transfer.records import audit, identity, views
from file_transfer.records.claim import WAITING
from file_transfer.settings import Settings
from shared.clock import Clock
from shared.conditional import put_if, update_if
from shared.dynamodb import from_item
from shared.errors import Transient

NEWER = "attribute_not_exists(PK) OR revision < :revision"
#: The stream keeps the order of an item's changes, so a missing predecessor is one that is still being retried.
#: After this time it is lost, and the chain goes on with a gap that a verifier reports.
GAP_AFTER = timedelta(minutes=15)


class Notifier(Protocol):
    """Who is told of what ended, as file_transfer.notifications.notifier.Notifier tells it."""

    def notify(self, new: Mapping[str, Any]) -> str:
        """What became of the notification."""


@dataclass(frozen=True)
class Recorded:
    """What was done with one change. `fresh`: a settle that had not been recorded to its end, hence not counted."""

    fresh: bool
    notification: str = ""


@dataclass(frozen=True)
class Recorder:
    """The tables behind the stream."""

    settings: Settings
    dynamodb: Any
    notifier: Notifier
    clock: Clock

    def record(self, old: Mapping[str, Any], new: Mapping[str, Any], changed_at: datetime) -> Recorded:
        """Raises Transient when the record of the change before is not there yet, and what botocore raises."""
        if not audit.is_recorded(old, new):
            return Recorded(False)
        record = audit.audit_record(old, new, self._previous_hash(new, changed_at))
        put_if(self.dynamodb, self.settings.audit_table, record, "attribute_not_exists(PK)")
        if audit.is_replay(old, new):
            self._mark_replayed(new)
        if not audit.is_settle(old, new):
            return Recorded(False)
        failure = views.failure_item(old, new)
        if failure:
            self._upsert(self.settings.failure_table, failure)
        notified = self.notifier.notify(new) if new["status"] not in WAITING else ""
        return Recorded(self._upsert(self.settings.index_table, views.index_item(new)), notified)

    def _mark_replayed(self, new: Mapping[str, Any]) -> None:
        """A record that has expired, or is about a later failure, is left alone."""
        update_if(
            self.dynamodb,
            self.settings.failure_table,
            views.failure_key(new),
            "SET replayedAt = :at, replayId = :id, replayedBy = :by, revision = :revision",
            "revision < :revision",
            {
                ":at": new["replayedAt"],
                ":id": new["lastReplay"],
                ":by": new["replayedBy"],
                ":revision": new["revision"],
            },
        )

    def _previous_hash(self, new: Mapping[str, Any], changed_at: datetime) -> str:
        revision = int(new["revision"])
        if revision == 1:
            return audit.first_hash(new["SK"])
        found = self._audit_record(new["PK"], identity.audit_sort_key(new["SK"], revision - 1))
        if found:
            return str(found["hash"])
        if self.clock() - changed_at > GAP_AFTER:
            return audit.GAP
        raise Transient(f"the audit record of revision {revision - 1} of {new['SK']} is not there yet")

    def _audit_record(self, pk: str, sk: str) -> dict[str, Any] | None:
        answer = self.dynamodb.query(
            TableName=self.settings.audit_table,
            KeyConditionExpression="PK = :pk AND SK = :sk",
            ExpressionAttributeValues={":pk": {"S": pk}, ":sk": {"S": sk}},
            ConsistentRead=True,
        )
        return from_item(answer["Items"][0]) if answer["Items"] else None

    def _upsert(self, table: str, item: dict[str, Any]) -> bool:
        written, _ = put_if(self.dynamodb, table, item, NEWER, {":revision": item["revision"]})
        return written
