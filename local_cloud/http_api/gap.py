"""HTTP APIs at run time, as AWS serves them.

ministack routes requests and verifies tokens. It does not throttle, writes no access logs, invokes functions that let
nobody in, shows their errors to the caller, and does not say why a token was refused.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway

from local_cloud import function_policy
from local_cloud.http_api import access_log, authorizers
from local_cloud.http_api.exchange import CURRENT, Answer, Exchange, refuse
from local_cloud.http_api.throttling import Throttle
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.apigateway"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_handle_execute_in_scope", "aa60b8b0dfaafaa2"),
    PatchedSymbol(_MODULE, "_match_route", "c47ed1dc647ebadc"),
    PatchedSymbol(_MODULE, "_validate_jwt_authorizer", "b29aa12ec1dc5990"),
    PatchedSymbol(_MODULE, "_invoke_lambda_proxy", "fbe5024fcd36643f"),
    PatchedSymbol(_MODULE, "_extract_lambda_ref_from_integration_uri", "9454805a7592f641"),
    *authorizers.SYMBOLS,
    *function_policy.SYMBOLS,
)
_SERVER_ERROR = "Internal Server Error"
_UNAUTHORIZED = 401
_NOT_FOUND = 404
_LONGEST_MILLISECONDS = 30_000  # "Maximum integration timeout" of HTTP APIs
_FAILED_FUNCTION = 502
_NO_PERMISSION = (
    "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. "
    "Check the permissions and try again."
)
_THROTTLE = Throttle()
_execute, _match = apigateway._handle_execute_in_scope, apigateway._match_route
_validate, _invoke = apigateway._validate_jwt_authorizer, apigateway._invoke_lambda_proxy
_new_uuid = apigateway.new_uuid


def install() -> None:
    """Puts our steps in the place of ministack's, which they call."""
    apigateway._handle_execute_in_scope, apigateway._match_route = serve, match
    apigateway._validate_jwt_authorizer, apigateway._invoke_lambda_proxy = validate, invoke
    apigateway.new_uuid = request_id
    authorizers.install()


async def serve(api_id: str, stage: str, path: str, method: str, headers: Any, *more: Any) -> Answer:
    """One request from its route to its line in the access log."""
    exchange = Exchange()
    token = CURRENT.set(exchange)
    try:
        answer = await _throttled(exchange, api_id, stage, path, method, headers, *more)
    finally:
        CURRENT.reset(token)
    answer[1]["apigw-requestid"] = exchange.request_id
    _write_log(exchange, answer, api_id, stage, path, method, headers)
    return answer


def match(api_id: str, method: str, path: str) -> Any:
    """The route of a request, which the exchange keeps in mind."""
    route = _match(api_id, method, path)
    exchange = CURRENT.get()
    if exchange and route:
        exchange.route_key = route.get("routeKey")
    return route


async def validate(route: Any, authorizer: Any, headers: Any, query: Any) -> Any:
    """Claims, scopes and refusal of a token."""
    claims, scopes, refused = await _validate(route, authorizer, headers, query)
    exchange = CURRENT.get()
    if exchange:
        exchange.claims = claims or {}
    return claims, scopes, None if refused is None else _explained(refused, exchange)


async def invoke(integration: Any, api_id: str, stage: str, *more: Any, **named: Any) -> Any:
    """Invokes the function of a route, if it lets API Gateway in; its errors are nobody's business."""
    exchange = CURRENT.get() or Exchange()
    function = apigateway._extract_lambda_ref_from_integration_uri(integration.get("integrationUri", ""))
    source = _source(named, api_id, stage, exchange.route_key or "$default")
    if not function_policy.lets_in(function, "apigateway", source):
        exchange.integration_error = _NO_PERMISSION
        return refuse(500, _SERVER_ERROR)
    begun = time.monotonic()
    limit = (integration.get("timeoutInMillis") or _LONGEST_MILLISECONDS) / 1000
    working = asyncio.ensure_future(_invoke(integration, api_id, stage, *more, **named))
    await asyncio.wait({working}, timeout=limit)  # a function that takes longer goes on, but nobody waits for it
    exchange.integration_seconds = time.monotonic() - begun
    if not working.done():
        exchange.integration_error = "The integration took too long."
        return refuse(503, "Service Unavailable")
    answer, exchange.integration_status = working.result(), 200
    if answer[0] == _FAILED_FUNCTION:
        exchange.integration_error = answer[2].decode(errors="replace")
        return refuse(500, _SERVER_ERROR)
    return answer


def request_id() -> str:
    """Ids made while a request is served are that request's."""
    exchange = CURRENT.get()
    return exchange.request_id if exchange else _new_uuid()


async def _throttled(exchange: Exchange, api_id: str, stage: str, path: str, method: str, *more: Any) -> Answer:
    route = apigateway._match_route(api_id, method, "/" + path.lstrip("/"))
    settings = apigateway._stages.get(api_id, {}).get(stage) or {}
    if route and method != "OPTIONS" and not _THROTTLE.lets_in((api_id, stage, route["routeKey"]), settings):
        return refuse(429, "Too Many Requests")
    answer: Answer = await _execute(api_id, stage, path, method, *more)
    if exchange.problem is None and answer[0] == _NOT_FOUND and route is None:
        exchange.problem = "Not Found"
    return answer


def _write_log(
    exchange: Exchange, answer: Answer, api_id: str, stage: str, path: str, method: str, headers: Any
) -> None:
    settings = apigateway._stages.get(api_id, {}).get(stage) or {}
    sent = {str(name).lower(): value for name, value in (headers or {}).items()}
    host = str(sent.get("host", "")).split(":")[0]
    variables = exchange.variables(
        answer,
        accountId=get_account_id(),
        apiId=api_id,
        domainName=host,
        domainPrefix=host.split(".")[0],
        httpMethod=method,
        path=path,
        stage=stage,
        **{"identity.sourceIp": "127.0.0.1", "identity.userAgent": sent.get("user-agent")},
    )
    access_log.write(settings, variables)


def _source(named: dict[str, Any], api_id: str, stage: str, route_key: str) -> str:
    """The ARN that API Gateway invokes a function on behalf of: of the route, `*` for ANY, not of the request."""
    account, region = named.get("owner_account_id") or get_account_id(), named.get("owner_region") or get_region()
    method, _, path = route_key.partition(" ")
    route = f"{'*' if method == 'ANY' else method}{path}"
    return f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage}/{route}"


def _explained(refused: Answer, exchange: Exchange | None) -> Answer:
    """The refusal of a token, with the reason in `www-authenticate` and in the access log."""
    status, headers, body = refused
    if exchange:
        exchange.problem = "Unauthorized" if status == _UNAUTHORIZED else "Forbidden"
        exchange.authorizer_error = exchange.problem
    if status != _UNAUTHORIZED:
        return refused
    return status, {**headers, "www-authenticate": 'Bearer scope="" error="invalid_token"'}, body
