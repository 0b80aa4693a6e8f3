"""Making jobs, and ending them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.drs.engine import Engine
from local_cloud.drs.state import Record
from local_cloud.drs.timing import seconds
from local_cloud.simulation.clock import Stamp

SETTLED = ("LAUNCHED", "FAILED", "TERMINATED")


def create(
    engine: Engine, at: Stamp, participants: Iterable[Record], facts: Mapping[str, Any], **hidden: Any
) -> Record:
    """A new job in status PENDING that starts by itself; `facts` are type, initiatedBy and tags.

    `hidden` is what the steps need later: `principal`, `drill`, `snapshots`.
    """
    state, participants = engine.state, list(participants)
    identifier = state.identifier("drsjob")
    job: Record = {
        "jobID": identifier,
        "arn": state.arn("job", identifier),
        "creationDateTime": at,
        "status": "PENDING",
        "participatingServers": participants,
        **facts,
        "_": {"servers": [each["sourceServerID"] for each in participants], "left": [], "concealed": False, **hidden},
    }
    state.jobs[identifier] = job
    state.logs[identifier] = []
    engine.after(at, seconds(state, identifier, "PENDING"), "start_job", job=identifier)
    return job


def participant(job: Record, server: str) -> Record:
    """A server's entry in a job."""
    found: Record = next(each for each in job["participatingServers"] if each["sourceServerID"] == server)
    return found


def settle(engine: Engine, job: Record, at: Stamp) -> None:
    """Lets the job end a little later once every participant has ended or been left behind."""
    left = job["_"]["left"]
    if all(each["launchStatus"] in SETTLED or each["sourceServerID"] in left for each in job["participatingServers"]):
        engine.after(at, seconds(engine.state, job["jobID"], "JOB_END"), "end_job", job=job["jobID"])


def end_job(engine: Engine, at: Stamp, job: str) -> None:
    """COMPLETED says only that DRS is done; whether a server launched stands in its entry."""
    record = engine.state.jobs[job]
    engine.log(job, "JOB_END", at)
    record |= {"status": "COMPLETED", "endDateTime": at}
    if record["_"].get("delete"):
        forget(engine, job)


def forget(engine: Engine, job: str) -> None:
    """A deleted job is gone with its log; what it launched stays."""
    del engine.state.jobs[job], engine.state.logs[job]
