"""Task states: one attempt at calling the resource, within its timeouts."""

from __future__ import annotations

import json
from collections.abc import Callable

from local_cloud.engines import states_callbacks, states_data, states_integrations
from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_model import Scope, State, check_size
from local_cloud.engines.states_tokens import new_token


def attempt(scope: Scope, state: State, data: Json) -> Json:
    """Evaluates the arguments, calls the resource and makes the output. Raises ExecutionError as AWS names it."""
    resource, history = state["Resource"], scope.execution.history
    waits_for_token = resource.endswith(".waitForTaskToken")
    if waits_for_token:
        scope.context["Task"] = {"Token": new_token(scope.execution.surroundings.random)}
    arguments = states_data.arguments(scope, state, data)
    timeout = states_data.number(scope, state, "TimeoutSeconds", data)
    heartbeat = states_data.number(scope, state, "HeartbeatSeconds", data)
    described = {"resourceType": states_integrations.resource_type(resource), "resource": resource}
    history.add("TaskScheduled", lambda: {**described, "parameters": json.dumps(arguments)})
    try:
        if scope.execution.mocked_result is not None:
            result = scope.execution.mocked_result()
        elif waits_for_token:
            result = states_callbacks.call_and_wait(
                scope, resource, arguments, (timeout, heartbeat), lambda answer: None
            )
        else:
            result = within(scope, timeout, lambda: states_integrations.call(scope, resource, arguments))
        check_size(result, f"state/task '{scope.context['State']['Name']}'")
    except ExecutionError as error:
        failure = {**described, "error": error.error, "cause": error.cause}
        history.add("TaskTimedOut" if error.error == "States.Timeout" else "TaskFailed", lambda: failure)
        raise
    history.add("TaskSucceeded", lambda: {**described, "output": json.dumps(result)})
    return states_data.output(scope, state, data, result)


def within(scope: Scope, seconds: float | None, function: Callable[[], Json]) -> Json:
    """The function's result; States.Timeout when it takes longer, while the work itself goes on unheeded."""
    outcome = _Outcome(scope, function)
    scope.execution.surroundings.start(outcome.work)
    if not scope.wait(lambda: outcome.done, seconds):
        raise ExecutionError("States.Timeout", f"The task has run longer than {seconds:g} seconds.")
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
