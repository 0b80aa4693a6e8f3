"""What DRS shows of one server, as our record of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from disaster_recovery.drs.answers import Job, LogEntry, Participant, RecoveryInstance
from disaster_recovery.records.execution import Server
from disaster_recovery.records.statuses import SETTLED_SERVERS, LaunchStatus
from shared.clock import stamp

KNOWN = frozenset(str(status) for status in LaunchStatus) - {LaunchStatus.SKIPPED}
MESSAGE_LENGTH = 1000


@dataclass(frozen=True)
class Truth:
    """`jobs` by id as DescribeJobs has them; `instances` by job and source server and `logs` by job, where they were
    needed and could be read.
    """

    jobs: Mapping[str, Job]
    instances: Mapping[tuple[str, str], RecoveryInstance] = field(default_factory=dict)
    logs: Mapping[str, Sequence[LogEntry]] = field(default_factory=dict)


def participant(job: Job, server_id: str) -> Participant | None:
    """The server's part in the job."""
    return next((each for each in job.participants if each.source_server_id == server_id), None)


def is_open(job: Job, server_id: str) -> bool:
    """True while DRS has not said how the server's launch ended."""
    part = participant(job, server_id)
    return part is None or part.launch_status not in SETTLED_SERVERS


def as_seen(server: Server, job: Job, truth: Truth, now: datetime) -> Server:
    """The server as the job has it; one that has launched only changes when its instance was terminated."""
    part = participant(job, server.source_server_id)
    if part is None or server.launch_status == LaunchStatus.SKIPPED:
        return server
    if server.launch_status == LaunchStatus.LAUNCHED:
        return _terminated(server) if part.launch_status == LaunchStatus.TERMINATED else server
    changes: dict[str, Any] = {
        "launch_status": _status(part, job, server),
        "job_id": job.job_id,
        "recovery_instance_id": part.recovery_instance_id or server.recovery_instance_id,
        "started_at": server.started_at or stamp(job.created_at or now),
    }
    instance = truth.instances.get((job.job_id, server.source_server_id))
    if instance is not None:
        changes |= _of_instance(instance)
    if changes["launch_status"] == LaunchStatus.LAUNCHED:
        changes |= {"launched_at": stamp(now), "error_message": None}
    elif part.launch_status in SETTLED_SERVERS:
        changes["error_message"] = _why(part, truth.logs.get(job.job_id, ()))
    return replace(server, **changes)


def completed(server: Server, job: Job, truth: Truth) -> Server:
    """A launched server with what only its instance tells."""
    instance = truth.instances.get((job.job_id, server.source_server_id))
    if server.launch_status != LaunchStatus.LAUNCHED or instance is None or server.job_id != job.job_id:
        return server
    return _terminated(server) if instance.is_gone else replace(server, **_of_instance(instance))


def as_it_is(server: Server, job_id: str, truth: Truth, now: datetime) -> Server:
    """The server of a job that tells nothing more, by its instance."""
    if server.launch_status in (LaunchStatus.LAUNCHED, LaunchStatus.SKIPPED, LaunchStatus.TERMINATED):
        return server
    instance = truth.instances.get((job_id, server.source_server_id))
    if instance is not None and instance.is_gone:
        return _terminated(replace(server, job_id=job_id, **_of_instance(instance)))
    if instance is not None:
        known = replace(server, job_id=job_id, launch_status=LaunchStatus.LAUNCHED, **_of_instance(instance))
        return replace(known, launched_at=stamp(now), error_message=None)
    if server.launch_status == LaunchStatus.FAILED:
        return server
    message = f"{job_id} came to its end without an instance of this server"
    return replace(server, launch_status=LaunchStatus.FAILED, job_id=job_id, error_message=message)


def _terminated(server: Server) -> Server:
    message = "the instance was terminated after it had launched"
    return replace(server, launch_status=LaunchStatus.TERMINATED, error_message=message)


def _status(part: Participant, job: Job, server: Server) -> str:
    """What no model lists is a launch that goes on. A server that was given up stays FAILED until it is launched."""
    if part.launch_status in SETTLED_SERVERS:
        return part.launch_status
    if server.launch_status == LaunchStatus.FAILED:
        return server.launch_status
    return part.launch_status if part.launch_status in KNOWN else LaunchStatus.IN_PROGRESS


def _of_instance(instance: RecoveryInstance) -> dict[str, Any]:
    point = {"recovery_point_at": stamp(instance.recovery_point_at)} if instance.recovery_point_at else {}
    return {
        "recovery_instance_id": instance.recovery_instance_id,
        "ec2_instance_id": instance.ec2_instance_id or instance.recovery_instance_id,
        **point,
    }


def _why(part: Participant, log: Sequence[LogEntry]) -> str:
    """The last failure that the job's log has for the server."""
    failures = [
        entry
        for entry in log
        if entry.source_server_id == part.source_server_id and ("FAIL" in entry.event or entry.error)
    ]
    if not failures:
        return f"DRS says {part.launch_status}"
    last = failures[-1]
    return f"{last.event}: {last.error}"[:MESSAGE_LENGTH] if last.error else last.event
