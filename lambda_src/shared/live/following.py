"""A client's side: what it knows of each topic, and whether it missed something. No network and no clock.

The command line and the tests use it; a page in a browser does the same in its own language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from shared.live.changes import patched

Key = tuple[str, str]


@dataclass(frozen=True)
class News:
    """What a message brought.

    kind   "state": `data` is how the thing stands now. "gap": something was missed or did not fit into a message;
           subscribe again, or read it over the API. "error" and "pong" are as the server sent them.
    """

    kind: str
    topic: str = ""
    key: str = ""
    seq: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Following:
    """What is known, by topic and, where a topic is about many things, by the thing's key."""

    known: dict[Key, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    _early: dict[Key, list[Mapping[str, Any]]] = field(default_factory=dict)

    def take(self, message: Mapping[str, Any]) -> list[News]:
        """What a message of the server brings; nothing when all of it was known."""
        kind = message.get("type")
        if kind == "snapshot":
            return self._snapshot(message)
        if kind == "delta":
            return self._delta(message)
        return [News(str(kind), str(message.get("topic", "")), data=message)]

    def _snapshot(self, message: Mapping[str, Any]) -> list[News]:
        topic = str(message["topic"])
        if message.get("truncated"):
            return [News("gap", topic, seq=int(message["seq"]))]
        items = message["data"].get("items") if message["seq"] == 0 else None
        if items is None:
            items = [{"key": "", "seq": message["seq"], "data": message["data"]}]
        news = [each for item in items for each in self._know((topic, item["key"]), int(item["seq"]), item["data"])]
        for early in self._early.pop((topic, ""), []):
            news += self._delta(early)
        return news

    def _delta(self, message: Mapping[str, Any]) -> list[News]:
        key = (str(message["topic"]), str(message.get("key", "")))
        seq, previous = int(message["seq"]), int(message["previousSeq"])
        known = self.known.get(key)
        if message.get("truncated"):
            return [News("gap", *key, seq=seq)]
        if message.get("whole"):
            return self._know(key, seq, message["data"])
        if known is None:
            self._early.setdefault(key, []).append(message)
            return []
        if seq <= known[0]:
            return []
        if previous != known[0]:
            return [News("gap", *key, seq=seq)]
        return self._know(key, seq, patched(known[1], message["data"]))

    def _know(self, key: Key, seq: int, data: Mapping[str, Any]) -> list[News]:
        known = self.known.get(key)
        if known and known[0] >= seq:
            return []
        self.known[key] = (seq, dict(data))
        return [News("state", *key, seq=seq, data=data)]
