"""The body of a message: JSON that keeps to its schema, or the reason why nobody can act on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.schemas import problems

SHOWN_PROBLEMS = 5


class UnreadableMessage(Exception):
    """The body is of no known kind; the text says what is wrong and where."""


def json_object(body: object) -> dict[str, Any]:
    """The object that the body is or holds as text. Raises UnreadableMessage."""
    if isinstance(body, Mapping):
        return dict(body)
    try:
        message = json.loads(str(body), parse_float=Decimal)
        json.dumps(message, ensure_ascii=False, default=str).encode()
    except (ValueError, RecursionError) as error:
        raise UnreadableMessage(f"the body is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise UnreadableMessage(f"the body is a JSON {type(message).__name__}, not an object")
    return message


def check(schema: str, message: Mapping[str, Any]) -> None:
    """Raises UnreadableMessage with the path of the first bad fields."""
    found = problems(schema, message)
    if found:
        raise UnreadableMessage(f"not a valid {schema}: " + "; ".join(str(each) for each in found[:SHOWN_PROBLEMS]))
