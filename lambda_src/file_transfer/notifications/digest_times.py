"""When a digest is due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from shared.time_zones import DAYS, local_moment, zone

HOUR, DAY, WEEK = "HOUR", "DAY", "WEEK"


@dataclass(frozen=True)
class DigestPlan:
    """What is gathered is sent each full hour, each day at a time, or each week on a day at a time."""

    every: str
    at: str = "08:00"
    day: str = "MON"
    time_zone: str = "UTC"

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> DigestPlan:
        """Of a channel's member `digest`, which is valid by its schema."""
        plain = cls(value["every"])
        return cls(
            value["every"],
            value.get("at", plain.at),
            value.get("day", plain.day),
            value.get("timeZone", plain.time_zone),
        )

    def next_due(self, now: datetime) -> datetime:
        """The first moment after `now`, aware UTC. Raises ValidationFailed for a zone that nobody knows."""
        if self.every == HOUR:
            return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        today = now.astimezone(zone(self.time_zone)).date()
        at = time.fromisoformat(self.at)
        for days in range(9):
            day = today + timedelta(days=days)
            due = local_moment(day, at, self.time_zone)
            if due > now and (self.every == DAY or DAYS[day.weekday()] == self.day):
                return due
        raise AssertionError("a week has seven days")
