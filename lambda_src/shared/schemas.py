"""JSON Schemas (draft 2020-12) at run time: found, compiled once, and with errors that name the bad field.

jsonschema costs some 80 ms to import, so it is imported with the first schema that is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: In a package the schemas lie beside this file; in the repository they have a folder of their own.
FOLDERS = (HERE / "schemas", HERE.parents[1] / "schemas")


@dataclass(frozen=True)
class Problem:
    """One broken rule. `path` reads like `$.targets.s3.uri`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def problems(schema_name: str, value: Any) -> list[Problem]:
    """Every problem of the value, in path order; an empty list means it is valid."""
    found = [Problem(path_text(error.absolute_path), _message(error)) for error in _leaves(schema_name, value)]
    return sorted(set(found), key=str)


def is_valid(schema_name: str, value: Any) -> bool:
    """True when there is no problem; cheaper than listing them."""
    return bool(_validator(schema_name).is_valid(value))


@cache
def load(schema_name: str) -> dict[str, Any]:
    """The schema `<schema_name>.schema.json`. Raises FileNotFoundError naming the folders it was looked for in."""
    for folder in FOLDERS:
        path = folder / f"{schema_name}.schema.json"
        if path.is_file():
            schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return schema
    raise FileNotFoundError(f"schema {schema_name} is in none of {[str(folder) for folder in FOLDERS]}")


def path_text(path: Iterable[str | int]) -> str:
    """`$`, `$.detail.object.key`, `$.events[2]`, `$["odd name"]`."""
    text = "$"
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if part.isidentifier() or part.replace("-", "_").isidentifier() else f"[{part!r}]"
    return text


@cache
def _validator(schema_name: str) -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  (see the module docstring)

    return Draft202012Validator(load(schema_name))


def _leaves(schema_name: str, value: Any) -> Iterable[Any]:
    """Errors without branches: of an `anyOf` only the branch that came closest says what is wrong."""
    for error in _validator(schema_name).iter_errors(value):
        leaf = error
        while leaf.context:
            leaf = min(leaf.context, key=lambda each: (-len(each.absolute_path), str(each.message)))
        yield leaf


def _message(error: Any) -> str:
    text = str(error.message)
    return text if len(text) <= 300 else f"{text[:200]}…{text[-90:]}"  # noqa: PLR2004
