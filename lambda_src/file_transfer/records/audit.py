"""The audit trail, derived from what happened to the status item and from nothing else.

Each recorded change of a status item (a settle, a dropped duplicate, deliveries started or ended, a replay) raises its
`revision` by one and gives exactly one audit record, whose content follows from the images before and after. However
often and in whatever order the stream delivers, the record of a revision is always the same. Takeovers are told with
what ends them, the settle or the first start of deliveries; later ones are changes of their own, since deliveries end
at any time and the trail keeps the order of time. Each record carries the hash of the one before it, so that none can
be changed or taken away unnoticed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from file_transfer.records import identity
from file_transfer.records.claim import HELD, IN_PROGRESS, RETRYING
from file_transfer.records.deliveries import STARTED, under_way
from file_transfer.workflows.targets import target_type
from shared.canonical import canonical_json, sha256_hex

Image = Mapping[str, Any]
Event = dict[str, Any]

#: Stands for the hash of a record that was lost for good; a verifier reports it.
GAP = "GAP"
NOT_VALIDATED = frozenset({"REJECTED", HELD})
#: What a change of a target is called, by the target's type.
COPIES = {"S3": "COPY_TO_S3", "SFTP": "COPY_TO_SFTP", "CONNECTOR": "SEND_TO_CONNECTOR"}


def is_recorded(old: Image, new: Image) -> bool:
    """True for a change that gets an audit record; a mere claim does not."""
    return int(new["revision"]) > int(old.get("revision", 0))


def is_settle(old: Image, new: Image) -> bool:
    """True when this change gave the transfer a new status other than IN_PROGRESS."""
    return bool(new["status"] != IN_PROGRESS and old.get("status") != new["status"])


def audit_events(old: Image, new: Image) -> list[Event]:
    """The events of one change, in order. Empty for a change that is not recorded."""
    if not is_recorded(old, new):
        return []
    events = []
    if int(old.get("revision", 0)) == 0:
        message = f"{new['metadata'].get('triggeredBy', 'message')}: {new['sourceBucket']}/{new['sourceKey']}"
        events.append(_event("UPLOAD_RECEIVED", old["timestamp"], IN_PROGRESS, message))
    if new.get("duplicates", 0) > old.get("duplicates", 0):
        message = f"duplicate number {new['duplicates']}"
        events.append(_event("DUPLICATE_DROPPED", new["duplicateAt"], new["status"], message))
    if new.get("replays", 0) > old.get("replays", 0):
        events.append(_event("REPLAYED", new["replayedAt"], new["status"], _replay_text(new)))
    if len(new.get("takeovers", [])) > len(old.get("takeovers", [])):
        events.append(_takeover(new["takeovers"][-1]))
    if is_settle(old, new):
        events += _settle_events(old, new)
    elif new.get("deliveries", 0) > old.get("deliveries", 0):
        events += _delivery_events(old, new)
    return _in_order(events, old) if old.get("deliveries") else events


def _in_order(events: list[Event], old: Image) -> list[Event]:
    """Workers who note something at one moment stamp it before its write: none is told as earlier than what was."""
    told = [old["timestamp"], old.get("awaitingSince", ""), *old.get("takeovers", [])]
    latest = max(told + [record.get("at", "") for record in old["targets"].values()])
    return [{**event, "at": max(event["at"], latest)} for event in events]


def is_replay(old: Image, new: Image) -> bool:
    """True when this change is a replay of the transfer, here or under another customer's key."""
    return bool(old) and int(new.get("replays", 0)) > int(old.get("replays", 0))


def _replay_text(new: Image) -> str:
    elsewhere = f", now as {new['replayedAs']}" if "replayedAs" in new else ""
    return f"{new['lastReplay']} by {new['replayedBy']}{elsewhere}"


def _settle_events(old: Image, new: Image) -> Iterable[Event]:
    """`timestamp` before a settle is that of the settle before, or of the first claim: claims leave it alone."""
    if new["status"] not in NOT_VALIDATED and "review" not in new and not old.get("deliveries"):
        yield from _validated(old)
    yield from _takeovers(old)
    yield from _target_events(old, new, new["timestamp"])
    why = ": ".join(str(new[name]) for name in ("failureReason", "errorMessage") if new.get(name))
    if new["status"] == RETRYING:
        message = f"retry {new['retryCount']} is due {new.get('nextAttemptAt', 'now')}; {why}"
        yield _event("RETRY", new["timestamp"], RETRYING, message)
    else:
        yield _event(new["status"], new["timestamp"], new["status"], why)


