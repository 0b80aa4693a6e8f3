"""Rules that say which calls fail and how: `/_towpath/faults`."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from local_cloud.control_plane import BadRequest, Request

ON_CALLS = ("error", "throttle", "latency", "lost_response")
ON_FUNCTIONS = ("kill_lambda",)
ON_MESSAGES = ("drop", "duplicate", "delay", "reorder")
# Pseudo-operations that are no API calls: an event on its way to a target, a message on its way to a consumer.
MESSAGE_OPERATIONS = (("events", "Deliver"), ("sqs", "Message"))
_LOG_LENGTH = 10_000


@dataclass(frozen=True)
class Occasion:
    """Something that a rule may hit. `principal` is empty where nobody in particular acts."""

    service: str
    operation: str
    resource: str
    principal: str


@dataclass
class Rule:
    """One rule. It hits a matching occasion by probability, or by number (from 1), at most `times` times."""

    id: str
    service: str
    operation: str
    action: dict[str, Any]
    resource: str = "*"
    principal: str | None = None
    probability: float = 1.0
    nth: frozenset[int] = frozenset()
    times: int | None = None
    hits: int = 0
    seen: int = 0
    _random: Random = field(default_factory=Random)

    def matches(self, occasion: Occasion) -> bool:
        """Whether the rule is about this at all. Without a principal it spares the account's administrator."""
        if self.principal is None and occasion.principal.endswith(":root"):
            return False
        globs = (
            (occasion.service, self.service),
            (occasion.operation, self.operation),
            (occasion.resource, self.resource),
            (occasion.principal, self.principal or "*"),
        )
        return all(fnmatchcase(value, pattern) for value, pattern in globs)

    def strikes(self) -> bool:
        """Counts one matching occasion; whether the rule hits it."""
        self.seen += 1
        if self.times is not None and self.hits >= self.times:
            return False
        hit = self.seen in self.nth if self.nth else self._random.random() < self.probability
        self.hits += hit
        return hit

    def describe(self) -> dict[str, Any]:
        """The rule as it was written, with its hits."""
        written = {name: getattr(self, name) for name in ("id", "service", "operation", "resource", "action", "hits")}
        given = {"principal": self.principal, "times": self.times, "nth": sorted(self.nth) or None}
        chance = {} if self.nth else {"probability": self.probability}
        return written | chance | {name: value for name, value in given.items() if value is not None}


def parse(seed: int, position: int, text: Any) -> Rule:
    """A rule from its JSON. Raises BadRequest naming what is wrong.

    Each rule draws from its own random numbers, so that it hits the same calls whatever the other rules do.
    """
    if not isinstance(text, dict):
        raise BadRequest(f"rule {position} must be an object")
    rule_id = str(text.get("id", f"rule-{position}"))
    known = {"id", "service", "operation", "resource", "principal", "probability", "nth", "times", "action"}
    if unknown := text.keys() - known:
        raise BadRequest(f"rule {rule_id}: unknown {sorted(unknown)}; known are {sorted(known)}")
    if "probability" in text and "nth" in text:
        raise BadRequest(f"rule {rule_id}: either probability or nth")
    rule = Rule(
        id=rule_id,
        service=text.get("service", "*"),
        operation=text.get("operation", "*"),
        action=text.get("action") or {},
        resource=text.get("resource", "*"),
        principal=text.get("principal"),
        probability=float(text.get("probability", 1.0)),
        nth=frozenset(text.get("nth", [])),
        times=text.get("times"),
        _random=Random(f"{seed}:{rule_id}"),
    )
    _check_action(rule)
    return rule


def _check_action(rule: Rule) -> None:
    kind = str(rule.action.get("type"))
    about_messages = (rule.service, rule.operation) in MESSAGE_OPERATIONS
    allowed = ON_MESSAGES if about_messages else ON_CALLS + ON_FUNCTIONS
    if kind not in allowed:
        raise BadRequest(f"rule {rule.id}: action type {kind!r} must be one of {list(allowed)} here")
    if kind in ON_FUNCTIONS and (rule.service, rule.operation) != ("lambda", "Invoke"):
        raise BadRequest(f"rule {rule.id}: kill_lambda needs service lambda and operation Invoke")
    for name in {"latency": ["ms"], "delay": ["ms"], "error": ["code"], "kill_lambda": ["after_ms"]}.get(kind, []):
        if name not in rule.action:
            raise BadRequest(f"rule {rule.id}: action {kind} needs {name}")


class Rules:
    """The rules in force and the log of what they hit."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seed = 0
        self._rules: list[Rule] = []
        self._log: deque[dict[str, Any]] = deque(maxlen=_LOG_LENGTH)

    def decide(self, occasion: Occasion, kinds: tuple[str, ...]) -> Rule | None:
        """The first rule with one of these actions that hits the occasion; all that match count it."""
        if not self._rules:
            return None
        with self._lock:
            matching = [rule for rule in self._rules if rule.action["type"] in kinds and rule.matches(occasion)]
            striking = [rule for rule in matching if rule.strikes()]
            if not striking:
                return None
            chosen = striking[0]
            self._log.append(
                {
                    "rule": chosen.id,
                    "id": f"{chosen.id}#{chosen.hits}",
                    "service": occasion.service,
                    "operation": occasion.operation,
                    "resource": occasion.resource,
                    "principal": occasion.principal,
                    "action": chosen.action,
                    "time": time.time(),
                }
            )
            return chosen

    def replace(self, request: Request) -> dict[str, Any]:
        """POST faults: {"seed", "rules"} instead of what was in force. Raises BadRequest."""
        body = request.body if isinstance(request.body, dict) else {}
        seed = int(body.get("seed", 0))
        rules = [parse(seed, position, text) for position, text in enumerate(body.get("rules", []))]
        with self._lock:
            self._seed, self._rules = seed, rules
            self._log.clear()
        return self.read(request)

    def read(self, _request: Request) -> dict[str, Any]:
        """GET faults: the seed, the rules with their hits, and the log."""
        with self._lock:
            return {"seed": self._seed, "rules": [rule.describe() for rule in self._rules], "log": list(self._log)}

    def clear(self, request: Request) -> dict[str, Any]:
        """DELETE faults: nothing fails any more."""
        with self._lock:
            self._rules = []
            self._log.clear()
        return self.read(request)


IN_FORCE = Rules()
