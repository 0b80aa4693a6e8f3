"""What an endpoint answers, and its JSON: numbers of DynamoDB come back as the numbers that went in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.api.routes import JSON


@dataclass(frozen=True)
class Answer:
    """`body` is JSON, or text where `media_type` is something else. `version` becomes the ETag."""

    body: Any = None
    status: int = 200
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    version: int | None = None

    def text(self) -> str:
        """The body as it is sent."""
        if self.body is None:
            return ""
        return self.body if isinstance(self.body, str) and self.media_type != JSON else to_json(self.body)


def created(body: Mapping[str, Any], location: str, version: int | None = None) -> Answer:
    """201 with the place of the new thing."""
    return Answer(body, 201, headers={"location": location}, version=version)


def to_json(value: Any) -> str:
    """Compact JSON. Raises TypeError for what JSON cannot hold."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False, default=_number)


def _number(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
