"""The evidence pack of a run: what was planned, what happened, who decided, and how long it took. Pure.

Made from the execution's items, whatever its status. Times are measured from the moment the run was started to the
last launch; what waiting for people took is told apart. Every event of the timeline carries a hash over itself and
the hash before, so that a changed, missing or added entry shows (`verify`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.canonical import canonical_json, sha256_hex
from shared.clock import parse, stamp

FORMAT = "towpath-evidence/1"
GENESIS = "0" * 64

Item = Mapping[str, Any]

EXECUTION_FIELDS = (
    "executionId", "type", "status", "planId", "planName", "planVersion", "planHash", "account", "startedBy",
    "startedAt", "endedAt", "runNumber", "waveCount", "counts", "failureReason", "errorMessage", "instancesTerminated",
)  # fmt: skip
WAVE_FIELDS = ("waveNumber", "name", "waveStatus", "attempt", "counts", "startedAt", "lastLaunchAt", "endedAt")
SERVER_FIELDS = (
    "waveNumber", "sourceServerId", "hostname", "criticality", "launchStatus", "attempt", "jobId", "recoveryInstanceId",
    "ec2InstanceId", "recoverySnapshotId", "startedAt", "launchedAt", "errorMessage",
)  # fmt: skip
ACTION_FIELDS = (
    "waveNumber",
    "phase",
    "name",
    "attempt",
    "actionState",
    "reference",
    "startedAt",
    "endedAt",
    "errorMessage",
)
EVENT_FIELDS = ("revision", "at", "kind", "waveNumber", "actor", "message", "data")
TERMINATION_FIELDS = (
    "status", "terminationStatus", "jobIds", "instanceIds", "requestedBy", "startedAt", "endedAt",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """The items of one execution, as the table holds them."""

    execution: Item
    plan: Item
    waves: Sequence[Item]
    servers: Sequence[Item]
    events: Sequence[Item]
    actions: Sequence[Item] = ()
    terminations: Sequence[Item] = ()


def build(run: Run, now: datetime) -> dict[str, Any]:
    """The pack as JSON holds it. No task token, no key of the table and no other internal field is in it."""
    timeline = chain(_only(event, EVENT_FIELDS) for event in sorted(run.events, key=lambda each: int(each["revision"])))
    waves = [_wave(wave) for wave in sorted(run.waves, key=lambda each: int(each["waveNumber"]))]
    servers = [_server(each) for each in sorted(run.servers, key=lambda s: (s["waveNumber"], s["sourceServerId"]))]
    approvals = _approvals(timeline)
    return {
        "format": FORMAT,
        "generatedAt": stamp(now),
        "execution": _only(run.execution, EXECUTION_FIELDS),
        "plan": run.plan.get("document", {}),
        "objectives": _objectives(run, servers, approvals),
        "waves": waves,
        "servers": servers,
        "approvals": approvals,
        "actions": [_only(each, ACTION_FIELDS) for each in run.actions],
        "instances": [_instance(each) for each in servers if each.get("ec2InstanceId")],
        "terminations": [_only(each, TERMINATION_FIELDS) for each in run.terminations],
        "timeline": timeline,
        "integrity": _integrity(run, timeline),
    }


def chain(events: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The events, each with `hash`: SHA-256 over the hash before (64 zeros at first) and its own canonical JSON."""
    linked: list[dict[str, Any]] = []
    before = GENESIS
    for event in events:
        bare = {name: value for name, value in event.items() if name != "hash"}
        before = sha256_hex(before + canonical_json(bare))
        linked.append({**bare, "hash": before})
    return linked


def verify(pack: Mapping[str, Any]) -> list[str]:
    """What does not fit together in a pack; an empty list means that nothing was changed since it was made."""
    found = []
    timeline, known = pack["timeline"], pack["integrity"]["revisionsWithoutEvent"]
    for event, again in zip(timeline, chain(timeline), strict=True):
        if event["hash"] != again["hash"]:
            found.append(f"event {event['revision']} was changed")
            break
    head = timeline[-1]["hash"] if timeline else GENESIS
    if head != pack["integrity"]["head"]:
        found.append("the last event is not the one that the pack ends with")
    found += [f"event {number} is missing" for number in _gaps(timeline) if number not in known]
    if plan_hash(pack["plan"]) != pack["integrity"]["planDocumentHash"]:
        found.append("the plan is not the one that was run")
    return found


def plan_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON of a plan's document."""
    return sha256_hex(canonical_json(document))


