"""What is wrong with rules that their schema lets through is said when the definition is stored."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer.workflows.rules import needs_preparation, section_problems
from shared.schemas import problems

CSV = {"header": ["id", "amount"]}


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({"name": {"pattern": "("}}, "$.rules.name.pattern"),
        ({"name": {"pattern": "x", "date": {"format": "%Y%m%d"}}}, "$.rules.name.pattern"),
        ({"name": {"pattern": "(?P<date>x)", "date": {"format": "%m%d"}}}, "$.rules.name.date.format"),
        ({"group": {"by": "DONE_FILE", "pattern": "(?=x)"}}, "$.rules.group.pattern"),
        ({"size": {"minBytes": 2, "maxBytes": 1}}, "$.rules.size"),
        ({"csv": {}, "json": {}}, "$.rules"),
        ({"json": {"schema": {"type": "nonsense"}}}, "$.rules.json.schema"),
        ({"json": {"schema": {"$ref": "https://example.com/schema"}}}, "$.rules.json.schema"),
        ({"json": {"schema": {"pattern": r"(a)\1"}}}, "$.rules.json.schema"),
        ({"controlTotals": {"in": "TRAILER", "first": "T", "count": 2}}, "$.rules.controlTotals"),
        ({"csv": CSV, "controlTotals": {"in": "TRAILER", "count": 2}}, "$.rules.controlTotals.first"),
        (
            {"csv": CSV, "controlTotals": {"in": "TRAILER", "first": "T", "sums": [{"column": "x", "total": 2}]}},
            "$.rules.controlTotals.sums[0].column",
        ),
        ({"csv": CSV, "controlTotals": {"in": "MARKER", "count": 1}}, "$.rules.controlTotals.in"),
    ],
)
def test_each_problem_names_its_field(rules: dict[str, Any], path: str) -> None:
    assert problems("workflow-rules", rules) == []
    assert [each.path for each in section_problems(rules, {})] == [path]


def test_a_pattern_of_an_archive_is_looked_at_too() -> None:
    assert [each.path for each in section_problems({}, {"unzip": {"memberPattern": "["}})] == [
        "$.processing.unzip.memberPattern"
    ]


def test_what_all_rules_together_look_like() -> None:
    # Given rules of every kind
    rules = {
        "name": {"pattern": r"^o_(?P<date>\d{8})\.csv$", "date": {"format": "%Y%m%d", "maxAgeDays": 3}},
        "size": {"minBytes": 1, "maxBytes": 100},
        "type": {"allowed": ["csv"]},
        "csv": {**CSV, "delimiter": ";", "headerMatch": "CONTAINS", "minRows": 1, "maxRows": 10, "encoding": "utf-8"},
        "controlTotals": {"in": "MARKER", "count": 1, "sums": [{"column": "amount", "total": 2}]},
        "group": {"by": "DONE_FILE", "pattern": r"^(?P<file>.+)\.done$", "waitMinutes": 5, "deliverMarker": True},
    }

    # Then nothing is wrong with them
    assert problems("workflow-rules", rules) == []
    assert section_problems(rules, {}) == []


@pytest.mark.parametrize(
    ("rules", "processing", "needed"),
    [
        ({}, {}, False),
        ({"name": {}, "size": {}}, {}, False),
        ({"type": {}}, {}, True),
        ({"group": {}}, {}, True),
        ({}, {"unzip": {}}, True),
    ],
)
def test_only_who_wants_it_is_looked_into(rules: dict[str, Any], processing: dict[str, Any], needed: bool) -> None:
    assert needs_preparation(rules, processing) is needed
