"""Whether a job may begin. All or nothing: a request that is refused changes nothing.

The order is the live service's: servers exist, none is locked (409), servers of the job, servers of all jobs, jobs
(402 with the quota's code).
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs.engine import Engine
from local_cloud.drs.jobs import create
from local_cloud.drs.permissions import START, START_TAGGED
from local_cloud.drs.quotas import BY_KEY, SERVICE_CODE
from local_cloud.drs.state import Record, State
from local_cloud.simulation.clock import Stamp


def admit_job(state: State, servers: Sequence[str]) -> None:
    """Raises ApiError unless a job of these servers, which exist, may begin now."""
    locks = state.locks()
    locked = [server for server in servers if server in locks]
    if locked:
        raise ApiError(
            "ConflictException",
            f"source servers take part in a job already: {', '.join(locked)}",
            HTTPStatus.CONFLICT,
            resourceId=locked[0],
            resourceType="SourceServer",
        )
    _within(state, "serversPerJob", len(servers))
    _within(state, "serversInAllJobs", len(servers) + len(locks))
    _within(state, "concurrentJobs", 1 + len(state.open_jobs()))


def _within(state: State, key: str, wanted: int) -> None:
    allowed, quota = state.quotas[key], BY_KEY[key]
    if wanted > allowed:
        raise ApiError(
            "ServiceQuotaExceededException",
            f"{quota.name}: {wanted} wanted, {allowed} allowed",
            HTTPStatus.PAYMENT_REQUIRED,
            serviceCode=SERVICE_CODE,
            quotaCode=quota.code,
            resourceType="Job",
        )


def start_recovery(engine: Engine, at: Stamp, parameters: Record, principal: str) -> Record:
    """StartRecovery: a job in status PENDING.

    Raises ApiError: ResourceNotFoundException (404), ConflictException (409), ServiceQuotaExceededException (402),
    AccessDeniedException (403) when the caller may not make recovery instances or tag the job.
    """
    state, tags = engine.state, parameters.get("tags") or {}
    servers = [each["sourceServerID"] for each in parameters["sourceServers"]]
    repeated = sorted({each for each in servers if servers.count(each) > 1})
    if repeated:
        raise ApiError("ValidationException", f"named more than once: {', '.join(repeated)}", reason="other")
    require_servers(state, servers)
    snapshots = {
        each["sourceServerID"]: each["recoverySnapshotID"]
        for each in parameters["sourceServers"]
        if each.get("recoverySnapshotID")
    }
    require_snapshots(state, snapshots)
    refuse_unauthorized(engine, principal, servers, tagged=bool(tags))
    admit_job(state, servers)
    drill = bool(parameters.get("isDrill"))
    facts = {"type": "LAUNCH", "initiatedBy": "START_DRILL" if drill else "START_RECOVERY", "tags": dict(tags)}
    participants = [{"sourceServerID": each, "launchStatus": "PENDING"} for each in servers]
    job = create(engine, at, participants, facts, principal=principal, drill=drill, snapshots=snapshots)
    for each in servers:
        note_launch(state.servers[each], job, at)
    return job


def note_launch(source: Record, job: Record, at: Stamp) -> None:
    """Writes into a source server which job launches it."""
    initiated: dict[str, Any] = {
        "apiCallDateTime": at,
        "jobID": job["jobID"],
        "type": "DRILL" if job["_"]["drill"] else "RECOVERY",
    }
    source["lastLaunchResult"] = "PENDING"
    source["lifeCycle"]["lastLaunch"] = {"initiated": initiated, "status": "PENDING"}


def require_servers(state: State, servers: Sequence[str]) -> None:
    """Raises ApiError ResourceNotFoundException (404) unless all these source servers exist."""
    for server in servers:
        if server not in state.servers:
            raise missing("SourceServer", server)


def require_snapshots(state: State, snapshots: dict[str, str]) -> None:
    """Raises ApiError ResourceNotFoundException (404) unless each server has the snapshot that is wanted of it."""
    for server, snapshot in snapshots.items():
        if snapshot not in {each["snapshotID"] for each in state.snapshots[server]}:
            raise missing("RecoverySnapshot", snapshot)


def missing(kind: str, identifier: str) -> ApiError:
    """The error for something that is not there."""
    message = f"{kind} {identifier} does not exist"
    return ApiError(
        "ResourceNotFoundException", message, HTTPStatus.NOT_FOUND, resourceId=identifier, resourceType=kind
    )


def refuse_unauthorized(engine: Engine, principal: str, servers: Sequence[str], *, tagged: bool) -> None:
    """Raises ApiError AccessDeniedException (403) for what DRS asks of the caller before it makes a job."""
    needs = START_TAGGED if tagged else START
    denied = sorted({action for server in servers for action in engine.authorise(principal, needs, server)})
    if denied:
        text = f"{principal} is not authorized to perform: {', '.join(denied)}"
        raise ApiError("AccessDeniedException", text, HTTPStatus.FORBIDDEN)
