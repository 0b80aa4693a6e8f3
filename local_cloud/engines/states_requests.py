"""What the calls that start and read executions have in common: checks of requests, and answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, cast

from ministack.core.responses import error_response_json, json_response

from local_cloud.engines import states_targets
from local_cloud.engines.states_model import PAYLOAD_LIMIT
from local_cloud.engines.states_targets import Target

_NAME = re.compile(r"[^\s\x00-\x1f\x7f<>{}\[\]?*\"#%\\^|~`$&,;:/]{1,80}")
Answer = tuple[int, dict[str, str], bytes]
Api = Callable[[dict[str, Any]], Answer]


def answer(body: dict[str, Any]) -> Answer:
    return cast(Answer, json_response(body))


def error(code: str, message: str) -> Answer:
    return cast(Answer, error_response_json(code, message, 400))


def refuse_start(request: dict[str, Any], target: Target | None) -> Answer | None:
    """The error for a StartExecution or StartSyncExecution that cannot be carried out, or None."""
    if target is None:
        return no_machine(request)
    text, name = request.get("input", "{}"), request.get("name")
    if name is not None and not _NAME.fullmatch(name):
        return error("InvalidName", f"Invalid Name: '{name}'")
    if len(text.encode()) > PAYLOAD_LIMIT:
        constraint = f"Member must have length less than or equal to {PAYLOAD_LIMIT}"
        return error("ValidationException", f"Value at 'input' failed to satisfy constraint: {constraint}")
    if _not_json(text):
        return error("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{text[:200]}'")
    return None


def _not_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def no_machine(request: dict[str, Any]) -> Answer:
    return error("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{request.get('stateMachineArn')}'")


def unsupported() -> Answer:
    return error("StateMachineTypeNotSupported", "This operation is not supported by this type of state machine")


def about_standard(ask: Api) -> Api:
    """Wraps a call that asks for stored executions: there are none of Express, and what is not known is left out."""

    def asked(request: dict[str, Any]) -> Answer:
        if ":express:" in str(request.get("executionArn", "")):
            return error("InvalidArn", "Invalid Arn: 'Resource type not valid in this context: express'")
        machine = states_targets.find(request.get("stateMachineArn", ""))
        if machine is not None and machine.express:
            return unsupported()
        status, headers, body = ask(request)
        return (status, headers, json.dumps(_known(json.loads(body))).encode())

    return asked


def _known(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _known(entry) for name, entry in value.items() if entry is not None}
    return [_known(entry) for entry in value] if isinstance(value, list) else value
