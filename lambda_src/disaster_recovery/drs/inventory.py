"""What DRS protects in an account, as the document that a rehearsal starts from. Reads only.

Form: schemas/drs-inventory.schema.json. How long a server's last launch took is read from its job's log, so that a
rehearsal of it takes as long; where there is none, the rehearsal draws usual times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from disaster_recovery.drs.answers import LogEntry, SourceServer
from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.durations import seconds_of
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.errors import NotFound, TowpathError, ValidationFailed
from shared.clock import stamp

GIB = 2**30
#: Points in time kept of each server, the newest: more than DRS keeps of a day.
SNAPSHOTS = 100
REPLICATION_STATES = frozenset(
    {
        *("STOPPED", "INITIATING", "INITIAL_SYNC", "BACKLOG", "CREATING_SNAPSHOT"),
        *("CONTINUOUS", "PAUSED", "RESCAN", "STALLED", "DISCONNECTED"),
    }
)
#: Phases of a launch: member of the inventory → events of the job log it begins and ends with.
PHASES = {
    "snapshotSeconds": ("SNAPSHOT_START", ("SNAPSHOT_END",)),
    "conversionSeconds": ("CONVERSION_START", ("CONVERSION_END",)),
    "launchSeconds": ("LAUNCH_START", ("LAUNCH_END", "JOB_END")),
}
LAUNCH_SETTINGS = (
    "name",
    "ec2LaunchTemplateID",
    "launchDisposition",
    "targetInstanceTypeRightSizingMethod",
    "copyPrivateIp",
    "copyTags",
    "licensing",
    "postLaunchEnabled",
    "recoveryMode",
)

Item = dict[str, Any]


@dataclass(frozen=True)
class Exporter:
    """Exports one account and Region. `progress` is called with (servers done, servers in all)."""

    drs: Drs
    account_id: str
    region: str
    progress: Callable[[int, int], None] = lambda done, total: None

    def export(self, quotas: Quotas, now: datetime, server_ids: Iterable[str] | None = None) -> Item:
        """The inventory of these servers, or of all. Raises what drs_api raises, NotFound for an unknown id."""
        servers = self._servers(server_ids)
        logs: dict[str, list[LogEntry]] = {}
        items = []
        for done, server in enumerate(servers, start=1):
            items.append(self._server(server, logs))
            self.progress(done, len(servers))
        return {
            "account": self.account_id,
            "region": self.region,
            "exportedAt": stamp(now),
            "quotas": {
                "concurrentJobs": quotas.jobs,
                "serversPerJob": quotas.servers_in_a_job,
                "serversInAllJobs": quotas.servers_in_all_jobs,
            },
            "servers": items,
        }

    def _servers(self, server_ids: Iterable[str] | None) -> list[SourceServer]:
        wanted = None if server_ids is None else sorted(set(server_ids))
        found = sorted(self.drs.source_servers(wanted), key=lambda server: server.source_server_id)
        missing = set(wanted or ()) - {server.source_server_id for server in found}
        if missing:
            raise NotFound(f"DRS does not know {', '.join(sorted(missing))}")
        return found

    def _server(self, server: SourceServer, logs: dict[str, list[LogEntry]]) -> Item:
        snapshots = islice(self.drs.snapshots(server.source_server_id), SNAPSHOTS)
        kept = [
            {"snapshotID": each.snapshot_id, "timestamp": stamp(each.taken_at)} for each in snapshots if each.taken_at
        ]
        return {
            **described(server),
            "snapshots": kept,
            **_present("launch", launch_seconds(server.source_server_id, self._log(server.last_job_id, logs))),
            **_present("launchConfiguration", self._settings(server.source_server_id)),
        }

    def _log(self, job_id: str | None, logs: dict[str, list[LogEntry]]) -> list[LogEntry]:
        """The job's log, read once a job; jobs of long ago are not known any more."""
        if job_id is None:
            return []
        if job_id not in logs:
            try:
                logs[job_id] = self.drs.job_log(job_id)
            except (NotFound, ValidationFailed):
                logs[job_id] = []
        return logs[job_id]

    def _settings(self, server_id: str) -> Item:
        try:
            found = self.drs.launch_configuration(server_id)
        except TowpathError:
            return {}  # whether it can be read is for the readiness report to say
        return {name: found[name] for name in LAUNCH_SETTINGS if found.get(name) not in (None, "")}


def described(server: SourceServer) -> Item:
    """What DescribeSourceServers says of a server."""
    properties = server.raw.get("sourceProperties", {})
    disk = sum(int(each.get("bytes", 0)) for each in properties.get("disks", []))
    lag = seconds_of(server.lag)
    return {
        "sourceServerID": server.source_server_id,
        "hostname": server.hostname or server.source_server_id,
        "tags": dict(server.tags),
        **_present("os", properties.get("os", {}).get("fullString")),
        **_present("instanceType", properties.get("recommendedInstanceType")),
        **_present("diskGiB", round(disk / GIB, 3)),
        **({"replicationState": server.replication_state} if server.replication_state in REPLICATION_STATES else {}),
        **({} if lag is None else {"lagSeconds": lag}),
    }


def launch_seconds(server_id: str, log: Sequence[LogEntry]) -> dict[str, float]:
    """Seconds of the phases of one server's launch, as far as the job's log has their beginning and end."""
    found: dict[str, float] = {}
    for name, (begins, ends) in PHASES.items():
        start = _first(log, server_id, (begins,))
        end = _first(log, server_id, ends)
        if start and end and end >= start:
            found[name] = round((end - start).total_seconds(), 3)
    return found


def _first(log: Sequence[LogEntry], server_id: str, events: Sequence[str]) -> datetime | None:
    for event in events:
        for entry in log:
            if entry.event == event and entry.source_server_id in (server_id, None) and entry.at:
                return entry.at
    return None


def _present(name: str, value: Any) -> Mapping[str, Any]:
    return {name: value} if value else {}
