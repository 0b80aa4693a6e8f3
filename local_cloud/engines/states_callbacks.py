"""`.waitForTaskToken`: calling a service and waiting until somebody answers with the task's token.

SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat are ministack's; they find the waiting task in its table of
tokens and call `set` on the entry's event.
"""

from __future__ import annotations

import json
import time
from typing import Any

from ministack.services import stepfunctions as engine

from local_cloud.engines import states_integrations, states_task
from local_cloud.engines.states_model import ExecutionError, Json, Scope


class _Entry(dict[str, Any]):
    """The entry of ministack's table of tokens: what is written to it wakes the task up."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(result=None, error=None, heartbeat=None, event=self)
        self._scope = scope
        self.answered = False

    def set(self) -> None:
        """The answer is complete (ministack takes the entry's event for a threading.Event)."""
        self.answered = True
        self._scope.execution.notify()

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        self._scope.execution.notify()


def call_and_wait(scope: Scope, resource: str, arguments: Json, timeout: float | None, heartbeat: float | None) -> Json:
    """Calls the resource, then returns what SendTaskSuccess brings.

    Raises States.Timeout after `timeout` seconds, States.HeartbeatTimeout when `heartbeat` seconds pass without a
    heartbeat, and whatever error SendTaskFailure names.
    """
    token, entry = scope.context["Task"]["Token"], _Entry(scope)
    engine._task_tokens[token] = entry
    started = time.monotonic()
    try:
        called = resource.removesuffix(".waitForTaskToken")
        states_task.within(scope, timeout, lambda: states_integrations.call(scope, called, arguments))
        left = None if timeout is None else max(0.0, timeout - (time.monotonic() - started))
        _await_answer(scope, entry, left, heartbeat)
    finally:
        engine._task_tokens.pop(token, None)
    if entry["error"]:
        raise ExecutionError(entry["error"].get("Error", ""), entry["error"].get("Cause", ""))
    return json.loads(entry["result"]) if isinstance(entry["result"], str) else entry["result"]


def _await_answer(scope: Scope, entry: _Entry, timeout: float | None, heartbeat: float | None) -> None:
    until = None if timeout is None else time.monotonic() + timeout
    while not entry.answered:
        entry["heartbeat"] = None
        left = None if until is None else until - time.monotonic()
        beats = heartbeat is not None and (left is None or heartbeat < left)
        if scope.wait(lambda: entry.answered or entry["heartbeat"] is not None, heartbeat if beats else left):
            continue
        if beats:
            raise ExecutionError("States.HeartbeatTimeout", f"No heartbeat within {heartbeat:g} seconds.")
        raise ExecutionError("States.Timeout", "The task was not completed in time.")
