"""Asynchronous deliveries: what they are called, which are under way, and when nothing but the outcome is left.

A target that is delivered by a connector or by the machine of large files is STARTED, under an operation's name,
until a message says what became of it. The name holds the round (replays and retries), so that an answer that comes
late is never taken for one of a later round.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.records.identity import id_of

Item = Mapping[str, Any]

STARTED = "STARTED"
DELIVERED_STATES = frozenset({"SUCCEEDED", "SKIPPED"})


def round_of(item: Item) -> str:
    """`<replays>-<retryCount>`."""
    return f"{item.get('replays', 0)}-{item['retryCount']}"


def operation_of(item: Item, target_id: str) -> str:
    """Name of the delivery of a target in this round; at most 80 characters, as execution names are."""
    return f"{id_of(item['SK'])}-{target_id}-r{round_of(item)}"


def under_way(item: Item) -> list[str]:
    """Ids of the targets whose delivery has been started and not ended."""
    return [each for each, record in item["targets"].items() if record["state"] == STARTED]


def is_awaiting(item: Item) -> bool:
    """True while nobody is at work on the transfer, because its deliveries are."""
    return "awaitingSince" in item


def is_closable(item: Item) -> bool:
    """True when nothing is left but choosing the outcome.

    That is so when every target was reached; also when all deliveries of this round have ended, of which one that
    failed must not be started again under the same name.
    """
    targets = item["targets"]
    if not targets or under_way(item):
        return False
    if all(record["state"] in DELIVERED_STATES for record in targets.values()):
        return True
    return any(record.get("operation") == operation_of(item, each) for each, record in targets.items())


def results_of(item: Item) -> list[dict[str, Any]]:
    """Every target as the copies' answers have it: what the outcome is chosen from."""
    return [_result(each, record) for each, record in item["targets"].items()]


def _result(target_id: str, record: Mapping[str, Any]) -> dict[str, Any]:
    if record["state"] in DELIVERED_STATES:
        reason = record.get("reason")
        return {"id": target_id, "state": record["state"]} | ({"reason": reason} if reason else {})
    reason = record.get("error", "TRANSIENT")
    return {"id": target_id, "state": "FAILED", "reason": reason, "message": record.get("message", reason)}
