"""The protocol `rest-json`: operations by method and path, members in path, query, headers or a JSON body."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from local_cloud.aws_models.errors import ApiError
from local_cloud.aws_models.message import Answer, Message
from local_cloud.aws_models.values import from_json, structure_to_json, time_of, time_to_wire, to_json

ELSEWHERE = ("uri", "querystring", "header", "headers", "statusCode")
_LABEL = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True)
class _Route:
    method: str
    path: re.Pattern[str]
    fixed_parts: int
    operation: Any


class RestJson:
    """Requests and answers of one service."""

    def __init__(self, model: Any) -> None:
        self.model = model
        operations = (model.operation_model(name) for name in model.operation_names)
        # Where two paths fit, the one that says more of itself is meant.
        self._routes = sorted((_route(operation) for operation in operations), key=lambda route: -route.fixed_parts)

    def read(self, message: Message) -> tuple[Any, dict[str, Any]]:
        """The operation's model and its parameters. Raises ApiError for what is no request of this service."""
        for route in self._routes:
            labels = route.path.fullmatch(message.path) if route.method == message.method else None
            if labels:
                found = {name: unquote(value) for name, value in labels.groupdict().items()}
                return route.operation, _parameters(route.operation, message, found)
        raise ApiError("UnknownOperationException", f"no operation {message.method} {message.path}", 404)

    def write(self, operation: Any, values: dict[str, Any]) -> Answer:
        """The answer of an operation."""
        status, headers = int(operation.http.get("responseCode", HTTPStatus.OK)), {"Content-Type": "application/json"}
        shape = operation.output_shape
        if shape is None:
            return status, headers, b"" if status == HTTPStatus.NO_CONTENT else b"{}"
        outside = frozenset(name for name, member in shape.members.items() if _place(member) in ELSEWHERE)
        for name in outside & values.keys():
            member = shape.members[name]
            if _place(member) == "statusCode":
                status = int(values[name])
            else:
                headers[member.serialization["name"]] = _header_text(member, values[name])
        payload = shape.serialization.get("payload")
        if payload is None:
            return status, headers, json.dumps(structure_to_json(shape, values, outside)).encode()
        member = shape.members[payload]
        if member.type_name == "blob":
            return status, headers, values.get(payload, b"")
        return status, headers, json.dumps(to_json(member, values.get(payload) or {})).encode()

    def refuse(self, error: ApiError) -> Answer:
        """An error's answer; its type travels in a header, since errors may have a member `code` of their own."""
        headers = {"Content-Type": "application/json", "x-amzn-errortype": error.code}
        shape = next((each for each in self.model.error_shapes if each.name == error.code), None)
        body: dict[str, Any] = {"message": error.message}
        if shape is not None and "code" in shape.members:
            body["code"] = error.code
        for name, value in error.members.items():
            member = shape.members.get(name) if shape is not None else None
            if member is not None and _place(member) == "header":
                headers[member.serialization["name"]] = str(value)
            else:
                body[name] = value
        return error.status, headers, json.dumps(body).encode()


def _route(operation: Any) -> _Route:
    template = operation.http["requestUri"].partition("?")[0].rstrip("/") or "/"
    pattern, end = "", 0
    for label in _LABEL.finditer(template):
        # An ARN has slashes, and a server that decodes the path gives them as such.
        greedy = label[2] or label[1].lower().endswith("arn")
        pattern += f"{re.escape(template[end : label.start()])}(?P<{label[1]}>{'.+' if greedy else '[^/]+'})"
        end = label.end()
    pattern += re.escape(template[end:])
    fixed = sum(not part.startswith("{") for part in template.split("/"))
    return _Route(operation.http["method"], re.compile(f"{pattern}/?", re.DOTALL), fixed, operation)


def _place(member: Any) -> str | None:
    place: str | None = member.serialization.get("location")
    return place


def _parameters(operation: Any, message: Message, labels: dict[str, str]) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        return {}
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        wire = member.serialization.get("name", name)
        values = {
            "uri": [labels[wire]] if wire in labels else [],
            "querystring": message.query.get(wire, []),
            "header": [message.headers[wire.lower()]] if wire.lower() in message.headers else [],
        }.get(_place(member) or "", [])
        if _place(member) == "querystring" and member.type_name == "map":
            found[name] = {key: each[0] for key, each in message.query.items()}
        elif values:
            is_list = member.type_name == "list"
            found[name] = [_scalar(member.member, each) for each in values] if is_list else _scalar(member, values[0])
    return found | _body(shape, message.body)


def _scalar(shape: Any, text: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(text) if re.fullmatch(r"-?\d+", text) else text
    if shape.type_name == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    return time_of(text) if shape.type_name == "timestamp" else text


def _body(shape: Any, body: bytes) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload and shape.members[payload].type_name == "blob":
        return {payload: body}
    value = decoded(body)
    if payload:
        return {payload: from_json(shape.members[payload], value)} if body else {}
    outside = {name for name, member in shape.members.items() if _place(member) in ELSEWHERE}
    return {name: each for name, each in from_json(shape, value).items() if name not in outside}


def decoded(body: bytes) -> dict[str, Any]:
    """The object in a JSON body; empty for none. Raises ApiError SerializationException."""
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise ApiError("SerializationException", f"the body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ApiError("SerializationException", "the body must be a JSON object")
    return value


def _header_text(shape: Any, value: Any) -> str:
    if shape.type_name == "timestamp":
        return str(time_to_wire(value, shape.serialization.get("timestampFormat", "rfc822")))
    return str(value).lower() if isinstance(value, bool) else str(value)
