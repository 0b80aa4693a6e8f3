"""Changes on their way to those who follow a topic: put together where they follow each other, told as a patch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.canonical import canonical_json
from shared.live import messages

View = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """A thing of a topic went from `before` at `previous_seq` to `after` at `seq`; `previous_seq` is 0 for a new one.

    `key` tells the things of a topic about many apart; their changes are told whole, since not all of them are in a
    client's snapshot.
    """

    topic: str
    seq: int
    previous_seq: int
    before: View
    after: View
    key: str = ""

    def message(self) -> str:
        """The delta."""
        if self.key:
            return messages.delta(self.topic, self.seq, self.previous_seq, self.after, key=self.key, whole=True)
        return messages.delta(self.topic, self.seq, self.previous_seq, merge_patch(self.before, self.after))


def coalesced(changes: Iterable[Change]) -> list[Change]:
    """One change a thing where the numbers follow each other, in the order of their last ones.

    A change that came twice is told once. Where a number is missing two changes stay two, and a client sees the gap.
    """
    kept: list[Change] = []
    for change in changes:
        last = next((each for each in reversed(kept) if (each.topic, each.key) == (change.topic, change.key)), None)
        if last and change.seq <= last.seq:
            continue
        if last and change.previous_seq == last.seq:
            kept.remove(last)
            change = Change(  # noqa: PLW2901  (what came before is part of it now)
                change.topic, change.seq, last.previous_seq, last.before, change.after, change.key
            )
        kept.append(change)
    return kept


def merge_patch(before: View, after: View) -> dict[str, Any]:
    """The patch (RFC 7396) that makes `after` of `before`. Null means "removed" in it, so it is no value of its own."""
    patch: dict[str, Any] = {name: None for name in before if name not in after}
    for name, value in after.items():
        old = before.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            inner = merge_patch(old, value)
            if inner:
                patch[name] = inner
        elif name not in before or canonical_json(old) != canonical_json(value):  # 1 == True, but not in JSON
            patch[name] = value
    return patch


def patched(base: Any, patch: Any) -> Any:
    """RFC 7396, section 2."""
    if not isinstance(patch, Mapping):
        return patch
    made = dict(base) if isinstance(base, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = patched(made.get(name), value)
    return made
