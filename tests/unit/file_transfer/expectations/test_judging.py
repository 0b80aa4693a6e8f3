"""What becomes of a window, by files and time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from file_transfer.expectations.arrivals import File
from file_transfer.expectations.judging import incident_payload, judge
from file_transfer.expectations.windows import Expectation, new_item, read_expectations
from file_transfer.workflows import patterns
from shared.clock import stamp
from shared.schemas import problems

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
GRACE = timedelta(minutes=2)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def window(**changes: Any) -> dict[str, Any]:
    """Due after two hours, missed after three."""
    (expectation,) = read_expectations("wf", "bank", {"daily": {"from": "06:00", "by": "08:00", **changes}})
    found: Expectation = expectation
    return new_item(found, found.window_of(START.date()), START, 400)


def came(minutes: float, name: str = "a.csv", size: int = 10, customer: str = "bank") -> File:
    return File(name, customer, size, stamp(at(minutes)), stamp(at(minutes)))


def status(item: dict[str, Any], files: list[File], minutes: float) -> str:
    return str(judge(item, files, at(minutes), GRACE, patterns.matches)["status"])


def test_a_window_is_met_as_soon_as_enough_is_there() -> None:
    item = window(count={"min": 2})
    assert status(item, [], 30) == "OPEN"
    assert status(item, [came(10)], 30) == "OPEN"
    assert status(item, [came(10), came(20)], 30) == "MET"


def test_late_begins_after_the_grace_and_ends_missed_or_met_late() -> None:
    item = window()
    assert status(item, [], 121) == "OPEN"
    assert status(item, [], 122) == "LATE"
    late = judge(item, [], at(122), GRACE, patterns.matches)
    assert late["announce"] == "LATE"
    assert status(late, [came(150)], 151) == "MET_LATE"
    assert status(late, [], 181) == "LATE"
    assert status(late, [], 182) == "MISSED"
    assert status(late, [came(190)], 191) == "MISSED"


def test_a_break_of_the_rounds_does_not_change_what_happened() -> None:
    assert status(window(), [came(100)], 5000) == "MET"
    assert status(window(), [came(150)], 5000) == "MET_LATE"
    assert status(window(), [came(200)], 5000) == "MISSED"
    assert status(window(missedAfterMinutes=0), [], 122) == "MISSED"


def test_with_a_maximum_it_is_known_at_the_end() -> None:
    item = window(count={"min": 1, "max": 2})
    assert status(item, [came(1)], 30) == "OPEN"
    assert status(item, [came(1), came(2)], 122) == "MET"
    assert status(item, [came(1), came(2), came(3)], 30) == "EXCEEDED"


@pytest.mark.parametrize(
    ("file", "unfit"),
    [
        (came(1, size=4), 1),
        (came(1, size=21), 1),
        (came(1, name="a.txt"), 0),
        (came(1, customer="other"), 0),
    ],
)
def test_what_does_not_count(file: File, unfit: int) -> None:
    item = window(namePattern=r"\.csv$", size={"minBytes": 5, "maxBytes": 20})
    judged = judge(item, [file], at(30), GRACE, patterns.matches)
    assert (judged["status"], judged["found"]["count"], judged["found"]["unfit"]) == ("OPEN", 0, unfit)


def test_nothing_new_is_nothing_to_write() -> None:
    item = window()
    assert judge(item, [], at(30), GRACE, patterns.matches) == item


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: judge(window(), [], at(130), GRACE, patterns.matches), "LATE"),
        (lambda: judge(window(), [], at(999), GRACE, patterns.matches), "MISSED"),
        (lambda: judge(window(), [came(130)], at(999), GRACE, patterns.matches), "MET_LATE"),
        (lambda: judge(window(count={"max": 1}), [came(1), came(2)], at(9), GRACE, patterns.matches), "EXCEEDED"),
    ],
)
def test_an_incident_is_told(make: Callable[[], dict[str, Any]], kind: str) -> None:
    item = make()
    payload = incident_payload(item)
    assert problems("incident-payload", payload) == []
    assert problems("expectation-item", item) == []
    assert payload["status"] == kind
    assert "daily" in payload["text"]
    # The same window says the same, so that a second announcement is known for one.
    assert incident_payload(dict(item)) == payload


files = st.lists(st.integers(0, 300).map(came), max_size=6)


@given(files=files, least=st.integers(1, 3), rounds=st.lists(st.integers(0, 400), min_size=1, max_size=12))
def test_however_often_it_is_looked_the_end_is_that_of_one_look(
    files: list[File], least: int, rounds: list[int]
) -> None:
    item = window(count={"min": least})
    # Given rounds at any times, each seeing what had come by then, and a last one when all is over
    for minutes in [*sorted(rounds), 1000]:
        if item["status"] not in ("OPEN", "LATE"):
            break
        seen = [file for file in files if file.at <= stamp(at(minutes))]
        item = judge(item, seen, at(minutes), GRACE, patterns.matches)
    # Then it ended as one look at the end would have it
    one_look = judge(window(count={"min": least}), files, at(1000), GRACE, patterns.matches)
    assert item["status"] == one_look["status"]
