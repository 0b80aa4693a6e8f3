"""What is to go wrong: rules on calls, on phases of servers and on events, and acts that somebody else does by hand.

A rule is `{"id", "operation", "server", "phase", "nth", "times", "probability", "action": {"type", …}}`. `operation`,
`server` (id or host name) and `phase` are wildcards and default to `*`; of the matching occasions it hits those with
the numbers `nth` (from 1), or all, at most `times`, each with `probability`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from random import Random
from typing import Any

from local_cloud.drs.state import Record, State

# Action → its members with their defaults; None is a member that must be given.
ON_CALLS: dict[str, dict[str, Any]] = {
    "error": {"code": "InternalServerException", "status": 500, "message": "injected", "retryAfterSeconds": 0},
    "throttle": {"retryAfterSeconds": 1},
    "lost_response": {},
    "late_visibility": {"seconds": 30},
    "small_pages": {"size": 1},
}
ON_PHASES: dict[str, dict[str, Any]] = {
    "fail": {"error": "injected failure"},
    "hang": {"seconds": 0},
    "slow": {"factor": 3},
    "leave": {},
}
ON_EVENTS: dict[str, dict[str, Any]] = {
    "lose_event": {},
    "duplicate_event": {"times": 2},
    "delay_event": {"seconds": 120},
}
ACTS: dict[str, dict[str, Any]] = {
    "external_job": {"servers": None, "isDrill": True, "afterSeconds": 0},
    "terminate_instance": {"server": None, "afterSeconds": 0},
    "delete_job": {"job": None, "afterSeconds": 0},
}
KINDS = {"call": ON_CALLS, "phase": ON_PHASES, "event": ON_EVENTS, "act": ACTS}
PHASES = ("CLEANUP", "SNAPSHOT", "CONVERSION", "LAUNCH", "TERMINATE")
_MEMBERS = {"id", "operation", "server", "phase", "nth", "times", "probability", "action"}


class BadInjection(ValueError):
    """A rule that cannot be carried out; the message says what to change."""


def normalised(state: State, rule: Mapping[str, Any]) -> Record:
    """The rule with its defaults and its counters. Raises BadInjection."""
    action = dict(rule.get("action") or {})
    kind = next((name for name, actions in KINDS.items() if action.get("type") in actions), None)
    if kind is None:
        known = sorted(name for actions in KINDS.values() for name in actions)
        raise BadInjection(f"action.type must be one of {', '.join(known)}, not {action.get('type')!r}")
    members = KINDS[kind][action["type"]]
    unknown = [*(rule.keys() - _MEMBERS), *(f"action.{name}" for name in action.keys() - members.keys() - {"type"})]
    missing = [f"action.{name}" for name, default in members.items() if default is None and name not in action]
    if unknown or missing:
        raise BadInjection(f"{action['type']}: unknown {sorted(unknown)}, missing {missing}")
    if rule.get("phase", "*") not in ("*", *PHASES):
        raise BadInjection(f"phase must be one of {', '.join(PHASES)}, not {rule['phase']!r}")
    return {
        "id": str(rule.get("id") or f"injection-{state.number()}"),
        "kind": kind,
        "operation": str(rule.get("operation", "*")),
        "server": str(rule.get("server", "*")),
        "phase": str(rule.get("phase", "*")),
        "nth": [int(each) for each in rule.get("nth", [])],
        "times": rule.get("times"),
        "probability": float(rule.get("probability", 1)),
        "action": {**members, **action},
        "seen": 0,
        "hits": 0,
    }


def strike(state: State, kind: str, at: str, **occasion: str) -> Record | None:
    """The action of the first rule of a kind that hits an occasion; it is counted and noted in `injected`.

    The occasion names `operation`, `server`, `hostname` and `phase`, as far as it has them.
    """
    for rule in state.injections:
        if rule["kind"] == kind and _matches(rule, occasion) and _hits(state, rule):
            state.injected.append({"rule": rule["id"], "type": rule["action"]["type"], "time": at, **occasion})
            action: Record = rule["action"]
            return action
    return None


def _matches(rule: Record, occasion: Mapping[str, str]) -> bool:
    names = [occasion.get("server", ""), occasion.get("hostname", "")]
    return (
        fnmatchcase(occasion.get("operation", ""), rule["operation"])
        and any(fnmatchcase(name, rule["server"]) for name in names)
        and fnmatchcase(occasion.get("phase", ""), rule["phase"])
    )


def _hits(state: State, rule: Record) -> bool:
    rule["seen"] += 1
    if rule["times"] is not None and rule["hits"] >= rule["times"]:
        return False
    if rule["nth"]:
        struck = rule["seen"] in rule["nth"]
    else:
        struck = Random(f"{state.seed} {rule['id']} {rule['seen']}").random() < rule["probability"]
    rule["hits"] += struck
    return bool(struck)
