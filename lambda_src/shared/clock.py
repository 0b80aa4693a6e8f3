"""Time as the tables hold it: aware UTC, fixed width, microseconds, so that text order is time order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Clock = Callable[[], datetime]

FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def utc_now() -> datetime:
    """The present moment, aware."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """`2026-01-02T03:04:05.678901Z`. Raises ValueError for a naive datetime, whose zone nobody knows."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place in a record")
    return moment.astimezone(UTC).strftime(FORMAT)


def parse(text: str) -> datetime:
    """An aware UTC datetime from any ISO 8601 text with a zone. Raises ValueError otherwise."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)


def seconds_left(context: Any) -> Callable[[], float]:
    """How long a Lambda invocation still has, asked whenever something long is about to begin."""
    return lambda: float(context.get_remaining_time_in_millis() / 1000)
