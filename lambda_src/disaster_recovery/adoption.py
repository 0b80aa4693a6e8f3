"""Finding the job of an intent whose call got no answer. StartRecovery has no idempotency token: we look, then decide.

A job is ours when its tags say so. Where tags are not to be seen, it is a LAUNCH job of exactly our servers that was
made since the intent was written; last, the job that each of the servers names as its last launch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from disaster_recovery.drs_api import Drs
from disaster_recovery.drs_types import LAUNCH, Job, SourceServer
from disaster_recovery.records import Intent
from shared.clock import parse

EXECUTION_TAG = "towpath:executionId"
#: Clocks differ, and DRS stamps a job with its own.
LOOK_BACK = timedelta(seconds=60)


def tags_of(intent: Intent) -> dict[str, str]:
    """The tags a job bears."""
    return {
        EXECUTION_TAG: intent.execution_id,
        "towpath:wave": str(intent.wave_number),
        "towpath:attempt": str(intent.attempt),
        "towpath:chunk": str(intent.chunk),
    }


def since(intent: Intent) -> datetime:
    """The earliest moment at which its job can have been made."""
    return parse(intent.created_at) - LOOK_BACK


def adopt(drs: Drs, intent: Intent) -> Job | None:
    """The job that the intent has led to, or None when DRS shows none (yet). Raises what describing raises: unknown."""
    found = matching(intent, drs.jobs_since(since(intent)))
    if found is not None:
        return found
    job_id = common_launch({server.source_server_id: server.last_job_id for server in _servers(drs, intent)}, intent)
    return matching(intent, drs.jobs([job_id]).values()) if job_id else None


def matching(intent: Intent, jobs: Iterable[Job]) -> Job | None:
    """The job among these that is the intent's: by tags, else by its servers and time."""
    candidates = list(jobs)
    tags = tags_of(intent)
    for job in candidates:
        if tags.items() <= job.tags.items():
            return job
    servers, earliest = frozenset(intent.source_server_ids), since(intent)
    for job in candidates:
        if job.type == LAUNCH and job.server_ids == servers and EXECUTION_TAG not in job.tags:
            if job.created_at is None or job.created_at >= earliest:
                return job
    return None


def common_launch(last_jobs: Mapping[str, str | None], intent: Intent) -> str | None:
    """The one job that all servers of the intent name as their last launch."""
    named = {last_jobs.get(server_id) for server_id in intent.source_server_ids}
    return named.pop() if len(named) == 1 else None


def _servers(drs: Drs, intent: Intent) -> Iterable[SourceServer]:
    return drs.source_servers(intent.source_server_ids)
