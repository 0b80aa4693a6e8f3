"""Between the JSON of a body and the values that boto3 has, by shape.

What does not fit its shape is passed on as it is, so that the check of the request can name it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any


def from_json(shape: Any, value: Any) -> Any:
    """The value that boto3 has for a JSON value. Members that the shape does not know keep their name."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        return {
            names.get(wire, wire): from_json(shape.members[names[wire]], each) if wire in names else each
            for wire, each in value.items()
            if each is not None
        }
    if kind == "list" and isinstance(value, list):
        return [from_json(shape.member, each) for each in value]
    if kind == "map" and isinstance(value, dict):
        return {key: from_json(shape.value, each) for key, each in value.items()}
    if kind == "blob" and isinstance(value, str):
        return _blob(value)
    if kind == "timestamp":
        return time_of(value)
    return value


def _blob(text: str) -> bytes | str:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return text


def time_of(value: Any) -> Any:
    """The time in a number of seconds or an ISO 8601 text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, UTC)
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return value


def to_json(shape: Any, value: Any) -> Any:
    """The JSON value for what boto3 has; members without a value are left out."""
    kind = shape.type_name
    if kind == "structure":
        return structure_to_json(shape, value)
    if kind == "list":
        return [to_json(shape.member, each) for each in value]
    if kind == "map":
        return {key: to_json(shape.value, each) for key, each in value.items()}
    if kind == "blob":
        return base64.b64encode(value).decode()
    if kind == "timestamp":
        return time_to_wire(value, shape.serialization.get("timestampFormat", "unixTimestamp"))
    return value


def structure_to_json(shape: Any, value: Mapping[str, Any], leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The same for a structure, without the members that travel elsewhere."""
    return {
        member.serialization.get("name", name): to_json(member, value[name])
        for name, member in shape.members.items()
        if name not in leave_out and value.get(name) is not None
    }


def time_to_wire(value: datetime, form: str) -> Any:
    """A time as `unixTimestamp`, `iso8601` or `rfc822`."""
    if form == "iso8601":
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if form == "rfc822":
        return format_datetime(value.astimezone(UTC), usegmt=True)
    seconds = value.timestamp()
    return int(seconds) if seconds == int(seconds) else seconds
