"""Records beside the waves: the timeline, the token, terminations, locks, and what was notified."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disaster_recovery.records.execution import Execution
from disaster_recovery.records.record import Record


@dataclass(frozen=True, kw_only=True)
class Event(Record):
    """An entry of the timeline. `number` is the revision of the execution it was written with."""

    number: int
    at: str
    kind: str
    actor: str
    message: str
    wave_number: int | None = None
    data: Mapping[str, Any] | None = None

    @property
    def sort_key(self) -> str:
        return f"EVENT#{self.number:06d}"


def event_of(  # noqa: PLR0913  (an entry of the timeline has these parts)
    execution: Execution,
    kind: str,
    at: str,
    message: str,
    *,
    actor: str = "system",
    wave_number: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> Event:
    """The entry that goes with this new revision of the execution."""
    return Event(
        execution_id=execution.execution_id,
        number=execution.revision,
        at=at,
        kind=kind,
        actor=actor,
        message=message,
        wave_number=wave_number,
        data=data,
    )


@dataclass(frozen=True, kw_only=True)
class TaskToken(Record):
    """What the machine waits for at the moment. `kind` PAUSE, WAVE, ACTIONS or CANCEL; `phase` PRE or POST for ACTIONS.

    The only place a token is kept. `answered_at` is set when the machine has taken an answer.
    """

    token: str
    kind: str
    wave_number: int = 0
    phase: str | None = None
    pause_id: str | None = None
    stored_at: str = ""
    answered_at: str | None = None

    def __repr__(self) -> str:
        return f"TaskToken({self.execution_id}, {self.kind}, wave {self.wave_number})"

    @property
    def sort_key(self) -> str:
        return "TOKEN"


@dataclass(frozen=True, kw_only=True)
class Termination(Record):
    """The end of an execution's instances.

    `status` SCHEDULED (a drill with a time to live: nothing happens before `not_before`) or TERMINATING while it runs,
    None when it has ended; `termination_status` TERMINATED or PARTIAL then. `job_ids` are TERMINATE jobs of ours;
    `left` are instances that could not be terminated or are not ours.
    """

    status: str | None = None
    termination_status: str | None = None
    requested_by: str = ""
    started_at: str = ""
    not_before: str | None = None
    instance_ids: tuple[str, ...] = ()
    job_ids: tuple[str, ...] = ()
    sending: tuple[str, ...] = ()
    sent_at: str | None = None
    sends: int = 0
    ended_at: str | None = None
    left: tuple[str, ...] = ()
    error_message: str | None = None

    @property
    def sort_key(self) -> str:
        return "TERMINATION#01"


@dataclass(frozen=True, kw_only=True)
class Outbox(Record):
    """Events up to `notified_number` were published."""

    notified_number: int = 0

    @property
    def sort_key(self) -> str:
        return "OUTBOX"


@dataclass(frozen=True, kw_only=True)
class Watch(Record):
    """Says that jobs of the execution may run, whatever its own status is: a wave that ran out of time ends before they
    do. `status` WATCHING brings it into the index by status; None when the last job is over.
    """

    status: str | None = None
    started_at: str = ""

    @property
    def sort_key(self) -> str:
        return "WATCH"


@dataclass(frozen=True, kw_only=True)
class Lock(Record):
    """Who may start a server (or run a plan) at the moment. `execution_id` is the lock's key, `LOCK#…`.

    The record stays when it is released: its revision is the fence, which only grows.
    """

    owner: str | None = None
    holder: str | None = None  # executionId of the owner
    job_id: str | None = None
    locked_at: str | None = None

    @property
    def sort_key(self) -> str:
        return "LOCK"

    @property
    def fence(self) -> int:
        """Grows with each change of hands."""
        return self.revision


@dataclass(frozen=True, kw_only=True)
class Claimed(Record):
    """A name that was given away once, such as an Idempotency-Key. `execution_id` is the name, `CLAIM#…`."""

    value: str

    @property
    def sort_key(self) -> str:
        return "CLAIM"


#: Stands for the system's own account in keys of locks.
OWN = "own"


def server_lock(account_id: str, region: str, source_server_id: str) -> str:
    """Key of the lock of a server; `account_id` is OWN for those of our own account."""
    return f"LOCK#{account_id}#{region}#{source_server_id}"


def plan_lock(plan_id: str) -> str:
    """Key of the lock that keeps a plan from running twice at a time."""
    return f"LOCK#PLAN#{plan_id}"
