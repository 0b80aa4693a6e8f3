"""Digests are due when people there expect them, also when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from file_transfer.notifications.digest_times import DigestPlan
from shared.errors import ValidationFailed


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("plan", "now", "due"),
    [
        ({"every": "HOUR"}, utc(2026, 3, 1, 10, 0), utc(2026, 3, 1, 11)),
        ({"every": "HOUR"}, utc(2026, 3, 1, 23, 59, 59), utc(2026, 3, 2)),
        ({"every": "DAY"}, utc(2026, 3, 1, 7, 59), utc(2026, 3, 1, 8)),
        ({"every": "DAY"}, utc(2026, 3, 1, 8), utc(2026, 3, 2, 8)),
        ({"every": "DAY", "timeZone": "Europe/Vienna"}, utc(2026, 1, 5, 6), utc(2026, 1, 5, 7)),
        ({"every": "DAY", "timeZone": "Europe/Vienna"}, utc(2026, 7, 5, 5), utc(2026, 7, 5, 6)),
        # In New York it is still the day before, and in Auckland the day after.
        ({"every": "DAY", "at": "23:00", "timeZone": "America/New_York"}, utc(2026, 1, 6, 3), utc(2026, 1, 6, 4)),
        ({"every": "DAY", "at": "01:00", "timeZone": "Pacific/Auckland"}, utc(2026, 1, 5, 11), utc(2026, 1, 5, 12)),
        # Half past two does not exist on the day when summer time begins, and comes twice when it ends.
        ({"every": "DAY", "at": "02:30", "timeZone": "Europe/Vienna"}, utc(2026, 3, 29), utc(2026, 3, 29, 1, 30)),
        ({"every": "DAY", "at": "02:30", "timeZone": "Europe/Vienna"}, utc(2026, 10, 25), utc(2026, 10, 25, 0, 30)),
        ({"every": "WEEK", "day": "SUN", "at": "12:00"}, utc(2026, 3, 1, 12), utc(2026, 3, 8, 12)),
        ({"every": "WEEK"}, utc(2026, 3, 1, 12), utc(2026, 3, 2, 8)),
    ],
)
def test_the_next_digest(plan: dict[str, str], now: datetime, due: datetime) -> None:
    assert DigestPlan.read(plan).next_due(now) == due


def test_a_zone_that_nobody_knows() -> None:
    with pytest.raises(ValidationFailed, match="Europe/Wien"):
        DigestPlan.read({"every": "DAY", "timeZone": "Europe/Wien"}).next_due(utc(2026, 1, 1))
