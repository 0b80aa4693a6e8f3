"""What others do meanwhile: a job from the console, an instance terminated in EC2, a job deleted."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs.admission import start_recovery
from local_cloud.drs.engine import Engine
from local_cloud.drs.jobs import forget
from local_cloud.drs.permissions import everything
from local_cloud.drs.state import Record
from local_cloud.simulation.clock import Stamp

# Whoever works in the console may do everything.
SOMEBODY = "arn:aws:iam::{account}:root"


def act(engine: Engine, at: Stamp, rule: str, action: Record) -> None:
    """Does it, and notes it in `injected` with what came of it."""
    doing = {"external_job": external_job, "terminate_instance": terminate_instance, "delete_job": delete_job}
    outcome = doing[action["type"]](engine, at, action)
    engine.state.injected.append({"rule": rule, "type": action["type"], "time": at, "outcome": outcome})


def external_job(engine: Engine, at: Stamp, action: Record) -> Any:
    """Somebody else launches servers (ids or host names): the job's id, or why DRS refused it."""
    servers = [name for pattern in action["servers"] for name in named(engine, pattern)]
    principal = SOMEBODY.format(account=engine.state.account)
    request = {"sourceServers": [{"sourceServerID": each} for each in servers], "isDrill": action["isDrill"]}
    trusted = Engine(engine.state, engine.events, everything)
    try:
        return start_recovery(trusted, at, request, principal)["jobID"]
    except ApiError as refused:
        return str(refused)


def terminate_instance(engine: Engine, at: Stamp, action: Record) -> list[str]:
    """Instances of a server (id or host name) are terminated in EC2; DRS still lists them, as TERMINATED."""
    servers = named(engine, action["server"])
    struck = [each for each in engine.state.instances.values() if each["sourceServerID"] in servers]
    for instance in struck:
        instance["ec2InstanceState"] = "TERMINATED"
    return [each["recoveryInstanceID"] for each in struck]


def delete_job(engine: Engine, at: Stamp, action: Record) -> list[str]:
    """Jobs (wildcards) are deleted: at once when they have completed, else as soon as they do."""
    struck = [job for job in engine.state.jobs.values() if fnmatchcase(job["jobID"], action["job"])]
    for job in struck:
        if job["status"] == "COMPLETED":
            forget(engine, job["jobID"])
        else:
            job["_"]["delete"] = True
    return [job["jobID"] for job in struck]


def named(engine: Engine, pattern: str) -> list[str]:
    """Source servers by id or host name, with wildcards."""
    return [
        server["sourceServerID"]
        for server in engine.state.servers.values()
        if fnmatchcase(server["sourceServerID"], pattern)
        or fnmatchcase(server["sourceProperties"]["identificationHints"]["hostname"], pattern)
    ]
