"""Events on their way to the function of a route, if it lets API Gateway in."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

from ministack.core.concurrency import run_reentrant
from ministack.services import apigateway, lambda_svc

from local_cloud import function_policy
from local_cloud.websocket_api.place import Place

_SERVER_ERROR = 500
_BAD_GATEWAY = 502
_LONGEST_MILLISECONDS = 29_000  # "Integration timeout" of WebSocket APIs
NO_PERMISSION = "Execution failed due to configuration error: Invalid permissions on Lambda function"
TIMED_OUT = "Endpoint request timed out"


@dataclass(frozen=True)
class Result:
    """What the integration made of an event. `error` says why API Gateway has no answer of the function's."""

    status: int
    body: str = ""
    error: str = ""
    seconds: float = 0.0

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004


async def invoke(place: Place, route: dict[str, Any], event: dict[str, Any]) -> Result:
    """The result of a route's integration: AWS_PROXY is what our modules make, and all that is known here."""
    integration_id = str(route.get("target", "")).rpartition("/")[2]
    integration = apigateway._integrations.get(place.api_id, {}).get(integration_id)
    if not integration or integration["integrationType"] not in ("AWS_PROXY", "AWS"):
        return Result(_SERVER_ERROR, error=f"integration type of route {route['routeKey']} is not known here")
    function = apigateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
    if not function_policy.lets_in(function, "apigateway", place.arn(route["routeKey"])):
        return Result(_SERVER_ERROR, error=NO_PERMISSION)
    code, config, _ = lambda_svc._get_func_record_for_ref_in_scope(
        function, account_id=place.account, region=place.region
    )
    record = lambda_svc._execution_record_for_config(code, config)
    limit = min(integration.get("timeoutInMillis") or _LONGEST_MILLISECONDS, _LONGEST_MILLISECONDS) / 1000
    begun = time.monotonic()
    working = asyncio.ensure_future(
        run_reentrant(lambda_svc._execute_function_with_config_scope, record, event, thread_name="towpath-websocket")
    )
    await asyncio.wait({working}, timeout=limit)  # a function that takes longer goes on, but nobody waits for it
    seconds = time.monotonic() - begun
    return _result(working.result(), seconds) if working.done() else Result(504, error=TIMED_OUT, seconds=seconds)


def _result(outcome: dict[str, Any], seconds: float) -> Result:
    if outcome.get("error") or outcome.get("throttle"):
        return Result(_BAD_GATEWAY, error=json.dumps(outcome.get("body")), seconds=seconds)
    answer = outcome.get("body")
    if isinstance(answer, str | bytes):
        answer = json.loads(answer or "null")
    if not isinstance(answer, dict) or not str(answer.get("statusCode", "")).isdigit():
        return Result(_BAD_GATEWAY, error="Malformed Lambda proxy response", seconds=seconds)
    body = answer.get("body") or ""
    return Result(int(answer["statusCode"]), body if isinstance(body, str) else json.dumps(body), "", seconds)
