"""Finding the job of an intent whose call got no answer. StartRecovery has no idempotency token: we look, then decide.

A job is ours when its tags say so, and only then: StartRecovery makes a job with its tags or not at all. Where the list
of jobs does not show it, the servers may name it as their last launch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from disaster_recovery.drs.answers import Job, SourceServer
from disaster_recovery.drs.api import Drs
from disaster_recovery.records.execution import Intent
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
    """The job among these that bears the intent's tags. The same servers at the same time prove nothing: somebody may
    have launched them by hand in that moment, and what they launched must not be terminated with ours.
    """
    tags = tags_of(intent)
    return next((job for job in jobs if tags.items() <= job.tags.items()), None)


def common_launch(last_jobs: Mapping[str, str | None], intent: Intent) -> str | None:
    """The one job that all servers of the intent name as their last launch."""
    named = {last_jobs.get(server_id) for server_id in intent.source_server_ids}
    return named.pop() if len(named) == 1 else None


def _servers(drs: Drs, intent: Intent) -> Iterable[SourceServer]:
    return drs.source_servers(intent.source_server_ids)
