"""Names are matched in linear time; what could not be is no pattern."""

from __future__ import annotations

import pytest

from file_transfer.workflows import patterns


@pytest.mark.parametrize(
    "pattern",
    [
        r".csv$",
        r".*\.csv",
        r"^client[a-zA-Z]+_transactions_\d{4}-\d{2}-\d{2}\.csv$",
        r"^bankpacific_(transactions|balances)_\d{4}-\d{2}-\d{2}\.csv$",
        r"(?i)^REPORT.*$",
        r"^(?P<date>\d{8})_",
        # A backtracking engine would take years on these.
        r"(a+)+$",
        r"(a|a)*b",
        r"^.*.*.*.*x$",
    ],
)
def test_patterns_that_re2_knows_pass(pattern: str) -> None:
    patterns.check(pattern)


@pytest.mark.parametrize("pattern", [r"(?=a)b", r"(?<!a)b", r"(a)\1", r"[", r"(" * 5, r"a{2000}", "\ud800"])
def test_others_are_refused_by_name(pattern: str) -> None:
    with pytest.raises(patterns.UnsafePattern, match="not a regular expression"):
        patterns.check(pattern)


def test_a_pattern_that_would_take_too_much_memory_is_refused() -> None:
    with pytest.raises(patterns.UnsafePattern, match="too large"):
        patterns.check(r"\pL{999}")


def test_no_name_makes_a_pattern_run_away() -> None:
    # Given a pattern with more ways to fail than a backtracking engine could try in the age of the universe
    name = "a" * 1000 + "!"

    # Then the longest name that an object can have is matched at once
    assert not patterns.matches(r"^(a+)+$", name)
    assert not patterns.matches(r"^(a|aa)*(a|aa)*(a|aa)*b$", name)


def test_a_pattern_is_searched_for_as_in_the_brief() -> None:
    assert patterns.matches(".csv$", "a.csv")
    assert not patterns.matches(".csv$", "a.txt")
    assert patterns.matches_whole("a.*", "a.csv")
    assert not patterns.matches_whole("csv", "a.csv")


def test_named_groups_are_read() -> None:
    assert patterns.group_names(r"^(?P<date>\d{8})_(?P<part>\d)?") == {"date", "part"}
    assert patterns.groups(r"^(?P<date>\d{8})_(?P<part>\d)?", "20260102_x") == {"date": "20260102"}
    assert patterns.groups(r"^(?P<date>\d{8})_", "x") is None
