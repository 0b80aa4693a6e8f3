"""The history of an execution: the events that GetExecutionHistory and the log deliver."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ministack.core.responses import now_iso

_FAILURES = ("Failed", "TimedOut", "Aborted")
_ENDS = ("ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")


class History:
    """Collects events in `events`, in the shape of the API. Only what `wanted` says is kept (a log level)."""

    def __init__(
        self, events: list[dict[str, Any]], wanted: Callable[[str], bool], timestamp: Callable[[], str] = now_iso
    ) -> None:
        self.events = events
        self._wanted = wanted
        self._timestamp = timestamp
        self._adding = threading.Lock()
        self._count = len(events)

    def add(self, kind: str, details: Callable[[], dict[str, Any]] = dict) -> None:
        """Adds an event; `details` is only asked when the event is kept."""
        with self._adding:
            self._count += 1
            number = self._count
        if self._wanted(kind):
            event = {"id": number, "type": kind, "timestamp": self._timestamp(), "previousEventId": number - 1}
            made = details()
            self.events.append({**event, details_name(kind): made} if made else event)


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
