"""Calls about single things, several at a time: one after the other they would take longer than a request may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

AT_ONCE = 16
#: Fewer are not worth the threads.
MANY = 8


def side_by_side(call: Callable[[T], R], values: Sequence[T], at_once: int = AT_ONCE, many: int = MANY) -> list[R]:
    """The call for each value, in their order; `many` values are taken several at a time.

    Raises what a call raises, and makes no more of them then.
    """
    if len(values) < many:
        return [call(value) for value in values]
    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(call, values))
