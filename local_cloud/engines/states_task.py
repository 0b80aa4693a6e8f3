"""Task states: one attempt at calling the resource, within its timeouts."""

from __future__ import annotations

from collections.abc import Callable

from ministack.core.responses import get_region

from local_cloud.engines import states_callbacks, states_data, states_integrations
from local_cloud.engines.states_errors import TIMEOUT, ExecutionError, Json
from local_cloud.engines.states_model import Scope, State, check_size
from local_cloud.engines.states_task_events import TaskEvents
from local_cloud.engines.states_tokens import new_token

Limits = tuple[float | None, float | None]


def attempt(scope: Scope, state: State, data: Json) -> Json:
    """Evaluates the arguments, calls the resource and makes the output. Raises ExecutionError as AWS names it."""
    resource = state["Resource"]
    if resource.endswith(".waitForTaskToken"):
        token = new_token(scope.execution.machine_arn, scope.execution.surroundings.random)
        scope.context["Task"] = {"Token": token}
    arguments = states_data.arguments(scope, state, data)
    limits = (
        states_data.number(scope, state, "TimeoutSeconds", data),
        states_data.number(scope, state, "HeartbeatSeconds", data),
    )
    events = TaskEvents(scope.execution.history, resource, limits)
    events.scheduled(arguments, get_region())
    try:
        result = _call(scope, resource, arguments, limits, events)
        check_size(result, f"state/task '{scope.context['State']['Name']}'")
    except ExecutionError as error:
        events.failed(error)
        raise
    events.succeeded(result)
    return states_data.output(scope, state, data, result)


def _call(scope: Scope, resource: str, arguments: Json, limits: Limits, events: TaskEvents) -> Json:
    events.started()
    if scope.execution.mocked_result is not None:
        return scope.execution.mocked_result()
    if resource.endswith(".waitForTaskToken"):
        return states_callbacks.call_and_wait(scope, resource, arguments, limits, events.submitted)
    return within(scope, limits[0], lambda: states_integrations.call(scope, resource, arguments))


def within(scope: Scope, seconds: float | None, function: Callable[[], Json]) -> Json:
    """The function's result; States.Timeout when it takes longer, while the work itself goes on unheeded."""
    outcome = _Outcome(scope, function)
    scope.execution.surroundings.start(outcome.work)
    if not scope.wait(lambda: outcome.done, seconds):
        raise ExecutionError(TIMEOUT, "")
    return outcome.result()


class _Outcome:
    def __init__(self, scope: Scope, function: Callable[[], Json]) -> None:
        self._scope = scope
        self._function = function
        self._value: Json = None
        self._error: BaseException | None = None
        self.done = False

    def work(self) -> None:
        try:
            self._value = self._function()
        except BaseException as error:
            self._error = error
        self.done = True
        self._scope.execution.notify()

    def result(self) -> Json:
        if self._error is not None:
            raise self._error
        return self._value
