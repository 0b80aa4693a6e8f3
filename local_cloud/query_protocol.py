"""The AWS Query protocol, server side: form parameters in, XML out, both by a service's own model.

Specification: the smithy.io protocol `aws.protocols#awsQuery`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape


def read_form(body: bytes) -> dict[str, str]:
    """The parameters of a form-encoded body; empty values are kept, for they mean an empty value."""
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def read_input(shape: Any, form: dict[str, str], name: str = "") -> Any:
    """The value of a botocore shape from the parameters named `name` and `name.…`; None when there are none."""
    if shape.type_name == "structure":
        members = {
            member: read_input(member_shape, form, f"{name}.{member}".lstrip("."))
            for member, member_shape in shape.members.items()
        }
        given = {member: value for member, value in members.items() if value is not None}
        return given if given or not name else None
    if shape.type_name == "list":
        return _read_list(shape, form, name)
    text = form.get(name)
    return None if text is None else _read_scalar(shape.type_name, text)


def _read_list(shape: Any, form: dict[str, str], name: str) -> list[Any] | None:
    items = name if shape.serialization.get("flattened") else f"{name}.member"
    found: list[Any] = []
    while (item := read_input(shape.member, form, f"{items}.{len(found) + 1}")) is not None:
        found.append(item)
    is_empty = form.get(name) == "" or form.get(items) == ""
    return found if found or is_empty else None


def _read_scalar(kind: str, text: str) -> Any:
    if kind in ("integer", "long"):
        return int(text)
    if kind in ("float", "double"):
        return float(text)
    if kind == "boolean":
        return text == "true"
    if kind == "timestamp":
        return datetime.fromisoformat(text).timestamp()
    return text


def write_response(action: str, shape: Any, value: Any, namespace: str, request_id: str) -> bytes:
    """The answer to a successful request."""
    result = f"<{action}Result>{write_value(shape, value)}</{action}Result>" if shape else ""
    metadata = f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>"
    return f'<{action}Response xmlns="{namespace}">{result}{metadata}</{action}Response>'.encode()


def write_error(code: str, message: str, namespace: str, request_id: str) -> bytes:
    """The answer to a refused request."""
    error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
    request = f"<RequestId>{request_id}</RequestId>"
    return f'<ErrorResponse xmlns="{namespace}">{error}{request}</ErrorResponse>'.encode()


def write_value(shape: Any, value: Any) -> str:
    """XML of a value, without its own element. Members that the shape does not have are left out."""
    if shape.type_name == "structure":
        given = ((name, member, value[name]) for name, member in shape.members.items() if value.get(name) is not None)
        return "".join(f"<{name}>{write_value(member, item)}</{name}>" for name, member, item in given)
    if shape.type_name == "list":
        return "".join(f"<member>{write_value(shape.member, item)}</member>" for item in value)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return escape(str(value))
