"""The OpenAPI 3.1 document of an API, made of its routes and schemas.

OpenAPI 3.1 takes JSON Schema 2020-12 as it is; the files' schemas become components, and `$ref`s between files become
`$ref`s between components.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any

from shared.api import problems
from shared.api.routes import JSON, Api, Parameter, Route
from shared.schemas import SUFFIX, load
from shared.schemas import problems as schema_problems

Document = dict[str, Any]

#: Members of a schema file that say what the file is, not what the value is.
FILE_MEMBERS = {"$schema", "$id", "$defs"}
COMPONENTS = "#/components/schemas/"
BASE_POINTER = re.compile(r"^(/\$defs/[^/]+)?(.*)$")
ALWAYS = (400, 401, 403, 429, 500, 503)
#: What API Gateway may answer by itself: without a token or a route, to too many requests, without the function.
FROM_GATEWAY = frozenset({401, 404, 413, 429, 500, 503})
GATEWAY_MESSAGE: dict[str, Any] = {
    "type": "object",
    "description": "An answer of API Gateway itself.",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}


def document(api: Api) -> Document:
    """The whole document. Raises ValueError where two schemas would get one name, FileNotFoundError without a file."""
    components = Components(api.problem.partition("#")[0])
    paths: Document = {}
    for route in api.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(api, route, components)
    told = {problems.MEDIA_TYPE: components.ref(api.problem)}
    responses = {
        "Problem": {"description": "See `code` and `errors`.", "content": told},
        "Refusal": {
            "description": "See `code`, or the message of API Gateway.",
            "content": {**told, JSON: {"schema": GATEWAY_MESSAGE}},
        },
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": api.title, "description": api.description, "version": api.version},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in dict.fromkeys(_tag(route) for route in api.routes)],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
            "responses": responses,
            "schemas": components.collected(),
        },
        "x-permissions": dict(api.permissions),
    }


class Components:
    """Schemas of files as components; definitions of `plain_file` keep their names, others are prefixed by the file."""

    def __init__(self, plain_file: str) -> None:
        self._plain_file = plain_file
        self._places: dict[str, tuple[str, str]] = {}
        self._schemas: Document = {}

    def ref(self, schema_name: str) -> Document:
        """A media type object that refers to the schema of that name."""
        return {"schema": {"$ref": self._ref(*_split(schema_name))}}

    def collected(self) -> Document:
        """Every schema that was referred to, directly or not, by name."""
        return dict(sorted(self._schemas.items()))

    def _ref(self, file: str, pointer: str) -> str:
        match = BASE_POINTER.match(pointer)
        base, rest = (match[1] or "", match[2]) if match else ("", pointer)
        name = self._name(file, base)
        if self._places.setdefault(name, (file, base)) != (file, base):
            raise ValueError(f"{file}#{base} and {'#'.join(self._places[name])} would both be the component {name}")
        if name not in self._schemas:
            self._schemas[name] = {}
            schema: Any = load(file)
            for part in base.split("/")[1:]:
                schema = schema[part]
            kept = {key: value for key, value in schema.items() if key not in FILE_MEMBERS}
            self._schemas[name] = self._rewritten(kept, file)
        return COMPONENTS + name + rest

    def _rewritten(self, value: Any, file: str) -> Any:
        if isinstance(value, list):
            return [self._rewritten(each, file) for each in value]
        if not isinstance(value, dict):
            return value
        rewritten = {key: self._rewritten(each, file) for key, each in value.items()}
        if isinstance(value.get("$ref"), str):
            other, pointer = _split(value["$ref"])
            rewritten["$ref"] = self._ref(other or file, pointer)
        return rewritten

    def _name(self, file: str, base: str) -> str:
        definition = base.rpartition("/")[2]
        prefix = "" if definition and file == self._plain_file else _pascal(file)
        return prefix + definition[:1].upper() + definition[1:]


def _operation(api: Api, route: Route, components: Components) -> Document:
    operation: Document = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Needs the permission {' or '.join(route.permissions)}.",
        "tags": [_tag(route)],
        "parameters": [*_path(api, route), *map(_query, route.query), *_headers(route)],
        "responses": _responses(route, components),
        "x-permissions": list(route.permissions),
    }
    if route.body:
        required = bool(schema_problems(route.body, {}))
        operation["requestBody"] = {"required": required, "content": {JSON: components.ref(route.body)}}
    return {key: value for key, value in operation.items() if value != []}


def _responses(route: Route, components: Components) -> Document:
    success: Document = {"description": HTTPStatus(route.success).phrase}
    if route.answer:
        success["content"] = {
            kind: components.ref(route.answer) if kind == JSON else {"schema": {"type": "string"}}
            for kind in route.media_types
        }
    statuses = {*ALWAYS, *route.refusals}
    statuses |= {404} if route.placeholders else set()
    statuses |= {413, 415} if route.body else set()
    statuses |= {428} if route.versioned else set()
    refusals = {
        str(each): {"$ref": f"#/components/responses/{'Refusal' if each in FROM_GATEWAY else 'Problem'}"}
        for each in sorted(statuses)
    }
    return {str(route.success): success, **refusals}


def _path(api: Api, route: Route) -> list[Document]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": f"^{api.path_patterns.get(name, '.+')}$"},
        }
        for name in route.placeholders
    ]


def _query(parameter: Parameter) -> Document:
    return {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "schema": parameter.schema(),
    }


def _headers(route: Route) -> list[Document]:
    found = []
    if route.versioned:
        found.append(_header("If-Match", 'The version that is changed, in quotes: `"3"`.', True, '^"[1-9][0-9]*"$'))
    if route.once:
        found.append(
            _header(
                "Idempotency-Key", "The same key has one effect, however often it is sent.", False, "^[!-~]{1,128}$"
            )
        )
    return found


def _header(name: str, description: str, required: bool, pattern: str) -> Document:
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "description": description, "required": required, "schema": schema}


def _tag(route: Route) -> str:
    return route.path.split("/")[1]


def _split(schema_name: str) -> tuple[str, str]:
    """`file.schema.json#/$defs/x`, with or without its URL, `file#/$defs/x` or `file` → (file, pointer)."""
    file, _, pointer = schema_name.partition("#")
    return file.rpartition("/")[2].removesuffix(SUFFIX), pointer


def _pascal(name: str) -> str:
    return "".join(part[:1].upper() + part[1:] for part in name.split("-"))
