"""What launches leave behind: recovery instances and snapshots."""

from __future__ import annotations

from hashlib import sha256

from local_cloud.drs.state import Record, State
from local_cloud.simulation.clock import Stamp, later, stamp
from local_cloud.simulation.clock import moment as moment_of

# DRS keeps snapshots by a policy of its own; the simulator keeps the newest ones of each server.
KEPT_SNAPSHOTS = 1024


def add(state: State, job: Record, source: Record, at: Stamp) -> Record:
    """The instance that a launch made; DRS calls it by its EC2 id."""
    identifier = state.identifier("i")
    server = source["sourceServerID"]
    snapshot = job["_"]["snapshots"].get(server)
    kept = state.snapshots[server]
    used = next((each for each in kept if each["snapshotID"] == snapshot), kept[-1] if kept else None)
    state.instances[identifier] = {
        "recoveryInstanceID": identifier,
        "ec2InstanceID": identifier,
        "ec2InstanceState": "RUNNING" if _started(state, server) else "STOPPED",
        "jobID": job["jobID"],
        "sourceServerID": server,
        "arn": state.arn("recovery-instance", identifier),
        "tags": {},
        "isDrill": job["_"]["drill"],
        "pointInTimeSnapshotDateTime": used["timestamp"] if used else at,
        "failback": {"state": "FAILBACK_NOT_STARTED"},
        "dataReplicationInfo": {"dataReplicationState": "NOT_STARTED"},
        "recoveryInstanceProperties": {
            "lastUpdatedDateTime": at,
            "identificationHints": {**source["sourceProperties"]["identificationHints"], "awsInstanceID": identifier},
            "os": source["sourceProperties"]["os"],
        },
        "originEnvironment": "ON_PREMISES",
        "_": {"launchedAt": at},
    }
    return state.instances[identifier]


def _started(state: State, server: str) -> bool:
    return bool(state.launch_configurations[server]["launchDisposition"] == "STARTED")


def remove(state: State, identifier: str) -> None:
    """Forgets an instance that DRS terminated or deleted; its source server has none then."""
    instance = state.instances.pop(identifier, None)
    if instance is None:
        return
    source = state.servers.get(instance["sourceServerID"])
    if source is not None and source.get("recoveryInstanceId") == identifier:
        del source["recoveryInstanceId"]
        source["lifeCycle"]["lastLaunch"]["status"] = "TERMINATED"


def add_snapshot(state: State, server: str, at: Stamp) -> Record:
    """A snapshot of the present; what it holds is as old as the replication lags behind."""
    lag = state.servers[server]["_"]["lagSeconds"]
    return keep_snapshot(state, server, state.identifier("pit"), stamp(moment_of(later(at, -lag))))


def keep_snapshot(state: State, server: str, identifier: str, taken: Stamp) -> Record:
    """Keeps a snapshot in order of time."""
    disks = state.servers[server]["sourceProperties"]["disks"]
    digests = [sha256(f"{identifier} {each['deviceName']}".encode()).hexdigest()[:17] for each in disks]
    kept = state.snapshots.setdefault(server, [])
    kept.append(
        {
            "snapshotID": identifier,
            "sourceServerID": server,
            "expectedTimestamp": taken,
            "timestamp": taken,
            "ebsSnapshots": [f"snap-{digest}" for digest in digests],
        }
    )
    kept.sort(key=lambda each: str(each["timestamp"]))
    del kept[:-KEPT_SNAPSHOTS]
    return next(each for each in kept if each["snapshotID"] == identifier)
