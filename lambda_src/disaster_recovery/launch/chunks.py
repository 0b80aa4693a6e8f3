"""How many servers may start now, and in which jobs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from disaster_recovery.drs.answers import Job
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.records.execution import Intent
from disaster_recovery.records.statuses import IntentState


@dataclass(frozen=True)
class Room:
    """What the quotas leave at the moment: jobs, servers in all jobs together, servers in one job."""

    jobs: int
    servers: int
    servers_in_a_job: int


def room(quotas: Quotas, live_jobs: Iterable[Job], intents: Iterable[Intent]) -> Room:
    """What is left beside the jobs of every type in the account, and beside our own that DRS may not list yet."""
    jobs = {job.job_id: len(job.server_ids) for job in live_jobs}
    for intent in intents:
        if intent.intent_state in (IntentState.STARTED, IntentState.SENT):
            jobs.setdefault(intent.job_id or intent.owner, len(intent.source_server_ids))
    return Room(quotas.jobs - len(jobs), quotas.servers_in_all_jobs - sum(jobs.values()), quotas.servers_in_a_job)


def chunks(server_ids: Sequence[str], left: Room) -> list[tuple[str, ...]]:
    """The servers that fit, in their order, as one tuple a job; those behind them have to wait."""
    planned: list[tuple[str, ...]] = []
    start, servers = 0, left.servers
    while start < len(server_ids) and len(planned) < left.jobs:
        size = min(left.servers_in_a_job, servers, len(server_ids) - start)
        if size <= 0:
            break
        planned.append(tuple(server_ids[start : start + size]))
        start, servers = start + size, servers - size
    return planned
