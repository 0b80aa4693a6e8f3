"""Event patterns: the filter language of EventBridge, Pipes and event source mappings.

Rules as documented under "Amazon EventBridge event patterns: comparison operators". A pattern is an object whose
leaves are lists of accepted values; a list matches if one of its entries does, an object if all of its fields do.
"""

from __future__ import annotations

import fnmatch
import json
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

_MISSING = object()
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def any_matches(patterns: Sequence[str], event: dict[str, Any]) -> bool:
    """Whether one of the patterns (JSON texts) matches; no patterns at all match everything."""
    return not patterns or any(matches(json.loads(pattern), event) for pattern in patterns)


def matches(pattern: dict[str, Any], event: Any) -> bool:
    """Whether `event` satisfies every field of `pattern`; in a list of objects one of them has to."""
    if isinstance(event, list):
        return any(matches(pattern, entry) for entry in event)
    for name, wanted in pattern.items():
        if name == "$or" and isinstance(wanted, list):
            if not any(matches(alternative, event) for alternative in wanted):
                return False
            continue
        found = event.get(name, _MISSING) if isinstance(event, dict) else _MISSING
        if not _field_matches(wanted, found):
            return False
    return True


def _field_matches(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, dict):
        # An absent object can still satisfy {"exists": false} further down.
        return matches(wanted, {} if found is _MISSING else found)
    values = found if isinstance(found, list) else [found]
    return any(_entry_matches(entry, value) for entry in wanted for value in values)


def _entry_matches(entry: Any, value: Any) -> bool:
    if isinstance(entry, dict):
        return all(_RULES[rule](operand, value) for rule, operand in entry.items())
    return value is not _MISSING and type_strict_equal(entry, value)


def type_strict_equal(left: Any, right: Any) -> bool:
    """Equality of JSON values: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _exists(operand: Any, value: Any) -> bool:
    return bool(operand) == (value is not _MISSING)


def _prefix(operand: Any, value: Any) -> bool:
    if isinstance(operand, dict):
        return isinstance(value, str) and value.lower().startswith(str(operand["equals-ignore-case"]).lower())
    return isinstance(value, str) and value.startswith(operand)


def _suffix(operand: Any, value: Any) -> bool:
    if isinstance(operand, dict):
        return isinstance(value, str) and value.lower().endswith(str(operand["equals-ignore-case"]).lower())
    return isinstance(value, str) and value.endswith(operand)


def _ignore_case(operand: Any, value: Any) -> bool:
    return isinstance(value, str) and value.lower() == str(operand).lower()


def _wildcard(operand: Any, value: Any) -> bool:
    if not isinstance(value, str):
        return False
    shell = re.sub(r"([?\[\]])", r"[\1]", operand)
    return fnmatch.fnmatchcase(value, shell)


def _numeric(operand: list[Any], value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return all(_COMPARE[name](value, bound) for name, bound in zip(operand[::2], operand[1::2], strict=True))


def _anything_but(operand: Any, value: Any) -> bool:
    if value is _MISSING:
        return False
    if isinstance(operand, dict):
        ((rule, banned),) = operand.items()
        return not any(_RULES[rule](entry, value) for entry in (banned if isinstance(banned, list) else [banned]))
    return not any(type_strict_equal(entry, value) for entry in (operand if isinstance(operand, list) else [operand]))


_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "exists": _exists,
    "prefix": _prefix,
    "suffix": _suffix,
    "equals-ignore-case": _ignore_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "anything-but": _anything_but,
}
