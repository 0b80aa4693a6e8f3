"""The operations that are simulated, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs import admission, describing, failback, settings_of_servers, terminating
from local_cloud.drs.engine import Engine
from local_cloud.drs.jobs import forget
from local_cloud.drs.state import Record, State, bare
from local_cloud.simulation.clock import Stamp

SERVICE = "drs"
# These work before InitializeService was called.
ALWAYS = ("InitializeService", "TagResource", "UntagResource", "ListTagsForResource")


@dataclass(frozen=True)
class Call:
    """One call under way. `size` is the largest page it may get, None without such a limit."""

    at: Stamp
    parameters: Record
    principal: str
    size: int | None


Operation = Callable[[Engine, Call], Record]


def _initialize(engine: Engine, _call: Call) -> Record:
    engine.state.initialised = True
    return {}


def _delete_job(engine: Engine, call: Call) -> Record:
    job = engine.state.jobs.get(call.parameters["jobID"])
    if job is None:
        raise admission.missing("Job", call.parameters["jobID"])
    if job["status"] != "COMPLETED":
        raise ApiError("ConflictException", "the job has not completed", HTTPStatus.CONFLICT, resourceType="Job")
    forget(engine, job["jobID"])
    return {}


def _listing(describe: Callable[[State, Record, int | None], Record]) -> Operation:
    return lambda engine, call: describe(engine.state, call.parameters, call.size)


def _setting(change: Callable[[State, Record], Record]) -> Operation:
    return lambda engine, call: change(engine.state, call.parameters)


def _job(begin: Callable[[Engine, Stamp, Record, str], Record]) -> Operation:
    return lambda engine, call: {"job": bare(begin(engine, call.at, call.parameters, call.principal))}


def _change(change: Callable[[Engine, Stamp, Record], Record]) -> Operation:
    return lambda engine, call: change(engine, call.at, call.parameters)


OPERATIONS: dict[str, Operation] = {
    "InitializeService": _initialize,
    "StartRecovery": _job(admission.start_recovery),
    "TerminateRecoveryInstances": _job(terminating.terminate),
    "StartFailbackLaunch": _job(failback.start_failback_launch),
    "ReverseReplication": _change(failback.reverse_replication),
    "StopFailback": _change(failback.stop_failback),
    "DescribeJobs": _listing(describing.jobs),
    "DescribeJobLogItems": _listing(describing.job_log),
    "DescribeSourceServers": _listing(describing.source_servers),
    "DescribeRecoveryInstances": _listing(describing.recovery_instances),
    "DescribeRecoverySnapshots": _listing(describing.recovery_snapshots),
    "DeleteJob": _delete_job,
    "GetLaunchConfiguration": _setting(settings_of_servers.get_launch_configuration),
    "UpdateLaunchConfiguration": _setting(settings_of_servers.update_launch_configuration),
    "TagResource": _setting(settings_of_servers.tag),
    "UntagResource": _setting(settings_of_servers.untag),
    "ListTagsForResource": _setting(settings_of_servers.list_tags),
}
