"""Which API operation an HTTP request is, by the services' own models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import botocore.session

# Names of ministack's router → names of botocore's models, for services whose operations are told apart by their path.
_PATH_MODELS = {"s3": "s3", "lambda": "lambda", "pipes": "pipes", "scheduler": "scheduler", "batch": "batch"}
Resolver = Callable[[str, str, Mapping[str, str], Mapping[str, list[str]]], str]
# Service → which operation a method, path, headers and query are: services of the local cloud's own enter themselves.
RESOLVERS: dict[str, Resolver] = {}


@dataclass(frozen=True)
class _Route:
    """What the request of one operation looks like; the one with most demands that are met is it."""

    operation: str
    path: re.Pattern[str]
    query: dict[str, str]
    headers: frozenset[str]

    @property
    def demands(self) -> int:
        return len(self.query) + len(self.headers)

    def fits(self, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]) -> bool:
        if not (self.query.keys() <= query.keys() and self.headers <= headers.keys()):
            return False
        has_values = all(value in ("", query[name][0]) for name, value in self.query.items())
        return bool(has_values and self.path.fullmatch(path))


def operation_of(
    service: str, method: str, path: str, headers: Mapping[str, str], query: Mapping[str, list[str]]
) -> str:
    """The operation's name, as in the API reference; method and path when no model knows the request.

    `query` includes the parameters of a form-encoded body.
    """
    if target := headers.get("x-amz-target", ""):
        return target.rpartition(".")[2]
    if action := query.get("Action"):
        return action[0]
    if service in RESOLVERS:
        return RESOLVERS[service](method, path, headers, query)
    if service in _PATH_MODELS:
        fitting = [route for route in _routes(service, method) if route.fits(path, query, headers)]
        if fitting:
            return max(fitting, key=lambda route: route.demands).operation
    return f"{method} {path}"


@cache
def _routes(service: str, method: str) -> list[_Route]:
    model = botocore.session.get_session().get_service_model(_PATH_MODELS[service])
    operations = (model.operation_model(name) for name in model.operation_names)
    return [_route(operation) for operation in operations if operation.http["method"] == method]


def _route(operation: Any) -> _Route:
    template, _, query = operation.http["requestUri"].partition("?")
    parts = re.split(r"(\{\w+\+?\})", template.rstrip("/"))
    pattern = "".join(_path_part(part) for part in parts)
    return _Route(
        operation.name,
        re.compile(f"{pattern}/?", re.DOTALL),
        dict(parse_qsl(query, keep_blank_values=True)) | dict.fromkeys(_required(operation, "querystring"), ""),
        frozenset(name.lower() for name in _required(operation, "header")),
    )


def _path_part(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    return "(?:.+)" if part.endswith("+}") else "[^/]+"


def _required(operation: Any, location: str) -> list[str]:
    """Names of what a request of the operation must have at a place: `header` or `querystring`."""
    shape = operation.input_shape
    required = shape.required_members if shape else []
    bindings = [shape.members[name].serialization for name in required]
    return [str(binding["name"]) for binding in bindings if binding.get("location") == location]
