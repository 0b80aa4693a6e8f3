"""Events and messages that get lost, come twice, late or in another order.

AWS delivers events and queue messages at least once and in no order; these faults make that happen when a test wants
it. An event is hit on its way from a rule to a target, a message before its first delivery to a consumer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.services import eventbridge, sqs

from local_cloud.aws_client import spawn
from local_cloud.faults.rules import IN_FORCE, ON_MESSAGES, Occasion
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.services.eventbridge", "_invoke_target", "550e304af0809563"),
    PatchedSymbol("ministack.services.sqs", "_collect_msgs", "308a6eb1b3d4c8ad"),
)
# A message or event that waits to be overtaken is delivered after this time when nothing follows it.
_OVERTAKE_SECONDS = 2.0
_JUDGED = "towpath_judged"
Deliver = Callable[[], None]


class Reordering:
    """Holds a delivery to a target back until the next one to the same target has gone ahead."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Deliver] = {}

    def hold(self, target: str, deliver: Deliver) -> None:
        """Keeps a delivery for later; one that was held already goes now."""
        with self._lock:
            earlier = self._held.pop(target, None)
            self._held[target] = deliver
        if earlier:
            earlier()
        spawn(self._release_later, target, deliver)

    def release(self, target: str) -> None:
        """Makes the delivery that is held for the target, if there is one."""
        with self._lock:
            held = self._held.pop(target, None)
        if held:
            held()

    def _release_later(self, target: str, deliver: Deliver) -> None:
        time.sleep(_OVERTAKE_SECONDS)
        if self._held.get(target) is deliver:
            self.release(target)


def install() -> None:
    """Puts the rules on the way of events to targets and of messages to consumers."""
    invoke_target: Callable[..., None] = eventbridge._invoke_target
    collect: Callable[..., list[Any]] = sqs._collect_msgs
    events = Reordering()

    def deliver_event(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        def deliver() -> None:
            invoke_target(target, event, rule, view)

        arn = target.get("Arn", "")
        struck = IN_FORCE.decide(Occasion("events", "Deliver", arn, ""), ON_MESSAGES)
        kind = struck.action["type"] if struck else None
        if kind == "delay" and struck:
            spawn(_after, struck.action["ms"] / 1000, deliver)
        elif kind == "reorder":
            events.hold(arn, deliver)
        elif kind != "drop":
            deliver()
            if kind == "duplicate":
                deliver()
            events.release(arn)

    def collect_messages(queue: dict[str, Any], count: int, visibility_timeout: int) -> list[Any]:
        for message in list(queue["messages"]):
            if _JUDGED not in message and message["visible_at"] <= time.time():
                message[_JUDGED] = True
                _judge(queue, message)
        return collect(queue, count, visibility_timeout)

    eventbridge._invoke_target = deliver_event
    sqs._collect_msgs = collect_messages


def _after(seconds: float, deliver: Deliver) -> None:
    time.sleep(seconds)
    deliver()


def _judge(queue: dict[str, Any], message: dict[str, Any]) -> None:
    """Applies the rule that hits a message to the queue it is in."""
    arn = queue["attributes"].get("QueueArn", "")
    struck = IN_FORCE.decide(Occasion("sqs", "Message", arn, ""), ON_MESSAGES)
    kind = struck.action["type"] if struck else None
    messages = queue["messages"]
    if kind == "drop":
        messages.remove(message)
    elif kind == "duplicate":
        messages.append({**message})  # the same message id, as when SQS delivers a message twice
    elif kind == "delay" and struck:
        message["visible_at"] = time.time() + struck.action["ms"] / 1000
    elif kind == "reorder":
        message["visible_at"] = time.time() + _OVERTAKE_SECONDS
