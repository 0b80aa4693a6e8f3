"""TransferNotificationLog for channels: one record a notification and channel, and one worker at it at a time.

`attempt` is the fence: a try claims it before it sends, and notes its end only if nobody has claimed the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from file_transfer.notifications.notification import AGAIN, FAILED, RESPONSE_LENGTH, SENT
from file_transfer.records import identity
from shared.canonical import canonical_json, sha256_hex
from shared.clock import parse, stamp
from shared.conditional import put_if, update_if
from shared.dynamodb import from_item, to_item

Item = dict[str, Any]
DONE = frozenset({SENT, FAILED})
#: When to ask again after somebody else was faster.
LOST_SECONDS = 1.0
#: What the log needs a file's name for; notifications that are about no file are named after what they are about.
NAMES = {"towpath.incident": ("expectation", "expectationId"), "towpath.digest": ("digest", "channel")}


@dataclass(frozen=True)
class Claim:
    """`item`: the record as this worker holds it, None if it may not send. `wait_seconds`: when to ask again."""

    item: Item | None
    wait_seconds: float = 0.0


@dataclass(frozen=True)
class Ending:
    """How a try ended: SENT, FAILED, or RETRYING with the seconds until the next."""

    status: str
    response: str
    message_id: str = ""
    wait_seconds: int = 0


def name_of(notification: Mapping[str, Any]) -> str:
    """The file's name, or what stands for it."""
    if "fileName" in notification:
        return str(notification["fileName"])
    kind, member = NAMES[notification["kind"]]
    return f"{kind}:{notification[member]}"


def key_of(notification: Mapping[str, Any], channel_id: str) -> dict[str, str]:
    """One record for each channel of each notification, whatever is delivered twice."""
    own_id = notification.get("transferId") or sha256_hex(notification["notificationId"])[: identity.ID_DIGITS]
    pk, sk = identity.notification_key(
        notification["customerId"], name_of(notification), notification["timestamp"], own_id, channel_id
    )
    return {"PK": pk, "SK": sk}


def new_record(notification: Mapping[str, Any], channel: Mapping[str, str], expires_at: int | None) -> Item:
    """The record before the first try. `channel`: id, type and the address as people may see it."""
    record = {
        **key_of(notification, channel["id"]),
        "fileName": name_of(notification),
        "customerId": notification["customerId"],
        "workflowId": notification["workflowId"],
        "type": channel["type"],
        "channel": channel["id"],
        "target": channel["target"],
        "notificationId": notification["notificationId"],
        "payload": canonical_json(notification),
        "timestamp": notification["timestamp"],
        "metadata": {"transferStatus": notification["status"]},
        "expiresAt": expires_at,
    }
    return {name: value for name, value in record.items() if value is not None}


class DeliveryLog:
    """Claims and ends of tries. `lease_seconds`: how long a claim is believed."""

    def __init__(self, dynamodb: Any, table: str, lease_seconds: int) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._lease_seconds = lease_seconds

    def get(self, pk: str, sk: str) -> Item | None:
        """A record by its key."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item({"PK": pk, "SK": sk}), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def claim(self, record: Item, now: datetime) -> Claim:
        """The next try of a record, which is added if it is new."""
        first = {**record, "status": AGAIN, "response": "", "attempt": 1, "retryCount": 0, **self._lease(now)}
        first["statusTimestamp"] = f"{AGAIN}#{record['timestamp']}"
        added, found = put_if(self._dynamodb, self._table, first, "attribute_not_exists(PK)")
        return Claim(first) if added or _is_own(found, first) else self._claim_found(found, now)

    def claim_again(self, found: Item, resend: str, by: str, now: datetime) -> Claim:
        """The first try of a record that somebody wants sent once more; the same wish is granted once."""
        if found.get("resendId") == resend or found["status"] not in DONE:
            return self._claim_found(found, now)
        wish = {"resendId": resend, "resentBy": by, "resentAt": stamp(now), "tried": found.get("attempt", 0)}
        return self._claim_next(found, now, wish)

    def end(self, item: Item, ending: Ending, now: datetime) -> bool:
        """Notes how a try ended; False if another one was claimed meanwhile."""
        values: Item = {
            ":status": ending.status,
            ":statusTimestamp": f"{ending.status}#{item['timestamp']}",
            ":response": ending.response[:RESPONSE_LENGTH],
            ":retries": max(item["attempt"] - item.get("tried", 0) - 1, 0),
            ":mine": item["attempt"],
        }
        sets = [
            "#status = :status",
            "statusTimestamp = :statusTimestamp",
            "#response = :response",
            "retryCount = :retries",
        ]
        removes = ["leaseUntil", "leaseOwner"]
        names = {"#status": "status", "#response": "response"}
        optional = {
            "messageId": ending.message_id or None,
            "nextAttemptAt": stamp(now + timedelta(seconds=ending.wait_seconds)) if ending.status == AGAIN else None,
            "failedDate": item["timestamp"][:10] if ending.status == FAILED else None,
        }
        for name, value in optional.items():
            if value is None:
                removes.append(name)
            else:
                sets.append(f"{name} = :{name}")
                values[f":{name}"] = value
        update = f"SET {', '.join(sets)} REMOVE {', '.join(removes)}"
        key = {"PK": item["PK"], "SK": item["SK"]}
        noted, _ = update_if(self._dynamodb, self._table, key, update, "attempt = :mine", values, names)
        return noted

    def _claim_found(self, found: Item, now: datetime) -> Claim:
        if found["status"] in DONE:
            return Claim(None)
        # Somebody else is at it, or the next try is not due. SQS may hand out one message twice at a time.
        until = found.get("leaseUntil") or found.get("nextAttemptAt")
        wait = (parse(until) - now).total_seconds() if until else 0.0
        return Claim(None, wait) if wait > 0 else self._claim_next(found, now, {})

    def _claim_next(self, found: Item, now: datetime, wish: Item) -> Claim:
        changed = {**found, **wish, "status": AGAIN, "attempt": found.get("attempt", 0) + 1, **self._lease(now)}
        changed["statusTimestamp"] = f"{AGAIN}#{found['timestamp']}"
        changed.pop("failedDate", None)
        changed.pop("nextAttemptAt", None)
        seen = "attempt = :seen AND #status = :status" if "attempt" in found else "attribute_not_exists(attempt)"
        values = {":seen": found["attempt"], ":status": found["status"]} if "attempt" in found else None
        names = {"#status": "status"} if "attempt" in found else None
        claimed, there = put_if(self._dynamodb, self._table, changed, seen, values, names)
        return Claim(changed) if claimed or _is_own(there, changed) else Claim(None, LOST_SECONDS)

    def _lease(self, now: datetime) -> Item:
        return {"leaseOwner": uuid4().hex, "leaseUntil": stamp(now + timedelta(seconds=self._lease_seconds))}


def _is_own(there: Item, wanted: Item) -> bool:
    """True when the write that was refused had been made already: the SDK repeats a call whose answer is lost."""
    return bool(there.get("leaseOwner") == wanted["leaseOwner"])
