"""What a poll needs from outside: the store, DRS, the machine, the clock, and what other parts of the system do.

Everything is handed in, so that the same code runs in Lambda, in the break-glass command and in a rehearsal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.plans.plan import Account
from disaster_recovery.records.execution import Execution, Wave
from disaster_recovery.records.history import Event
from disaster_recovery.records.store import Store
from disaster_recovery.settings import Settings
from shared.clock import Clock
from shared.state_machine import Machine


@dataclass(frozen=True)
class ActionsOutcome:
    """How the actions of a wave stand. `next` answers the machine (START, NEXT, PAUSE, STOP); None while they run."""

    next: str | None
    message: str = ""


class AdvanceActions(Protocol):
    """Starts, polls and times out the actions of a wave; keeps their records itself. May be repeated."""

    def __call__(self, execution: Execution, wave: Wave, phase: str) -> ActionsOutcome: ...


class Finish(Protocol):
    """Gives an execution its last status. `outcome` ENDED, CANCELLED or ERROR; may be repeated."""

    def __call__(self, execution_id: str, outcome: str, error: str = "", cause: str = "") -> object: ...


class Wake(Protocol):
    """Has the execution polled again after a delay of whole seconds (0–900)."""

    def __call__(self, execution_id: str, reason: str, delay_seconds: int = 0) -> None: ...


@dataclass(frozen=True)
class Tools:
    """`drs` and `quotas` are asked per account; `quotas` raises QuotaUnreadable. `notify` publishes events of the
    timeline in their order; `count` emits a metric.
    """

    store: Store
    drs: Callable[[Account], Drs]
    quotas: Callable[[Account], Quotas]
    machine: Machine[Execution]
    wake: Wake
    advance_actions: AdvanceActions
    finish: Finish
    notify: Callable[[Execution, Sequence[Event]], None]
    count: Callable[[str, float], None]
    clock: Clock
    settings: Settings
