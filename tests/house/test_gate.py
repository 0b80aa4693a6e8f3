"""What the gate makes of its layers' reports."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.gate import PARTS, TEST_LAYERS, Result, closing_line, counts_of, layer_line
from tools.paths import ROOT

REPORT = '<testsuites><testsuite tests="9" failures="2" errors="1" skipped="1" time="1.0"/></testsuites>'


def test_outcomes_are_counted_from_the_report(tmp_path: Path) -> None:
    (tmp_path / "unit.xml").write_text(REPORT)
    assert counts_of(tmp_path / "unit.xml") == {"failed": 2, "passed": 5, "skipped": 1, "error": 1}


def test_a_layer_that_fails_without_a_failed_test_is_an_error(tmp_path: Path) -> None:
    """A crash before any test, or a lint complaint, must not close as if all was well."""
    crashed = Result("unit", 1.0, 4, counts_of(tmp_path / "never-written.xml"))
    assert crashed.counts == {"error": 1}


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([Result("unit", 1.0, 0, {"passed": 3})], "3 passed in 1.00s"),
        (
            [Result("lint", 2.0, 1), Result("unit", 1.0, 1, {"failed": 1, "passed": 3})],
            "1 failed, 3 passed, 1 error in 3.00s",
        ),
        ([Result("lint", 2.0, 1), Result("unit", 1.0, 4)], "2 errors in 3.00s"),
        ([Result("e2e", 125.0, 0, {"passed": 1})], "1 passed in 125.00s (2:05 minutes)"),
        ([Result("lint", 1.0, 0)], "no tests ran in 1.00s"),
    ],
)
def test_the_closing_line_adds_the_layers_up(results: list[Result], words: str) -> None:
    assert closing_line(results).strip("=") == f" {words} "


def test_a_layer_s_line_says_how_it_went() -> None:
    assert (
        layer_line(Result("unit", 3.21, 0, {"failed": 0, "passed": 7})) == "unit         ok           3.2 s   7 passed"
    )
    assert "FAILED" in layer_line(Result("unit", 1, 1))


def test_every_folder_of_tests_is_a_layer() -> None:
    """A folder that no layer runs would pass unseen."""
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders == set(TEST_LAYERS)


def test_parts_of_a_layer_are_the_whole_layer() -> None:
    for layer, parts in PARTS.items():
        named = [ROOT / folder for folders in parts.values() for folder in folders]
        for path in (ROOT / "tests" / layer).rglob("test_*.py"):
            assert sum(path == each or each in path.parents for each in named) == 1, path
