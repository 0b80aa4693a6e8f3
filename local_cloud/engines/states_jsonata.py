"""JSONata as Step Functions evaluates it.

The engine is `jsonata-python`; ministack adds the functions that Step Functions adds. Here: the `$states` variable
holds only what exists at that point, `$eval` is refused, `undefined` is an error while `null` is a value, and whole
numbers are written without a fraction. Documented under "Transforming data with JSONata in Step Functions".
"""

from __future__ import annotations

import json
from typing import Any

import jsonata
from jsonata.utils import Utils
from ministack.services import stepfunctions

from local_cloud.engines.states_errors import ExecutionError, Json
from local_cloud.engines.states_model import Scope, State

_TIMEOUT_MILLISECONDS = 1000
_NULL = Utils.NULL_VALUE
_LARGEST_EXACT = 2**53
_JSON_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def template(scope: Scope, value: Json, data: Json, **states: Json) -> Json:
    """`value` with every `{% … %}` in it evaluated. `states` may add `result` or `errorOutput` to `$states`."""
    if isinstance(value, str):
        text = expression(value)
        return value if text is None else evaluate(scope, text, data, **states)
    if isinstance(value, dict):
        return {name: template(scope, entry, data, **states) for name, entry in value.items()}
    if isinstance(value, list):
        return [template(scope, entry, data, **states) for entry in value]
    return value


def expression(text: str) -> str | None:
    """The expression inside `{% … %}`, or None when the text is just text."""
    return text[2:-2].strip() if text.startswith("{%") and text.endswith("%}") else None


def field(scope: Scope, state: State, name: str, wanted: str, data: Json) -> Json:
    """A field of a state that may be an expression; its value has to be of the JSON type `wanted`."""
    value = template(scope, state[name], data)
    found = "null" if value is None else _JSON_TYPES[type(value)]
    if found != wanted:
        raise ExecutionError(
            "States.QueryEvaluationError",
            f"The JSONata expression specified for the field '{name}' returned an unexpected result type. "
            f"Expected '{wanted}', but was '{found}' for value: {json.dumps(value)}",
        )
    return value


def evaluate(scope: Scope, text: str, data: Json, **states: Json) -> Json:
    """The value of one expression. Raises States.QueryEvaluationError, AWS's one name for every failure."""
    bindings = {name: _NULL if value is None else value for name, value in scope.variables.items()}
    bindings["states"] = {"input": data, "context": scope.context, **states}
    try:
        engine = parse(text)
        stepfunctions._register_sfn_jsonata_functions(engine)
        engine.register_lambda("parse", _parse_json)
        engine.register_lambda("eval", _refuse_eval)
        engine.set_output_convert_nulls(False)
        value = engine.evaluate(None, bindings)
    except ExecutionError:
        raise
    except RecursionError:
        raise ExecutionError("States.QueryEvaluationError", f"Stack overflow in expression: {text}") from None
    except Exception as error:
        code = getattr(error, "error", None)
        raise ExecutionError("States.QueryEvaluationError", f"{code}: {error}" if code else str(error)) from error
    if value is None:
        raise ExecutionError(
            "States.QueryEvaluationError", f"The JSONata expression '{text}' returned nothing (undefined)."
        )
    return _plain(value)


def parse(text: str) -> Any:
    """The compiled expression. Raises whatever the engine raises when it is not JSONata."""
    return jsonata.Jsonata.jsonata(text, timeout=_TIMEOUT_MILLISECONDS)


def _parse_json(text: str) -> Json:
    value = json.loads(text)
    return _NULL if value is None else value


def _refuse_eval(*_: Json) -> Json:
    raise ValueError("$eval is not supported in Step Functions; use $parse for JSON text")


def _plain(value: Json) -> Json:
    """The value as JSON: no engine types, whole numbers as integers."""
    if value is _NULL or value is None:
        return None
    if isinstance(value, bool | str | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _LARGEST_EXACT else value
    if isinstance(value, dict):
        return {name: _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(entry) for entry in value]
    raise ExecutionError("States.QueryEvaluationError", "The JSONata expression returned a function.")
