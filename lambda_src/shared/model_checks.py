"""Whether a value is what a shape of a service model allows: members, types, enums, patterns and bounds.

botocore's own validation is for clients and leaves enums, patterns and upper bounds to the service; here is the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

# Shape name → whether a value that the model refuses is known to occur in the live service.
Deviations = Mapping[str, Callable[[str], bool]]
_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list, tuple),
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "blob": (bytes, bytearray),
    "timestamp": (datetime,),
}
_NUMBERS = ("integer", "long", "float", "double")


def problems(shape: Any, value: Any, path: str = "", deviations: Deviations | None = None) -> Iterator[str]:
    """What is wrong with `value`, each with its path, such as `sourceServers[0].sourceServerID`; nothing when fine."""
    kind = shape.type_name
    if not _fits(kind, value):
        yield f"{path or 'the value'} must be a {kind}, not {type(value).__name__}"
        return
    known = (deviations or {}).get(shape.name)
    if isinstance(value, str) and known is not None and known(value):
        return
    yield from _bounds(shape, value, path)
    if kind == "structure":
        yield from _members(shape, value, path, deviations)
    elif kind == "list":
        for position, each in enumerate(value):
            yield from problems(shape.member, each, f"{path}[{position}]", deviations)
    elif kind == "map":
        for key, each in value.items():
            yield from problems(shape.key, key, f"{path}.{key} (key)", deviations)
            yield from problems(shape.value, each, f"{path}.{key}", deviations)


def _fits(kind: str, value: object) -> bool:
    return isinstance(value, _TYPES[kind]) and not (kind in _NUMBERS and isinstance(value, bool))


def _members(shape: Any, value: Mapping[str, Any], path: str, deviations: Deviations | None) -> Iterator[str]:
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{prefix}{name} is required"
    for name, each in value.items():
        member = shape.members.get(name)
        if member is None:
            yield f"{prefix}{name} is unknown"
        elif each is not None:
            yield from problems(member, each, f"{prefix}{name}", deviations)
    if shape.is_tagged_union and len(value) != 1:
        yield f"{path or 'the value'} must have exactly one of {', '.join(shape.members)}"


def _bounds(shape: Any, value: Any, path: str) -> Iterator[str]:
    metadata = shape.metadata
    if "min" in metadata or "max" in metadata:
        is_number = shape.type_name in _NUMBERS
        size = value if is_number else len(value)
        what = "" if is_number else "length of "
        if size < metadata.get("min", size):
            yield f"{what}{path} must be at least {metadata['min']}, not {size}"
        if size > metadata.get("max", size):
            yield f"{what}{path} must be at most {metadata['max']}, not {size}"
    if shape.type_name != "string":
        return
    if shape.enum and value not in shape.enum:
        yield f"{path} must be one of {', '.join(shape.enum)}, not {value!r}"
    expression = _compiled(metadata["pattern"]) if "pattern" in metadata else None
    if expression is not None and not expression.search(value):
        yield f"{path} must match {metadata['pattern']}, not {value!r}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern, which holds for the whole value; None where Python's `re` does not know its dialect."""
    try:
        return re.compile(rf"\A(?:{pattern})\Z", re.DOTALL)
    except re.error:
        return None
