"""Regular expressions from definitions, matched by RE2: time linear in the name, whatever the pattern is.

RE2 has no look-around and no back references, since nothing linear could match them; `\\d`, `\\w` and `\\s` are ASCII
(https://github.com/google/re2/wiki/Syntax). What it compiles is bounded too: a pattern that takes more is refused.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

#: Bytes that a compiled pattern may take, for all patterns of a worker together at most 256 times that.
MOST_MEMORY = 1 << 20


class UnsafePattern(ValueError):
    """The pattern cannot be used; the message says why."""


def check(pattern: str) -> None:
    """Raises UnsafePattern for what RE2 does not compile."""
    _compiled(pattern)


def matches(pattern: str, name: str) -> bool:
    """True when the pattern is found in the name. Raises UnsafePattern."""
    return _compiled(pattern).search(name) is not None


def matches_whole(pattern: str, name: str) -> bool:
    """True when the pattern matches the name from its beginning to its end. Raises UnsafePattern."""
    return _compiled(pattern).fullmatch(name) is not None


def groups(pattern: str, name: str) -> dict[str, str] | None:
    """The named groups of the first match that took part in it; None without a match. Raises UnsafePattern."""
    found = _compiled(pattern).search(name)
    if found is None:
        return None
    return {group: text for group, text in found.groupdict().items() if text is not None}


def group_names(pattern: str) -> set[str]:
    """The names of the pattern's groups. Raises UnsafePattern."""
    return set(_compiled(pattern).groupindex)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    import re2  # noqa: PLC0415  (3 ms that a worker without patterns does not pay)

    options = re2.Options()
    options.log_errors = False
    options.max_mem = MOST_MEMORY
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        said = error.args[0] if error.args else ""
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        raise UnsafePattern(f"not a regular expression that RE2 takes: {text}") from error
    except UnicodeEncodeError as error:
        raise UnsafePattern("not a regular expression: it holds half a character") from error