def _delivery_events(old: Image, new: Image) -> Iterable[Event]:
    """Deliveries were started (again, where nothing else has changed), or one of them has ended."""
    if not old.get("deliveries"):
        yield from _validated(old)
    yield from _takeovers(old)
    at = new.get("awaitingSince", new["timestamp"])
    found = list(_target_events(old, new, at))
    again = [_event("DELIVERY_STARTED", at, STARTED, "asked for again", each) for each in under_way(new)]
    yield from found or again or [_event("DELIVERY_STARTED", at, STARTED, "asked for again")]


def _validated(old: Image) -> Iterable[Event]:
    if old.get("retryCount", 0) == 0:
        yield _event("VALIDATED", old["timestamp"], IN_PROGRESS)


def _takeovers(old: Image) -> Iterable[Event]:
    """Those since the last settle, or the first claim. None once there were deliveries: they are on record."""
    if not old.get("deliveries"):
        yield from (_takeover(at) for at in old.get("takeovers", []) if at > old["timestamp"])


def _takeover(at: str) -> Event:
    return _event("LEASE_TAKEN_OVER", at, IN_PROGRESS, "the worker before did not finish")


def _target_events(old: Image, new: Image, at: str) -> Iterable[Event]:
    """What became of each target, in order of time."""
    before = old.get("targets", {})
    changed = {each: record for each, record in new["targets"].items() if before.get(each) != record}
    for each, record in sorted(changed.items(), key=lambda entry: (entry[1].get("at", ""), entry[0])):
        started = record["state"] == STARTED
        kind = "DELIVERY_STARTED" if started else COPIES[target_type(new["target"][each])]
        said = record["operation"] if started else record.get("error") or record.get("reason") or ""
        yield _event(kind, record.get("at", at), record["state"], said, each)


def _event(kind: str, at: str, status: str, message: str = "", target: str = "") -> Event:
    event = {"eventType": kind, "at": at, "status": status, "message": message, "target": target}
    return {name: value for name, value in event.items() if value}


def audit_record(old: Image, new: Image, previous_hash: str) -> dict[str, Any]:
    """The record of one recorded change, hashed.

    `previous_hash` is the hash of the revision before; for the first revision, `first_hash`.
    """
    events = audit_events(old, new)
    last = events[-1]
    record = {
        "PK": new["PK"],
        "SK": identity.audit_sort_key(new["SK"], new["revision"]),
        "eventType": last["eventType"],
        "status": last["status"],
        "retryCount": new["retryCount"],
        "workflowId": new["workflowId"],
        "stepFunctionId": new.get("executionId"),
        "customerId": new["customerId"],
        "message": last.get("message"),
        "timestamp": last["at"],
        "events": events,
        "previousHash": previous_hash,
        "expiresAt": new.get("expiresAt"),
    }
    record = {name: value for name, value in record.items() if value is not None}
    return {**record, "hash": record_hash(record)}


def record_hash(record: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of the record without its own hash, hex."""
    return sha256_hex(canonical_json({name: value for name, value in record.items() if name != "hash"}))


def first_hash(status_sort_key: str) -> str:
    """What the first record of a transfer is chained to."""
    return sha256_hex(identity.id_of(status_sort_key))


def broken_links(records: Iterable[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the chain of one transfer's records, given in key order; empty when it holds."""
    found = []
    previous = None
    for number, record in enumerate(records, start=1):
        status_sort_key, _, revision = record["SK"].rpartition("#")
        expected = previous if previous is not None else first_hash(status_sort_key)
        if revision != f"{number:06d}":
            found.append(f"{record['SK']}: revision {number} is missing")
        if record["previousHash"] != expected:
            found.append(f"{record['SK']}: is not chained to the record before it")
        if record_hash(record) != record["hash"]:
            found.append(f"{record['SK']}: was changed")
        previous = record["hash"]
    return found
