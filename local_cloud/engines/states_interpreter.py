"""Walking through a state machine: one handler per state type, as the Amazon States Language documents them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from ministack.services import stepfunctions as engine

from local_cloud.engines import states_branches, states_data, states_jsonata, states_task
from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_history import WHOLE_INPUT, WHOLE_OUTPUT
from local_cloud.engines.states_model import Scope, State, check_size
from local_cloud.engines.states_retry import with_retry_and_catch

Step = tuple[Json, str | None]


def run_machine(scope: Scope, machine: dict[str, Any], data: Json) -> Json:
    """Runs a machine, branch or item processor from StartAt to its end; returns the last output."""
    name = machine["StartAt"]
    while name is not None:
        data, name = run_state(scope, name, machine["States"][name], data)
    return data


def run_state(scope: Scope, name: str, state: State, data: Json) -> Step:
    """Runs one state; returns its output and the name of the next state (None at an end)."""
    scope.check()
    scope.context["State"] = {"EnteredTime": scope.execution.surroundings.timestamp(), "Name": name, "RetryCount": 0}
    history, kind = scope.execution.history, state["Type"]
    history.add(f"{kind}StateEntered", lambda: {"name": name, "input": json.dumps(data), **WHOLE_INPUT})
    output, following = _HANDLERS[kind](scope, state, data)
    check_size(output, f"state/task '{name}'")
    history.add(f"{kind}StateExited", lambda: {"name": name, "output": json.dumps(output), **WHOLE_OUTPUT})
    return output, following


def next_of(state: State) -> str | None:
    return None if state.get("End") else state.get("Next")


def _pass(scope: Scope, state: State, data: Json) -> Step:
    if states_data.is_jsonata(scope, state):
        return states_data.output_and_assign(scope, state, data, data), next_of(state)
    return engine._execute_pass(state, data, scope.context)[0], next_of(state)


def _task(scope: Scope, state: State, data: Json) -> Step:
    return with_retry_and_catch(scope, state, data, lambda: (states_task.attempt(scope, state, data), next_of(state)))


def _choice(scope: Scope, state: State, data: Json) -> Step:
    if not states_data.is_jsonata(scope, state):
        output, following = engine._execute_choice(state, data, scope.context)
        return output, following
    for rule in state["Choices"]:
        if states_jsonata.field(scope, rule, "Condition", "boolean", data):
            return states_data.output_and_assign(scope, rule, data, data), rule["Next"]
    if "Default" not in state:
        raise ExecutionError("States.NoChoiceMatched", "No choice rule matched and there is no Default.")
    return states_data.output_and_assign(scope, state, data, data), state["Default"]


def _wait(scope: Scope, state: State, data: Json) -> Step:
    if states_data.is_jsonata(scope, state):
        scope.sleep(_jsonata_wait(scope, state, data))
        return states_data.output_and_assign(scope, state, data, data), next_of(state)
    chosen = engine._apply_input_path(state, data, scope.context)
    if "Timestamp" in state or "TimestampPath" in state:
        path = state.get("TimestampPath")
        moment = engine._resolve_path_or_ctx(path, chosen, scope.context) if path else state["Timestamp"]
        scope.sleep(_seconds_until(scope, moment))
    else:
        scope.sleep(states_data.number(scope, state, "Seconds", chosen) or 0)
    return engine._apply_output_path(state, chosen, scope.context), next_of(state)


def _jsonata_wait(scope: Scope, state: State, data: Json) -> float:
    if "Timestamp" in state:
        return _seconds_until(scope, states_jsonata.field(scope, state, "Timestamp", "string", data))
    seconds = float(states_jsonata.field(scope, state, "Seconds", "number", data))
    if seconds < 0 or not seconds.is_integer():
        raise ExecutionError("States.QueryEvaluationError", f"Seconds must be a whole number of at least 0: {seconds}")
    return seconds


def _seconds_until(scope: Scope, moment: Json) -> float:
    try:
        return max(0.0, (datetime.fromisoformat(moment) - scope.execution.clock.now()).total_seconds())
    except (TypeError, ValueError) as error:
        raise ExecutionError("States.Runtime", f"Not an ISO 8601 timestamp with offset: {moment!r}") from error


def _succeed(scope: Scope, state: State, data: Json) -> Step:
    if states_data.is_jsonata(scope, state):
        return states_data.output_and_assign(scope, state, data, data), None
    chosen = engine._apply_input_path(state, data, scope.context)
    return engine._apply_output_path(state, chosen, scope.context), None


def _fail(scope: Scope, state: State, data: Json) -> Step:
    raise ExecutionError(_text(scope, state, "Error", data), _text(scope, state, "Cause", data))


def _text(scope: Scope, state: State, name: str, data: Json) -> str:
    if states_data.is_jsonata(scope, state):
        return str(states_jsonata.field(scope, state, name, "string", data)) if name in state else ""
    return str(engine._fail_state_field(state, name, "", data, scope.context))


def _parallel(scope: Scope, state: State, data: Json) -> Step:
    def attempt() -> Step:
        return states_branches.run_parallel(scope, state, data, run_machine), next_of(state)

    return with_retry_and_catch(scope, state, data, attempt)


def _map(scope: Scope, state: State, data: Json) -> Step:
    def attempt() -> Step:
        return states_branches.run_map(scope, state, data, run_machine), next_of(state)

    return with_retry_and_catch(scope, state, data, attempt)


_HANDLERS: dict[str, Callable[[Scope, State, Json], Step]] = {
    "Pass": _pass,
    "Task": _task,
    "Choice": _choice,
    "Wait": _wait,
    "Succeed": _succeed,
    "Fail": _fail,
    "Parallel": _parallel,
    "Map": _map,
}
