"""JSON Schemas (draft 2020-12) at run time: found, compiled once, and with errors that name the bad field.

A schema is named by its file, `recovery-plan`, or by a definition in it, `execution-commands#/$defs/cancel`; a `$ref`
may lead into another file. jsonschema costs some 80 ms to import, so it is imported with the first schema used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
#: In a package the schemas lie beside this file; in the repository they have a folder of their own.
FOLDERS = (HERE / "schemas", HERE.parents[1] / "schemas")
SUFFIX = ".schema.json"


@dataclass(frozen=True)
class Problem:
    """One broken rule. `path` reads like `$.targets.s3.uri`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def problems(schema_name: str, value: Any) -> list[Problem]:
    """Every problem of the value, in path order; an empty list means it is valid.

    A field that is missing or unknown is itself the path, not the object around it.
    """
    return sorted({problem for error in _leaves(schema_name, value) for problem in _problems_of(error)}, key=str)


def is_valid(schema_name: str, value: Any) -> bool:
    """True when there is no problem; cheaper than listing them."""
    return bool(_validator(schema_name).is_valid(value))


@cache
def load(schema_name: str) -> dict[str, Any]:
    """The schema `<schema_name>.schema.json`. Raises FileNotFoundError naming the folders it was looked for in."""
    for folder in FOLDERS:
        path = folder / f"{schema_name}{SUFFIX}"
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
    from jsonschema import Draft202012Validator, validators  # noqa: PLC0415  (see the module docstring)
    from referencing import Registry  # noqa: PLC0415

    kind = validators.extend(Draft202012Validator, {"pattern": _pattern})  # type: ignore[no-untyped-call]
    file, _, fragment = schema_name.partition("#")
    schema = load(file)
    if fragment:
        schema = {"$ref": f"{schema['$id']}#{fragment}"}
    return kind(schema, registry=Registry(retrieve=_retrieve))  # type: ignore[call-arg]


def _retrieve(uri: str) -> Any:
    """The resource behind the `$id` of one of our files."""
    from referencing import Resource  # noqa: PLC0415

    return Resource.from_contents(load(uri.rsplit("/", 1)[-1].removesuffix(SUFFIX)))


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    """The keyword `pattern` as ECMA-262 reads it: `$` is the very end, `\\d` and `\\w` are ASCII."""
    if validator.is_type(instance, "string") and not _compiled(pattern).search(instance):
        from jsonschema import ValidationError  # noqa: PLC0415

        yield ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    anchored = pattern.endswith("$") and not pattern.endswith("\\$")
    return re.compile(pattern[:-1] + r"\Z" if anchored else pattern, re.ASCII)


def _leaves(schema_name: str, value: Any) -> Iterable[Any]:
    """Errors without branches: of an `anyOf` only the branch that came closest says what is wrong."""
    for error in _validator(schema_name).iter_errors(value):
        leaf = error
        while leaf.context:
            leaf = min(leaf.context, key=lambda each: (-len(each.absolute_path), str(each.message)))
        yield leaf


def _problems_of(error: Any) -> Iterator[Problem]:
    path, value, rule = list(error.absolute_path), error.instance, error.validator_value
    if error.validator == "required":
        yield from (Problem(path_text([*path, name]), "is required") for name in rule if name not in value)
    elif error.validator == "additionalProperties" and rule is False:
        known = error.schema.get("properties", {})
        yield from (Problem(path_text([*path, name]), "is not a known field") for name in value if name not in known)
    elif error.validator == "dependentRequired":
        for name in (name for key, names in rule.items() if key in value for name in names if name not in value):
            yield Problem(path_text([*path, name]), f"is required: {error.message}")
    else:
        yield Problem(path_text(path), _message(error))


def _message(error: Any) -> str:
    if isinstance(error.schema, dict) and error.schema.get("writeOnly"):
        # A secret: what is said of it goes into logs, answers and records.
        return f"breaks the rule {error.validator!r}"
    text = str(error.message)
    return text if len(text) <= 300 else f"{text[:200]}…{text[-90:]}"  # noqa: PLR2004
