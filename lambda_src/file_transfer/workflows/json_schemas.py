"""JSON Schemas that operators write into a workflow definition (draft 2020-12), kept from reaching out or running away.

No reference is followed out of the schema, and patterns are matched by RE2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from file_transfer.workflows import patterns


class BrokenSchema(ValueError):
    """A value cannot be checked, since the schema itself leads nowhere; the message says where."""


def schema_problem(schema: Mapping[str, Any]) -> str:
    """What is wrong with a schema, or ""."""
    from jsonschema import Draft202012Validator, SchemaError  # noqa: PLC0415  (80 ms, only where schemas are used)

    try:
        Draft202012Validator.check_schema(_exact(schema))
        for pattern in _patterns(schema):
            patterns.check(pattern)
    except SchemaError as error:
        return f"is no JSON Schema: {error.message[:200]}"
    except (patterns.UnsafePattern, RecursionError) as error:
        return str(error)
    for reference in _references(schema):
        if not reference.startswith("#"):
            return f"refers to another document: {reference[:100]}"
    return ""


class JsonSchema:
    """A schema that has no schema_problem."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        from jsonschema import Draft202012Validator, validators  # noqa: PLC0415
        from referencing import Registry  # noqa: PLC0415

        extended = {"pattern": _pattern, "patternProperties": _pattern_properties}
        kind = validators.extend(Draft202012Validator, extended)  # type: ignore[no-untyped-call]
        self._validator = kind(_exact(schema), registry=Registry())

    def first_problem(self, value: Any) -> str:
        """`$.orders[3].amount: …` of the first that does not hold, or "". Raises BrokenSchema."""
        from referencing.exceptions import Unresolvable  # noqa: PLC0415

        try:
            error = next(self._validator.iter_errors(value), None)
        except Unresolvable as missing:
            raise BrokenSchema(f"the schema refers to {str(missing)[:100]}, which is not there") from missing
        return f"{error.json_path}: {error.message[:160]}" if error else ""


def _pattern(validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError  # noqa: PLC0415

    if validator.is_type(instance, "string") and not patterns.matches(pattern, instance):
        yield ValidationError(f"{instance[:60]!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, properties: Mapping[str, Any], instance: Any, _schema: Any) -> Iterator[Any]:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in properties.items():
        for name, value in instance.items():
            if patterns.matches(pattern, name):
                yield from validator.descend(value, subschema, path=name, schema_path=pattern)


def _patterns(schema: Any) -> Iterator[str]:
    for part in _objects(schema):
        if isinstance(part.get("pattern"), str):
            yield part["pattern"]
        if isinstance(part.get("patternProperties"), Mapping):
            yield from part["patternProperties"]


def _references(schema: Any) -> Iterator[str]:
    for part in _objects(schema):
        yield from (str(part[name]) for name in ("$ref", "$dynamicRef") if name in part)


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for each in value.values():
            yield from _objects(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _objects(each)


def _exact(value: Any) -> Any:
    """Without floats: 0.1 in `multipleOf` means a tenth, and the values are Decimal too."""
    if isinstance(value, Mapping):
        return {name: _exact(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(each) for each in value]
    return Decimal(str(value)) if isinstance(value, float) else value
