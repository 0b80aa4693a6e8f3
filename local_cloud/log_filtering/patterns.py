"""Filter patterns of CloudWatch Logs ("Filter pattern syntax for metric filters, subscription filters, …").

Terms are case sensitive; what is not letters and digits stands in double quotes. `-term` must be absent, of terms with
`?` one must be there, unless there are others: then they count for nothing. `{ … }` compares members of JSON events.
Regular expressions and patterns of columns are refused, as nobody here uses them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

Matches = Callable[[str], bool]
_TERM = re.compile(r'\s*(?P<mark>[-?]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[\w]+))(?=\s|$)')
_TOKEN = re.compile(
    r"""\s*(?:(?P<path>\$(?:\.[\w-]+|\[\d+\]|\["[^"]+"\])+)|(?P<operator>&&|\|\||!=|<=|>=|=|<|>|\(|\))
    |(?P<word>IS|NOT|EXISTS|NULL|TRUE|FALSE)\b|"(?P<text>(?:[^"\\]|\\.)*)"|(?P<bare>[\w.*:/-]+))""",
    re.VERBOSE,
)
_PART = re.compile(r'\.([\w-]+)|\[(\d+)\]|\["([^"]+)"\]')
_MISSING = object()


class BadPattern(ValueError):
    """The pattern cannot be read."""


def compiled(pattern: str) -> Matches:
    """Which messages the pattern takes. Raises BadPattern."""
    text = pattern.strip()
    if not text:
        return lambda _message: True
    if text.startswith("{") and text.endswith("}"):
        condition = _Json(text[1:-1]).condition()
        return lambda message: condition(_parsed(message))
    return _of_terms(text)


def _of_terms(text: str) -> Matches:
    terms: dict[str, list[str]] = {"": [], "-": [], "?": []}
    at = 0
    while at < len(text):
        found = _TERM.match(text, at)
        if not found:
            raise BadPattern(f"Invalid filter pattern at {text[at:]!r}")
        quoted = found["quoted"]
        terms[found["mark"]].append(found["plain"] if quoted is None else _unquoted(quoted))
        at = found.end() + len(text[found.end() :]) - len(text[found.end() :].lstrip())
    wanted, absent, any_of = terms[""], terms["-"], terms["?"]
    return lambda message: (
        all(term in message for term in wanted)
        and not any(term in message for term in absent)
        and (not any_of or bool(wanted or absent) or any(term in message for term in any_of))
    )


class _Json:
    """A condition over JSON: comparisons with && and ||, of which && binds more."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at, end = 0, len(text.rstrip())
        while at < end:
            found = _TOKEN.match(text, at)
            if not found or not found.lastgroup:
                raise BadPattern(f"Invalid filter pattern at {text[at:]!r}")
            self._tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()

    def condition(self) -> Callable[[Any], bool]:
        """The whole of it."""
        made = self._either()
        if self._tokens:
            raise BadPattern(f"Invalid filter pattern at {self._tokens[0][1]!r}")
        return made

    def _either(self) -> Callable[[Any], bool]:
        parts = [self._both()]
        while self._next("operator", "||"):
            parts.append(self._both())
        return lambda event: any(part(event) for part in parts)

    def _both(self) -> Callable[[Any], bool]:
        parts = [self._one()]
        while self._next("operator", "&&"):
            parts.append(self._one())
        return lambda event: all(part(event) for part in parts)

    def _one(self) -> Callable[[Any], bool]:
        if self._next("operator", "("):
            inner = self._either()
            self._need("operator", ")")
            return inner
        path = self._need("path")
        if self._next("word", "NOT"):
            self._need("word", "EXISTS")
            return lambda event: _at(event, path) is _MISSING
        if self._next("word", "EXISTS"):
            return lambda event: _at(event, path) is not _MISSING
        if self._next("word", "IS"):
            wanted = {"NULL": None, "TRUE": True, "FALSE": False}[self._need("word")]
            return lambda event: _at(event, path) is wanted
        operator = self._need("operator")
        kind, value = self._tokens.pop(0) if self._tokens else ("", "")
        if kind not in ("text", "bare"):
            raise BadPattern(f"Invalid filter pattern: nothing to compare {path} with")
        value = _unquoted(value) if kind == "text" else value
        return lambda event: _compared(_at(event, path), operator, value)

    def _next(self, kind: str, text: str) -> bool:
        if self._tokens[:1] == [(kind, text)]:
            self._tokens.pop(0)
            return True
        return False

    def _need(self, kind: str, text: str = "") -> str:
        if not self._tokens or self._tokens[0][0] != kind or text not in ("", self._tokens[0][1]):
            raise BadPattern(f"Invalid filter pattern: {text or kind} is missing")
        return self._tokens.pop(0)[1]


def _compared(found: Any, operator: str, value: str) -> bool:
    if found is _MISSING or found is None or isinstance(found, dict | list):
        return False
    if operator in ("=", "!="):
        told = found if isinstance(found, str) else json.dumps(found)
        equal = fnmatchcase(told, value.replace("[", "[[]")) or _number(told) == _number(value) is not None
        return equal == (operator == "=")
    left, right = _number(found), _number(value)
    if left is None or right is None or isinstance(found, bool):
        return False
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _parsed(message: str) -> Any:
    try:
        return json.loads(message)
    except ValueError:
        return _MISSING


def _at(event: Any, path: str) -> Any:
    for name, index, quoted in _PART.findall(path):
        if index and isinstance(event, list) and int(index) < len(event):
            event = event[int(index)]
        elif not index and isinstance(event, dict) and (name or quoted) in event:
            event = event[name or quoted]
        else:
            return _MISSING
    return event


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
