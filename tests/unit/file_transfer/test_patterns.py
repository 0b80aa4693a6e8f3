"""Patterns that could run away are refused; the usual ones are not."""

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
        r"^[a-z]+_[a-z]+_[a-z]+\.csv$",
        r"^(a|b)?(c{2})*?$",
        r"(?i)^REPORT.*$",
    ],
)
def test_usual_patterns_pass(pattern: str) -> None:
    patterns.check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",
        r"(a|a)*b",
        r"(a|ab)*c",
        r"^" + "a?" * 30 + "a" * 30,
        r"^.*.*.*.*x$",
        r"(.*){20}x",
        r"\b.*.*.*x",
        r"(?=a)b",
        r"(?<!a)b",
        r"(a)\1",
        r"[",
        r"(" * 5,
    ],
)
def test_dangerous_ones_do_not(pattern: str) -> None:
    with pytest.raises(patterns.UnsafePattern):
        patterns.check(pattern)


def test_a_name_too_long_for_the_pattern_is_not_tried() -> None:
    # Given a pattern that is cubic, fine for usual names
    pattern = r"^[a-z]+_[a-z]+_[a-z]+\.csv$"
    assert patterns.matches(pattern, "a_b_c.csv")
    # Then a name of 1,000 characters is refused instead of searched
    with pytest.raises(patterns.UnsafePattern):
        patterns.matches(pattern, "a" * 1000)
    # And simple patterns take it
    assert patterns.matches(r"\.csv$", "a" * 1000 + ".csv")


def test_a_pattern_is_searched_for_as_in_the_brief() -> None:
    assert patterns.matches(".csv$", "a.csv")
    assert not patterns.matches(".csv$", "a.txt")
