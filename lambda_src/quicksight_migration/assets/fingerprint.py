"""When two contents are the same, and what differs when they are not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from quicksight_migration.assets.content import Content
from shared.canonical import canonical_json, sha256_hex
from shared.redaction import redacted
from shared.schemas import path_text

#: Differences that are told of one asset; the fingerprint counts all.
MOST_DIFFERENCES = 50
#: Characters of a value that is told.
MOST_TEXT = 300
#: Members that tell the elements of a list apart, so that one more visual is one difference and not a hundred.
KEYS = ("SheetId", "FilterGroupId", "Identifier", "Name", "Id", "ColumnName")


@dataclass(frozen=True)
class Difference:
    """`path` as in `$.Definition.Sheets[0].Title`; `before` and `after` are redacted text, None where there is none."""

    path: str
    before: str | None
    after: str | None

    def document(self) -> dict[str, Any]:
        """As a plan shows it."""
        return {"path": self.path, "from": self.before, "to": self.after}


def fingerprint(content: Content) -> str:
    """64 hex digits; equal for contents that mean the same."""
    return sha256_hex(canonical_json(content))


def differences(current: Content, new: Content) -> list[Difference]:
    """What would change, in the order of the members' names; at most MOST_DIFFERENCES."""
    found: list[Difference] = []
    for path, before, after in _unequal(current, new, []):
        if len(found) == MOST_DIFFERENCES:
            break
        found.append(Difference(path_text(path), _text(before, path), _text(after, path)))
    return found


_NOTHING: Any = object()


def _unequal(current: Any, new: Any, path: list[str | int]) -> Iterator[tuple[list[str | int], Any, Any]]:
    if isinstance(current, Mapping) and isinstance(new, Mapping):
        for name in sorted({*current, *new}):
            yield from _unequal(current.get(name, _NOTHING), new.get(name, _NOTHING), [*path, name])
    elif isinstance(current, list) and isinstance(new, list):
        yield from _lists(current, new, path)
    elif current != new:
        yield path, current, new


def _lists(current: list[Any], new: list[Any], path: list[str | int]) -> Iterator[tuple[list[str | int], Any, Any]]:
    before, after = _by_key(current), _by_key(new)
    if before is None or after is None:
        before, after = dict(enumerate(current)), dict(enumerate(new))
    elif list(before) != list(after) and set(before) == set(after):
        yield path, f"order: {', '.join(map(str, before))}", f"order: {', '.join(map(str, after))}"
    for key in [*before, *(each for each in after if each not in before)]:
        yield from _unequal(before.get(key, _NOTHING), after.get(key, _NOTHING), [*path, key])


def _by_key(items: list[Any]) -> dict[str | int, Any] | None:
    """The elements by the member that names them, None when they have none that tells all apart."""
    for name in KEYS:
        found: dict[str | int, Any] = {
            each[name]: each for each in items if isinstance(each, Mapping) and isinstance(each.get(name), str)
        }
        if items and len(found) == len(items):
            return found
    return None


def _text(value: Any, path: list[str | int]) -> str | None:
    if value is _NOTHING:
        return None
    named = [part for part in path if isinstance(part, str)]
    shown = redacted(value, named[-1] if named else "")
    text = shown if isinstance(shown, str) else canonical_json(shown)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"
