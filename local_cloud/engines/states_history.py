"""The history of an execution: the events that GetExecutionHistory and the log deliver."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import now_iso

# "25,000 events in a single state machine execution event history"; Express executions have no such limit. The last
# one is the end: when it cannot be ExecutionSucceeded, the execution fails.
LIMIT = 25_000
# What event details say beside an `input` or `output`: here nothing is ever cut off.
WHOLE_INPUT = {"inputDetails": {"truncated": False}}
WHOLE_OUTPUT = {"outputDetails": {"truncated": False}}
_FAILURES = ("Failed", "TimedOut", "Aborted")
_ENDS = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")


class HistoryFull(Exception):
    """The execution has used up its history."""


class History:
    """Collects events in `events`, in the shape of the API. Only what `wanted` says is kept (a log level)."""

    def __init__(
        self,
        events: list[dict[str, Any]],
        wanted: Callable[[str], bool],
        timestamp: Callable[[], str] = now_iso,
        limit: int | None = None,
    ) -> None:
        self.events = events
        self._wanted = wanted
        self._timestamp = timestamp
        self._limit = limit
        self._adding = threading.Lock()
        self._count = len(events)

    def add(self, kind: str, details: Callable[[], dict[str, Any]] = dict) -> None:
        """Adds an event; `details` is only asked when the event is kept. Raises HistoryFull."""
        with self._adding:
            if self._limit is not None and self._count + 1 >= self._limit and not _is_end(kind):
                raise HistoryFull
            self._count += 1
            number = self._count
            if self._wanted(kind):
                self.events.append(self._event(number, kind, details()))

    def _event(self, number: int, kind: str, details: dict[str, Any]) -> dict[str, Any]:
        # The first state follows nothing, as does the start itself.
        before = 0 if number == 2 else number - 1  # noqa: PLR2004
        event = {"id": number, "type": kind, "timestamp": self._timestamp(), "previousEventId": before}
        return {**event, details_name(kind): details} if details else event


def _is_end(kind: str) -> bool:
    return kind in _ENDS or kind == "ExecutionSucceeded"


def details_name(kind: str) -> str:
    """The member of HistoryEvent that holds the details of an event of this type."""
    for ending in ("StateEntered", "StateExited"):
        if kind.endswith(ending):
            return f"s{ending[1:]}EventDetails"
    return f"{kind[0].lower()}{kind[1:]}EventDetails"


def wanted_at(level: str) -> Callable[[str], bool]:
    """Which event types a log level includes, as in "Log levels for Step Functions execution events"."""
    if level == "ALL":
        return lambda kind: True
    if level == "ERROR":
        return lambda kind: kind.endswith(_FAILURES) or kind == "FailStateEntered"
    if level == "FATAL":
        return lambda kind: kind in _ENDS
    return lambda kind: False
