"""From items of three tables to flat rows. Pure.

Names of columns are those of the items in small letters, as Glue has them. `id` and `revision` tell which row of a
record is the newest: rows come at least once, and a record has one for each of its changes. Times are UTC without a
zone, in milliseconds, as Athena's type timestamp holds them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from file_transfer.records import identity
from file_transfer.records.claim import IN_PROGRESS, WAITING
from file_transfer.records.deliveries import DELIVERED_STATES
from shared.clock import parse

Item = Mapping[str, Any]
Row = dict[str, Any]

#: What a channel's worker writes of a notification comes after all that the recorder wrote, which counts for itself.
CHANNEL_REVISIONS = 1_000_000
#: What is announced, as the kind of its payload says; the topic's records of transfers have no payload.
TRANSFER = "transfer"
KIND_PREFIX = "towpath."


def transfer_row(item: Item) -> Row | None:
    """The row of a status item; None while somebody is at work on it."""
    if item["status"] == IN_PROGRESS:
        return None
    arrived = identity.arrival_of(item["SK"])
    finished = None if item["status"] in WAITING else item["timestamp"]
    states = [record["state"] for record in item["targets"].values()]
    metadata = item["metadata"]
    return {
        "id": identity.id_of(item["SK"]),
        "revision": item["revision"],
        **_common(item),
        "arrivedat": moment(arrived),
        "finishedat": moment(finished),
        "durationmillis": _millis_between(arrived, finished),
        "retrycount": item["retryCount"],
        "attempt": item["attempt"],
        "replays": item.get("replays", 0),
        "duplicates": item.get("duplicates", 0),
        "takeovers": len(item.get("takeovers", [])),
        "filesizebytes": metadata.get("fileSizeBytes"),
        "uploadedby": metadata.get("uploadedBy"),
        "targetcount": len(states),
        "targetsreached": sum(state in DELIVERED_STATES for state in states),
        "failurereason": item.get("failureReason"),
        "errormessage": item.get("errorMessage"),
    }


def notification_row(item: Item) -> Row | None:
    """The row of a notification; None while a try is under way."""
    if "leaseUntil" in item:
        return None
    settled, own_id, channel = item["SK"].split("#")[-3:]
    tried, told = item.get("attempt"), _announced(item)
    return {
        "id": f"{settled}#{own_id}#{channel}",
        "revision": item["retryCount"] + 1 if tried is None else CHANNEL_REVISIONS + tried,
        **_common(item),
        "channel": channel,
        "type": item["type"],
        "target": item["target"],
        "retrycount": item["retryCount"],
        "response": item["response"],
        "kind": told.get("kind", TRANSFER),
        "event": item.get("metadata", {}).get("transferStatus"),
        "expectationid": told.get("expectationId"),
        "dueat": moment(told.get("dueAt")),
    }


def failure_row(item: Item) -> Row:
    """The row of a failure record; a replay is a change of it."""
    return {
        "id": identity.id_of(item["SK"]),
        "revision": item["revision"],
        **_common(item),
        "retrycount": item["retryCount"],
        "failurereason": item["failureReason"],
        "errormessage": item["errorMessage"],
        "targetsmissed": len(item.get("targets", {})),
        "replayedat": moment(item.get("replayedAt")),
        "replayedby": item.get("replayedBy"),
    }


def moment(text: str | None) -> str | None:
    """`2026-01-02 03:04:05.678`, what the JSON SerDe reads as a timestamp; None stays None."""
    return parse(text).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] if text else None


def _common(item: Item) -> Row:
    return {
        "filename": item["fileName"],
        "customerid": item["customerId"],
        "workflowid": item["workflowId"],
        "status": item["status"],
        "timestamp": moment(item["timestamp"]),
    }


def _announced(item: Item) -> Row:
    """Of what is told of no file: its kind, and which window of which expectation."""
    payload = json.loads(item["payload"]) if "payload" in item else {}
    kind = str(payload.get("kind", "")).removeprefix(KIND_PREFIX)
    return {**payload, "kind": kind} if kind not in ("", "notification") else {}


def _millis_between(begin: str, end: str | None) -> int | None:
    """S3 tells arrivals by the second, so that what ends in the same one may seem to end before it began."""
    return max(round((parse(end) - parse(begin)).total_seconds() * 1000), 0) if end else None
