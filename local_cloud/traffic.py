"""The one place that every AWS API call passes: faults strike here, and the call is recorded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import get_account_id
from ministack.services import sts

from local_cloud.calls import capacity
from local_cloud.calls.operations import operation_of
from local_cloud.calls.recorder import Recorder
from local_cloud.faults import responses
from local_cloud.faults.rules import IN_FORCE, ON_CALLS, Occasion, Rule
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.app", "_dispatch_service_request", "17e5ef6dcfa0d4e6"),
    PatchedSymbol("ministack.app", "_routing_params", "00e89d22c926fdb4"),
    PatchedSymbol("ministack.core.iam_evaluator", "request_caller_arn", "12240eb881e7e316"),
    PatchedSymbol("ministack.core.iam_actions", "extract_resource_arn", "82f51700695c62fd"),
)
Headers = dict[str, str]
Query = dict[str, list[str]]
Response = tuple[int, Headers, Any]
RECORDER = Recorder()
_resolve_caller: Callable[[Headers, Query], str] = iam_evaluator.request_caller_arn


def install() -> None:
    """Wraps ministack's dispatcher of service requests."""
    dispatch: Callable[..., Awaitable[Response]] = app._dispatch_service_request

    async def observed(
        method: str, path: str, headers: Headers, body: bytes, query: Query, request_id: str
    ) -> Response:
        async def serve() -> Response:
            return await dispatch(method, path, headers, body, query, request_id)

        return await watched(identify(method, path, headers, body, query), headers, body, serve)

    app._dispatch_service_request = observed
    iam_evaluator.request_caller_arn = caller_of


async def watched(
    occasion: Occasion, headers: Headers, body: bytes, serve: Callable[[], Awaitable[Response]]
) -> Response:
    """Serves one call, unless a fault strikes it, and records it."""
    begun = time.time()
    meter = capacity.start()
    struck = IN_FORCE.decide(occasion, ON_CALLS)
    status, answer_headers, answer = await (strike(struck, occasion, headers, serve) if struck else serve())
    error = responses.error_code(status, answer_headers, answer)
    writes = reads = 0.0
    if occasion.service == "dynamodb":
        writes, reads = capacity.units(occasion.operation, body, error, meter)
    RECORDER.add(
        time=begun,
        service=occasion.service,
        operation=occasion.operation,
        principal=occasion.principal,
        resource=occasion.resource,
        status=status,
        error=error,
        injected=struck.id if struck else None,
        duration_ms=round((time.time() - begun) * 1000, 2),
        write_units=writes,
        read_units=reads,
    )
    return status, answer_headers, answer


def caller_of(headers: Headers, query: Query | None = None) -> str:
    """The ARN of who signed a request. Asked several times a request, so sessions are looked up and no more."""
    session = sts._sessions.get(router.extract_access_key_id(headers, query or {}))
    return str(session["Arn"]) if session else _resolve_caller(headers, query or {})


def identify(method: str, path: str, headers: Headers, body: bytes, query: Query) -> Occasion:
    """Who wants to do what to which resource."""
    parameters = app._routing_params(method, path, headers, body, query)
    service = router.detect_service(method, path, headers, parameters)
    region = router.extract_region(headers, query)
    resource = iam_actions.extract_resource_arn(
        service, method, path, headers, body, parameters, region, get_account_id()
    )
    principal = caller_of(headers, query)
    return Occasion(service, operation_of(service, method, path, headers, parameters), resource, principal)


async def strike(
    rule: Rule, occasion: Occasion, headers: Headers, serve: Callable[[], Awaitable[Response]]
) -> Response:
    """Answers a call as a rule wants it."""
    kind = rule.action["type"]
    if kind == "error":
        return responses.failed(occasion.service, headers, rule.action)
    if kind == "throttle":
        return responses.throttled(occasion.service, headers)
    if kind == "latency":
        await asyncio.sleep(rule.action["ms"] / 1000)
        return await serve()
    await serve()
    return responses.lost(occasion.service, headers)
