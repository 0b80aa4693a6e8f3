"""Lambda behind the state machine: one action of one execution for each invocation.

The machine passes ids only. What an action raises is what the machine catches by name: ExecutionCancelled, PlanInvalid,
and the taxonomy's errors, which it tries again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery import notifications
from disaster_recovery.launch import wave_launch
from disaster_recovery.machine import pauses, preparing, run_validation, timeouts, waiting
from disaster_recovery.machine.aws_tools import make_tools
from disaster_recovery.machine.tools import Tools
from disaster_recovery.settings import read_settings
from shared.aws_errors import classify
from shared.errors import ValidationFailed
from shared.observe import count, logger

Event = Mapping[str, Any]
Action = Callable[[Tools, Event], Mapping[str, Any]]


@cache
def worker_tools() -> Tools:
    """Made with the first action and kept while the worker lives."""
    return make_tools(read_settings(), count)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """{"action", "executionId", "waveNumber"?, "phase"?, "taskToken"?, …} → the action's answer. See ACTIONS."""
    logger.clear_state()
    logger.append_keys(executionId=event.get("executionId"), waveNumber=event.get("waveNumber"))
    answer = run(worker_tools(), event)
    logger.info("action done", action=event["action"], answer=answer)
    return answer


def run(tools: Tools, event: Event) -> dict[str, Any]:
    """Carries out one action and publishes what happened. A task token is in neither the answer nor the log."""
    action = ACTIONS.get(str(event.get("action")))
    if action is None:
        raise ValidationFailed(f"there is no action {event.get('action')!r}")
    try:
        return dict(action(tools, event))
    except (ClientError, BotoCoreError) as error:
        raise classify(error, str(event["action"])) from error
    finally:
        _publish(tools, event["executionId"])


def _wave(event: Event) -> tuple[str, int]:
    return str(event["executionId"]), int(event["waveNumber"])


def _finish(tools: Tools, event: Event) -> Mapping[str, Any]:
    error, cause = str(event.get("error", "")), str(event.get("cause", ""))
    answer = tools.finish(event["executionId"], event["outcome"], error, cause)
    return answer if isinstance(answer, Mapping) else {}


def _publish(tools: Tools, execution_id: str) -> None:
    """What cannot be published now is published by the next poll; an execution that ended is polled for that."""
    try:
        done = notifications.flush(tools.store, tools.notify, execution_id)
        if not done:
            tools.wake(execution_id, "NOTIFY", 1)
    except Exception:
        # Whatever it is: the action was carried out, and the machine must not repeat it for a notification.
        logger.exception("events not published")
        tools.count("NotificationsFailed", 1)


ACTIONS: Mapping[str, Action] = {
    "validate_plan": lambda tools, event: run_validation.validate_plan(tools, event["executionId"]),
    "initialize_execution": lambda tools, event: preparing.initialize_execution(tools, event["executionId"]),
    "prepare_wave": lambda tools, event: preparing.prepare_wave(tools, *_wave(event)),
    "wait_for_resume": lambda tools, event: pauses.wait_for_resume(tools, *_wave(event), event["taskToken"]),
    "pause_expired": lambda tools, event: pauses.pause_expired(tools, *_wave(event)),
    "run_actions": lambda tools, event: waiting.run_actions(tools, *_wave(event), event["phase"], event["taskToken"]),
    "actions_timed_out": lambda tools, event: timeouts.actions_timed_out(tools, *_wave(event)),
    "start_wave": lambda tools, event: wave_launch.start_wave(tools, *_wave(event)),
    "await_wave": lambda tools, event: waiting.await_wave(tools, *_wave(event), event["taskToken"]),
    "reconcile": lambda tools, event: timeouts.reconcile(tools, *_wave(event)),
    "wave_timed_out": lambda tools, event: timeouts.wave_timed_out(tools, *_wave(event)),
    "cancelling": lambda tools, event: waiting.cancelling(tools, event["executionId"], event["taskToken"]),
    "finish": _finish,
}
