"""Answers to the machine. A decision is stored first and sent then; what was lost is sent again by the next poll."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disaster_recovery.errors import LostRace, StaleToken
from disaster_recovery.records.execution import Decision, Execution, Wave
from disaster_recovery.records.history import TaskToken
from disaster_recovery.records.record import changed
from disaster_recovery.records.store import Store
from shared.clock import Clock, stamp
from shared.state_machine import Machine

PAUSE, WAVE, ACTIONS, CANCEL = "PAUSE", "WAVE", "ACTIONS", "CANCEL"
CANCELLED_ERROR = "ExecutionCancelled"
TRIES = 5


@dataclass(frozen=True)
class Answer:
    """What a waiting task is told: an output, or an error."""

    output: Mapping[str, Any] | None = None
    error: str = ""
    cause: str = ""


def due_answer(token: TaskToken, execution: Execution, wave: Wave | None) -> Answer | None:
    """The stored decision that this token waits for, None while there is none.

    A cancel goes before everything else, but not to the task that waits for the end of a cancel.
    """
    if token.answered_at:
        return None
    if execution.cancel_requested and token.kind != CANCEL:
        return Answer(error=CANCELLED_ERROR, cause=f"cancelled by {execution.cancel_requested.by}")
    decision = _decision(token, execution, wave)
    return Answer(output={"next": decision.next}) if decision else None


def _decision(token: TaskToken, execution: Execution, wave: Wave | None) -> Decision | None:
    if token.kind == PAUSE:
        pause = execution.pause
        return pause.decision if pause and pause.pause_id == token.pause_id else None
    decision = wave.decision if wave and wave.wave_number == token.wave_number else None
    return decision if decision and decision.kind == token.kind else None


@dataclass(frozen=True)
class Courier:
    """Takes stored decisions to the machine."""

    store: Store
    machine: Machine[Execution]
    clock: Clock

    def deliver(self, execution_id: str) -> bool:
        """Sends what is due, if anything is. True when the machine took it; False when nothing was due.

        Raises StaleToken when the machine does not wait for it any more (it is not sent again then), and what the
        machine raises when nobody knows: the next poll sends it again.
        """
        token = self.store.token(execution_id)
        execution = self.store.execution(execution_id)
        if token is None or execution is None:
            return False
        wave = self.store.wave(execution_id, token.wave_number) if token.wave_number else None
        answer = due_answer(token, execution, wave)
        return answer is not None and self.send(token, answer)

    def send(self, token: TaskToken, answer: Answer) -> bool:
        """One answer to one task. Raises as `deliver` does."""
        try:
            if answer.output is not None:
                self.machine.succeed(token.token, answer.output)
            else:
                self.machine.fail(token.token, answer.error, answer.cause)
        except StaleToken:
            self._note(token)
            raise
        self._note(token)
        return True

    def _note(self, token: TaskToken) -> None:
        """Losing this write is no harm: somebody else answered too, or the task waits with a new token."""
        self.store.save(changed(token, answered_at=stamp(self.clock())))


def store_token(store: Store, token: TaskToken) -> TaskToken:
    """Puts a task's token in the place of the one before: the machine waits for one task at a time.

    A repeated call changes nothing. Raises LostRace when others keep on writing theirs.
    """
    for _ in range(TRIES):
        before = store.token(token.execution_id)
        if before and before.token == token.token:
            return before
        newest = dataclasses.replace(token, revision=before.revision + 1 if before else 1)
        if store.save(newest):
            return newest
    raise LostRace(f"tokens of {token.execution_id} are written by others all the time")
