"""Chunks that were imported before a later one failed are taken back: backups are imported, new assets deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.bundles.backing_up import backups_of
from quicksight_migration.bundles.bundle_jobs import SUCCESSFUL, BundleJob
from quicksight_migration.bundles.deleting import delete_all
from quicksight_migration.bundles.following import MOST_ERRORS, Following, Progress
from quicksight_migration.bundles.import_request import restore_members
from quicksight_migration.bundles.keys import RESTORE, bundle_job_id, staging_key
from quicksight_migration.bundles.target_check import look_at, told
from quicksight_migration.permissions.grants_before import grants_before
from quicksight_migration.permissions.update_permissions import by_target, converge
from quicksight_migration.planning.plan import Action, Item, Plan
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import StepName, TargetState
from quicksight_migration.worker import Answer, Task, failed
from quicksight_migration.worker_tools import WorkerTools
from shared.errors import TowpathError

RESTORE_FAILED = "RESTORE_FAILED"
#: The machine carries at most 1 KB of progress.
MOST_NOTED = 300


@dataclass(frozen=True)
class Undoing:
    """One look at it. The note of its progress is {"chunks": the last one imported, "code", "message", "job"}."""

    tools: WorkerTools
    task: Task
    job: JobReading
    plan: Plan
    session: AccountSession
    following: Following

    def beginning(self, phase: str, chunks: int, error: Mapping[str, Any]) -> Progress:
        """Progress that takes the first `chunks` chunks back, for this error."""
        details = error.get("details") or {}
        note = {"chunks": chunks, "code": error["code"], "message": str(error["message"])[:MOST_NOTED]}
        return Progress(phase, note={**note, "job": details.get("bundleJobId", "")})

    def advance(self, progress: Progress) -> Answer:
        """WAIT, or FAILED for the noted error with the target RESTORED, or RESTORE_FAILED with the target UNKNOWN."""
        items = [item for item in self.plan.items if item.chunk <= self._note(progress)["chunks"]]
        backups = backups_of(self.job.output(StepName.BACKUP_TARGET), self._note(progress)["chunks"])
        if not backups and any(item.action is Action.UPDATE for item in items):
            return self._lost(progress, "there is no backup of what was overwritten")
        while progress.chunk <= len(backups):
            found = self._follow(progress, backups[progress.chunk - 1])
            if not isinstance(found, BundleJob):
                return found
            if found.status != SUCCESSFUL:
                return self._lost(progress, f"{found.bundle_job_id} ended as {found.status}", found)
            progress = progress.at(progress.chunk + 1)
        return self._take_away(progress, items)

    def delete_unchanged(self, progress: Progress, items: Sequence[Item]) -> tuple[Answer | None, list[dict[str, Any]]]:
        """Deletes the assets that are as the plan found them; (what to answer or None, those that are kept)."""
        try:
            kept = look_at(self.session, self.plan, items).changed(items)
            delete_all(self.session, [item.target for item in items if item not in kept])
        except TowpathError as error:
            return self._again(progress, error), []
        return None, told(kept)

    def _follow(self, progress: Progress, backup: Mapping[str, Any]) -> BundleJob | Answer:
        bundle_job = bundle_job_id(self.task.job_id, RESTORE, self.task.attempt, backup["number"])
        try:
            found = self.following.follow(progress, bundle_job, lambda: self._request(backup))
        except TowpathError as error:
            return self._lost(progress, f"{bundle_job}: {error}")
        if isinstance(found, BundleJob) or "error" not in found:
            return found
        return self._lost(progress, found["error"]["message"])

    def _request(self, backup: Mapping[str, Any]) -> dict[str, Any]:
        staged = staging_key(self.task.job_id, RESTORE, self.task.attempt, backup["number"])
        uri = self.tools.staging(self.session).stage(backup["key"], backup["sha256"], staged)
        return {"AssetBundleImportSource": {"S3Uri": uri}, **restore_members()}

    def _take_away(self, progress: Progress, items: Sequence[Item]) -> Answer:
        created = [item.target for item in items if item.action is Action.CREATE]
        try:
            delete_all(self.session, created)
            left = self._give_back(items)
            changed = look_at(self.session, self.plan, items).changed(items)
        except TowpathError as error:
            return self._again(progress, error)
        if changed or left:
            return self._lost(progress, f"{len(changed)} assets are not as they were{left}", changes=told(changed))
        note = self._note(progress)
        details = {"bundleJobId": note["job"], "restored": f"{note['chunks']} chunks were imported and taken back"}
        failing = self.following.jobs.look(note["job"]) if note["job"] else None
        if failing:
            details["errors"] = [dict(each) for each in failing.errors]
        return failed(note["code"], note["message"], details, TargetState.RESTORED)

    def _give_back(self, items: Sequence[Item]) -> str:
        """Permissions that the imports replaced; a backup that is imported takes none away. Says what did not work."""
        replaced = {grant.target for grant in self.plan.permissions if grant.replace}
        wanted = replaced & {item.target for item in items if item.action is Action.UPDATE}
        backups = self.job.output(StepName.BACKUP_TARGET).get("bundles", []) if wanted else []
        grants = grants_before(self.tools.bucket, [each["key"] for each in backups], wanted)
        outcomes = [converge(self.session, asset, given) for asset, given in by_target(grants).items()]
        return "".join(f"; {each.reason}" for each in outcomes if each.reason)

    def _again(self, progress: Progress, error: TowpathError) -> Answer:
        if not error.retriable or progress.errors >= MOST_ERRORS:
            return self._lost(progress, str(error))
        return self.following.pauses.later(replace(progress, errors=progress.errors + 1), self.task.job_id, error.code)

    def _lost(
        self, progress: Progress, why: str, found: BundleJob | None = None, changes: Sequence[Any] = ()
    ) -> Answer:
        note = progress.note or {}
        details: dict[str, Any] = {"cause": {name: note.get(name) for name in ("code", "message", "job")}}
        if found:
            details |= {"errors": [dict(each) for each in found.errors]}
            details |= {"rollbackErrors": [dict(each) for each in found.rollback_errors]}
        if changes:
            details["changes"] = list(changes)
        return failed(RESTORE_FAILED, why, details, TargetState.UNKNOWN)

    def _note(self, progress: Progress) -> Mapping[str, Any]:
        return progress.note or {"chunks": 0, "code": RESTORE_FAILED, "message": "", "job": ""}
