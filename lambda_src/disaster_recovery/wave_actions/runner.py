"""Drives the actions of a wave, one after the other. Called by the poller as often as it likes.

An action is RUNNING in the records before its service is asked, and every question is announced by a conditional write:
of two pollers one asks. A service that does not answer is asked again until the action's time is over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from disaster_recovery.machine.tools import ActionsOutcome
from disaster_recovery.plans.plan import PlanAction, parse_plan
from disaster_recovery.records.execution import Action, Execution, Wave
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import ActionState, LaunchStatus
from disaster_recovery.records.store import Store
from disaster_recovery.wave_actions.service import FAILED, SUCCEEDED, Progress, Service, Task
from shared.clock import Clock, parse, stamp
from shared.errors import TowpathError

PRE = "PRE"
#: How long an announced question keeps other pollers from asking too.
ASKING_SECONDS = 60
MESSAGE_LENGTH = 500
OVER = frozenset({ActionState.SUCCEEDED, ActionState.FAILED, ActionState.TIMED_OUT})


@dataclass(frozen=True)
class ActionRunner:
    """`services` by the type of an action: SSM_AUTOMATION, LAMBDA, HTTP_PROBE."""

    store: Store
    services: Mapping[str, Service]
    clock: Clock

    def __call__(self, execution: Execution, wave: Wave, phase: str) -> ActionsOutcome:
        """START (after PRE) or NEXT (after POST) when all are done, PAUSE or STOP by the policy of one that failed.

        `next` is None while one of them runs.
        """
        for number, planned in enumerate(self._planned(execution, wave, phase), start=1):
            action = self._advanced(execution, wave, phase, number, planned)
            if action.action_state not in OVER:
                return ActionsOutcome(None, f"action {planned.name} runs")
            if action.action_state != ActionState.SUCCEEDED and planned.on_failure != "CONTINUE":
                why = action.error_message or action.action_state
                return ActionsOutcome(planned.on_failure, f"action {planned.name}: {why}")
        return ActionsOutcome("START" if phase == PRE else "NEXT")

    def _planned(self, execution: Execution, wave: Wave, phase: str) -> Sequence[PlanAction]:
        frozen = self.store.plan(execution.execution_id)
        if frozen is None:
            return ()
        planned = parse_plan(frozen.document).wave(wave.wave_number)
        return planned.pre_actions if phase == PRE else planned.post_actions

    def _advanced(self, execution: Execution, wave: Wave, phase: str, number: int, planned: PlanAction) -> Action:
        """The action after one step, as it is stored now."""
        action = self._known(wave, phase, number) or _new(wave, phase, number, planned)
        if action.action_state in OVER:
            return action
        asked = self._announced(action, planned)
        if asked is None:
            return self._known(wave, phase, number) or action
        if asked.action_state in OVER:
            return asked
        progress = self._progress(Task(execution, planned, asked, self._launched(execution)))
        after = self._after(asked, progress)
        if self.store.save(after):
            return after
        return self._known(wave, phase, number) or asked

    def _announced(self, action: Action, planned: PlanAction) -> Action | None:
        """The action as RUNNING with a note that we ask now, or TIMED_OUT; None when somebody else asks."""
        now = self.clock()
        fresh = action.action_state == ActionState.PENDING
        deadline = stamp(now + timedelta(seconds=planned.timeout_seconds)) if fresh else action.deadline or stamp(now)
        if not fresh and now >= parse(deadline):
            last = (action.result or {}).get("message")
            message = f"not done within {planned.timeout_seconds} s" + (f" ({last})" if last else "")
            late = ended(action, ActionState.TIMED_OUT, message, stamp(now))
            return late if self.store.save(late) else None
        asked_at = (action.result or {}).get("askedAt")
        if asked_at and (now - parse(asked_at)).total_seconds() < ASKING_SECONDS:
            return None
        announced = changed(
            action,
            action_state=ActionState.RUNNING,
            started_at=action.started_at or stamp(now),
            deadline=deadline,
            result={**(action.result or {}), "askedAt": stamp(now)},
        )
        return announced if self.store.save(announced) else None

    def _progress(self, task: Task) -> Progress:
        service = self.services.get(task.planned.type)
        if service is None:
            return Progress(FAILED, f"actions of type {task.planned.type} cannot be run here")
        try:
            return service.advance(task)
        except TowpathError as error:
            if error.retriable:
                return Progress("RUNNING", str(error), task.action.reference)
            return Progress(FAILED, str(error), task.action.reference)

    def _after(self, action: Action, progress: Progress) -> Action:
        message = progress.message[:MESSAGE_LENGTH]
        reference = progress.reference or action.reference
        if progress.state in (SUCCEEDED, FAILED):
            state = ActionState.SUCCEEDED if progress.state == SUCCEEDED else ActionState.FAILED
            return ended(action, state, message, stamp(self.clock()), reference)
        return changed(action, reference=reference, result={"message": message} if message else None)

    def _launched(self, execution: Execution) -> list[dict[str, Any]]:
        servers = self.store.servers(execution.execution_id)
        return [
            {
                "sourceServerId": server.source_server_id,
                "hostname": server.hostname,
                "ec2InstanceId": server.ec2_instance_id,
                "waveNumber": server.wave_number,
            }
            for server in servers
            if server.launch_status == LaunchStatus.LAUNCHED
        ]

    def _known(self, wave: Wave, phase: str, number: int) -> Action | None:
        actions = self.store.actions(wave.execution_id, wave.wave_number, phase)
        return next((action for action in actions if action.number == number), None)


def _new(wave: Wave, phase: str, number: int, planned: PlanAction) -> Action:
    """An action that is not stored yet: its first change is revision 1."""
    return Action(
        execution_id=wave.execution_id,
        revision=0,
        wave_number=wave.wave_number,
        phase=phase,
        number=number,
        name=planned.name,
    )


def time_out(store: Store, clock: Clock, wave: Wave, phase: str, planned: Sequence[PlanAction]) -> None:
    """The time of all actions together is over: what has not ended has timed out."""
    known = {action.number: action for action in store.actions(wave.execution_id, wave.wave_number, phase)}
    for number, each in enumerate(planned, start=1):
        action = known.get(number) or _new(wave, phase, number, each)
        if action.action_state not in OVER:
            store.save(ended(action, ActionState.TIMED_OUT, "not done in time", stamp(clock())))


def ended(action: Action, state: ActionState, message: str, now: str, reference: str | None = None) -> Action:
    """The action with its end."""
    return changed(
        action,
        action_state=state,
        ended_at=now,
        reference=reference or action.reference,
        error_message=None if state == ActionState.SUCCEEDED else message or None,
        result={"message": message} if message else None,
    )
