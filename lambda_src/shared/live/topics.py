"""What can be followed. A system says which topics it has, who may follow them, and how they stand now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from shared.live.tickets import Holder

#: `<kind>:<id>`, such as `job:job-01abc`. It is part of a key and of every message.
PATTERN = re.compile(r"([a-z][a-z-]{0,31}):([A-Za-z0-9_.:-]{1,128})\Z", re.ASCII)


class TopicRefused(Exception):
    """The topic cannot be followed by this holder; `code` and message are told to the client."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Snapshot:
    """How a topic stands at the number `seq`.

    Of a topic about many things, such as a list, `data` is `{"items": [{"key", "seq", "data"}]}` and `seq` is 0: each
    thing has numbers of its own.
    """

    seq: int
    data: Mapping[str, Any]


class Topics(Protocol):
    """A system's topics."""

    def admit(self, holder: Holder, kind: str, name: str) -> None:
        """Raises TopicRefused for what this holder must not see or what is no topic. What does not exist and what is
        somebody else's are refused in the same words."""

    def snapshot(self, kind: str, name: str) -> Snapshot:
        """How an admitted topic stands, read consistently where it is about one thing."""


def parts(topic: Any) -> tuple[str, str]:
    """Kind and name. Raises TopicRefused for what is no topic."""
    found = PATTERN.match(topic) if isinstance(topic, str) else None
    if not found:
        raise TopicRefused("NO_SUCH_TOPIC", 'topic must look like "job:<id>"')
    return found[1], found[2]


def unknown(topic: str) -> TopicRefused:
    """The refusal of what does not exist or is somebody else's."""
    return TopicRefused("NO_SUCH_TOPIC", f"there is no topic {topic} for you")
