"""Who may work on a transfer: the rules of claims, leases and takeovers, without any AWS in them.

A transfer's status item is the lock. `attempt` is the fence: each claim raises it and every later write names it,
so a worker that was thought dead cannot change anything. `leaseUntil` says how long a claim is believed. Why a
message may be dropped while another worker holds the lease: that worker's own message stays in the queue until the
worker has settled, and comes back if it dies.

While asynchronous deliveries are awaited nobody is at work: the lease then is their deadline, and only the message
that started them (to start them again) or the end of the last one claims the transfer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from file_transfer.records.deliveries import DELIVERED_STATES, is_awaiting, under_way
from shared.clock import parse, stamp

IN_PROGRESS = "IN_PROGRESS"
RETRYING = "RETRYING"
HELD = "HELD"
#: Statuses in which a transfer waits for something that starts it again.
WAITING = frozenset({RETRYING, HELD})
#: Those in which it ended short of its targets, and from which it may be replayed.
REPLAYABLE = frozenset({"FAILED", "PARTIAL", "REJECTED"})
#: The longest delay SQS gives a message (Amazon SQS API Reference, SendMessage).
MAX_DELAY_SECONDS = 900
#: A retry that comes a moment early is let through rather than sent round again.
EARLY_SECONDS = 2
#: How long a message is sent round that has something to do as soon as the worker it met is gone.
LOOK_AGAIN_SECONDS = 10


class Verdict(Enum):
    """What to do with a message, given the status item it meets."""

    CREATE = "CREATE"
    TAKE_OVER = "TAKE_OVER"
    RECLAIM = "RECLAIM"
    REPLACE = "REPLACE"
    CLOSE = "CLOSE"
    DROP = "DROP"
    WAIT = "WAIT"


@dataclass(frozen=True)
class Claimant:
    """The message that asks for the transfer. `receives` is SQS's count of deliveries of this message.

    `vouches`: the message says that this version was uploaded whole. `attempt`: the fence that a message about a
    known transfer has seen.
    """

    message_id: str
    receives: int = 1
    vouches: bool = False
    attempt: int | None = None


@dataclass(frozen=True)
class Decision:
    """`exhausted`: claim it, but only to end it, since earlier claims died. `delay_seconds`: how long to WAIT."""

    verdict: Verdict
    exhausted: bool = False
    delay_seconds: int = 0


def decide(existing: Mapping[str, Any] | None, claimant: Claimant, now: datetime, max_receives: int) -> Decision:
    """Pure: the same item, message and moment always give the same decision."""
    if not existing:
        return Decision(Verdict.CREATE)
    if claimant.vouches and existing.get("review", {}).get("uploadFailed"):
        # The events of a failed upload and of the good one after it come in any order and name no version, so that
        # one may have been rejected for the other. Whether that is written already or about to be, it is taken back.
        return Decision(Verdict.REPLACE)
    if existing["status"] == RETRYING:
        return _of_waiting(existing, now)
    if existing["status"] == HELD:
        return Decision(Verdict.DROP if claimant.attempt is None else Verdict.RECLAIM)
    if existing["status"] == IN_PROGRESS:
        decide_on = _of_awaiting if is_awaiting(existing) else _of_claimed
        return decide_on(existing, claimant, now, max_receives)
    return Decision(Verdict.DROP)


def _of_waiting(existing: Mapping[str, Any], now: datetime) -> Decision:
    seconds = _seconds_until(existing.get("nextAttemptAt"), now)
    if seconds > EARLY_SECONDS:
        return Decision(Verdict.WAIT, delay_seconds=min(math.ceil(seconds), MAX_DELAY_SECONDS))
    return Decision(Verdict.RECLAIM)


def _of_awaiting(existing: Mapping[str, Any], claimant: Claimant, _now: datetime, max_receives: int) -> Decision:
    """The deliveries have a deadline of their own, so that no message has to be the last to be believed."""
    if not under_way(existing):
        return Decision(Verdict.CLOSE)
    own = existing.get("leaseOwner") == claimant.message_id
    if own and not _is_exhausted(existing, claimant, max_receives):
        return Decision(Verdict.TAKE_OVER)
    return Decision(Verdict.DROP)


def _of_claimed(existing: Mapping[str, Any], claimant: Claimant, now: datetime, max_receives: int) -> Decision:
    if existing.get("leaseOwner") != claimant.message_id and _seconds_until(existing.get("leaseUntil"), now) > 0:
        if claimant.attempt is not None and claimant.attempt == existing["attempt"]:
            # It was sent because of what this very worker has not seen: the end of a delivery, a group's last file.
            return Decision(Verdict.WAIT, delay_seconds=LOOK_AGAIN_SECONDS)
        return Decision(Verdict.DROP)
    return Decision(Verdict.TAKE_OVER, exhausted=_is_exhausted(existing, claimant, max_receives))


def _is_exhausted(existing: Mapping[str, Any], claimant: Claimant, max_receives: int) -> bool:
    deaths = len(existing.get("takeovers", [])) + 1
    return max(claimant.receives, deaths) >= max_receives


def lease_until(now: datetime, lease_seconds: int) -> str:
    """End of a lease that begins now, fixed width."""
    return stamp(now + timedelta(seconds=lease_seconds))


def remaining(targets: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Ids of the targets that have not been reached."""
    return [each for each, record in targets.items() if record["state"] not in DELIVERED_STATES]


def count(targets: Mapping[str, Mapping[str, Any]], *states: str) -> int:
    """How many targets are in one of the states."""
    return sum(record["state"] in states for record in targets.values())


def _seconds_until(text: str | None, now: datetime) -> float:
    return (parse(text) - now).total_seconds() if text else 0.0
