"""What is protected, as a JSON document: `schemas/drs-inventory.schema.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.drs import instances
from local_cloud.drs.quotas import DEFAULTS
from local_cloud.drs.settings_of_servers import default_configuration
from local_cloud.drs.state import Record, State
from local_cloud.simulation.clock import Stamp, later, moment, stamp
from shared.schemas import problems

SCHEMA = "drs-inventory"
# DRS's own policy takes a snapshot every ten minutes and keeps those of the last hour.
SNAPSHOT_SECONDS = 600
SNAPSHOTS = 6
GIB = 2**30
LABELS = {"STALLED": "NOT_CONVERGING", "DISCONNECTED": "AGENT_NOT_SEEN"}


class BadInventory(ValueError):
    """A document that the schema refuses; the message has the path and what is wrong."""


def check(document: Any) -> None:
    """Raises BadInventory for a document that is no inventory, or names a server twice."""
    found = [str(problem) for problem in problems(SCHEMA, document)]
    if found:
        raise BadInventory("; ".join(found))
    names = [each["sourceServerID"] for each in document["servers"]]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise BadInventory(f"$.servers: named more than once: {', '.join(repeated)}")


def fill(state: State, document: Mapping[str, Any], at: Stamp) -> None:
    """Makes the account what the document says; jobs, instances and what was due are forgotten."""
    check(document)
    state.quotas = {**DEFAULTS, **document.get("quotas", {})}
    for table in (state.servers, state.snapshots, state.launch_configurations, state.jobs, state.logs, state.instances):
        table.clear()
    state.agenda.clear()
    state.denials.clear()
    state.initialised = True
    for each in document["servers"]:
        add_server(state, each, at)


def add_server(state: State, entry: Mapping[str, Any], at: Stamp) -> None:
    """Adds one source server with its snapshots and its launch configuration."""
    server, hostname = entry["sourceServerID"], entry["hostname"]
    state.servers[server] = _server(state, entry, at)
    state.launch_configurations[server] = {
        **default_configuration(state, server, hostname),
        **entry.get("launchConfiguration", {}),
    }
    state.snapshots[server] = []
    given = entry.get("snapshots")
    if given is None:
        lag = float(entry.get("lagSeconds", 0))
        times = [later(at, -lag - SNAPSHOT_SECONDS * number) for number in range(SNAPSHOTS, 0, -1)]
        given = [{"snapshotID": state.identifier("pit"), "timestamp": each} for each in times]
    for each in given:
        instances.keep_snapshot(state, server, each["snapshotID"], stamp(moment(each["timestamp"])))


def _server(state: State, entry: Mapping[str, Any], at: Stamp) -> Record:
    server, hostname = entry["sourceServerID"], entry["hostname"]
    disk = int(entry.get("diskGiB", 30) * GIB)
    return {
        "sourceServerID": server,
        "arn": state.arn("source-server", server),
        "tags": dict(entry.get("tags", {})),
        "lastLaunchResult": "NOT_STARTED",
        "dataReplicationInfo": _replication(entry, disk),
        "lifeCycle": {"addedToServiceDateTime": at, "firstByteDateTime": at, "lastSeenByServiceDateTime": at},
        "sourceProperties": {
            "lastUpdatedDateTime": at,
            "recommendedInstanceType": entry.get("instanceType", "m5.large"),
            "identificationHints": {"hostname": hostname, "fqdn": hostname},
            "disks": [{"deviceName": "/dev/sda1", "bytes": disk}],
            "cpus": [{"cores": 2, "modelName": "simulated"}],
            "ramBytes": 8 * GIB,
            "os": {"fullString": entry.get("os", "Linux")},
        },
        "stagingArea": {"status": "NOT_EXTENDED", "stagingAccountID": state.account},
        "replicationDirection": "FAILOVER",
        "_": {"lagSeconds": float(entry.get("lagSeconds", 0)), "launch": dict(entry.get("launch", {}))},
    }


def _replication(entry: Mapping[str, Any], disk: int) -> Record:
    state = entry.get("replicationState", "CONTINUOUS")
    found: Record = {
        "dataReplicationState": state,
        "lagDuration": duration(float(entry.get("lagSeconds", 0))),
        "replicatedDisks": [
            {
                "deviceName": "/dev/sda1",
                "totalStorageBytes": disk,
                "replicatedStorageBytes": disk,
                "rescannedStorageBytes": 0,
                "backloggedStorageBytes": 0,
            }
        ],
    }
    if state in LABELS:
        found["dataReplicationError"] = {"error": LABELS[state]}
    return found


def duration(seconds: float) -> str:
    """ISO 8601 text of a duration: `P0D`, `PT90S`, `PT12.5S`."""
    if not seconds:
        return "P0D"
    return f"PT{int(seconds) if seconds == int(seconds) else round(seconds, 3)}S"
