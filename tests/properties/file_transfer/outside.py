"""What lies outside: the targets that files reach, deliveries that end in their own time, and a group's last file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Order = Mapping[str, Any]


@dataclass
class Delivery:
    """An asynchronous delivery; `ended` is how."""

    order: Order
    ended: str = ""


@dataclass
class Outside:
    """`copies` and `sent` count what targets really received; `members` wait for the marker, by attempt.

    `given_up` are deliveries that the transfer was told to be over though nobody knows: another may begin.
    """

    deliveries: dict[str, Delivery] = field(default_factory=dict)
    given_up: set[str] = field(default_factory=set)
    copies: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    members: dict[tuple[str, str], int] = field(default_factory=dict)
    marker: bool = False

    def copy(self, target: Mapping[str, Any]) -> None:
        """A copy that finds its own is adopted."""
        if not self.copies[target["id"]]:
            self.copies[target["id"]] += 1

    def start(self, order: Order) -> str:
        """Begins a delivery, unless one of that name has begun. Returns what is wrong with that, if anything."""
        name, target = order["operation"], order["target"]["id"]
        if name in self.deliveries:
            return ""
        open_ones = [
            before
            for before, each in self.deliveries.items()
            if each.order["target"]["id"] == target and each.ended != "FAILED" and before not in self.given_up
        ]
        self.deliveries[name] = Delivery(order)
        return f"{name} was started beside {open_ones[0]}" if open_ones else ""

    def end(self, name: str, state: str) -> dict[str, Any]:
        """Ends a delivery; returns the outcome's message."""
        delivery = self.deliveries[name]
        delivery.ended = state
        if state == "SUCCEEDED":
            self.sent[delivery.order["target"]["id"]] += 1
        return outcome(delivery.order, state, {"FAILED": "TRANSIENT", "SKIPPED": "EXISTS"}.get(state, ""))

    def to(self, target: str) -> list[Delivery]:
        """The deliveries to a target."""
        return [each for each in self.deliveries.values() if each.order["target"]["id"] == target]

    def running(self) -> list[str]:
        """Names of the deliveries under way."""
        return [name for name, delivery in self.deliveries.items() if not delivery.ended]


def outcome(order: Order, state: str, reason: str = "") -> dict[str, Any]:
    """As a connector or the machine of large files tells it."""
    message = {
        "kind": "towpath.outcome",
        "pk": order["transfer"]["pk"],
        "sk": order["transfer"]["sk"],
        "target": order["target"]["id"],
        "operation": order["operation"],
        "state": state,
    }
    return message | ({"reason": reason} if reason else {})
