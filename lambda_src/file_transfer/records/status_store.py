"""The table FileTransferStatus: every write of the claim is one conditional write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from file_transfer.records.claim import EARLY_SECONDS, IN_PROGRESS, RETRYING, lease_until
from file_transfer.records.identity import StatusKey, id_of
from shared.clock import stamp
from shared.conditional import put_if, update_if
from shared.dynamodb import from_item

Item = dict[str, Any]

_NAMES = {"#status": "status"}
_LEASE = "SET #status = :inProgress, attempt = attempt + :one, leaseUntil = :until, leaseOwner = :owner"


class StatusStore:
    """Claims and their like. A lost condition comes back as an answer; everything else botocore raises stays raised."""

    def __init__(self, dynamodb: Any, table: str, lease_seconds: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._lease_seconds = lease_seconds

    def put_new(self, item: Item) -> tuple[bool, Item]:
        """(True, {}) if the item is new, else (False, the one that is there)."""
        return put_if(self._dynamodb, self._table, item, "attribute_not_exists(PK)")

    def replace(self, existing: Mapping[str, Any], item: Item) -> tuple[bool, Item]:
        """Puts a new claim in the place of a rejection that was a mistake; the trail goes on where it was.

        (True, the item as it is now), or (False, the one that is there instead).
        """
        kept = {name: existing[name] for name in ("duplicates", "duplicateAt", "revision") if name in existing}
        now = {**item, **kept, "attempt": existing["attempt"] + 1}
        condition = "attempt = :attempt AND revision = :revision"
        values = {":attempt": existing["attempt"], ":revision": existing["revision"]}
        held, met = put_if(self._dynamodb, self._table, now, condition, values)
        return (True, now) if held else (False, met)

    def claim_retry(self, key: StatusKey, attempt: int, owner: str, now: datetime) -> tuple[bool, Item]:
        """Claims the attempt after `attempt`, if it is due and nobody has. (True, new item) or (False, the old one)."""
        condition = (
            "attempt = :attempt AND #status = :retrying"
            " AND (attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :soon)"
        )
        values = {
            **self._lease(owner, now),
            ":attempt": attempt,
            ":retrying": RETRYING,
            ":soon": lease_until(now, EARLY_SECONDS),
        }
        return self._update(key, f"{_LEASE} REMOVE nextAttemptAt", condition, values)

    def reclaim(self, existing: Mapping[str, Any], owner: str, now: datetime) -> tuple[bool, Item]:
        """Claims a transfer that waits for its retry, as it was seen."""
        return self.claim_retry(_key(existing), existing["attempt"], owner, now)

    def take_over(self, existing: Mapping[str, Any], owner: str, now: datetime) -> tuple[bool, Item]:
        """Claims a transfer whose worker is gone, as it was seen: nobody else has claimed or settled it since."""
        update = f"{_LEASE}, takeovers = list_append(if_not_exists(takeovers, :none), :now)"
        values = {**self._lease(owner, now), ":attempt": existing["attempt"], ":none": [], ":now": [stamp(now)]}
        return self._update(_key(existing), update, "attempt = :attempt AND #status = :inProgress", values)

    def count_duplicate(self, existing: Mapping[str, Any], now: datetime) -> None:
        """Notes a dropped duplicate, for the audit trail. An item that expired meanwhile is left alone."""
        update_if(
            self._dynamodb,
            self._table,
            {"PK": existing["PK"], "SK": existing["SK"]},
            "SET duplicateAt = :now ADD duplicates :one, revision :one",
            "attribute_exists(#pk)",
            {":now": stamp(now), ":one": 1},
            {"#pk": "PK"},
        )

    def find_version(self, partition: str, identity: str, etag: str) -> Item | None:
        """The newest item of this version of a file, whatever arrival its key names; for objects that are gone."""
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="PK = :pk",
            ExpressionAttributeValues={":pk": {"S": partition}},
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        for page in pages:
            for typed in page["Items"]:
                item = from_item(typed)
                if id_of(item["SK"]) == identity or (etag and item.get("etag") == etag):
                    return item
        return None

    def _lease(self, owner: str, now: datetime) -> Item:
        return {
            ":inProgress": IN_PROGRESS,
            ":one": 1,
            ":until": lease_until(now, self._lease_seconds),
            ":owner": owner,
        }

    def _update(self, key: StatusKey, update: str, condition: str, values: Item) -> tuple[bool, Item]:
        return update_if(self._dynamodb, self._table, {"PK": key.pk, "SK": key.sk}, update, condition, values, _NAMES)


def _key(item: Mapping[str, Any]) -> StatusKey:
    return StatusKey(item["PK"], item["SK"])
