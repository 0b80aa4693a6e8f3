"""One step of an execution: read, decide, write it together with its event; again when somebody else was faster."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from disaster_recovery.errors import ExecutionCancelled, LostRace, NotFound
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.history import event_of
from disaster_recovery.records.record import Record, changed
from disaster_recovery.records.store import Store
from shared.clock import Clock, stamp

TRIES = 8


@dataclass(frozen=True)
class Step:
    """What changes, and the event that tells of it. `others` change with it and are at their next revision."""

    kind: str
    message: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "system"
    wave_number: int | None = None
    data: Mapping[str, Any] | None = None
    others: Sequence[Record] = ()


Decide = Callable[[Execution], Step | None]


def step(store: Store, clock: Clock, execution_id: str, decide: Decide) -> Execution:
    """The execution after the step, or as it is when `decide` answers None.

    `decide` is called with what is stored, again after each lost race: it reads what it needs anew each time, and may
    raise. Raises NotFound for an unknown execution, LostRace when others write all the time.
    """
    for _ in range(TRIES):
        execution = known(store, execution_id)
        wanted = decide(execution)
        if wanted is None:
            return execution
        now = stamp(clock())
        after = changed(execution, updated_at=now, **wanted.changes)
        event = event_of(
            after,
            wanted.kind,
            now,
            wanted.message,
            actor=wanted.actor,
            wave_number=wanted.wave_number,
            data=wanted.data,
        )
        if store.transition(after, event, *wanted.others):
            return after
    raise LostRace(f"{execution_id} is written by others all the time")


def known(store: Store, execution_id: str) -> Execution:
    """The execution. Raises NotFound."""
    execution = store.execution(execution_id)
    if execution is None:
        raise NotFound(f"there is no execution {execution_id}")
    return execution


def going_on(store: Store, execution_id: str) -> Execution:
    """The execution, unless somebody asked for it to be cancelled: then ExecutionCancelled is raised."""
    execution = known(store, execution_id)
    if execution.cancel_requested:
        raise ExecutionCancelled(f"cancelled by {execution.cancel_requested.by}")
    return execution
