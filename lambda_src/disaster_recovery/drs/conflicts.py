"""Servers that a job of somebody else holds. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from disaster_recovery.drs.answers import Job


def busy_servers(live_jobs: Iterable[Job], server_ids: Collection[str]) -> dict[str, str]:
    """Server id → job id, for those of the servers that take part in a job of any type that is not over."""
    wanted = frozenset(server_ids)
    return {server_id: job.job_id for job in live_jobs if not job.is_over for server_id in job.server_ids & wanted}
