"""Invoking the function straight over AWS credentials: IAM's lambda:InvokeFunction is the authorisation.

    {"towpath": {"method": "GET", "path": "/executions", "query": {}, "headers": {}, "body": {}, "principal": "arn:…"}}

An HTTP API puts what a client sends below `headers`, `body` and so on; only an invoker can set a member `towpath`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.api.answers import to_json
from shared.api.problems import ApiProblem, invalid
from shared.schemas import Problem

MEMBER = "towpath"
TEXTS = ("method", "path")
MAPS = ("query", "headers")


def is_direct(event: Mapping[str, Any]) -> bool:
    """True for such an event; an event of API Gateway has a requestContext."""
    return MEMBER in event and "requestContext" not in event


def as_http_event(event: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """(the same request as an event of an HTTP API, the principal's name). Raises ApiProblem 400."""
    asked = event[MEMBER]
    if not isinstance(asked, Mapping):
        raise _refused("$.towpath", "must be an object")
    for name in TEXTS:
        if not isinstance(asked.get(name), str):
            raise _refused(f"$.towpath.{name}", "must be a string")
    for name in MAPS:
        given = asked.get(name) or {}
        if not isinstance(given, Mapping) or not all(isinstance(each, str) for each in given.values()):
            raise _refused(f"$.towpath.{name}", "must be an object of strings")
    return _http_event(asked), asked.get("principal")


def _http_event(asked: Mapping[str, Any]) -> dict[str, Any]:
    body = asked.get("body")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": asked["path"],
        "rawQueryString": "",
        "headers": dict(asked.get("headers") or {}),
        "queryStringParameters": dict(asked.get("query") or {}),
        "requestContext": {"stage": "$default", "http": {"method": asked["method"].upper(), "path": asked["path"]}},
        "body": body if body is None or isinstance(body, str) else to_json(body),
        "isBase64Encoded": False,
    }


def _refused(path: str, message: str) -> ApiProblem:
    return invalid([Problem(path, message)])