def _integrity(run: Run, timeline: Sequence[Item]) -> dict[str, Any]:
    document = run.plan.get("document", {})
    return {
        "algorithm": "sha256(previous hash + canonical JSON of the event)",
        "head": timeline[-1]["hash"] if timeline else GENESIS,
        "events": len(timeline),
        "revisionsWithoutEvent": _gaps(timeline),
        "planHash": run.plan.get("planHash"),
        "planDocumentHash": plan_hash(document),
    }


def _gaps(timeline: Sequence[Item]) -> list[int]:
    """Revisions that no event tells of: those of repairs, which change nothing that people see."""
    seen = {int(event["revision"]) for event in timeline}
    return [number for number in range(1, max(seen, default=0) + 1) if number not in seen]


def _objectives(run: Run, servers: Sequence[Item], approvals: Sequence[Item]) -> dict[str, Any]:
    objectives = run.plan.get("document", {}).get("objectives", {})
    started = run.execution["startedAt"]
    launches = [server["launchedAt"] for server in servers if server.get("launchedAt")]
    last = max(launches, default=None)
    achieved = _between(started, last)
    waited = sum(each["waitedSeconds"] or 0 for each in approvals if last and each["pausedAt"] < last)
    return {
        "rto": {
            "targetSeconds": objectives.get("rtoSeconds"),
            "achievedSeconds": achieved,
            "waitedForPeopleSeconds": waited,
            "withoutWaitingSeconds": None if achieved is None else max(0, achieved - waited),
            "met": _met(achieved, objectives.get("rtoSeconds"), _all_launched(servers)),
        },
        "rpo": _rpo(servers, objectives.get("rpoSeconds")),
    }


def _all_launched(servers: Sequence[Item]) -> bool:
    return all(server.get("launchedAt") for server in servers)


def _rpo(servers: Sequence[Item], target: int | None) -> dict[str, Any]:
    known = [server["rpoSeconds"] for server in servers if server["rpoSeconds"] is not None]
    worst = max(known, default=None)
    return {
        "targetSeconds": target,
        "achievedSeconds": worst,
        "unknownServers": len(servers) - len(known),
        "met": _met(worst, target, len(known) == len(servers)),
    }


def _met(achieved: int | None, target: int | None, complete: bool) -> bool | None:
    """None when there is no objective; an objective is not met by a run that did not recover all servers."""
    if target is None:
        return None
    return complete and achieved is not None and achieved <= target


def _wave(wave: Item) -> dict[str, Any]:
    return {**_only(wave, WAVE_FIELDS), "launchSeconds": _between(wave.get("startedAt"), wave.get("lastLaunchAt"))}


def _server(server: Item) -> dict[str, Any]:
    """With `rpoSeconds`: how old a chosen point was at the launch; the latest data are as old as the lag."""
    age, lag = _between(server.get("recoveryPointAt"), server.get("startedAt")), server.get("lagSeconds")
    is_latest = not server.get("recoverySnapshotId") and lag is not None
    return {
        **_only(server, SERVER_FIELDS),
        "launchSeconds": _between(server.get("startedAt"), server.get("launchedAt")),
        "rpoSeconds": lag if is_latest else age,
    }


def _instance(server: Item) -> dict[str, Any]:
    return _only(server, ("sourceServerId", "recoveryInstanceId", "ec2InstanceId", "jobId", "launchedAt"))


def _approvals(timeline: Sequence[Item]) -> list[dict[str, Any]]:
    """Each pause with what ended it: a person's decision, or its deadline."""
    found: list[dict[str, Any]] = []
    for event in timeline:
        data = event.get("data") or {}
        if event["kind"] == "PAUSED":
            found.append(
                {
                    "waveNumber": event.get("waveNumber"),
                    "reason": data.get("reason"),
                    "pausedAt": event["at"],
                    "approverGroup": data.get("approverGroup"),
                    "decision": None,
                    "waitedSeconds": None,
                }
            )
        elif found and found[-1]["decision"] is None and event["kind"] in ENDS_A_PAUSE:
            found[-1] |= {
                "decision": data.get("next") or event["kind"],
                "decidedBy": event.get("actor"),
                "decidedAt": event["at"],
                "comment": data.get("comment"),
                "waitedSeconds": _between(found[-1]["pausedAt"], event["at"]),
            }
    return found


ENDS_A_PAUSE = frozenset({"RESUMED", "PAUSE_EXPIRED", "RETRY_REQUESTED", "WAVE_SKIP_REQUESTED", "CANCEL_REQUESTED"})


def _between(start: str | None, end: str | None) -> int | None:
    if not start or not end:
        return None
    return max(0, round((parse(end) - parse(start)).total_seconds()))


def _only(item: Item, fields: Iterable[str]) -> dict[str, Any]:
    return {name: item[name] for name in fields if item.get(name) is not None}
