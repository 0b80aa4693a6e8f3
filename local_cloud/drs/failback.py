"""The way back, as far as it can be shown without a data centre: replication is reversed, then the failback launches.

ReverseReplication makes a source server of the opposite direction and lets it catch up; StartFailbackLaunch is a LAUNCH
job initiated by FAILBACK which ends with the instance's failback completed. Agents, networks and disks have no part.
"""

from __future__ import annotations

from http import HTTPStatus

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs.admission import admit_job, missing
from local_cloud.drs.engine import Engine
from local_cloud.drs.jobs import create, participant, settle
from local_cloud.drs.state import Record
from local_cloud.simulation.clock import Stamp

CATCH_UP_SECONDS = 1800
LAUNCH_SECONDS = 300
STATE_CHANGE = "DRS Recovery Instance Failback State Change"


def reverse_replication(engine: Engine, at: Stamp, parameters: Record) -> Record:
    """ReverseReplication. Raises ApiError: 404, or 409 for drills and for what is on its way back already."""
    instance = _instance(engine, parameters["recoveryInstanceID"])
    if instance["isDrill"]:
        raise _conflict(instance, "a drill cannot be failed back")
    if instance["failback"]["state"] != "FAILBACK_NOT_STARTED":
        raise _conflict(instance, "its failback has begun already")
    state = engine.state
    source = state.servers[instance["sourceServerID"]]
    reversed_arn = state.arn("source-server", state.identifier("s"))
    source["reversedDirectionSourceServerArn"] = reversed_arn
    instance["dataReplicationInfo"]["dataReplicationState"] = "INITIAL_SYNC"
    _set(engine, at, instance, "FAILBACK_IN_PROGRESS")
    instance["failback"]["failbackInitiationTime"] = at
    engine.after(at, CATCH_UP_SECONDS, "failback_ready", instance=instance["recoveryInstanceID"])
    return {"reversedDirectionSourceServerArn": reversed_arn}


def failback_ready(engine: Engine, at: Stamp, instance: str) -> None:
    """The reversed replication has caught up; unless the instance or its failback is gone meanwhile."""
    record = engine.state.instances.get(instance)
    if record is not None and record["failback"]["state"] == "FAILBACK_IN_PROGRESS":
        record["dataReplicationInfo"]["dataReplicationState"] = "CONTINUOUS"
        record["failback"]["state"] = "FAILBACK_READY_FOR_LAUNCH"


def start_failback_launch(engine: Engine, at: Stamp, parameters: Record, principal: str) -> Record:
    """StartFailbackLaunch: a job for instances that are ready. Raises ApiError: 400, 409, 402."""
    wanted = [_instance(engine, each) for each in dict.fromkeys(parameters["recoveryInstanceIDs"])]
    for instance in wanted:
        if instance["failback"]["state"] != "FAILBACK_READY_FOR_LAUNCH":
            raise _conflict(instance, f"it is not ready for a failback launch but {instance['failback']['state']}")
    admit_job(engine.state, [each["sourceServerID"] for each in wanted])
    participants = [
        {
            "sourceServerID": each["sourceServerID"],
            "recoveryInstanceID": each["recoveryInstanceID"],
            "launchStatus": "PENDING",
        }
        for each in wanted
    ]
    facts = {"type": "LAUNCH", "initiatedBy": "FAILBACK", "tags": dict(parameters.get("tags") or {})}
    job = create(engine, at, participants, facts, principal=principal, drill=False, snapshots={})
    for each in wanted:
        each["failback"] |= {"failbackJobID": job["jobID"], "failbackLaunchType": "RECOVERY"}
    return job


def begin_server(engine: Engine, at: Stamp, job: str, server: str) -> None:
    """The launch on the original side."""
    participant(engine.state.jobs[job], server)["launchStatus"] = "IN_PROGRESS"
    engine.log(job, "LAUNCH_START", at, sourceServerID=server)
    engine.after(at, LAUNCH_SECONDS, "failed_back", job=job, server=server)


def failed_back(engine: Engine, at: Stamp, job: str, server: str) -> None:
    """The original side runs again."""
    record = engine.state.jobs[job]
    entry = participant(record, server)
    entry["launchStatus"] = "LAUNCHED"
    instance = engine.state.instances.get(entry["recoveryInstanceID"])
    if instance is not None:
        _set(engine, at, instance, "FAILBACK_COMPLETED")
    settle(engine, record, at)


def stop_failback(engine: Engine, at: Stamp, parameters: Record) -> Record:
    """StopFailback: the instance may be failed back again later."""
    instance = _instance(engine, parameters["recoveryInstanceID"])
    instance["failback"] = {"state": "FAILBACK_NOT_STARTED"}
    instance["dataReplicationInfo"]["dataReplicationState"] = "STOPPED"
    return {}


def _instance(engine: Engine, identifier: str) -> Record:
    found = engine.state.instances.get(identifier)
    if found is None:
        raise missing("RecoveryInstance", identifier)
    return found


def _conflict(instance: Record, why: str) -> ApiError:
    identifier = instance["recoveryInstanceID"]
    return ApiError(
        "ConflictException",
        f"recovery instance {identifier}: {why}",
        HTTPStatus.CONFLICT,
        resourceId=identifier,
        resourceType="RecoveryInstance",
    )


def _set(engine: Engine, at: Stamp, instance: Record, state: str) -> None:
    instance["failback"]["state"] = state
    engine.emit(STATE_CHANGE, at, [instance["arn"]], {"state": state}, instance["sourceServerID"])
