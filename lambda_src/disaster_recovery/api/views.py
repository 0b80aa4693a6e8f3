"""What the API shows of records: named fields only, so that nothing internal gets out by being added to a record.

The fields are those of schemas/disaster-recovery-api.schema.json; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from disaster_recovery.drs.answers import LogEntry, SourceServer
from disaster_recovery.plans.server_selection import Selected
from disaster_recovery.records.execution import Execution, Server, Wave
from disaster_recovery.records.history import Event, Termination
from disaster_recovery.records.record import Part
from shared.clock import stamp

View = dict[str, Any]

MANAGED = ("version", "createdAt", "createdBy", "updatedAt", "updatedBy")
PLAN_SUMMARY = ("planId", "name", "description", "account", "waveCount", *MANAGED)
EXECUTION_SUMMARY = (
    "executionId", "status", "type", "planId", "planName", "startedAt", "updatedAt", "endedAt", "currentWave",
    "waveCount",
)  # fmt: skip
EXECUTION = (
    *EXECUTION_SUMMARY, "planVersion", "planHash", "startedBy", "runNumber", "revision", "counts", "pauseRequested",
    "cancelRequested", "failureReason", "errorMessage", "instancesTerminated", "drillExpiresAt",
)  # fmt: skip
PAUSE = (
    "pauseId", "waveNumber", "reason", "since", "deadline", "onTimeout", "approverGroup", "requireComment",
    "resumeNext",
)  # fmt: skip
DECISION = ("next", "by", "comment", "at")
WAVE = (
    "waveNumber", "name", "waveStatus", "attempt", "counts", "outcome", "startedAt", "lastLaunchAt", "endedAt",
    "skipRequested", "errorMessage",
)  # fmt: skip
SERVER = (
    "waveNumber", "sourceServerId", "hostname", "criticality", "launchStatus", "attempt", "jobId", "recoveryInstanceId",
    "ec2InstanceId", "recoverySnapshotId", "recoveryPointAt", "startedAt", "launchedAt", "errorMessage",
)  # fmt: skip
EVENT = ("number", "at", "kind", "waveNumber", "actor", "message", "data")
TERMINATION = (
    "jobIds", "instanceIds", "left", "requestedBy", "startedAt", "notBefore", "endedAt", "errorMessage",
)  # fmt: skip


def only(item: Mapping[str, Any], fields: Iterable[str]) -> View:
    """The fields that the item has, without empty texts."""
    return {name: item[name] for name in fields if item.get(name, "") not in ("", None)}


def group(item: Mapping[str, Any]) -> View:
    """A stored protection group."""
    return {"groupId": item["groupId"], **item["document"], **only(item, MANAGED)}


def plan(item: Mapping[str, Any]) -> View:
    """A stored recovery plan."""
    return {"planId": item["planId"], **item["document"], **only(item, MANAGED)}


def plan_summary(item: Mapping[str, Any]) -> View:
    """A recovery plan in a list."""
    return only(item, PLAN_SUMMARY)


def execution(record: Execution, termination: Termination | None = None) -> View:
    """An execution without its waves."""
    item = record.to_item()
    view = only(item, EXECUTION)
    account = only(item["account"], ("accountId", "region", "roleArn", "externalId"))
    if account:
        view["account"] = account
    if record.pause:
        view["pause"] = only(item["pause"], PAUSE)
        if record.pause.decision:
            view["pause"]["decision"] = only(item["pause"]["decision"], DECISION)
    if termination:
        view["termination"] = _termination(termination)
    return view


def execution_summary(item: Mapping[str, Any]) -> View:
    """An execution in a list, from an item of the index."""
    return only(item, EXECUTION_SUMMARY)


def wave(record: Wave) -> View:
    """A wave."""
    return only(record.to_item(), WAVE)


def server(record: Server) -> View:
    """A server of an execution."""
    return only(record.to_item(), SERVER)


def event(record: Event) -> View:
    """An entry of the timeline."""
    return only(record.to_item(), EVENT)


def log_entry(job_id: str, wave_number: int | None, entry: LogEntry) -> View:
    """A line of a job's log."""
    shown = {
        "jobId": job_id,
        "waveNumber": wave_number,
        "at": stamp(entry.at) if entry.at else None,
        "event": entry.event,
        "sourceServerId": entry.source_server_id,
        "targetInstanceId": entry.target_instance_id,
        "error": entry.error,
    }
    return {name: value for name, value in shown.items() if value is not None}


def selected(member: Selected) -> View:
    """A server of a selection."""
    found = member.server
    shown = {"sourceServerId": found.source_server_id, "hostname": found.hostname, "tags": dict(found.tags)}
    return {**shown, "by": list(member.by)}


def source_server(found: SourceServer) -> View:
    """A source server as DRS has it."""
    shown = {
        "sourceServerId": found.source_server_id,
        "arn": found.arn,
        "replicationState": found.replication_state,
        "lagDuration": found.lag,
        "lastLaunchResult": found.raw.get("lastLaunchResult"),
        "recoveryInstanceId": found.recovery_instance_id,
    }
    return {"hostname": found.hostname, "tags": dict(found.tags), **only(shown, shown)}


def _termination(record: Termination) -> View:
    return {"terminationStatus": record.termination_status or record.status, **only(_plain(record), TERMINATION)}


def _plain(record: Part) -> View:
    return record.to_item()
