"""What DRS answers, as typed values.

The live service deviates from its model (other time formats, values that no enum lists), so times are parsed leniently
and statuses are plain text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Answer = Mapping[str, Any]

COMPLETED = "COMPLETED"
LAUNCH, TERMINATE = "LAUNCH", "TERMINATE"
#: States of an EC2 instance that is not there any more, as DescribeRecoveryInstances names them.
GONE_STATES = frozenset({"TERMINATED", "SHUTTING-DOWN", "NOT_FOUND"})


@dataclass(frozen=True)
class Participant:
    """A server in a job. `launch_status` PENDING, IN_PROGRESS, LAUNCHED, FAILED, TERMINATED, or something new."""

    source_server_id: str
    launch_status: str
    recovery_instance_id: str | None = None


@dataclass(frozen=True)
class Job:
    """A job of any type (LAUNCH, TERMINATE, CREATE_CONVERTED_SNAPSHOT). COMPLETED says nothing of success."""

    job_id: str
    type: str
    status: str
    participants: tuple[Participant, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def is_over(self) -> bool:
        """True when the job will not change any more."""
        return self.status == COMPLETED

    @property
    def server_ids(self) -> frozenset[str]:
        """The servers that take part."""
        return frozenset(participant.source_server_id for participant in self.participants)


@dataclass(frozen=True)
class SourceServer:
    """A server that DRS replicates. `last_job_id` is the job it was last launched by, if any; `lag` as DRS has it (ISO
    8601 duration); `raw` the whole answer, for what is not named here.
    """

    source_server_id: str
    arn: str = ""
    hostname: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    replication_state: str = ""
    lag: str | None = None
    last_job_id: str | None = None
    recovery_instance_id: str | None = None
    raw: Answer = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class RecoveryInstance:
    """An instance that a job launched. `job_id` is that job: the proof of whose it is."""

    recovery_instance_id: str
    source_server_id: str
    job_id: str
    ec2_instance_id: str
    ec2_state: str
    is_drill: bool = False
    recovery_point_at: datetime | None = None
    arn: str = ""

    @property
    def is_gone(self) -> bool:
        """True when there is no running or stopped EC2 instance behind it."""
        return self.ec2_state in GONE_STATES


@dataclass(frozen=True)
class Snapshot:
    """A point in time of a server."""

    snapshot_id: str
    source_server_id: str
    taken_at: datetime | None
    expected_at: datetime | None = None


@dataclass(frozen=True)
class LogEntry:
    """A line of a job's log. `event` like LAUNCH_START; the service knows more of them than its model."""

    at: datetime | None
    event: str
    source_server_id: str | None = None
    target_instance_id: str | None = None
    error: str | None = None


def moment(text: str | None) -> datetime | None:
    """`2026-01-02T03:04:05.678Z`, `…+00:00` or without a zone (taken as UTC); None for what is no time."""
    try:
        read = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def job(answer: Answer) -> Job:
    """A member `job` or one of `items` of DescribeJobs."""
    return Job(
        job_id=answer["jobID"],
        type=answer.get("type", ""),
        status=answer.get("status", ""),
        participants=tuple(
            Participant(each["sourceServerID"], each.get("launchStatus", ""), each.get("recoveryInstanceID"))
            for each in answer.get("participatingServers", [])
            if "sourceServerID" in each
        ),
        tags=dict(answer.get("tags", {})),
        created_at=moment(answer.get("creationDateTime")),
        ended_at=moment(answer.get("endDateTime")),
    )


def source_server(answer: Answer) -> SourceServer:
    """One of `items` of DescribeSourceServers."""
    replication = answer.get("dataReplicationInfo", {})
    initiated = answer.get("lifeCycle", {}).get("lastLaunch", {}).get("initiated", {})
    return SourceServer(
        source_server_id=answer["sourceServerID"],
        arn=answer.get("arn", ""),
        hostname=answer.get("sourceProperties", {}).get("identificationHints", {}).get("hostname", ""),
        tags=dict(answer.get("tags", {})),
        replication_state=replication.get("dataReplicationState", ""),
        lag=replication.get("lagDuration"),
        last_job_id=initiated.get("jobID"),
        recovery_instance_id=answer.get("recoveryInstanceId"),
        raw=answer,
    )


def recovery_instance(answer: Answer) -> RecoveryInstance:
    """One of `items` of DescribeRecoveryInstances."""
    return RecoveryInstance(
        recovery_instance_id=answer["recoveryInstanceID"],
        source_server_id=answer.get("sourceServerID", ""),
        job_id=answer.get("jobID", ""),
        ec2_instance_id=answer.get("ec2InstanceID", ""),
        ec2_state=answer.get("ec2InstanceState", ""),
        is_drill=bool(answer.get("isDrill", False)),
        recovery_point_at=moment(answer.get("pointInTimeSnapshotDateTime")),
        arn=answer.get("arn", ""),
    )


def snapshot(answer: Answer) -> Snapshot:
    """One of `items` of DescribeRecoverySnapshots."""
    return Snapshot(
        snapshot_id=answer["snapshotID"],
        source_server_id=answer.get("sourceServerID", ""),
        taken_at=moment(answer.get("timestamp")),
        expected_at=moment(answer.get("expectedTimestamp")),
    )


def log_entry(answer: Answer) -> LogEntry:
    """One of `items` of DescribeJobLogItems."""
    data = answer.get("eventData", {})
    return LogEntry(
        at=moment(answer.get("logDateTime")),
        event=answer.get("event", ""),
        source_server_id=data.get("sourceServerID"),
        target_instance_id=data.get("targetInstanceID"),
        error=data.get("rawError"),
    )
