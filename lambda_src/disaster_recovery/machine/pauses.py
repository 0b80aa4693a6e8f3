"""Pauses: opened when the machine waits, ended by a person or by their deadline, as the plan says."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

from disaster_recovery.errors import ExecutionCancelled, LostRace, NotFound, StaleToken
from disaster_recovery.machine.tokens import PAUSE, Courier, store_token
from disaster_recovery.machine.tools import Tools
from disaster_recovery.plans.plan import PlanWave, parse_plan
from disaster_recovery.records.execution import Decision, Execution, Pause, Request, Wave
from disaster_recovery.records.history import TaskToken
from disaster_recovery.records.statuses import ExecutionStatus, WaveStatus
from disaster_recovery.records.store import Store
from disaster_recovery.records.transitions import Step, going_on, step
from shared.clock import parse, stamp

PAUSE_BEFORE_WAVE, REQUESTED, WAVE_FAILED, ACTION_FAILED = (
    "PAUSE_BEFORE_WAVE",
    "REQUESTED",
    "WAVE_FAILED",
    "ACTION_FAILED",
)
CONTINUE, CANCEL = "CONTINUE", "CANCEL"
DEADLINE = "deadline"


def wait_for_resume(tools: Tools, execution_id: str, wave_number: int, token: str) -> dict[str, Any]:
    """Stores the token and PAUSED in one write; nobody can resume before the machine can be answered.

    A repeated task brings a new token for the pause that is open, or hears the decision that was made meanwhile.
    """
    execution = going_on(tools.store, execution_id)
    pause = execution.pause
    if pause is None or pause.wave_number != wave_number:
        execution = step(tools.store, tools.clock, execution_id, lambda now: _open(tools, now, wave_number, token))
        pause = execution.pause
    if pause is None:
        raise ExecutionCancelled(f"{execution_id} does not pause any more")
    store_token(tools.store, _token(tools, execution_id, wave_number, token, pause.pause_id))
    if pause.decision:
        deliver_quietly(tools, execution_id)
    return {"pauseId": pause.pause_id}


def deliver_quietly(tools: Tools, execution_id: str) -> None:
    """Sends what is due to a task that has just begun to wait; a stale token means that it waits no more."""
    try:
        Courier(tools.store, tools.machine, tools.clock).deliver(execution_id)
    except StaleToken:
        tools.count("StaleTokens", 1)


def _open(tools: Tools, execution: Execution, wave_number: int, token: str) -> Step | None:
    if execution.cancel_requested:
        raise ExecutionCancelled(f"cancelled by {execution.cancel_requested.by}")
    if execution.pause and execution.pause.wave_number == wave_number:
        return None
    pause = _new_pause(tools, execution, wave_number)
    return Step(
        "PAUSED",
        f"waits for a decision on wave {wave_number} until {pause.deadline}",
        {"status": ExecutionStatus.PAUSED, "pause": pause, "pause_requested": None},
        wave_number=wave_number,
        data=told(pause),
        others=[_first(tools, _token(tools, execution.execution_id, wave_number, token, pause.pause_id))],
    )


def _new_pause(tools: Tools, execution: Execution, wave_number: int) -> Pause:
    planned, wave = _wave(tools.store, execution.execution_id, wave_number)
    now = tools.clock()
    reason, resume_next = why(planned, wave)
    return Pause(
        pause_id=f"pause-{execution.revision + 1}",
        wave_number=wave_number,
        reason=reason,
        since=stamp(now),
        deadline=stamp(now + timedelta(seconds=planned.pause.deadline_seconds)),
        on_timeout=planned.pause.on_timeout,
        approver_group=planned.pause.approver_group,
        require_comment=planned.pause.require_comment,
        resume_next=resume_next,
    )


def _first(tools: Tools, token: TaskToken) -> TaskToken:
    """The token at the revision that a write in the same transaction needs."""
    before = tools.store.token(token.execution_id)
    return token if before is None else dataclasses.replace(token, revision=before.revision + 1)


def _token(tools: Tools, execution_id: str, wave_number: int, token: str, pause_id: str) -> TaskToken:
    return TaskToken(
        execution_id=execution_id,
        token=token,
        kind=PAUSE,
        wave_number=wave_number,
        pause_id=pause_id,
        stored_at=stamp(tools.clock()),
    )


def told(pause: Pause) -> dict[str, Any]:
    """What an event says of a pause."""
    said = {"reason": pause.reason, "deadline": pause.deadline, "onTimeout": pause.on_timeout}
    return said | ({"approverGroup": pause.approver_group} if pause.approver_group else {})


def why(planned: PlanWave, wave: Wave) -> tuple[str, str]:
    """Why the machine pauses at this wave, and how it goes on when a person just says so."""
    if wave.wave_status == WaveStatus.PENDING:
        reason = PAUSE_BEFORE_WAVE if planned.pause_before else REQUESTED
        return reason, "PRE_ACTIONS" if planned.pre_actions else "START"
    if wave.wave_status == WaveStatus.PRE_ACTIONS:
        return ACTION_FAILED, "START"
    if wave.outcome and planned.post_actions and wave.wave_status == WaveStatus.POST_ACTIONS:
        return ACTION_FAILED, "NEXT"
    return WAVE_FAILED, "NEXT"


def _wave(store: Store, execution_id: str, wave_number: int) -> tuple[PlanWave, Wave]:
    plan, wave = store.plan(execution_id), store.wave(execution_id, wave_number)
    if plan is None or wave is None:
        raise NotFound(f"there is no wave {wave_number} of {execution_id}")
    return parse_plan(plan.document).wave(wave_number), wave


def pause_expired(tools: Tools, execution_id: str, wave_number: int) -> dict[str, Any]:
    """The deadline has passed: the decision that was made in the last moment, or the plan's policy.

    Raises ExecutionCancelled when somebody asked for a cancel meanwhile.
    """
    execution = step(tools.store, tools.clock, execution_id, lambda now: _expire(tools, now, wave_number))
    decision = execution.pause.decision if execution.pause else None
    if decision is None:
        raise LostRace(f"the pause of {execution_id} was closed meanwhile")
    return {"next": decision.next}


def expire_overdue(tools: Tools, execution_id: str) -> bool:
    """The safety net of the poller: decides a pause whose deadline the machine has missed. True when it did."""
    execution = tools.store.execution(execution_id)
    pause = execution.pause if execution else None
    if pause is None or pause.decision or tools.clock() < parse(pause.deadline):
        return False
    step(tools.store, tools.clock, execution_id, lambda now: _expire(tools, now, pause.wave_number))
    return True


def _expire(tools: Tools, execution: Execution, wave_number: int) -> Step | None:
    """A pause that could not even be opened in its time is treated as one that nobody decided."""
    pause = execution.pause
    if pause and pause.decision:
        return None
    if execution.cancel_requested:
        raise ExecutionCancelled(f"cancelled by {execution.cancel_requested.by}")
    pause = pause or _new_pause(tools, execution, wave_number)
    now = stamp(tools.clock())
    goes_on = pause.on_timeout == CONTINUE
    decision = Decision(next=pause.resume_next if goes_on else CANCEL, kind=PAUSE, at=now, by=DEADLINE)
    changes: dict[str, Any] = {"pause": dataclasses.replace(pause, decision=decision)}
    if goes_on:
        changes["status"] = ExecutionStatus.POLLING
    else:
        changes["status"] = ExecutionStatus.CANCELLING
        changes["cancel_requested"] = Request(by=DEADLINE, at=now, reason="nobody decided in time")
    return Step(
        "PAUSE_EXPIRED",
        "nobody decided in time: the plan goes on" if goes_on else "nobody decided in time: the plan is aborted",
        changes,
        actor=DEADLINE,
        wave_number=pause.wave_number,
        data={"next": decision.next},
    )


def leave_pause(tools: Tools, execution_id: str) -> Execution:
    """Closes a pause that was decided: the machine has moved on. Raises ExecutionCancelled."""
    going_on(tools.store, execution_id)
    return step(tools.store, tools.clock, execution_id, _close)


def _close(execution: Execution) -> Step | None:
    pause = execution.pause
    if pause is None or pause.decision is None:
        return None
    return Step(
        "PAUSE_ENDED",
        f"the machine goes on: {pause.decision.next}",
        {"pause": None},
        wave_number=pause.wave_number,
        data={"pauseId": pause.pause_id, "next": pause.decision.next},
    )
