"""A restore: a job of its own that puts the target back to what another job found there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quicksight_migration.commands.starting import Starter
from quicksight_migration.errors import NotFound, WrongState
from quicksight_migration.machine.tools import Tools
from quicksight_migration.records.job import Job
from quicksight_migration.records.order import original_backup
from quicksight_migration.records.statuses import MIGRATION, RESTORE, TERMINAL_STATUSES, TargetState

#: What a restore may be asked for; everything else follows from the job that it takes back.
OPTIONS = ("approval", "planOnly", "failureAction", "backup")


@dataclass(frozen=True)
class Restorer:
    """Makes RESTORE jobs."""

    tools: Tools
    starter: Starter

    def restore(self, actor: str, job_id: str, options: Mapping[str, Any] | None = None, key: str = "") -> Job:
        """Imports the backup of a job and deletes what it created; with a plan, an approval and a backup of its own.

        Raises NotFound, WrongState for a job that runs, that did not touch the target, or that made no backup.
        """
        view = self.tools.store.view(job_id)
        if view is None:
            raise NotFound(f"there is no job {job_id}")
        job = view.job
        if job.type != MIGRATION:
            raise WrongState("a restore is not restored: restore the migration, or migrate again")
        if job.status not in TERMINAL_STATUSES:
            raise WrongState(f"the job is {job.status}: only what has ended is restored")
        if job.target_state == TargetState.UNTOUCHED:
            raise WrongState("the job has not touched the target: there is nothing to restore")
        if original_backup(view.steps) is None:
            raise WrongState("the job made no backup of the target before it changed it")
        return self.starter.create(actor, _payload(job, options or {}), key, RESTORE, job_id)


def _payload(job: Job, options: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: options[name] for name in OPTIONS if name in options}
    wanted = {
        "conflictPolicy": "UPDATE",
        "includePermissions": job.options["includePermissions"],
        "includeTags": job.options["includeTags"],
    }
    payload: dict[str, Any] = {
        "sourceAccountId": job.source_account_id,
        "targetAccountId": job.target_account_id,
        "assets": list(job.payload.get("assets", ())),
        "options": {**wanted, **kept},
        "tags": dict(job.tags),
        "description": f"restores what {job.job_id} changed",
    }
    return {**payload, "tenantId": job.tenant_id} if job.tenant_id else payload
