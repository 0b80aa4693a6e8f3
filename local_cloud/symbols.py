"""Which parts of ministack the gaps replace or lean on, and whether they still read as they did when we looked.

A gap names each such part with the digest of its source. An upgrade of ministack that touches one of them stops the
server at start, with the names to review, instead of misbehaving later. `python -m local_cloud.symbols module:name …`
prints the digests of the installed version.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class UpstreamChanged(RuntimeError):
    """A part of ministack that a gap patches is no longer what the gap was written against."""


@dataclass(frozen=True)
class PatchedSymbol:
    """`name` may be dotted (`Worker.invoke`); `digest` is what `digest_of` returned when the gap was written."""

    module: str
    name: str
    digest: str

    def __str__(self) -> str:
        return f"{self.module}:{self.name}"


def resolve(module: str, name: str) -> Any:
    """The object behind a dotted name. Raises AttributeError or ImportError when it is gone."""
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found


def digest_of(module: str, name: str) -> str:
    """First 16 hex digits of the sha256 of a function's or class's source, or of a constant's value."""
    found = resolve(module, name)
    text = inspect.getsource(found) if inspect.isroutine(found) or inspect.isclass(found) else repr(found)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def verify(symbols: Iterable[PatchedSymbol]) -> None:
    """Raises UpstreamChanged naming every symbol that is gone or reads differently."""
    problems = []
    for symbol in symbols:
        try:
            actual = digest_of(symbol.module, symbol.name)
        except (AttributeError, ImportError) as error:
            problems.append(f"{symbol} is gone ({error})")
            continue
        if actual != symbol.digest:
            problems.append(f"{symbol} changed (expected {symbol.digest}, found {actual})")
    if problems:
        raise UpstreamChanged("ministack is not the version these gaps were written for:\n  " + "\n  ".join(problems))


def main(arguments: list[str]) -> None:
    """Prints one `module:name digest` line per argument."""
    for argument in arguments:
        module, _, name = argument.partition(":")
        print(argument, digest_of(module, name))


if __name__ == "__main__":
    main(sys.argv[1:])
