"""What is to go wrong: rules on occasions of several kinds, and acts that somebody does by hand.

A rule is `{"id", <names>, "nth", "times", "probability", "action": {"type", …}}`. Its names are wildcards and default
to `*`; of the matching occasions it hits those with the numbers `nth` (from 1), or all, at most `times`, each with
`probability`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from local_cloud.simulation.state import Record, SimulationState

Members = Mapping[str, Mapping[str, Any]]
"""Action → its members with their defaults; None is a member that must be given."""
_GENERAL = {"id", "nth", "times", "probability", "action"}


class BadInjection(ValueError):
    """A rule that cannot be carried out; the message says what to change."""


@dataclass(frozen=True)
class Catalogue:
    """The rules that one simulator knows: actions by kind of occasion, names, and the values a name may have."""

    kinds: Mapping[str, Members]
    names: tuple[str, ...]
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def normalised(self, state: SimulationState, rule: Mapping[str, Any]) -> Record:
        """The rule with its defaults and its counters. Raises BadInjection."""
        action = dict(rule.get("action") or {})
        kind = next((name for name, actions in self.kinds.items() if action.get("type") in actions), None)
        if kind is None:
            known = sorted(name for actions in self.kinds.values() for name in actions)
            raise BadInjection(f"action.type must be one of {', '.join(known)}, not {action.get('type')!r}")
        members = self.kinds[kind][action["type"]]
        self._refuse_members(rule, action, members)
        return {
            "id": str(rule.get("id") or f"injection-{state.number()}"),
            "kind": kind,
            **{name: str(rule.get(name, "*")) for name in self.names},
            "nth": list(rule.get("nth", [])),
            "times": rule.get("times"),
            "probability": float(rule.get("probability", 1)),
            "action": {**members, **action},
            "seen": 0,
            "hits": 0,
        }

    def _refuse_members(self, rule: Mapping[str, Any], action: Record, members: Mapping[str, Any]) -> None:
        known = {*_GENERAL, *self.names}
        unknown = [*(rule.keys() - known), *(f"action.{name}" for name in action.keys() - members.keys() - {"type"})]
        missing = [f"action.{name}" for name, default in members.items() if default is None and name not in action]
        if unknown or missing:
            raise BadInjection(f"{action['type']}: unknown {sorted(unknown)}, missing {missing}")
        nth = rule.get("nth", [])
        if not isinstance(nth, list) or not all(isinstance(each, int) for each in nth):
            raise BadInjection(f"nth must be a list of whole numbers such as [2], not {nth!r}")
        for name, values in self.values.items():
            if rule.get(name, "*") not in ("*", *values):
                raise BadInjection(f"{name} must be one of {', '.join(values)}, not {rule[name]!r}")


def strike(
    state: SimulationState, kind: str, at: str, aliases: Mapping[str, Sequence[str]] | None = None, **occasion: str
) -> Record | None:
    """The action of the first rule of a kind that hits an occasion; it is counted and noted in `injected`.

    `aliases` are further values by which a name of the occasion may be meant.
    """
    for rule in state.injections:
        if rule["kind"] == kind and _matches(rule, occasion, aliases or {}) and _hits(state, rule):
            state.injected.append({"rule": rule["id"], "type": rule["action"]["type"], "time": at, **occasion})
            action: Record = rule["action"]
            return action
    return None


def _matches(rule: Record, occasion: Mapping[str, str], aliases: Mapping[str, Sequence[str]]) -> bool:
    names = rule.keys() - {*_GENERAL, "kind", "seen", "hits"}
    return all(
        any(fnmatchcase(value, rule[name]) for value in (occasion.get(name, ""), *aliases.get(name, ())))
        for name in names
    )


def _hits(state: SimulationState, rule: Record) -> bool:
    rule["seen"] += 1
    if rule["times"] is not None and rule["hits"] >= rule["times"]:
        return False
    if rule["nth"]:
        struck = rule["seen"] in rule["nth"]
    else:
        struck = Random(f"{state.seed} {rule['id']} {rule['seen']}").random() < rule["probability"]
    rule["hits"] += struck
    return bool(struck)
