"""How data flows through a state, in both query languages.

JSONata: `Arguments`, `Output`, `Assign`. JSONPath: `InputPath`, `Parameters`, `ResultSelector`, `ResultPath`,
`OutputPath`, for which ministack's functions are used.
"""

from __future__ import annotations

from typing import Any

from ministack.services import stepfunctions as engine

from local_cloud.engines import states_jsonata
from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_model import Scope, State


def is_jsonata(scope: Scope, state: State) -> bool:
    return scope.language_of(state) == "JSONata"


def arguments(scope: Scope, state: State, data: Json) -> Json:
    """What a Task sends to its resource, or a Parallel to its branches."""
    if is_jsonata(scope, state):
        return states_jsonata.template(scope, state["Arguments"], data) if "Arguments" in state else data
    return engine._apply_parameters(state, engine._apply_input_path(state, data, scope.context), scope.context)


def output(scope: Scope, state: State, data: Json, result: Json) -> Json:
    """The state's output, made of its input and the result of its work; variables are assigned on the way."""
    if is_jsonata(scope, state):
        return output_and_assign(scope, state, data, result, result=result)
    selected = engine._apply_result_selector(state, result)
    return engine._apply_output_path(state, engine._apply_result_path(state, data, selected), scope.context)


def output_and_assign(scope: Scope, part: State, data: Json, default: Json, **states: Json) -> Json:
    """`Output` and `Assign` of a JSONata state, choice rule or catcher.

    Both are evaluated with the variables as they were before: "Assign" takes effect in the next state.
    """
    made = states_jsonata.template(scope, part["Output"], data, **states) if "Output" in part else default
    assigned = states_jsonata.template(scope, part.get("Assign", {}), data, **states)
    scope.variables.update(assigned)
    return made


def caught(scope: Scope, state: State, catcher: State, data: Json, error: ExecutionError) -> Json:
    """What the state that handles an error gets."""
    described = {"Error": error.error, "Cause": error.cause}
    if is_jsonata(scope, state):
        return output_and_assign(scope, catcher, data, described, errorOutput=described)
    return engine._apply_result_path_raw(catcher.get("ResultPath", "$"), data, described)


def number(scope: Scope, state: State, name: str, data: Json) -> float | None:
    """A number that a state gives as a literal, an expression or a path; None when it gives none."""
    if name in state:
        if is_jsonata(scope, state):
            return float(states_jsonata.field(scope, state, name, "number", data))
        return float(state[name])
    if f"{name}Path" in state:
        value: Any = engine._resolve_path_or_ctx(state[f"{name}Path"], data, scope.context)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ExecutionError("States.Runtime", f"The value of {name}Path is not a number: {value!r}")
        return float(value)
    return None
