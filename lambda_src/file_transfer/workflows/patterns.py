"""Regular expressions from definitions, kept from running away.

Python's engine backtracks, so a careless pattern can take years on one name. The number of ways through a pattern
bounds the work: alternatives add up, parts in sequence multiply, a repeat counts its possible lengths. A pattern is
refused when a name of 255 characters allows more than 20 million ways, and at run time a longer name is refused
by the same measure. Look-around and back references are refused, since the measure does not cover them.
"""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from typing import Any

USUAL_NAME = 255
MOST_WAYS = 20_000_000

_parser: Any = importlib.import_module("re._parser")
_SINGLE = frozenset({"LITERAL", "NOT_LITERAL", "ANY", "IN", "AT", "CATEGORY", "RANGE"})
_STARTS = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})
_REPEATS = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})


class UnsafePattern(ValueError):
    """The pattern cannot be used; the message says why."""


def check(pattern: str, name_length: int = USUAL_NAME) -> None:
    """Raises UnsafePattern for what does not compile or could take too long on names of this length."""
    if ways(pattern, name_length) > MOST_WAYS:
        raise UnsafePattern(
            f"too many ways to match a name of {name_length} characters: use fewer repeats, or anchor it with ^"
        )


def matches(pattern: str, name: str) -> bool:
    """True when the pattern is found in the name. Raises UnsafePattern when trying could take too long."""
    check(pattern, max(len(name), 1))
    return re.search(pattern, name) is not None


@lru_cache(maxsize=256)
def ways(pattern: str, name_length: int) -> int:
    """An upper bound on the ways to match; a search that is not anchored may start anywhere."""
    try:
        re.compile(pattern)
        tree = list(_parser.parse(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsafePattern(f"not a regular expression: {error}") from error
    anchored = bool(tree) and str(tree[0][1]) in _STARTS
    return _sequence(tree, name_length) * (1 if anchored else name_length + 1)


def _sequence(parts: Any, length: int) -> int:
    total = 1
    for operation, argument in parts:
        total = min(total * _part(str(operation), argument, length), MOST_WAYS + 1)
    return total


def _part(operation: str, argument: Any, length: int) -> int:
    if operation in _SINGLE:
        return 1
    if operation in _REPEATS:
        lowest, highest, inner = argument
        return _repeat(lowest, min(int(highest), length), _sequence(inner, length))
    if operation == "SUBPATTERN":
        return _sequence(argument[-1], length)
    if operation == "ATOMIC_GROUP":
        return _sequence(argument, length)
    if operation == "BRANCH":
        return sum(_sequence(branch, length) for branch in argument[1])
    raise UnsafePattern(f"{operation.lower().replace('_', ' ')} is not allowed")


def _repeat(lowest: int, highest: int, inner: int) -> int:
    if inner == 1:
        return max(highest - lowest + 1, 1)
    total = 0
    for count in range(lowest, max(highest, lowest) + 1):
        total += inner**count
        if total > MOST_WAYS:
            return MOST_WAYS + 1
    return total
