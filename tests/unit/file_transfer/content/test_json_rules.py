"""JSON documents and lines against the schema of a workflow."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from file_transfer.content import json_rules
from file_transfer.content.json_rules import check_json
from file_transfer.errors import Rejection

SCHEMA = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "pattern": r"^(a+)+$"},
        "price": {"type": "number", "multipleOf": 0.01},
        "next": {"$ref": "#"},
    },
    "patternProperties": {"^x-": {"type": "integer"}},
}


@pytest.fixture
def refusal(tmp_path: Path) -> Any:
    """`CODE message` of the rule that refuses a text, or ""."""

    def check(text: str | bytes, rule: dict[str, Any]) -> str:
        path = tmp_path / "document"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            check_json(path, rule)
        except Rejection as rejection:
            return f"{rejection.reason} {rejection.message}"
        return ""

    return check


def test_a_document_that_keeps_the_schema_passes(refusal: Any) -> None:
    assert refusal('\ufeff{"id": "aa", "price": 19.99, "next": {"id": "a"}, "x-n": 1}', {"schema": SCHEMA}) == ""
    assert refusal("[1, 2]", {}) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "JSON_INVALID rules.json.schema: $: 'id' is a required property"),
        ('{"id": "b"}', "rules.json.schema: $.id: 'b' does not match"),
        ('{"id": "a", "price": 0.015}', "rules.json.schema: $.price: "),
        ('{"id": "a", "next": {"id": 1}}', "rules.json.schema: $.next.id: 1 is not of type 'string'"),
        ('{"id": "a", "x-n": "1"}', "is not of type 'integer'"),
        ('{"id": "a"', "JSON_INVALID rules.json: Expecting ',' delimiter"),
        ('{"id": NaN}', "rules.json: NaN is not JSON"),
        (b'"\xff"', "rules.json: 'utf-8' codec"),
        ("[" * 100_000, "rules.json: "),
    ],
)
def test_a_document_that_does_not_is_refused_with_the_place(refusal: Any, text: Any, said: str) -> None:
    found = refusal(text, {"schema": SCHEMA})
    assert said in found and found.startswith("JSON_INVALID")


def test_lines_are_counted_as_an_editor_does(refusal: Any) -> None:
    rule = {"schema": SCHEMA, "lines": True}
    assert refusal('{"id": "a"}\n\n{"id": "aa"}\n', rule) == ""
    assert refusal('{"id": "a"}\n\n{"id": 1}\n', rule).startswith("JSON_INVALID rules.json.schema: line 3: $.id: ")
    assert refusal('{"id": "a"}\n{', rule).startswith("JSON_INVALID rules.json: line 2: ")


def test_a_pattern_of_a_schema_cannot_run_away(refusal: Any) -> None:
    assert "does not match" in refusal('{"id": "' + "a" * 5000 + '!"}', {"schema": SCHEMA})


def test_what_does_not_fit_into_memory_is_refused(refusal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_rules, "DOCUMENT_BYTES", 10)
    monkeypatch.setattr(json_rules, "LINE_BYTES", 10)
    assert "a document can have 10" in refusal('{"id": "aaaaa"}', {})
    assert "line 2 has more than 10 bytes" in refusal('{}\n{"id": "aaaaa"}', {"lines": True})


def test_a_schema_that_leads_nowhere_is_the_definition_s_fault(refusal: Any) -> None:
    assert refusal("{}", {"schema": {"$ref": "#/$defs/none"}}).startswith("INVALID_DEFINITION rules.json.schema: ")


def test_numbers_of_a_schema_come_as_dynamodb_holds_them(refusal: Any) -> None:
    assert refusal("0.3", {"schema": {"multipleOf": Decimal("0.1")}}) == ""
