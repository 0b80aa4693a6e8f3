"""SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat for tasks with a token; activities stay ministack's."""

from __future__ import annotations

from typing import Any, cast

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions as engine

from local_cloud.engines.states_requests import Answer, Api
from local_cloud.engines.states_tokens import TOKENS, TokenRefused


def succeed(request: dict[str, Any]) -> Answer:
    """SendTaskSuccess."""
    return _answer(request, original_success, lambda token: TOKENS.succeed(token, request.get("output", "")))


def fail(request: dict[str, Any]) -> Answer:
    """SendTaskFailure."""
    error, cause = request.get("error") or "", request.get("cause") or ""
    return _answer(request, original_failure, lambda token: TOKENS.fail(token, error, cause))


def heartbeat(request: dict[str, Any]) -> Answer:
    """SendTaskHeartbeat."""
    return _answer(request, original_heartbeat, TOKENS.heartbeat)


def _answer(request: dict[str, Any], of_activities: Api, give: Any) -> Answer:
    token = str(request.get("taskToken", ""))
    if token in engine._task_tokens:
        return of_activities(request)
    try:
        give(token)
    except TokenRefused as refused:
        return cast(Answer, error_response_json(refused.code, refused.message, 400))
    return cast(Answer, json_response({}))


original_success = cast(Api, engine._send_task_success)
original_failure = cast(Api, engine._send_task_failure)
original_heartbeat = cast(Api, engine._send_task_heartbeat)
