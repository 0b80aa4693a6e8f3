"""`.waitForTaskToken`: calling a service and waiting until somebody answers with the task's token."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.engines import states_integrations, states_task
from local_cloud.engines.states_errors import TIMEOUT, ExecutionError, HeartbeatTimeout, Json
from local_cloud.engines.states_model import Scope
from local_cloud.engines.states_tokens import Waiting


def call_and_wait(
    scope: Scope,
    resource: str,
    arguments: Json,
    limits: tuple[float | None, float | None],
    submitted: Callable[[Json], None],
) -> Json:
    """Calls the resource, tells `submitted` what it answered, then returns what SendTaskSuccess brings.

    `limits` are TimeoutSeconds and HeartbeatSeconds. Raises States.Timeout, HeartbeatTimeout when no heartbeat has come
    for that long, and whatever error SendTaskFailure names.
    """
    clock, tokens = scope.execution.clock, scope.execution.surroundings.tokens
    timeout, heartbeat = limits
    token, ends = scope.context["Task"]["Token"], None if timeout is None else clock.monotonic() + timeout

    def is_over() -> bool:
        return scope.execution.aborted or (ends is not None and clock.monotonic() >= ends)

    waiting = Waiting(scope.execution.notify, is_over)
    tokens.open(token, waiting)
    try:
        called = resource.removesuffix(".waitForTaskToken")
        answer = states_task.within(scope, timeout, lambda: states_integrations.call(scope, called, arguments))
        submitted(answer)
        _await_answer(scope, waiting, ends, heartbeat)
    finally:
        tokens.close(token)
    if waiting.failure is not None:
        raise ExecutionError(*waiting.failure)
    return waiting.result


def _await_answer(scope: Scope, waiting: Waiting, ends: float | None, heartbeat: float | None) -> None:
    clock, heard = scope.execution.clock, waiting.heartbeats

    def stirs() -> bool:
        return waiting.answered or waiting.heartbeats > heard

    while not waiting.answered:
        heard = waiting.heartbeats
        left = None if ends is None else max(0.0, ends - clock.monotonic())
        beats = heartbeat is not None and (left is None or heartbeat < left)
        if scope.wait(stirs, heartbeat if beats else left):
            continue
        if beats:
            raise HeartbeatTimeout
        raise ExecutionError(TIMEOUT, "")
