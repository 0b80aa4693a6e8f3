"""Would the plan work now? A report over what DRS, the quotas and the locks say. Pure.

A finding is a BLOCKER when the server cannot be launched as the plan wants it, a WARNING when the run would be worse
than planned. For a drill a blocker refuses the run. A recovery is refused only when not one server could be launched:
in a disaster a stalled source is the reason for the recovery, not against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from disaster_recovery.drs.durations import text_of
from disaster_recovery.plans.recovery_points import Point
from disaster_recovery.reports.forecast import Capacity
from shared.clock import stamp

OK, WARNING, BLOCKER = "OK", "WARNING", "BLOCKER"

#: AWS DRS, data replication states: before the first point exists, and after replication was given up for good.
UNLAUNCHABLE_STATES = frozenset({"INITIATING", "INITIAL_SYNC", "STOPPED", "DISCONNECTED"})
HEALTHY_STATES = frozenset({"CONTINUOUS", "CREATING_SNAPSHOT"})


@dataclass(frozen=True)
class ServerFacts:
    """One source server as it is now. `point` is the recovery point that would be used, None when there is none."""

    source_server_id: str
    hostname: str = ""
    known: bool = True
    replication_state: str = ""
    replication_error: str = ""
    lag_seconds: int | None = None
    point: Point | None = field(default_factory=Point)
    point_problem: str = ""
    launch_template_id: str = ""
    launch_template_read: bool = True
    locked_by: str = ""
    live_job_id: str = ""

    def exposure_seconds(self, now: datetime) -> int | None:
        """Data that would be lost, in seconds: the age of the chosen point, or the lag when it is LATEST."""
        age = self.point.age_seconds(now) if self.point else None
        return self.lag_seconds if age is None else age


@dataclass(frozen=True)
class PlannedServer:
    """A server of a plan. `critical`: the wave fails without it."""

    wave_number: int
    source_server_id: str
    critical: bool = True


@dataclass(frozen=True)
class Inspection:
    """What is judged. `capacity` is None when a quota could not be read; `facts` are by server id."""

    servers: Sequence[PlannedServer]
    facts: Mapping[str, ServerFacts]
    capacity: Capacity | None
    now: datetime
    rpo_seconds: int | None = None
    conflict_policy: str = "WAIT"


@dataclass(frozen=True)
class Finding:
    """One check that did not pass, or the summary of one that did."""

    check: str
    level: str
    message: str
    wave_number: int | None = None
    source_server_id: str = ""

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = {"check": self.check, "level": self.level, "message": self.message}
        if self.wave_number is not None:
            found["waveNumber"] = self.wave_number
        if self.source_server_id:
            found["sourceServerId"] = self.source_server_id
        return found


def assess(inspection: Inspection) -> dict[str, Any]:
    """{"ready", "checkedAt", "counts", "findings", "servers"}; findings are the worst first, then in plan order."""
    findings = _capacity_findings(inspection)
    servers = []
    for planned in inspection.servers:
        facts = inspection.facts.get(planned.source_server_id) or ServerFacts(planned.source_server_id, known=False)
        found = _server_findings(planned, facts, inspection)
        findings += found
        servers.append(_server(planned, facts, found, inspection.now))
    order = {BLOCKER: 0, WARNING: 1, OK: 2}
    findings.sort(key=lambda each: order[each.level])
    return {
        "ready": not any(each.level == BLOCKER for each in findings),
        "checkedAt": stamp(inspection.now),
        "counts": {
            "servers": len(servers),
            "launchable": sum(1 for server in servers if server["launchable"]),
            "blockers": sum(1 for each in findings if each.level == BLOCKER),
            "warnings": sum(1 for each in findings if each.level == WARNING),
        },
        "findings": [each.document() for each in findings],
        "servers": servers,
    }


def refusal(report: Mapping[str, Any], execution_type: str) -> str:
    """Why a run of this type must not begin, "" when it may (see the module docstring)."""
    blockers = [each for each in report["findings"] if each["level"] == BLOCKER]
    if execution_type == "RECOVERY" and report["counts"]["launchable"]:
        return ""
    if not blockers and report["counts"]["launchable"]:
        return ""
    told = "; ".join(_told(each) for each in blockers[:3]) or "no server of the plan can be launched"
    more = f"; and {len(blockers) - 3} more" if len(blockers) > 3 else ""  # noqa: PLR2004
    return told + more


def _told(finding: Mapping[str, Any]) -> str:
    server = finding.get("sourceServerId")
    return f"{server}: {finding['message']}" if server else str(finding["message"])


def _capacity_findings(inspection: Inspection) -> list[Finding]:
    capacity = inspection.capacity
    if capacity is None:
        return [Finding("QUOTAS", BLOCKER, "a quota of DRS cannot be read: nothing is started until it can")]
    if not capacity.jobs_free or not capacity.chunk:
        return [Finding("QUOTAS", WARNING, "other jobs take all of a DRS quota: the first wave has to wait")]
    waves: dict[int, int] = {}
    for server in inspection.servers:
        waves[server.wave_number] = waves.get(server.wave_number, 0) + 1
    tight = [
        Finding("QUOTAS", WARNING, f"{count} servers, but room for {capacity.servers_free}: launched in turns", number)
        for number, count in sorted(waves.items())
        if count > capacity.servers_free or -(-count // capacity.chunk) > capacity.jobs_free
    ]
    return tight or [Finding("QUOTAS", OK, f"room for {capacity.jobs_free} jobs and {capacity.servers_free} servers")]


def _server_findings(planned: PlannedServer, facts: ServerFacts, inspection: Inspection) -> list[Finding]:
    if not facts.known:
        return [_finding("EXISTS", _worst(planned), "DRS does not know this source server", planned)]
    return [
        *_replication(planned, facts),
        *_exposure(planned, facts, inspection),
        *_launch_settings(planned, facts),
        *_conflicts(planned, facts, inspection.conflict_policy),
    ]


def _replication(planned: PlannedServer, facts: ServerFacts) -> list[Finding]:
    state = facts.replication_state or "unknown"
    if state in HEALTHY_STATES:
        return []
    because = f" ({facts.replication_error})" if facts.replication_error else ""
    level = _worst(planned) if state in UNLAUNCHABLE_STATES else WARNING
    return [_finding("REPLICATION", level, f"replication is {state}{because}", planned)]


def _exposure(planned: PlannedServer, facts: ServerFacts, inspection: Inspection) -> list[Finding]:
    if facts.point is None:
        message = facts.point_problem or "there is no recovery point"
        return [_finding("RECOVERY_POINT", _worst(planned), message, planned)]
    exposed = facts.exposure_seconds(inspection.now)
    if inspection.rpo_seconds is None:
        return []
    if exposed is None:
        return [_finding("RPO", WARNING, "the replication lag is unknown", planned)]
    if exposed <= inspection.rpo_seconds:
        return []
    message = f"{text_of(exposed)} of data would be lost, the objective is {text_of(inspection.rpo_seconds)}"
    return [_finding("RPO", WARNING, message, planned)]


def _launch_settings(planned: PlannedServer, facts: ServerFacts) -> list[Finding]:
    if not facts.launch_template_read:
        return [_finding("LAUNCH_TEMPLATE", WARNING, "the launch configuration could not be read", planned)]
    if facts.launch_template_id:
        return []
    return [_finding("LAUNCH_TEMPLATE", _worst(planned), "there is no launch template", planned)]


def _conflicts(planned: PlannedServer, facts: ServerFacts, policy: str) -> list[Finding]:
    holder = facts.locked_by or (f"job {facts.live_job_id}" if facts.live_job_id else "")
    if not holder:
        return []
    level = _worst(planned) if policy == "FAIL" else WARNING
    what = {"WAIT": "the wave waits for it", "SKIP": "the server is left out", "FAIL": "the server fails"}[policy]
    return [_finding("CONFLICT", level, f"is held by {holder}: {what}", planned)]


def _worst(planned: PlannedServer) -> str:
    return BLOCKER if planned.critical else WARNING


def _finding(check: str, level: str, message: str, planned: PlannedServer) -> Finding:
    return Finding(check, level, message, planned.wave_number, planned.source_server_id)


def _server(planned: PlannedServer, facts: ServerFacts, found: Sequence[Finding], now: datetime) -> dict[str, Any]:
    point = facts.point
    unlaunchable = not facts.known or facts.replication_state in UNLAUNCHABLE_STATES or point is None
    return {
        "sourceServerId": planned.source_server_id,
        "waveNumber": planned.wave_number,
        "hostname": facts.hostname,
        "level": next((level for level in (BLOCKER, WARNING) if any(each.level == level for each in found)), OK),
        "launchable": not unlaunchable,
        "replicationState": facts.replication_state,
        "lagSeconds": facts.lag_seconds,
        "recoverySnapshotId": point.snapshot_id if point else None,
        "exposureSeconds": facts.exposure_seconds(now),
    }
