"""LAUNCH jobs: each server passes its phases by itself, and the job ends after the last."""

from __future__ import annotations

from local_cloud.drs import instances
from local_cloud.drs.engine import Engine
from local_cloud.drs.injections import strike
from local_cloud.drs.jobs import participant, settle
from local_cloud.drs.permissions import BY_PHASE
from local_cloud.drs.state import Record
from local_cloud.drs.timing import seconds
from local_cloud.simulation.clock import Stamp

ORDER = ("CLEANUP", "SNAPSHOT", "CONVERSION", "LAUNCH")
FAILURE = {"CLEANUP": "CLEANUP_FAIL", "SNAPSHOT": "SNAPSHOT_FAIL", "CONVERSION": "CONVERSION_FAIL"}
UNAUTHORIZED_SECONDS = 2
# Replication states in which the present cannot be captured.
CUT_OFF = ("STALLED", "DISCONNECTED", "STOPPED", "PAUSED")


def begin_server(engine: Engine, at: Stamp, job: str, server: str) -> None:
    """The first phase: an instance of an earlier launch is cleaned up first."""
    earlier = engine.state.servers[server].get("recoveryInstanceId")
    begin_phase(engine, at, job, server, "CLEANUP" if earlier else "SNAPSHOT")


def begin_phase(engine: Engine, at: Stamp, job: str, server: str, phase: str) -> None:
    """Logs the start and plans the end of a phase, as permissions and injections want it."""
    state, record = engine.state, engine.state.jobs[job]
    source = state.servers[server]
    if phase == "SNAPSHOT" and (server in record["_"]["snapshots"] or _cut_off(source)):
        _use_previous(engine, at, record, source)
        return
    hostname = source["sourceProperties"]["identificationHints"]["hostname"]
    action = strike(state, "phase", at, {"server": [hostname]}, server=server, phase=phase) or {"type": "none"}
    if action["type"] == "leave":
        record["_"]["left"].append(server)
        settle(engine, record, at)
        return
    participant(record, server)["launchStatus"] = "IN_PROGRESS"
    source["lifeCycle"]["lastLaunch"]["status"] = "IN_PROGRESS"
    engine.log(job, f"{phase}_START", at, **_about(record, server, phase))
    needed = seconds(state, job, phase, source)
    step = {"job": job, "server": server, "phase": phase}
    if missing := engine.denied(record["_"]["principal"], phase, BY_PHASE[phase], server, at):
        error = f"UnauthorizedOperation: You are not authorized to perform: {', '.join(missing)}"
        engine.after(at, UNAUTHORIZED_SECONDS, "fail_phase", **step, error=error)
    elif action["type"] == "fail":
        engine.after(at, needed / 2, "fail_phase", **step, error=action["error"])
    elif action["type"] != "hang" or action["seconds"]:
        more = needed * action["factor"] if action["type"] == "slow" else needed + action.get("seconds", 0)
        engine.after(at, more, "end_phase", **step)


def _cut_off(source: Record) -> bool:
    return source["dataReplicationInfo"]["dataReplicationState"] in CUT_OFF


def _use_previous(engine: Engine, at: Stamp, job: Record, source: Record) -> None:
    """Takes the snapshot that was asked for instead of making one, or the latest where none can be made."""
    identifier, server = job["jobID"], source["sourceServerID"]
    kept = [each["snapshotID"] for each in engine.state.snapshots[server]]
    chosen = job["_"]["snapshots"].get(server, kept[-1] if kept else "of any time")
    participant(job, server)["launchStatus"] = "IN_PROGRESS"
    if chosen in kept:
        job["_"]["snapshots"][server] = chosen
        engine.log(identifier, "USING_PREVIOUS_SNAPSHOT", at, sourceServerID=server)
        begin_phase(engine, at, identifier, server, "CONVERSION")
    else:
        error = f"there is no recovery snapshot {chosen}"
        engine.log(identifier, "USING_PREVIOUS_SNAPSHOT_FAILED", at, sourceServerID=server, rawError=error)
        _failed(engine, at, job, server)


def end_phase(engine: Engine, at: Stamp, job: str, server: str, phase: str) -> None:
    """What a phase leaves behind, and the next phase."""
    record = engine.state.jobs[job]
    if phase == "LAUNCH":
        _launched(engine, at, record, server)
        return
    if phase == "CLEANUP":
        instances.remove(engine.state, engine.state.servers[server]["recoveryInstanceId"])
    elif phase == "SNAPSHOT":
        instances.add_snapshot(engine.state, server, at)
    engine.log(job, f"{phase}_END", at, **_about(record, server, phase))
    begin_phase(engine, at, job, server, ORDER[ORDER.index(phase) + 1])


def fail_phase(engine: Engine, at: Stamp, job: str, server: str, phase: str, error: str) -> None:
    """Ends the server; only a cleanup that fails does not keep the server from being launched."""
    record = engine.state.jobs[job]
    event = FAILURE.get(phase, "LAUNCH_FAILED")
    engine.log(job, event, at, **_about(record, server, phase), rawError=error)
    if phase == "CLEANUP":
        begin_phase(engine, at, job, server, "SNAPSHOT")
    else:
        _failed(engine, at, record, server)


def _failed(engine: Engine, at: Stamp, job: Record, server: str) -> None:
    source = engine.state.servers[server]
    participant(job, server)["launchStatus"] = "FAILED"
    source["lastLaunchResult"] = "FAILED"
    source["lifeCycle"]["lastLaunch"]["status"] = "FAILED"
    engine.launch_result(job, server, False, at)
    settle(engine, job, at)


def _launched(engine: Engine, at: Stamp, job: Record, server: str) -> None:
    source = engine.state.servers[server]
    if source.get("recoveryInstanceId") in engine.state.instances:
        # It could not be cleaned up: the EC2 instance stays behind, but a server has one recovery instance only.
        instances.remove(engine.state, source["recoveryInstanceId"])
    instance = instances.add(engine.state, job, source, at)
    if engine.state.fidelity == "observed":
        about = {"sourceServerID": server, "targetInstanceID": instance["ec2InstanceID"]}
        engine.log(job["jobID"], "LAUNCH_END", at, **about)
    participant(job, server).update(launchStatus="LAUNCHED", recoveryInstanceID=instance["recoveryInstanceID"])
    source["recoveryInstanceId"] = instance["recoveryInstanceID"]
    source["lastLaunchResult"] = "SUCCEEDED"
    source["lifeCycle"]["lastLaunch"]["status"] = "LAUNCHED"
    engine.launch_result(job, server, True, at)
    settle(engine, job, at)


def _about(job: Record, server: str, phase: str) -> dict[str, str]:
    """What a log item of a phase names; the conversion server is the same from start to end."""
    if phase != "CONVERSION":
        return {"sourceServerID": server}
    number = int(job["jobID"].rpartition("-")[2], 16) ^ int(server.encode().hex(), 16)
    return {"sourceServerID": server, "conversionServerID": f"i-{number % 16**17:017x}"}
