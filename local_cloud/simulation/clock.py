"""Time as the simulator sees it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

Stamp = str
"""A time as it is kept in the state: `2026-01-02T03:04:05.678901Z`, so that text order is time order."""


class Clock(Protocol):
    """Where the simulator asks for the time."""

    def now(self) -> datetime:
        """The present, aware UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """The present, aware UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until somebody moves it: for tests and for runs in virtual time."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def now(self) -> datetime:
        """Where the hands stand."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Moves forward; a moment that has passed changes nothing."""
        self._now = max(self._now, moment)

    def move(self, seconds: float) -> None:
        """Moves forward by so many seconds."""
        self._now += timedelta(seconds=seconds)


def stamp(moment: datetime) -> Stamp:
    """The text form of an aware time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """The time in an ISO 8601 text, `Z` or an offset; a text without either counts as UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def later(at: Stamp, seconds: float) -> Stamp:
    """So many seconds after a stamp."""
    return stamp(moment(at) + timedelta(seconds=seconds))
