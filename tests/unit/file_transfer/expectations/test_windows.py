"""Windows of expectations: days, times and zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from file_transfer.expectations.windows import Expectation, read_expectations
from file_transfer.workflows import patterns
from file_transfer.workflows.announcements import expectation_problems, notification_problems
from file_transfer.workflows.definition import validate_definition
from shared import time_zones
from shared.errors import ValidationFailed
from tests.unit.given import definition


def expected(**changes: Any) -> Expectation:
    section = {"daily": {"from": "06:00", "by": "08:00", **changes}}
    (found,) = read_expectations("wf", "bank", section)
    return found


def starts(expectation: Expectation, after: str, until: str) -> list[str]:
    found = expectation.windows_between(datetime.fromisoformat(after), datetime.fromisoformat(until))
    return [window.start.isoformat() for window in found]


def test_a_window_a_day() -> None:
    found = starts(expected(), "2026-03-01T06:00:00+00:00", "2026-03-03T06:00:00+00:00")
    # The beginning is left out, since the round before had it, and the end is in.
    assert found == ["2026-03-02T06:00:00+00:00", "2026-03-03T06:00:00+00:00"]


def test_only_some_days() -> None:
    weekdays = expected(days=["MON", "TUE", "WED", "THU", "FRI"], **{"except": ["2026-03-03"]})
    found = starts(weekdays, "2026-02-28T00:00:00+00:00", "2026-03-04T23:00:00+00:00")
    assert found == ["2026-03-02T06:00:00+00:00", "2026-03-04T06:00:00+00:00"]


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    (window,) = expected(**{"from": "22:00", "by": "02:00", "days": ["FRI"]}).windows_between(
        datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 7, tzinfo=UTC)
    )
    assert (window.start.isoformat(), window.due.isoformat()) == (
        "2026-03-06T22:00:00+00:00",
        "2026-03-07T02:00:00+00:00",
    )
    assert window.missed - window.due == timedelta(hours=1)


def test_times_are_those_of_the_zone_summer_and_winter() -> None:
    vienna = expected(timeZone="Europe/Vienna", missedAfterMinutes=0)
    found = starts(vienna, "2026-03-28T00:00:00+00:00", "2026-03-29T23:00:00+00:00")
    assert found == ["2026-03-28T05:00:00+00:00", "2026-03-29T04:00:00+00:00"]


def test_a_day_that_begins_elsewhere() -> None:
    auckland = expected(timeZone="Pacific/Auckland", days=["MON"], **{"from": "00:30", "by": "01:00"})
    found = starts(auckland, "2026-03-07T00:00:00+00:00", "2026-03-09T00:00:00+00:00")
    assert found == ["2026-03-08T11:30:00+00:00"]


def test_a_window_that_the_clocks_swallow_is_over_as_it_begins() -> None:
    (window,) = expected(timeZone="Europe/Vienna", **{"from": "02:10", "by": "02:50"}).windows_between(
        datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC)
    )
    assert window.start <= window.due <= window.missed


def test_who_is_off_is_not_read() -> None:
    assert read_expectations("wf", "bank", {"daily": {"from": "06:00", "by": "08:00", "enabled": False}}) == ()


def test_a_zone_is_found_without_the_system_s_database(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a system without a database of time zones, as Lambda's is
    def missing(_name: str) -> None:
        raise time_zones.ZoneInfoNotFoundError

    monkeypatch.setattr(time_zones, "ZoneInfo", missing)
    time_zones.zone.cache_clear()
    try:
        # Then the one that comes with boto3 says the same
        moment = time_zones.local_moment(datetime(2026, 7, 1).date(), datetime(2026, 7, 1, 6).time(), "Europe/Vienna")
        assert moment == datetime(2026, 7, 1, 4, tzinfo=UTC)
        with pytest.raises(ValidationFailed):
            time_zones.zone("Nowhere/Land")
    finally:
        time_zones.zone.cache_clear()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"timeZone": "Europe/Wien"}, "$.expectations.daily.timeZone"),
        ({"count": {"min": 3, "max": 2}}, "$.expectations.daily.count"),
        ({"size": {"minBytes": 3, "maxBytes": 2}}, "$.expectations.daily.size"),
        ({"namePattern": "("}, "$.expectations.daily.namePattern"),
        ({"customerId": "other"}, "$.expectations.daily.customerId"),
    ],
)
def test_what_a_schema_cannot_say(changes: dict[str, Any], path: str) -> None:
    section = {"daily": {"from": "06:00", "by": "08:00", **changes}}
    assert [each.path for each in expectation_problems(section, "bank", patterns.check)] == [path]
    assert expectation_problems({"daily": {"from": "06:00", "by": "08:00"}}, "bank", patterns.check) == []


def test_somebody_s_files_are_expected() -> None:
    (problem,) = expectation_problems({"daily": {"from": "06:00", "by": "08:00"}}, "", patterns.check)
    assert problem.path == "$.expectations.daily.customerId"


def test_digests_have_zones_too() -> None:
    section = {"channels": {"a": {"digest": {"every": "DAY", "timeZone": "Mars/Base"}}, "b": {}}}
    assert [each.path for each in notification_problems(section)] == ["$.notifications.channels.a.digest.timeZone"]


def test_a_definition_is_judged_with_its_sections() -> None:
    # Given a definition with an expectation in an unknown zone, and one with a channel whose digest is
    expectations = {"daily": {"from": "06:00", "by": "08:00", "timeZone": "Mars/Base"}}
    channels = {
        "chat": {
            "type": "SLACK",
            "secretArn": "arn:aws:secretsmanager:us-east-1:111122223333:secret:x",
            "digest": {"every": "DAY", "timeZone": "Mars/Base"},
        }
    }
    found = validate_definition(definition(expectations=expectations, notifications={"channels": channels}))
    assert [each.path for each in found] == [
        "$.expectations.daily.timeZone",
        "$.notifications.channels.chat.digest.timeZone",
    ]
    assert validate_definition(definition(expectations={"daily": {"from": "06:00", "by": "08:00"}})) == []
