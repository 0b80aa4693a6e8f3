"""Rules about tables of text: read row by row, so that the size of the file does not matter."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Context, Decimal
from io import StringIO
from pathlib import Path
from typing import Any, TextIO

from file_transfer.errors import Rejection
from file_transfer.workflows import patterns
from file_transfer.workflows.rules import Section

LINE_CHARACTERS = 1 << 20
NUMBER = r"^[+-]?[0-9]{1,30}(\.[0-9]{1,30})?$"
#: Sums are exact: 60 digits for each number, and for 10^40 of them.
EXACT = Context(prec=100)


class Broken(Rejection):
    """The table breaks a rule."""

    def __init__(self, rule: str, message: str, reason: str = "CSV_INVALID") -> None:
        super().__init__(reason, f"rules.{rule}: {message}")


def check_csv(path: Path, rule: Section, totals: Section | None = None, marker: bytes | None = None) -> None:
    """Raises Rejection CSV_INVALID or CONTROL_TOTALS_DIFFER, naming rule and row.

    `totals` is rules.controlTotals; `marker` what the done file holds, where they are in there.
    """
    table = _Table(rule, totals)
    try:
        with path.open(encoding=_encoding(rule), newline="") as file:
            table.read(_rows(file, rule))
    except UnicodeError as error:
        raise Broken("csv.encoding", f"is not {rule.get('encoding', 'utf-8')}: {error}"[:200]) from error
    except csv.Error as error:
        raise Broken("csv", f"row {table.rows + 1}: {error}") from error
    table.check_count()
    if totals is None:
        return
    told = table.trailer if totals["in"] == "TRAILER" else _marker_row(marker or b"", rule)
    if told is None:
        raise Broken("controlTotals", f"no row begins with {totals['first']!r}", "CONTROL_TOTALS_DIFFER")
    table.check_totals(told, totals)


def _encoding(rule: Section) -> str:
    """A byte order mark is no part of the first column's name, whoever has written it."""
    encoding = str(rule.get("encoding", "utf-8"))
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _rows(file: TextIO, rule: Section) -> Iterator[list[str]]:
    reader = csv.reader(
        _lines(file), delimiter=rule.get("delimiter", ","), quotechar=rule.get("quote", '"'), strict=True
    )
    return (row for row in reader if row)


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(LINE_CHARACTERS):
        if len(line) == LINE_CHARACTERS and not line.endswith("\n"):
            raise csv.Error(f"a line has more than {LINE_CHARACTERS} characters")
        yield line


def _marker_row(marker: bytes, rule: Section) -> list[str]:
    try:
        return next(_rows(StringIO(marker.decode(_encoding(rule)), newline=""), rule))
    except (UnicodeError, csv.Error, StopIteration) as error:
        raise Broken("controlTotals", "the done file holds no row of totals", "CONTROL_TOTALS_DIFFER") from error


class _Table:
    """What is counted while rows go by."""

    def __init__(self, rule: Section, totals: Section | None) -> None:
        self._rule = rule
        self._first = (totals or {}).get("first") if (totals or {}).get("in") == "TRAILER" else None
        self._columns: list[str] = []
        self._width = 0
        self._summed: list[tuple[str, int]] = []
        self._names = [each["column"] for each in (totals or {}).get("sums", [])]
        self.sums: dict[str, Decimal] = dict.fromkeys(self._names, Decimal(0))
        self.rows = 0
        self.trailer: list[str] | None = None

    def read(self, rows: Iterator[list[str]]) -> None:
        """Counts and sums. Raises Broken where a row does not fit."""
        if "header" in self._rule:
            self._read_header(next(rows, []))
        most = self._rule.get("maxRows")
        for row in rows:
            if self.trailer is not None:
                raise Broken("controlTotals", "rows follow the trailer", "CONTROL_TOTALS_DIFFER")
            if self._first is not None and row[0] == self._first:
                self.trailer = row
                continue
            self._count(row)
            if most is not None and self.rows > most:
                raise Broken("csv.maxRows", f"more than {most} rows")

    def check_count(self) -> None:
        """Raises Broken if there are too few rows."""
        least = self._rule.get("minRows", 0)
        if self.rows < least:
            raise Broken("csv.minRows", f"{self.rows} rows, at least {least} are needed")

    def check_totals(self, told: list[str], totals: Section) -> None:
        """Compares with what the sender counted."""
        if "count" in totals:
            self._compare("count", told, totals["count"], Decimal(self.rows))
        for each in totals.get("sums", []):
            self._compare(f"sums of {each['column']}", told, each["total"], self.sums[each["column"]])

    def _read_header(self, row: list[str]) -> None:
        wanted = list(self._rule["header"])
        names = [each.strip() for each in row]
        if self._rule.get("headerMatch", "EXACT") == "EXACT":
            if names != wanted:
                raise Broken("csv.header", _difference(wanted, names))
        elif missing := [each for each in wanted if each not in names]:
            raise Broken("csv.header", f"columns are missing: {', '.join(missing)[:120]}")
        if doubled := next((each for each in wanted if names.count(each) > 1), None):
            raise Broken("csv.header", f"column {doubled} is there twice")
        self._columns, self._width = names, len(names)
        self._summed = [(name, names.index(name)) for name in self._names]

    def _count(self, row: list[str]) -> None:
        self.rows += 1
        self._width = self._width or len(row)
        if len(row) != self._width:
            raise Broken("csv", f"row {self.rows} has {len(row)} columns, not {self._width}")
        for name, place in self._summed:
            number = _number(row[place])
            if number is None:
                raise Broken("csv", f"row {self.rows}: {row[place][:40]!r} in column {name} is no number")
            self.sums[name] = EXACT.add(self.sums[name], number)

    def _compare(self, what: str, told: list[str], column: int, counted: Decimal) -> None:
        text = told[column - 1] if column <= len(told) else ""
        if _number(text) != counted:
            raise Broken(
                "controlTotals",
                f"{what}: {text[:40] or 'nothing'} is told, {counted} is there",
                "CONTROL_TOTALS_DIFFER",
            )


def _number(text: str) -> Decimal | None:
    text = text.strip()
    return Decimal(text) if patterns.matches(NUMBER, text) else None


def _difference(wanted: list[str], names: list[str]) -> str:
    for place, name in enumerate(wanted):
        found: Any = names[place] if place < len(names) else "nothing"
        if found != name:
            return f"column {place + 1} is {str(found)[:60]!r}, not {name!r}"
    return f"{len(names)} columns, not {len(wanted)}"
