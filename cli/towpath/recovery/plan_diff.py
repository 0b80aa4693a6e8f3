"""How two plans differ, in words of the plan: waves by name, servers by id; a default that is spelled out is none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from disaster_recovery.plans.plan import parse_plan

Document = Mapping[str, Any]
ABSENT = object()
#: What an entry of a list is known by.
KEYS = {
    "waves": "name",
    "servers": "sourceServerId",
    "preActions": "name",
    "postActions": "name",
}


@dataclass(frozen=True)
class Change:
    """`kind` is `+` (only in the new plan), `-` (only in the old one), `~` (both, different) or `>` (moved)."""

    kind: str
    where: str
    old: Any = None
    new: Any = None

    def document(self) -> dict[str, Any]:
        """As JSON shows it: no `old` for what is new, no `new` for what is gone."""
        values = {"old": self.old, "new": self.new}
        return {"change": self.kind, "where": self.where} | {k: v for k, v in values.items() if v is not None}

    def __str__(self) -> str:
        if self.kind == "~":
            return f"~ {self.where}: {_short(self.old)} → {_short(self.new)}"
        value = self.new if self.kind in "+>" else self.old
        return f"{self.kind} {self.where}" + ("" if value is None else f": {_short(value)}")


def differences(old: Document, new: Document) -> list[Change]:
    """Every change from the old to the new plan, in the order of the plan; defaults that are spelled out are none."""
    return list(_maps("", _effective(old), _effective(new)))


def _effective(document: Document) -> dict[str, Any]:
    """The document with the defaults that the system would take."""
    parse_plan(document)
    return {**_defaults("plan"), **document, "waves": [_wave(wave) for wave in document["waves"]]}


def _wave(wave: Document) -> dict[str, Any]:
    made = {**_defaults("wave"), **wave, "pause": {**_defaults("pause"), **wave.get("pause", {})}}
    if "servers" in wave:
        made["servers"] = [{"criticality": "CRITICAL", **server} for server in wave["servers"]]
    for name in ("preActions", "postActions"):
        made[name] = [{**_defaults("action"), **action} for action in wave.get(name, [])]
    return made


@cache
def _defaults(kind: str) -> dict[str, Any]:
    """Taken from the parser of plans, so that there is one place which decides them."""
    bare = {"name": "x", "waves": [{"name": "w", "preActions": [{"name": "a", "type": "LAMBDA", "functionName": "f"}]}]}
    plan = parse_plan(bare)
    wave = plan.waves[0]
    action = wave.pre_actions[0]
    defaults: dict[str, dict[str, Any]] = {
        "plan": {"conflictPolicy": plan.conflict_policy},
        "wave": {
            "pauseBeforeWave": wave.pause_before,
            "minimumLaunchedPercent": wave.minimum_launched_percent,
            "onFailure": wave.on_failure,
            "timeoutSeconds": wave.timeout_seconds,
            "recoveryPoint": {"mode": wave.recovery_point.mode},
        },
        "pause": {
            "deadlineSeconds": wave.pause.deadline_seconds,
            "onTimeout": wave.pause.on_timeout,
            "requireComment": wave.pause.require_comment,
        },
        "action": {"timeoutSeconds": action.timeout_seconds, "onFailure": action.on_failure},
    }
    return defaults[kind]


def _maps(where: str, old: Document, new: Document) -> Iterator[Change]:
    for name in dict.fromkeys([*old, *new]):
        inner = f"{where}.{name}" if where else name
        yield from _values(inner, name, old.get(name, ABSENT), new.get(name, ABSENT))


def _values(where: str, name: str, old: Any, new: Any) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _maps(where, old, new)
    elif name in KEYS and isinstance(old, list) and isinstance(new, list):
        yield from _lists(where, KEYS[name], old, new)
    elif old is ABSENT:
        yield Change("+", where, new=new)
    elif new is ABSENT:
        yield Change("-", where, old=old)
    else:
        yield Change("~", where, old, new)


def _lists(where: str, key_name: str, old: list[Any], new: list[Any]) -> Iterator[Change]:
    before = {each[key_name]: each for each in old}
    after = {each[key_name]: each for each in new}
    for key, entry in before.items():
        if key not in after:
            yield Change("-", f"{where}[{key}]", old=_summary(entry))
    for key, entry in after.items():
        if key not in before:
            yield Change("+", f"{where}[{key}]", new=_summary(entry))
        else:
            yield from _maps(f"{where}[{key}]", before[key], entry)
    kept_before, kept_after = [key for key in before if key in after], [key for key in after if key in before]
    if kept_before != kept_after and where.rpartition(".")[2] != "servers":
        yield Change(">", f"{where}, order", new=", ".join(kept_after))


def _summary(entry: Document) -> str | None:
    """What a whole wave or action that comes or goes is about."""
    if "servers" in entry:
        return f"{len(entry['servers'])} servers"
    return entry.get("protectionGroupId") or entry.get("type")


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:97]}…"  # noqa: PLR2004
