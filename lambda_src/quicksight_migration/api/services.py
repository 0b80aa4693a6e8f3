"""What the endpoints work with, made with the first request and kept while the worker lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from quicksight_migration.api.job_logs import JobLogs
from quicksight_migration.commands.jobs import Commands
from quicksight_migration.records.job import Job
from quicksight_migration.records.store import Store
from quicksight_migration.settings import Settings
from shared.api.access import VIEW, Access
from shared.api.cursors import Cursors
from shared.api.principals import Principal
from shared.api.problems import ApiProblem, not_found
from shared.clock import Clock
from shared.live.tickets import Tickets

Document = dict[str, Any]


class Documents(Protocol):
    """JSON documents of jobs, by their keys in the bundle bucket."""

    def get_json(self, key: str) -> Any:
        """Raises NotFound."""


@dataclass(frozen=True)
class Services:
    """`invoke` sends an event to a function (its name) that nobody waits for."""

    settings: Settings
    store: Store
    access: Access
    cursors: Cursors
    documents: Documents
    logs: JobLogs
    tickets: Tickets
    invoke: Callable[[str, Mapping[str, Any]], None]
    commands: Commands
    clock: Clock

    def visible_job(self, principal: Principal, job_id: str) -> Job:
        """The job. Raises ApiProblem 404 also for one of a tenant that the principal does not see."""
        job = self.store.job(job_id)
        if job is None or not self.access.sees(principal, job.tenant_id):
            raise no_job(job_id)
        return job

    def job_for(self, principal: Principal, job_id: str, *permissions: str) -> Job:
        """The job, of whoever has one of the permissions for its tenant. Raises ApiProblem 404 or 403."""
        job = self.visible_job(principal, job_id)
        self.access.require(principal, job.tenant_id, no_job(job_id), *permissions)
        return job

    def limited(self, principal: Principal) -> bool:
        """True for whoever does not see all tenants."""
        return self.access.owners(principal, VIEW) is not None


def no_job(job_id: str) -> ApiProblem:
    """404, whether there is none or it is somebody else's."""
    return not_found(f"job {job_id}")
