"""Read operations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs.admission import missing
from local_cloud.drs.paging import page
from local_cloud.drs.state import Record, State, bare
from local_cloud.simulation.clock import Stamp, moment

_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


def jobs(state: State, parameters: Record, size: int | None) -> dict[str, Any]:
    """DescribeJobs: newest first; ids that are unknown are simply not there."""
    filters = parameters.get("filters") or {}
    ids, begin, end = (
        filters.get("jobIDs") or (),
        _time(filters, "fromDate", _BEGINNING),
        _time(filters, "toDate", _END),
    )
    found = [
        bare(job)
        for job in reversed(state.jobs.values())
        if not job["_"]["concealed"]
        and (not ids or job["jobID"] in ids)
        and begin <= moment(job["creationDateTime"]) <= end
    ]
    return page(found, parameters, "jobID", size)


def job_log(state: State, parameters: Record, size: int | None) -> dict[str, Any]:
    """DescribeJobLogItems: in the order in which things happened. An unknown job is a ValidationException."""
    items = state.logs.get(parameters["jobID"])
    if items is None:
        raise ApiError("ValidationException", f"job {parameters['jobID']} does not exist", reason="other")
    numbered = [{**bare(item), "number": str(item["_"]["number"])} for item in items]
    answer = page(numbered, parameters, "number", size)
    for item in answer["items"]:
        del item["number"]
    return answer


def source_servers(state: State, parameters: Record, size: int | None) -> dict[str, Any]:
    """DescribeSourceServers: by id, hardware id or staging account."""
    filters = parameters.get("filters") or {}
    ids, hardware, accounts = (filters.get(name) for name in ("sourceServerIDs", "hardwareId", "stagingAccountIDs"))
    found = [
        bare(server)
        for server in state.servers.values()
        if (not ids or server["sourceServerID"] in ids)
        and (not hardware or server["sourceProperties"]["identificationHints"].get("vmWareUuid") == hardware)
        and (not accounts or server["stagingArea"]["stagingAccountID"] in accounts)
    ]
    return page(found, parameters, "sourceServerID", size)


def recovery_instances(state: State, parameters: Record, size: int | None) -> dict[str, Any]:
    """DescribeRecoveryInstances: by instance id or source server."""
    filters = parameters.get("filters") or {}
    ids, servers = filters.get("recoveryInstanceIDs"), filters.get("sourceServerIDs")
    found = [
        bare(instance)
        for instance in state.instances.values()
        if (not ids or instance["recoveryInstanceID"] in ids) and (not servers or instance["sourceServerID"] in servers)
    ]
    return page(found, parameters, "recoveryInstanceID", size)


def recovery_snapshots(state: State, parameters: Record, size: int | None) -> dict[str, Any]:
    """DescribeRecoverySnapshots of one source server: newest first unless asked otherwise."""
    server = parameters["sourceServerID"]
    if server not in state.servers:
        raise missing("SourceServer", server)
    filters = parameters.get("filters") or {}
    begin, end = _time(filters, "fromDateTime", _BEGINNING), _time(filters, "toDateTime", _END)
    found = [bare(each) for each in state.snapshots[server] if begin <= moment(each["timestamp"]) <= end]
    if parameters.get("order", "DESC") == "DESC":
        found.reverse()
    return page(found, parameters, "snapshotID", size)


def _time(filters: Mapping[str, str], name: str, default: datetime) -> datetime:
    text: Stamp | None = filters.get(name)
    return moment(text) if text else default
