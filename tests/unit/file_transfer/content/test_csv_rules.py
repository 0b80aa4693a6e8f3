"""Tables of text, their headers, counts and totals."""

from __future__ import annotations

import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from file_transfer.content.csv_rules import check_csv
from file_transfer.errors import Rejection

HEADER = {"header": ["id", "amount"]}
TRAILER = {"in": "TRAILER", "first": "TRL", "count": 2, "sums": [{"column": "amount", "total": 3}]}


@pytest.fixture
def refusal(tmp_path: Path) -> Any:
    """`CODE message` of the rule that refuses a text, or ""."""

    def check(text: str | bytes, rule: dict[str, Any], totals: Any = None, marker: bytes = b"") -> str:
        path = tmp_path / "table"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            check_csv(path, rule, totals, marker)
        except Rejection as rejection:
            return f"{rejection.reason} {rejection.message}"
        return ""

    return check


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("id,amount\n1,2\n", HEADER),
        ("\ufeffid,amount\r\n1,2\r\n\r\n", HEADER),
        ('id;amount\n1;"a;\nb"\n', {**HEADER, "delimiter": ";"}),
        ("id,'amo'\n", {"quote": "'", "header": ["id", "amo"]}),
        ("amount,more,id\n1,2,3\n", {**HEADER, "headerMatch": "CONTAINS"}),
        ("1,2\n3,4\n", {"minRows": 2, "maxRows": 2}),
        ("", {}),
        ("id,amount\n1,2", {**HEADER, "minRows": 1}),
    ],
)
def test_tables_that_keep_the_rules_pass(refusal: Any, text: str, rule: dict[str, Any]) -> None:
    assert refusal(text, rule) == ""


@pytest.mark.parametrize(
    ("text", "rule", "said"),
    [
        ("amount,id\n", HEADER, "CSV_INVALID rules.csv.header: column 1 is 'amount', not 'id'"),
        ("id,amount,more\n", HEADER, "CSV_INVALID rules.csv.header: 3 columns, not 2"),
        ("", HEADER, "CSV_INVALID rules.csv.header: column 1 is 'nothing', not 'id'"),
        ("id\n", {**HEADER, "headerMatch": "CONTAINS"}, "rules.csv.header: columns are missing: amount"),
        ("id,amount,id\n", {**HEADER, "headerMatch": "CONTAINS"}, "rules.csv.header: column id is there twice"),
        ("id,amount\n1,2\n3\n", HEADER, "rules.csv: row 2 has 1 columns, not 2"),
        ("1,2\n", {"minRows": 2}, "rules.csv.minRows: 1 rows, at least 2 are needed"),
        ("1\n2\n3\n", {"maxRows": 2}, "rules.csv.maxRows: more than 2 rows"),
        ('1,"2\n', {}, "rules.csv: row 1: unexpected end of data"),
        (b"\xff,1\n", {}, "rules.csv.encoding: is not utf-8"),
        (b"a", {"encoding": "utf-16"}, "rules.csv.encoding: is not utf-16"),
        ("x" * (1 << 20) + "y", {}, "rules.csv: row 1: a line has more than"),
        ("x" * 200_000 + "\n", {}, "rules.csv: row 1: field larger than field limit"),
    ],
)
def test_a_table_that_breaks_a_rule_is_refused_by_it(refusal: Any, text: Any, rule: Any, said: str) -> None:
    assert said in refusal(text, rule)


def test_a_trailer_that_agrees_with_the_data_passes(refusal: Any) -> None:
    # Given amounts whose sum a float would get wrong
    text = "id,amount\n" + "1,0.1\n" * 3 + "2,-0.20\nTRL,4,0.10\n"

    # Then the exact sum agrees with it
    assert refusal(text, HEADER, TRAILER) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,amount\n1,5\nTRL,2,5\n", "controlTotals: count: 2 is told, 1 is there"),
        ("id,amount\n1,5\nTRL,1,5.01\n", "controlTotals: sums of amount: 5.01 is told, 5 is there"),
        ("id,amount\n1,5\nTRL,1\n", "sums of amount: nothing is told"),
        ("id,amount\n1,5\n", "controlTotals: no row begins with 'TRL'"),
        ("id,amount\nTRL,1,5\n1,5\n", "controlTotals: rows follow the trailer"),
    ],
)
def test_a_trailer_that_does_not_is_refused(refusal: Any, text: str, said: str) -> None:
    found = refusal(text, HEADER, TRAILER)
    assert found.startswith("CONTROL_TOTALS_DIFFER rules.controlTotals") and said in found


def test_what_is_to_be_added_up_must_be_numbers(refusal: Any) -> None:
    assert "rules.csv: row 1: '1e9' in column amount is no number" in refusal(
        "id,amount\n1,1e9\nTRL,1,1\n", HEADER, TRAILER
    )


def test_totals_may_stand_in_the_done_file(refusal: Any) -> None:
    totals = {"in": "MARKER", "count": 1, "sums": [{"column": "amount", "total": 2}]}
    assert refusal("id,amount\n1,5\n2,6\n", HEADER, totals, b"2,11\n") == ""
    assert "count: 3 is told" in refusal("id,amount\n1,5\n2,6\n", HEADER, totals, b"3,11\n")
    assert "holds no row of totals" in refusal("id,amount\n1,5\n", HEADER, totals, b"")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    # Given a table of 20 MB
    path = tmp_path / "large"
    path.write_text("id,amount\n" + "1,2\n" * 500_000)

    # When it is checked
    tracemalloc.start()
    check_csv(path, HEADER)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # Then no more than a line or two of it was in memory
    assert peak < 1_000_000
