"""What is wrong with a recovery plan or a protection group, as far as the document alone shows it. Pure.

Everything is told at once: the schema's problems, and what no schema can say, of every part that is well-formed. What
only AWS DRS knows (unknown servers, points in time, groups) is checked in plan_resolution.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from disaster_recovery.plans.wave_order import order_problems
from disaster_recovery.wave_actions.http_probe import allowed
from shared.clock import parse
from shared.schemas import Problem, problems

PLAN_SCHEMA, GROUP_SCHEMA, PREVIEW_SCHEMA = "recovery-plan", "protection-group", "protection-group-preview"
#: The members that belong to one type of action only.
ARGUMENTS = {
    "SSM_AUTOMATION": ("documentName", "parameters"),
    "LAMBDA": ("functionName", "payload"),
    "HTTP_PROBE": ("url", "expectedStatus"),
}
#: Stands for what is missing or has another type; no name or id begins with a blank.
UNREADABLE = " unreadable "


def plan_problems(document: Any, now: datetime, probe_hosts: Sequence[str] | None = None) -> list[Problem]:
    """Every problem of a plan, in the order of the document; an empty list means that it can be resolved.

    `probe_hosts`: the hosts that HTTP probes may call (http_probe.allowed); None, for a plan file on its own, leaves
    that open.
    """
    found = problems(PLAN_SCHEMA, document)
    waves = document.get("waves") if isinstance(document, Mapping) else None
    if isinstance(waves, list) and waves:
        known = {problem.path for problem in found}
        more = [*order_problems(readable(waves)), *_waves(waves, now, probe_hosts)]
        found += [problem for problem in dict.fromkeys(more) if problem.path not in known]
    return in_order(found)


def group_problems(document: Any, schema: str = GROUP_SCHEMA) -> list[Problem]:
    """Every problem of a protection group, or of a selection to preview."""
    found = problems(schema, document)
    selection = document.get("selection") if isinstance(document, Mapping) else None
    if isinstance(selection, Mapping) and not selection.get("sourceServerIds") and not selection.get("tags"):
        found.append(Problem("$.selection", "takes no server: name sourceServerIds or tags, or both"))
    return in_order(found)


def account_problems(document: Mapping[str, Any], home_account: str) -> list[Problem]:
    """What is wrong with where a plan or group lies, seen from the system's own account ("" where that is not known).

    Without a role the system's own credentials are used, and those see its own account whatever the document says. With
    a role of its own account its servers would be locked under two names, so that two plans could start one.
    """
    account = document.get("account") or {}
    account_id, role = account.get("accountId", ""), account.get("roleArn", "")
    if role and role.split(":")[4] != account_id:
        return [Problem("$.account.roleArn", f"is a role of the account {role.split(':')[4]}, not {account_id}")]
    if role and account_id == home_account:
        return [Problem("$.account.roleArn", "is not for the system's own account: leave it out")]
    if account_id and not role and home_account and account_id != home_account:
        return [Problem("$.account.roleArn", f"is required for an account other than the system's own, {home_account}")]
    return []


def in_order(found: Sequence[Problem]) -> list[Problem]:
    """By path, `[2]` before `[10]`."""
    return sorted(
        found, key=lambda each: [(part.isdigit(), int(part) if part.isdigit() else part) for part in _parts(each)]
    )


def _parts(problem: Problem) -> list[str]:
    return [part for part in re.split(r"([0-9]+)", problem.path) if part]


def readable(waves: Sequence[Any]) -> list[dict[str, Any]]:
    """The waves with placeholders for names, lists and ids that cannot be read, each in its place."""
    found = []
    for position, given in enumerate(waves):
        wave = given if isinstance(given, Mapping) else {}
        name = wave.get("name")
        clean: dict[str, Any] = {
            "name": name if isinstance(name, str) else f"{UNREADABLE}{position}",
            "servers": [
                {"sourceServerId": _server_id(server) or f"{UNREADABLE}{position}.{index}"}
                for index, server in enumerate(_list(wave.get("servers")))
            ],
        }
        depends = wave.get("dependsOn")
        if isinstance(depends, list) and all(isinstance(each, str) for each in depends):
            clean["dependsOn"] = depends
        found.append(clean)
    return found


def _waves(waves: Sequence[Any], now: datetime, probe_hosts: Sequence[str] | None) -> Iterator[Problem]:
    groups: dict[str, str] = {}
    for position, wave in enumerate(waves):
        if not isinstance(wave, Mapping):
            continue
        path = f"$.waves[{position}]"
        group = wave.get("protectionGroupId")
        if isinstance(group, str) and groups.setdefault(group, path) != path:
            yield Problem(f"{path}.protectionGroupId", f"{group} is in the plan already, at {groups[group]}")
        yield from _members(wave, path)
        yield from _recovery_point(wave, path, now)
        for name in ("preActions", "postActions"):
            yield from _actions(_list(wave.get(name)), f"{path}.{name}", probe_hosts)


def _members(wave: Mapping[str, Any], path: str) -> Iterator[Problem]:
    if "protectionGroupId" in wave and "servers" in wave:
        yield Problem(f"{path}.servers", "a wave has either a protectionGroupId or servers, not both")
    elif "protectionGroupId" not in wave and "servers" not in wave:
        yield Problem(path, "a wave needs a protectionGroupId or servers")


def _recovery_point(wave: Mapping[str, Any], path: str, now: datetime) -> Iterator[Problem]:
    point = wave.get("recoveryPoint")
    rule = point if isinstance(point, Mapping) else {}
    mode = rule.get("mode", "LATEST")
    if mode == "EXACT" and "protectionGroupId" in wave:
        yield Problem(f"{path}.recoveryPoint.mode", "EXACT needs servers that name their recoverySnapshotId each")
    if mode != "BEFORE" and "at" in rule:
        yield Problem(f"{path}.recoveryPoint.at", f"belongs to mode BEFORE, not {mode}")
    if mode == "BEFORE" and isinstance(rule.get("at"), str):
        yield from _moment(rule["at"], f"{path}.recoveryPoint.at", now)
    for index, server in enumerate(_list(wave.get("servers"))):
        if not isinstance(server, Mapping):
            continue
        named = "recoverySnapshotId" in server
        if mode == "EXACT" and not named:
            yield Problem(f"{path}.servers[{index}].recoverySnapshotId", "is required by recoveryPoint mode EXACT")
        if mode != "EXACT" and named:
            yield Problem(f"{path}.servers[{index}].recoverySnapshotId", "needs recoveryPoint mode EXACT")


def _moment(text: str, path: str, now: datetime) -> Iterator[Problem]:
    try:
        if parse(text) > now:
            yield Problem(path, "lies in the future")
    except ValueError:
        yield Problem(path, f"{text!r} is not a time")


def _actions(actions: Sequence[Any], path: str, probe_hosts: Sequence[str] | None) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, action in enumerate(actions):
        if not isinstance(action, Mapping):
            continue
        name, kind = action.get("name"), action.get("type")
        if isinstance(name, str) and first.setdefault(name, index) != index:
            yield Problem(f"{path}[{index}].name", f"an action before has the name {name!r} too")
        for owner, members in ARGUMENTS.items():
            for member in members if kind in ARGUMENTS and kind != owner else ():
                if member in action:
                    yield Problem(f"{path}[{index}].{member}", f"belongs to type {owner}, not {kind}")
        if kind == "HTTP_PROBE" and isinstance(action.get("url"), str) and probe_hosts is not None:
            yield from _probe(action["url"], f"{path}[{index}].url", probe_hosts)


def _probe(url: str, path: str, probe_hosts: Sequence[str]) -> Iterator[Problem]:
    if not allowed(url, probe_hosts):
        yield Problem(path, f"probes may call these hosts only: {', '.join(probe_hosts) or 'none'}")


def _server_id(server: Any) -> str:
    found = server.get("sourceServerId") if isinstance(server, Mapping) else None
    return found if isinstance(found, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
