"""The intake queue in a test's own time: at least once, in any order, with a visibility timeout and an end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

#: As modules/file-transfer sets them.
VISIBILITY_SECONDS = 360
MOST_RECEIVES = 6


@dataclass
class Message:
    """`visible_at`: hidden until then, since it was delayed or received."""

    id: str
    body: Any
    visible_at: datetime
    receives: int = 0


@dataclass
class Queue:
    """`dead` are the ids of what was received too often."""

    messages: dict[str, Message] = field(default_factory=dict)
    dead: list[str] = field(default_factory=list)
    sent: int = 0

    def send(self, body: Any, now: datetime, delay: float = 0.0) -> None:
        self.sent += 1
        name = f"m{self.sent}"
        self.messages[name] = Message(name, body, now + timedelta(seconds=delay))

    def receive(self, choice: int, now: datetime, *, again: bool = False) -> Message | None:
        """A message that is visible; with `again` one that somebody is at work on, as SQS may do."""
        hidden = [each for each in self.messages.values() if each.visible_at > now and each.receives]
        fitting = hidden if again else [each for each in self.messages.values() if each.visible_at <= now]
        if not fitting:
            return None
        message = fitting[choice % len(fitting)]
        if message.receives >= MOST_RECEIVES:
            self.dead.append(message.id)
            del self.messages[message.id]
            return None
        message.receives += 1
        message.visible_at = now + timedelta(seconds=VISIBILITY_SECONDS)
        return message

    def acknowledge(self, message_id: str) -> None:
        self.messages.pop(message_id, None)

    def give_back(self, message_id: str, now: datetime) -> None:
        """The pipe was told that it failed."""
        if message_id in self.messages:
            self.messages[message_id].visible_at = now
