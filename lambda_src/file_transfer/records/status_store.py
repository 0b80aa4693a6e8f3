"""The table FileTransferStatus: every write of the claim is one conditional write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from file_transfer.records.claim import EARLY_SECONDS, HELD, IN_PROGRESS, RETRYING, lease_until
from file_transfer.records.identity import StatusKey, id_of
from shared.clock import stamp
from shared.conditional import put_if, transact_if, update_if
from shared.dynamodb import from_item, to_item

Item = dict[str, Any]

#: What a new claim in the place of an older one keeps of it.
KEPT = ("duplicates", "duplicateAt", "revision", "replays", "lastReplay", "replayedAt", "replayedBy", "replayOf")

_NAMES = {"#status": "status"}
_LEASE = "SET #status = :inProgress, attempt = attempt + :one, leaseUntil = :until, leaseOwner = :owner"


class StatusStore:
    """Claims and their like. A lost condition comes back as an answer; everything else botocore raises stays raised."""

    def __init__(self, dynamodb: Any, table: str, lease_seconds: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._lease_seconds = lease_seconds

    def get(self, key: StatusKey) -> Item:
        """The item as it stands, empty if there is none."""
        answer = self._dynamodb.get_item(
            TableName=self._table, Key=to_item({"PK": key.pk, "SK": key.sk}), ConsistentRead=True
        )
        return from_item(answer.get("Item", {}))

    def put_new(self, item: Item) -> tuple[bool, Item]:
        """(True, {}) if the item is new, else (False, the one that is there)."""
        return put_if(self._dynamodb, self._table, item, "attribute_not_exists(PK)")

    def replace(self, existing: Mapping[str, Any], item: Item) -> tuple[bool, Item]:
        """Puts a new claim in the place of a rejection that was a mistake; the trail goes on where it was.

        (True, the item as it is now), or (False, the one that is there instead).
        """
        kept = {name: existing[name] for name in KEPT if name in existing}
        return self._put_over(existing, {**item, **kept, "attempt": existing["attempt"] + 1})

    def replay(self, existing: Mapping[str, Any], item: Item) -> tuple[bool, Item]:
        """Puts the claim of a replay in the place of a transfer that had ended: a recorded change of its own."""
        kept = {name: existing[name] for name in ("duplicates", "duplicateAt", "replayOf") if name in existing}
        counted = {"attempt": existing["attempt"] + 1, "revision": existing["revision"] + 1}
        return self._put_over(existing, {**item, **kept, **counted, "replays": existing.get("replays", 0) + 1})

    def replay_elsewhere(self, existing: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[bool, Item, Item]:
        """Puts the claim of a replay under another customer's key, and notes that at the transfer it is of: or neither.

        (True, {}, {}), or (False, what is there already, what has become of `existing`); only what stood in the way.
        """
        note = {
            "TableName": self._table,
            "Key": to_item({"PK": existing["PK"], "SK": existing["SK"]}),
            "UpdateExpression": "SET replayedAs = :new, lastReplay = :replay, replayedAt = :at, replayedBy = :by"
            " ADD replays :one, revision :one",
            "ConditionExpression": "attempt = :attempt AND attribute_not_exists(replayedAs)",
            "ExpressionAttributeValues": to_item(
                {
                    ":new": new["PK"],
                    ":replay": new["lastReplay"],
                    ":at": new["replayedAt"],
                    ":by": new["replayedBy"],
                    ":one": 1,
                    ":attempt": existing["attempt"],
                }
            ),
        }
        put = {"TableName": self._table, "Item": to_item(new), "ConditionExpression": "attribute_not_exists(PK)"}
        written, met = transact_if(self._dynamodb, [{"Put": put}, {"Update": note}])
        return (True, {}, {}) if written else (False, met[0], met[1])

    def claim_retry(self, key: StatusKey, attempt: int, owner: str, now: datetime) -> tuple[bool, Item]:
        """Claims the attempt after `attempt` if it is due, or what is held, unless somebody has.

        (True, new item) or (False, the old one).
        """
        condition = (
            "#status = :held OR (attempt = :attempt AND #status = :retrying"
            " AND (attribute_not_exists(nextAttemptAt) OR nextAttemptAt <= :soon))"
        )
        values = {
            **self._lease(owner, now),
            ":attempt": attempt,
            ":held": HELD,
            ":retrying": RETRYING,
            ":soon": lease_until(now, EARLY_SECONDS),
        }
        return self._update(key, f"{_LEASE} REMOVE nextAttemptAt", condition, values)

    def reclaim(self, existing: Mapping[str, Any], owner: str, now: datetime) -> tuple[bool, Item]:
        """Claims a transfer that waits for its retry, as it was seen."""
        return self.claim_retry(_key(existing), existing["attempt"], owner, now)

    def take_over(self, existing: Mapping[str, Any], owner: str, now: datetime) -> tuple[bool, Item]:
        """Claims a transfer whose worker is gone, as it was seen: nobody else has claimed or settled it since.

        Among deliveries that end at any time it is a recorded change, for the trail to keep the order of time.
        """
        delivers = "deliveries" in existing
        recorded = ", revision = revision + :one" if delivers else ""
        update = f"{_LEASE}, takeovers = list_append(if_not_exists(takeovers, :none), :now){recorded}"
        condition = f"attribute_{'' if delivers else 'not_'}exists(deliveries)"
        values = {**self._lease(owner, now), ":attempt": existing["attempt"], ":none": [], ":now": [stamp(now)]}
        return self._update(
            _key(existing),
            f"{update} REMOVE awaitingSince",
            f"attempt = :attempt AND #status = :inProgress AND {condition}",
            values,
        )

    def close(self, existing: Mapping[str, Any], owner: str, now: datetime) -> tuple[bool, Item]:
        """Claims a transfer whose deliveries have all ended, as it was seen; no worker was at it."""
        condition = "attempt = :attempt AND #status = :inProgress AND attribute_exists(awaitingSince)"
        values = {**self._lease(owner, now), ":attempt": existing["attempt"]}
        return self._update(_key(existing), f"{_LEASE} REMOVE awaitingSince", condition, values)

    def count_duplicate(self, existing: Mapping[str, Any], now: datetime) -> None:
        """Notes a dropped duplicate, for the audit trail. An item that expired meanwhile is left alone."""
        update = "SET duplicateAt = :now ADD duplicates :one, revision :one"
        values = {":now": stamp(now), ":one": 1}
        self._update(_key(existing), update, "attribute_exists(#pk)", values, {"#pk": "PK"})

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

    def _put_over(self, existing: Mapping[str, Any], now: Item) -> tuple[bool, Item]:
        condition = "attempt = :attempt AND revision = :revision"
        values = {":attempt": existing["attempt"], ":revision": existing["revision"]}
        held, met = put_if(self._dynamodb, self._table, now, condition, values)
        return (True, now) if held else (False, met)

    def _update(  # noqa: PLR0913  (an UpdateItem has these parts)
        self, key: StatusKey, update: str, condition: str, values: Item, names: Mapping[str, str] | None = None
    ) -> tuple[bool, Item]:
        asked = _NAMES if names is None else names
        return update_if(self._dynamodb, self._table, {"PK": key.pk, "SK": key.sk}, update, condition, values, asked)


def _key(item: Mapping[str, Any]) -> StatusKey:
    return StatusKey(item["PK"], item["SK"])
