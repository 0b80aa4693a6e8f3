"""What a transfer needs that nobody goes on with: a message that says so, once everybody has had their time. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from file_transfer.records.claim import HELD, IN_PROGRESS, RETRYING
from file_transfer.records.deliveries import is_awaiting, under_way
from file_transfer.records.identity import arrival_of
from shared.clock import parse

#: What is held is looked at again after this part of the time that it has been waiting; so late may its end be seen.
LOOKS_IN_A_WAIT = 4

Message = dict[str, Any]


def messages_for(item: Mapping[str, Any], now: datetime, grace: timedelta) -> list[Message]:
    """Messages for the queue; none while a worker, a retry or a delivery may still come.

    A dead worker's transfer and a lost retry get a retry message, which claims it or is dropped. A group that a held
    file waits for is looked at again by the same message. Deliveries that are overdue get the outcome TIMEOUT; while
    a worker was about to start them again, it is only the worker that is overdue.
    """
    due = due_at(item)
    if due is None or now - due <= grace:
        return []
    overdue = under_way(item) if item["status"] == IN_PROGRESS and is_awaiting(item) else []
    if overdue:
        return [timed_out(item, each) for each in overdue]
    return [retry(item)]


def due_at(item: Mapping[str, Any]) -> datetime | None:
    """When something should have happened to the transfer; None when it has ended."""
    if item["status"] == IN_PROGRESS:
        return parse(item.get("leaseUntil") or item["timestamp"])
    if item["status"] == RETRYING:
        return parse(item.get("nextAttemptAt") or item["timestamp"])
    if item["status"] == HELD:
        # Each look costs a claim and an audit record, so that those at a file that waits for days become rarer.
        looked = parse(item["timestamp"])
        return looked + (looked - parse(arrival_of(item["SK"]))) / LOOKS_IN_A_WAIT
    return None


def retry(item: Mapping[str, Any]) -> Message:
    """As the machine sends it (schemas/retry-message.schema.json)."""
    return {
        "kind": "towpath.retry",
        "pk": item["PK"],
        "sk": item["SK"],
        "bucket": item["sourceBucket"],
        "key": item["sourceKey"],
        "versionId": item.get("versionId", ""),
        "attempt": item["attempt"],
        "workflowId": item["workflowId"],
        "customerId": item["customerId"],
    }


def timed_out(item: Mapping[str, Any], target: str) -> Message:
    """The outcome of a delivery of which nobody has reported the end in its time."""
    return {
        "kind": "towpath.outcome",
        "pk": item["PK"],
        "sk": item["SK"],
        "target": target,
        "operation": item["targets"][target]["operation"],
        "state": "FAILED",
        "reason": "TIMEOUT",
        "message": f"no end of the delivery was reported until {item.get('leaseUntil', 'its deadline')}",
    }
