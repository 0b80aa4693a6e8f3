"""Creating and changing state machines: definitions are checked, and every setting is kept."""

from __future__ import annotations

import copy
import json
from typing import Any, cast

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions as engine

from local_cloud.engines import states_definition
from local_cloud.engines.states_requests import Answer, Api

_NO_TRACING = {"enabled": False}
original_create = cast(Api, engine._create_state_machine)
original_update = cast(Api, engine._update_state_machine)
original_describe = cast(Api, engine._describe_state_machine)


def create(request: dict[str, Any]) -> Answer:
    """CreateStateMachine."""
    refused = _refuse(request.get("definition"), request.get("type") == "EXPRESS")
    if refused:
        return refused
    answer = original_create(request)
    return _keep_tracing(answer, request, json.loads(answer[2]).get("stateMachineArn"))


def update(request: dict[str, Any]) -> Answer:
    """UpdateStateMachine."""
    arn = request.get("stateMachineArn", "")
    machine = engine._state_machines.get(arn) or {}
    refused = _refuse(request.get("definition"), machine.get("type") == "EXPRESS")
    return refused or _keep_tracing(original_update(request), request, arn)


def describe(request: dict[str, Any]) -> Answer:
    """DescribeStateMachine: always tells about tracing, as AWS does."""
    answer = original_describe(request)
    body = json.loads(answer[2])
    if answer[0] != 200 or "tracingConfiguration" in body:  # noqa: PLR2004
        return answer
    base = engine._state_machines.get(engine._resolve_state_machine_arn(request["stateMachineArn"])) or {}
    tracing = base.get("tracingConfiguration", _NO_TRACING)
    return cast(Answer, json_response({**body, "tracingConfiguration": tracing}))


def validate(request: dict[str, Any]) -> Answer:
    """ValidateStateMachineDefinition."""
    found = states_definition.diagnose(request.get("definition", ""), request.get("type") == "EXPRESS")
    limit = request.get("maxResults") or 100
    shown = {"diagnostics": found[:limit], "truncated": len(found) > limit}
    return cast(Answer, json_response({"result": "FAIL" if found else "OK", **shown}))


def _refuse(definition: str | None, express: bool) -> Answer | None:
    found = [] if definition is None else states_definition.diagnose(definition, express)
    if not found:
        return None
    return cast(Answer, error_response_json("InvalidDefinition", states_definition.message(found), 400))


def _keep_tracing(answer: Answer, request: dict[str, Any], arn: str | None) -> Answer:
    if "tracingConfiguration" in request and arn in engine._state_machines:
        engine._state_machines[arn]["tracingConfiguration"] = copy.deepcopy(request["tracingConfiguration"])
    return answer
