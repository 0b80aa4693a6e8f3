"""TERMINATE jobs: instances end one by one, the job after the last."""

from __future__ import annotations

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs import instances
from local_cloud.drs.admission import admit_job
from local_cloud.drs.engine import Engine
from local_cloud.drs.injections import strike
from local_cloud.drs.jobs import create, participant, settle
from local_cloud.drs.launching import UNAUTHORIZED_SECONDS
from local_cloud.drs.permissions import BY_PHASE
from local_cloud.drs.state import Record
from local_cloud.drs.timing import seconds
from local_cloud.simulation.clock import Stamp


def terminate(engine: Engine, at: Stamp, parameters: Record, principal: str) -> Record:
    """TerminateRecoveryInstances: all or nothing.

    Raises ApiError: ValidationException (400) for instances that are not there, or no more; ConflictException (409)
    while a job has one of the servers; ServiceQuotaExceededException (402).
    """
    state, wanted = engine.state, list(dict.fromkeys(parameters["recoveryInstanceIDs"]))
    missing = [each for each in wanted if each not in state.instances]
    if missing:
        raise ApiError("ValidationException", f"no such recovery instances: {', '.join(missing)}", reason="other")
    servers = [state.instances[each]["sourceServerID"] for each in wanted]
    admit_job(state, servers)
    participants = [
        {"sourceServerID": server, "recoveryInstanceID": each, "launchStatus": "PENDING"}
        for server, each in zip(servers, wanted, strict=True)
    ]
    facts = {"type": "TERMINATE", "initiatedBy": "TERMINATE_RECOVERY_INSTANCES", "tags": {}}
    return create(engine, at, participants, facts, principal=principal, drill=False, snapshots={})


def begin_server(engine: Engine, at: Stamp, job: str, server: str) -> None:
    """Begins to terminate a server's instance, as permissions and injections want it."""
    state, record = engine.state, engine.state.jobs[job]
    source = state.servers[server]
    hostname = source["sourceProperties"]["identificationHints"]["hostname"]
    action = strike(state, "phase", at, {"server": [hostname]}, server=server, phase="TERMINATE") or {"type": "none"}
    if action["type"] == "leave":
        record["_"]["left"].append(server)
        settle(engine, record, at)
        return
    entry = participant(record, server)
    entry["launchStatus"] = "IN_PROGRESS"
    engine.log(job, "CLEANUP_START", at, sourceServerID=server, targetInstanceID=entry["recoveryInstanceID"])
    needed = seconds(state, job, "TERMINATE", source)
    if missing := engine.denied(record["_"]["principal"], "TERMINATE", BY_PHASE["TERMINATE"], server, at):
        error = f"UnauthorizedOperation: You are not authorized to perform: {', '.join(missing)}"
        engine.after(at, UNAUTHORIZED_SECONDS, "not_terminated", job=job, server=server, error=error)
    elif action["type"] == "fail":
        engine.after(at, needed / 2, "not_terminated", job=job, server=server, error=action["error"])
    elif action["type"] != "hang" or action["seconds"]:
        if entry["recoveryInstanceID"] in state.instances:
            state.instances[entry["recoveryInstanceID"]]["ec2InstanceState"] = "SHUTTING-DOWN"
        more = needed * action["factor"] if action["type"] == "slow" else needed + action.get("seconds", 0)
        engine.after(at, more, "terminated", job=job, server=server)


def terminated(engine: Engine, at: Stamp, job: str, server: str) -> None:
    """The instance is gone, from DRS too."""
    record = engine.state.jobs[job]
    entry = participant(record, server)
    instances.remove(engine.state, entry["recoveryInstanceID"])
    entry["launchStatus"] = "TERMINATED"
    engine.log(job, "CLEANUP_END", at, sourceServerID=server, targetInstanceID=entry["recoveryInstanceID"])
    settle(engine, record, at)


def not_terminated(engine: Engine, at: Stamp, job: str, server: str, error: str) -> None:
    """The instance stays."""
    record = engine.state.jobs[job]
    participant(record, server)["launchStatus"] = "FAILED"
    engine.log(job, "CLEANUP_FAIL", at, sourceServerID=server, rawError=error)
    settle(engine, record, at)
