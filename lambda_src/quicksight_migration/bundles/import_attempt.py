"""An attempt of ImportAssets: the plan's chunks are staged and imported one after another, each started once.

Before the first one is started the target has to be as the plan found it. What an earlier attempt has left running is
waited for, and what it has imported already is not imported again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.bundles.bundle_jobs import JOB_FAILED, ROLLBACK_ERROR, SUCCESSFUL, BundleJob
from quicksight_migration.bundles.earlier_attempts import state_before, still_running
from quicksight_migration.bundles.following import Following, Progress, overdue, progress_of
from quicksight_migration.bundles.import_request import import_members, restore_members
from quicksight_migration.bundles.keys import IMPORT, bundle_job_id, staging_key
from quicksight_migration.bundles.target_check import look_at, told
from quicksight_migration.bundles.undoing import Undoing
from quicksight_migration.planning.plan import Action, BundleFile, Plan
from quicksight_migration.records.order import MOST_REPLANS, replans
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import RESTORE, TargetState
from quicksight_migration.worker import Answer, Task, failed, failed_by, replan, skipped, succeeded
from quicksight_migration.worker_tools import WorkerTools, go_ahead
from shared.errors import TowpathError

IMPORTING, UNDOING, DELETING = "IMPORT", "RESTORE", "DELETE"
IMPORT_FAILED, ROLLBACK_FAILED, DRIFTED = "IMPORT_FAILED", "ROLLBACK_ERROR", "TARGET_DRIFTED"
TARGET_CHANGED = "TARGET_CHANGED"
CHANGES = (Action.CREATE, Action.UPDATE)


class TargetChanged(TowpathError):
    """The target is not as the plan found it; `changes` name the assets."""

    def __init__(self, changes: list[dict[str, Any]]) -> None:
        super().__init__(f"{len(changes)} assets of the target have changed since the plan")
        self.changes = changes


@dataclass(frozen=True)
class Importing:
    """One look at an attempt. Positions in progress are those of `bundles`, from 1."""

    tools: WorkerTools
    task: Task
    job: JobReading
    plan: Plan
    session: AccountSession

    def advance(self) -> Answer:
        """What the machine is answered."""
        progress = progress_of(self.task.progress)
        if progress.phase == UNDOING:
            return self._undoing.advance(progress)
        if progress.phase == DELETING:
            return self._finish(progress)
        return self._import(progress) if progress.phase == IMPORTING else self._begin(progress)

    # --- what it is about

    @cached_property
    def bundles(self) -> tuple[BundleFile, ...]:
        """Those that change something."""
        return tuple(each for each in self.plan.bundles if self.plan.of_chunk(each.chunk, *CHANGES))

    @cached_property
    def following(self) -> Following:
        """Of imports into the target."""
        return self.tools.following(self.tools.imports(self.session, self.task.job_id))

    @property
    def _undoing(self) -> Undoing:
        return Undoing(self.tools, self.task, self.job, self.plan, self.session, self.following)

    @property
    def _rolls_back(self) -> bool:
        return bool(self.job.options["failureAction"] == "ROLLBACK")

    # --- the way through

    def _begin(self, progress: Progress) -> Answer:
        for position, bundle in enumerate(self.bundles, start=1):
            if self.following.jobs.knows(self._id(bundle.chunk)):
                # The worker died before the machine heard of it: the target may have changed by our own doing.
                return self._import(progress.at(position, IMPORTING, {"first": position}))
        running = still_running(self.job, self.task.attempt, self.plan, self.following.jobs)
        if running:
            return self.following.pauses.later(replace(progress, seen=True), running, "an earlier attempt still runs")
        deleted = self.plan.of_chunk(0, Action.DELETE)
        if not self.bundles and not deleted:
            is_restore = self.job.job.type == RESTORE
            return skipped("the target is as the bundles are", target_state=TargetState.RESTORED if is_restore else "")
        items = list(self.plan.items)
        target = look_at(self.session, self.plan, items)
        first = 1
        while self.task.attempt > 1 and first <= len(self.bundles):
            chunk = self.plan.of_chunk(self.bundles[first - 1].chunk)
            if not target.is_imported(chunk):
                break
            items = [item for item in items if item not in chunk]
            first += 1
        changed = target.changed(items)
        if changed:
            return self._target_changed(TargetChanged(told(changed)))
        return self._import(progress.at(first, IMPORTING, {"first": first}), just_checked=True)

    def _import(self, progress: Progress, just_checked: bool = False) -> Answer:
        while progress.chunk <= len(self.bundles):
            bundle = self.bundles[progress.chunk - 1]
            is_first = progress.chunk == (progress.note or {}).get("first", 1)
            found = self._follow(progress, bundle, check=is_first and not just_checked)
            if not isinstance(found, BundleJob):
                return found
            if found.status != SUCCESSFUL:
                return self._import_failed(progress, bundle, found)
            progress = progress.at(progress.chunk + 1)
        return self._finish(progress)

    def _follow(self, progress: Progress, bundle: BundleFile, check: bool) -> BundleJob | Answer:
        bundle_job = self._id(bundle.chunk)
        try:
            found = self.following.follow(progress, bundle_job, lambda: self._request(bundle, check))
        except TargetChanged as error:
            return self._target_changed(error)
        except TowpathError as error:
            return self._not_started(progress, bundle, failed_by(error))
        if isinstance(found, BundleJob) or not overdue(found):
            return found
        if progress.seen or self.following.jobs.starts.may_arrive(bundle_job):
            return self._failed(found["error"], TargetState.UNKNOWN)
        return self._not_started(progress, bundle, found)

    def _request(self, bundle: BundleFile, check: bool) -> dict[str, Any]:
        """Right before a Start: nothing has been imported by this attempt where `check` is asked for.

        Whoever cancels between two chunks gets the first ones taken back; where nothing is rolled back, all or none.
        """
        if self._rolls_back or bundle == self.bundles[0]:
            go_ahead(self.job)
        if check:
            items = [item for item in self.plan.items if item.chunk in (0, *self._chunks_from(bundle))]
            changed = look_at(self.session, self.plan, items).changed(items)
            if changed:
                raise TargetChanged(told(changed))
        staging = self.tools.staging(self.session)
        held = staging.held(bundle.key)
        left_out = set() if self.plan.prefix else self.plan.left_out(bundle.chunk, held)
        staged = staging_key(self.task.job_id, IMPORT, self.task.attempt, bundle.chunk)
        source = {"S3Uri": staging.stage(bundle.key, bundle.sha256, staged, left_out)}
        if self.job.job.type == RESTORE:
            return {"AssetBundleImportSource": source, **restore_members()}
        members = import_members(self.job.job.payload, self.job.options, self.plan, held - left_out)
        return {"AssetBundleImportSource": source, **members}

    def _chunks_from(self, bundle: BundleFile) -> list[int]:
        return [each.chunk for each in self.bundles[self.bundles.index(bundle) :]]

    def _finish(self, progress: Progress) -> Answer:
        """Everything is imported. A restore deletes what is left to delete, and keeps what somebody has changed."""
        delete = self.plan.of_chunk(0, Action.DELETE)
        kept: list[dict[str, Any]] = []
        if delete:
            deleting = progress if progress.phase == DELETING else progress.at(1, DELETING)
            answer, kept = self._undoing.delete_unchanged(deleting, delete)
            if answer:
                return answer
        imports = [{"chunk": each.chunk, "bundleJobId": self._id(each.chunk)} for each in self.bundles]
        state = TargetState.RESTORED if self.job.job.type == RESTORE else TargetState.MIGRATED
        output = {"imports": imports, "deleted": len(delete) - len(kept), "kept": kept}
        return succeeded(output, state)

    # --- what goes wrong

    def _target_changed(self, error: TargetChanged) -> Answer:
        if replans(self.job.job, self.job.steps) < MOST_REPLANS:
            return replan(TARGET_CHANGED, {"changes": error.changes})
        why = f"the target has changed after each of {MOST_REPLANS + 1} plans"
        return failed(DRIFTED, why, {"changes": error.changes}, state_before(self.job, self.task.attempt))

    def _not_started(self, progress: Progress, bundle: BundleFile, answer: Answer) -> Answer:
        """This chunk has changed nothing."""
        details = {"bundleJobId": self._id(bundle.chunk), "chunk": bundle.chunk}
        return self._give_up(progress, {**answer["error"], "details": details})

    def _import_failed(self, progress: Progress, bundle: BundleFile, found: BundleJob) -> Answer:
        first = found.errors[0].get("message", "") if found.errors else "QuickSight does not say why"
        error = {
            "code": ROLLBACK_FAILED if found.status == ROLLBACK_ERROR else IMPORT_FAILED,
            "message": f"chunk {bundle.chunk} ended as {found.status}: {first}",
            "details": {
                "bundleJobId": found.bundle_job_id,
                "chunk": bundle.chunk,
                "errors": [dict(each) for each in found.errors],
                "rollbackErrors": [dict(each) for each in found.rollback_errors],
            },
        }
        if found.status == ROLLBACK_ERROR or (found.status == JOB_FAILED and not self._is_untouched(bundle)):
            return self._failed(error, TargetState.UNKNOWN)
        return self._give_up(progress, error)

    def _is_untouched(self, bundle: BundleFile) -> bool:
        """A job may fail before it begins; one that does not roll back may leave anything."""
        items = self.plan.of_chunk(bundle.chunk)
        return not look_at(self.session, self.plan, items).changed(items)

    def _give_up(self, progress: Progress, error: Mapping[str, Any]) -> Answer:
        """This chunk is as it was; those before it were imported and are undone."""
        if progress.chunk == 1:
            return self._failed(error, state_before(self.job, self.task.attempt))
        if not self._rolls_back:
            return self._failed(error, TargetState.UNKNOWN)
        chunks = [each.chunk for each in self.bundles[: progress.chunk - 1]]
        return self._undoing.advance(self._undoing.beginning(UNDOING, max(chunks), error))

    def _failed(self, error: Mapping[str, Any], state: str) -> Answer:
        return failed(error["code"], error["message"], error.get("details"), state)

    def _id(self, chunk: int) -> str:
        return bundle_job_id(self.task.job_id, IMPORT, self.task.attempt, chunk)
