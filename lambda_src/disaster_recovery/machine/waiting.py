"""Tasks that wait for the poller: the token is stored before the function returns, then a poll is asked for at once."""

from __future__ import annotations

import dataclasses
from typing import Any

from disaster_recovery.errors import TowpathError
from disaster_recovery.machine.pauses import deliver_quietly, leave_pause
from disaster_recovery.machine.preparing import known_wave
from disaster_recovery.machine.tokens import ACTIONS, CANCEL, WAVE, store_token
from disaster_recovery.machine.tools import Tools
from disaster_recovery.records.execution import Execution, Request
from disaster_recovery.records.history import TaskToken
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import TERMINAL_STATUSES, ExecutionStatus, WaveStatus
from disaster_recovery.records.transitions import Step, going_on, step
from shared.clock import stamp

PRE, POST = "PRE", "POST"


def await_wave(tools: Tools, execution_id: str, wave_number: int, token: str) -> dict[str, Any]:
    """The wave is under way: the poller answers. A decision that an earlier token did not get is sent again."""
    going_on(tools.store, execution_id)
    _store(tools, TaskToken(execution_id=execution_id, token=token, kind=WAVE, wave_number=wave_number))
    return _polled(tools, execution_id, "AWAIT_WAVE")


def run_actions(tools: Tools, execution_id: str, wave_number: int, phase: str, token: str) -> dict[str, Any]:
    """The actions of a phase are due: the poller starts them, watches them and answers."""
    leave_pause(tools, execution_id)
    wave = known_wave(tools.store, execution_id, wave_number)
    if phase == PRE and wave.wave_status == WaveStatus.PENDING:
        step(tools.store, tools.clock, execution_id, lambda now: _begin_wave(tools, now, wave_number))
    _store(tools, TaskToken(execution_id=execution_id, token=token, kind=ACTIONS, wave_number=wave_number, phase=phase))
    return _polled(tools, execution_id, "RUN_ACTIONS")


def cancelling(tools: Tools, execution_id: str, token: str) -> dict[str, Any]:
    """CANCELLING until no job of ours runs any more; the poller sees that and answers."""
    step(tools.store, tools.clock, execution_id, lambda now: _cancelling(tools, now))
    _store(tools, TaskToken(execution_id=execution_id, token=token, kind=CANCEL))
    return _polled(tools, execution_id, "CANCELLING")


def _begin_wave(tools: Tools, execution: Execution, wave_number: int) -> Step | None:
    wave = known_wave(tools.store, execution.execution_id, wave_number)
    if wave.wave_status != WaveStatus.PENDING:
        return None
    now = stamp(tools.clock())
    begun = changed(wave, wave_status=WaveStatus.PRE_ACTIONS, started_at=wave.started_at or now, decision=None)
    changes = {"status": ExecutionStatus.POLLING, "current_wave": wave_number}
    message = f"wave {wave.name} begins with its actions"
    return Step("PRE_ACTIONS_STARTED", message, changes, wave_number=wave_number, others=[begun])


def _cancelling(tools: Tools, execution: Execution) -> Step | None:
    if execution.status in TERMINAL_STATUSES:
        return None
    if execution.status == ExecutionStatus.CANCELLING and execution.cancel_requested:
        return None
    asked = execution.cancel_requested or Request(by="system", at=stamp(tools.clock()))
    message = "nothing more is started; jobs that run are waited for"
    return Step("CANCELLING", message, {"status": ExecutionStatus.CANCELLING, "cancel_requested": asked})


def _store(tools: Tools, token: TaskToken) -> None:
    store_token(tools.store, dataclasses.replace(token, stored_at=stamp(tools.clock())))


def _polled(tools: Tools, execution_id: str, reason: str) -> dict[str, Any]:
    """A wake-up that fails costs a minute, until the finder's next tick."""
    deliver_quietly(tools, execution_id)
    try:
        tools.wake(execution_id, reason)
    except TowpathError:
        tools.count("WakesLost", 1)
    return {}
