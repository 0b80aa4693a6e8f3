"""Rules about JSON: a document of bounded size, or lines of bounded length."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from file_transfer.errors import Rejection
from file_transfer.workflows.json_schemas import BrokenSchema, JsonSchema
from file_transfer.workflows.rules import Section

DOCUMENT_BYTES = 32 * 1024 * 1024
LINE_BYTES = 1024 * 1024


def check_json(path: Path, rule: Section) -> None:
    """Raises Rejection JSON_INVALID naming the place, or INVALID_DEFINITION for a schema that leads nowhere."""
    schema = JsonSchema(rule["schema"]) if "schema" in rule else None
    lines = rule.get("lines", False)
    if not lines and path.stat().st_size > DOCUMENT_BYTES:
        raise _broken("json", f"{path.stat().st_size} bytes; a document can have {DOCUMENT_BYTES}, with lines more")
    with path.open("rb") as file:
        for number, text in _lines(file) if lines else [(0, file.read())]:
            where = f"line {number}: " if number else ""
            value = _value(text, where)
            try:
                problem = schema.first_problem(value) if schema else ""
            except (BrokenSchema, RecursionError) as error:
                raise Rejection("INVALID_DEFINITION", f"rules.json.schema: {error}") from error
            if problem:
                raise _broken("json.schema", where + problem)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(number, line) of those that hold something."""
    number = 0
    while line := file.readline(LINE_BYTES + 1):
        number += 1
        if len(line) > LINE_BYTES:
            raise _broken("json.lines", f"line {number} has more than {LINE_BYTES} bytes")
        if line.strip():
            yield number, line


def _value(text: bytes, where: str) -> Any:
    try:
        return json.loads(text.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _broken("json", f"{where}{str(error)[:120]}") from error


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _broken(rule: str, message: str) -> Rejection:
    return Rejection("JSON_INVALID", f"rules.{rule}: {message}")
