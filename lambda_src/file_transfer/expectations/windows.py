"""Expectations as definitions give them, and the windows they make. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from shared.clock import stamp
from shared.time_zones import DAYS, local_day, local_moment, next_day

DELIVERED, ARRIVED = "DELIVERED", "ARRIVED"
MISSED_AFTER_MINUTES = 60


@dataclass(frozen=True)
class Window:
    """From when files count, when they are due, and when they are missed: moments in UTC."""

    start: datetime
    due: datetime
    missed: datetime


@dataclass(frozen=True)
class Expectation:
    """What a workflow expects; schemas/workflow-expectations.schema.json has the form it is made of."""

    workflow_id: str
    id: str
    customer_id: str
    opens: time
    due: time
    time_zone: str = "UTC"
    days: tuple[str, ...] = DAYS
    skipped: tuple[str, ...] = ()
    missed_after: timedelta = timedelta(minutes=MISSED_AFTER_MINUTES)
    name_pattern: str = ""
    counts: str = DELIVERED
    min_count: int = 1
    max_count: int | None = None
    min_bytes: int | None = None
    max_bytes: int | None = None

    def window_of(self, day: date) -> Window:
        """The window that begins on a day."""
        start = local_moment(day, self.opens, self.time_zone)
        due = local_moment(day if self.due > self.opens else next_day(day), self.due, self.time_zone)
        # A clock change may swallow the whole window: then it is over as it begins.
        due = max(start, due)
        return Window(start, due, due + self.missed_after)

    def windows_between(self, after: datetime, until: datetime) -> Iterator[Window]:
        """Windows that begin after the one moment and not after the other, in order."""
        day, last = local_day(after, self.time_zone), local_day(until, self.time_zone)
        while day <= last:
            if DAYS[day.weekday()] in self.days and day.isoformat() not in self.skipped:
                window = self.window_of(day)
                if after < window.start <= until:
                    yield window
            day = next_day(day)

    def criteria(self) -> dict[str, Any]:
        """What a window is judged by, kept with it: a definition that changes does not change it."""
        found = {
            "counts": self.counts,
            "minCount": self.min_count,
            "maxCount": self.max_count,
            "minBytes": self.min_bytes,
            "maxBytes": self.max_bytes,
            "namePattern": self.name_pattern or None,
        }
        return {name: value for name, value in found.items() if value is not None}


def read_expectations(workflow_id: str, customer_id: str, section: Mapping[str, Any]) -> tuple[Expectation, ...]:
    """The enabled expectations of a definition's section `expectations`, which is valid by its schema."""
    return tuple(
        _expectation(workflow_id, own_id, each.get("customerId", customer_id), each)
        for own_id, each in sorted(section.items())
        if each.get("enabled", True)
    )


def _expectation(workflow_id: str, own_id: str, customer_id: str, each: Mapping[str, Any]) -> Expectation:
    count, size = each.get("count", {}), each.get("size", {})
    return Expectation(
        workflow_id=workflow_id,
        id=own_id,
        customer_id=customer_id,
        opens=time.fromisoformat(each["from"]),
        due=time.fromisoformat(each["by"]),
        time_zone=each.get("timeZone", "UTC"),
        days=tuple(each.get("days", DAYS)),
        skipped=tuple(each.get("except", ())),
        missed_after=timedelta(minutes=each.get("missedAfterMinutes", MISSED_AFTER_MINUTES)),
        name_pattern=each.get("namePattern", ""),
        counts=each.get("counts", DELIVERED),
        min_count=count.get("min", 1),
        max_count=count.get("max"),
        min_bytes=size.get("minBytes"),
        max_bytes=size.get("maxBytes"),
    )


def new_item(expectation: Expectation, window: Window, now: datetime, retention_days: int) -> dict[str, Any]:
    """The record of a window as it opens."""
    return {
        "PK": partition(expectation.workflow_id, expectation.id),
        "SK": f"WINDOW#{stamp(window.start)}",
        "workflowId": expectation.workflow_id,
        "expectationId": expectation.id,
        "customerId": expectation.customer_id,
        "status": "OPEN",
        "startAt": stamp(window.start),
        "dueAt": stamp(window.due),
        "missedAt": stamp(window.missed),
        "timeZone": expectation.time_zone,
        "criteria": expectation.criteria(),
        "found": {"count": 0, "bytes": 0, "unfit": 0, "files": []},
        "revision": 1,
        "timestamp": stamp(now),
        "expiresAt": int((window.missed + timedelta(days=retention_days)).timestamp()),
    }


def partition(workflow_id: str, expectation_id: str) -> str:
    """Partition of the windows of an expectation."""
    return f"EXPECTATION#{workflow_id}#{expectation_id}"
