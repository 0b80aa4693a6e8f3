"""Names, dates in names, and sizes: what is known before a byte is read."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer.errors import Rejection
from file_transfer.workflows.arrival_rules import check_arrival, delivered_name, is_marker

ARRIVED = "2026-03-10T08:00:00.000000Z"
DATED = {"pattern": r"^orders_(?P<date>\d{8})\.csv$", "date": {"format": "%Y%m%d", "maxAgeDays": 2, "maxFutureDays": 1}}


def refusal(rules: dict[str, Any], name: str = "orders.csv", size: int = 10) -> str:
    """`CODE message` of the rule that refuses, or ""."""
    try:
        check_arrival(rules, name, size, ARRIVED)
    except Rejection as rejection:
        assert rejection.settle_as == "REJECTED"
        return f"{rejection.reason} {rejection.message}"
    return ""


@pytest.mark.parametrize("day", ["20260308", "20260310", "20260311"])
def test_a_date_near_the_arrival_passes(day: str) -> None:
    assert refusal({"name": DATED}, f"orders_{day}.csv") == ""


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("invoices.csv", "NAME_NOT_ALLOWED rules.name.pattern: "),
        ("orders_20260307.csv", "NAME_NOT_ALLOWED rules.name.date.maxAgeDays: 2026-03-07 lies 3 days"),
        ("orders_20260312.csv", "NAME_NOT_ALLOWED rules.name.date.maxFutureDays: 2026-03-12 lies 2 days"),
        ("orders_20261301.csv", "NAME_NOT_ALLOWED rules.name.date: '20261301' is no date of the form %Y%m%d"),
    ],
)
def test_a_name_that_breaks_a_rule_is_refused_by_it(name: str, rule: str) -> None:
    assert refusal({"name": DATED}, name).startswith(rule)


def test_a_day_of_tomorrow_needs_leave() -> None:
    rule = {"pattern": r"(?P<date>\d{8})", "date": {"format": "%Y%m%d"}}
    assert refusal({"name": rule}, "20260310") == ""
    assert refusal({"name": rule}, "20010101") == ""
    assert "maxFutureDays" in refusal({"name": rule}, "20260311")


@pytest.mark.parametrize(
    ("size", "rule"), [(9, "rules.size.minBytes"), (10, ""), (20, ""), (21, "rules.size.maxBytes")]
)
def test_sizes_have_bounds(size: int, rule: str) -> None:
    found = refusal({"size": {"minBytes": 10, "maxBytes": 20}}, size=size)
    assert rule in found if rule else found == ""


def test_rules_are_not_about_done_files() -> None:
    rules = {"name": DATED, "size": {"minBytes": 10}, "group": {"by": "DONE_FILE", "pattern": r"\.done$"}}
    assert is_marker(rules, "orders_20260310.csv.done")
    assert refusal(rules, "orders_20260310.csv.done", size=0) == ""
    assert not is_marker(rules, "orders_20260310.csv")


@pytest.mark.parametrize(
    ("processing", "name", "delivered"),
    [
        ({}, "a.csv.pgp", "a.csv.pgp"),
        ({"decrypt": {}}, "a.csv.pgp", "a.csv"),
        ({"decrypt": {}}, "a.csv.GPG", "a.csv"),
        ({"verify": {}}, "a.csv.asc", "a.csv"),
        ({"decrypt": {}}, "a.csv", "a.csv"),
        ({"decrypt": {}}, ".pgp", ".pgp"),
        ({"encrypt": {}}, "a.csv", "a.csv.pgp"),
        ({"decrypt": {}, "encrypt": {}}, "a.csv.pgp", "a.csv.pgp"),
    ],
)
def test_a_delivered_file_is_called_as_it_is(processing: dict[str, Any], name: str, delivered: str) -> None:
    assert delivered_name({}, processing, name) == delivered


def test_members_and_done_files_keep_the_names_they_have() -> None:
    group = {"group": {"by": "DONE_FILE", "pattern": r"\.done$"}}
    assert delivered_name({}, {"decrypt": {}, "unzip": {}}, "a.pgp", member=True) == "a.pgp"
    assert delivered_name({}, {"unzip": {}, "encrypt": {}}, "a.csv", member=True) == "a.csv.pgp"
    assert delivered_name(group, {"encrypt": {}}, "a.csv.done") == "a.csv.done"
