"""TestState: one state, run by the same code as in an execution.

As documented for the TestState API: a mock replaces only the call of the resource (or the branches and iterations),
errors go through Retry and Catch, and nothing is remembered.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, cast

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, now_iso

from local_cloud.engines import states_data, states_definition, states_fields, states_interpreter, states_retry
from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_executions import EXPRESS_SECONDS, scope_of
from local_cloud.engines.states_history import History, details_name, wanted_at
from local_cloud.engines.states_model import Execution, Scope, State, Stopped, TimedOut
from local_cloud.engines.states_requests import Answer

Request = dict[str, Any]


def test_state(request: Request) -> Answer:
    """TestState."""
    try:
        definition, data = json.loads(request.get("definition", "")), json.loads(request.get("input") or "{}")
        given = json.loads(request.get("context") or "{}")
        variables = json.loads(request.get("variables") or "{}")
    except ValueError as error:
        return _error("ValidationException", f"Not JSON: {error}")
    whole = "States" in definition
    found = states_definition.diagnose(request["definition"], express=False) if whole else []
    if found:
        return _error("InvalidDefinition", states_definition.message(found))
    name = request.get("stateName") or definition.get("StartAt") or "TestState"
    state = _state_named(definition, name) if whole else definition
    if state is None or state.get("Type") not in states_fields.TYPES:
        return _error("InvalidDefinition", f"No state named {name!r} of a known Type in the definition")
    scope = scope_of(_execution(request, data), definition)
    scope.context.update(given)
    scope.variables.update(variables)
    result = _run(scope, name, state, data, request)
    if request.get("inspectionLevel", "INFO") != "INFO":
        result["inspectionData"] = {**_inspection(scope, data), **result.get("inspectionData", {})}
    else:
        result.pop("inspectionData", None)
    return cast(Answer, json_response(result))


def _state_named(machine: dict[str, Any], name: str) -> State | None:
    """The state of that name, also inside of branches and item processors."""
    states: dict[str, State] = machine["States"]
    if name in states:
        return states[name]
    for state in states.values():
        inner = [*state.get("Branches", []), *(state[key] for key in ("ItemProcessor", "Iterator") if key in state)]
        for part in inner:
            found = _state_named(part, name)
            if found is not None:
                return found
    return None


def _execution(request: Request, data: Json) -> Execution:
    place = f"{get_region()}:{get_account_id()}"
    mock = request.get("mock")
    return Execution(
        arn=f"arn:aws:states:{place}:express:test:test:test",
        name="test",
        machine_arn=f"arn:aws:states:{place}:stateMachine:test",
        machine_name="test",
        role_arn=request.get("roleArn") or f"arn:aws:iam::{get_account_id()}:role/none",
        started_at=now_iso(),
        input=data,
        history=History([], wanted_at("ALL")),
        record={},
        express=True,
        deadline=time.monotonic() + EXPRESS_SECONDS,
        mocked_result=_mocked(mock) if mock else None,
    )


def _mocked(mock: dict[str, Any]) -> Callable[[], Json]:
    def result() -> Json:
        if "errorOutput" in mock:
            raise ExecutionError(mock["errorOutput"].get("error", ""), mock["errorOutput"].get("cause", ""))
        return json.loads(mock["result"])

    return result


def _run(scope: Scope, name: str, state: State, data: Json, request: Request) -> dict[str, Any]:
    bare = {key: value for key, value in state.items() if key not in ("Retry", "Catch")}
    try:
        if scope.execution.mocked_result is not None and state["Type"] in ("Map", "Parallel"):
            scope.context["State"] = {"EnteredTime": now_iso(), "Name": name, "RetryCount": 0}
            output = states_data.output(scope, bare, data, scope.execution.mocked_result())
            following = states_interpreter.next_of(state)
        else:
            output, following = states_interpreter.run_state(scope, name, bare, data)
    except ExecutionError as error:
        return _failed(scope, state, data, error, request)
    except (Stopped, TimedOut):
        return {"status": "FAILED", "error": "States.Timeout", "cause": ""}
    moves = {"nextState": following} if following else {}
    return {"status": "SUCCEEDED", "output": _json(output), **moves}


def _failed(scope: Scope, state: State, data: Json, error: ExecutionError, request: Request) -> dict[str, Any]:
    """What becomes of an error: another attempt, the state that handles it, or the end."""
    described = {"error": error.error, "cause": error.cause}
    tries = (request.get("stateConfiguration") or {}).get("retrierRetryCount", 0)
    every = range(len(state.get("Retry", [])))
    retrier = states_retry.retrier_of(state, error, dict.fromkeys(every, tries))
    if retrier is not None:
        plain = {**state["Retry"][retrier], "JitterStrategy": "NONE"}
        seconds = states_retry.delay(plain, tries, scope.execution.surroundings.random)
        details = {"retryIndex": retrier, "retryBackoffIntervalSeconds": int(seconds)}
        return {"status": "RETRIABLE", **described, "inspectionData": {"errorDetails": details}}
    caught_by = states_retry.catcher_of(state, error)
    if caught_by is None:
        return {"status": "FAILED", **described}
    catcher = state["Catch"][caught_by]
    try:
        output = states_data.caught(scope, state, catcher, data, error)
    except ExecutionError as second:
        return {"status": "FAILED", "error": second.error, "cause": second.cause}
    caught = {"status": "CAUGHT_ERROR", **described, "output": _json(output), "nextState": catcher["Next"]}
    return {**caught, "inspectionData": {"errorDetails": {"catchIndex": caught_by}}}


def _inspection(scope: Scope, data: Json) -> dict[str, str]:
    """What happened on the way: the input, the arguments, the raw result and the variables afterwards."""
    seen = {"input": _json(data), "variables": _json(scope.variables)}
    for event in scope.execution.history.events:
        details = event.get(details_name(event["type"]), {})
        if event["type"].endswith("Scheduled"):
            seen["afterArguments"] = details.get("parameters") or details["input"]
        if event["type"].endswith("Succeeded") and "output" in details:
            seen["result"] = details["output"]
    return seen


def _json(value: Json) -> str:
    return json.dumps(value, separators=(",", ":"))


def _error(code: str, message: str) -> Answer:
    return cast(Answer, error_response_json(code, message, 400))
