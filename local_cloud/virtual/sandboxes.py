"""Sandboxes in one process: what is harmless between processes may stand in the way between actors.

Before Python 3.12 a `functools.cached_property` holds one lock for all instances of its class while it computes. In
Lambda each worker is a process and nobody notices; here an actor that waits inside would lock out all others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import nullcontext
from functools import cached_property
from typing import Any


def without_locks(*packages: str) -> None:
    """Lets cached properties of the packages' classes compute without a lock; no instance is shared by two actors."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages:
            for kind in list(vars(module).values()):
                if isinstance(kind, type):
                    _loosen(kind)


def _loosen(kind: type) -> None:
    for value in vars(kind).values():
        if isinstance(value, cached_property) and hasattr(value, "lock"):
            value.lock = nullcontext()


class InTurn:
    """A ThreadPoolExecutor without threads, so that the order of calls is the seed's: work is done when handed in."""

    def __init__(self, *_: object, **__: object) -> None:
        return

    def submit(self, work: Callable[..., Any], *arguments: Any, **named: Any) -> Future[Any]:
        """The work's answer or error, there already; a sandbox that dies in it is not held up."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(*arguments, **named))
        except Exception as error:
            done.set_exception(error)
        return done

    def map(self, work: Callable[..., Any], *batches: Iterable[Any]) -> Iterator[Any]:
        """As the function of that name."""
        return map(work, *batches)

    def shutdown(self, **_: object) -> None:
        """There is nothing to wait for."""

    def __enter__(self) -> InTurn:
        return self

    def __exit__(self, *_: object) -> None:
        return None


def without_threads(*packages: str) -> None:
    """Lets modules of the packages do one thing after the other where they would use threads."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages and hasattr(module, "ThreadPoolExecutor"):
            vars(module)["ThreadPoolExecutor"] = InTurn
