"""People: who decide on plans, change the target meanwhile, cancel, retry and restore."""

from __future__ import annotations

from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.migration import places
from local_cloud.virtual.migration.system import DAY, Options
from tests.properties.mutation import Scenario
from tests.properties.quicksight_migration.people import ANN, BOB
from tests.properties.quicksight_migration.schedules import NOTHING, REJECT
from tests.properties.quicksight_migration.trial import APPROVED, SLOTS, VIEWERS, Trial

#: What fails an import for good before it has begun.
IMPORT_DENIED = CallFault("deny", operation="StartAssetBundleImportJob")


def fails_once_at(worker: str) -> Scenario:
    """A step fails for good, somebody retries the job: what had succeeded is not done again."""

    def scenario() -> list[str]:
        trial = Trial({0: " old"}, (IMPORT_DENIED if worker == places.IMPORT else CallFault("deny", caller=worker),))
        trial.start(0, permissions=VIEWERS)
        trial.run()
        failed = trial.job()
        trial.check(failed.status == "FAILED", f"{worker} did not fail the job: {failed.status}")
        trial.person(1, lambda: trial.cloud.commands.retry(ANN, failed.job_id))
        broken = trial.ended("COMPLETED/MIGRATED")
        for step in ("ExportAssets", "UploadAssets", "PlanImport", "BackupTarget", "ImportAssets"):
            done = [run for run in trial.steps(step) if run.is_done]
            broken += [] if len(done) == 1 else [f"{step} succeeded {len(done)} times"]
        return broken

    scenario.__name__ = f"fails_once_at_{worker}"
    return scenario


def a_migration_is_taken_back() -> list[str]:
    """What was there is as it was, for those who had it; what was not is gone."""
    trial = Trial({0: " old"})
    trial.start(0, 1, permissions=VIEWERS)
    trial.run()
    before = trial.promises.pictures.stories[trial.job_ids[0]][0].before
    trial.person(1, lambda: trial.cloud.commands.restore(ANN, trial.job_ids[0]))
    broken = trial.ended("COMPLETED/MIGRATED", "COMPLETED/RESTORED")
    after = trial.promises.pictures.now()
    return broken + ([] if after == before else [f"the target is not as it was: {sorted(after)}"])


def the_target_changes_before_the_approval() -> list[str]:
    """The approval of the plan is refused, a new plan is made, and that is approved."""
    trial = Trial({0: " old"}, approver=(NOTHING, 0))
    trial.start(0, options=APPROVED)
    trial.run(until=lambda: bool(trial.job_ids) and trial.job().status == "WAITING_FOR_APPROVAL")
    seen = trial.job().plan_hash or ""
    _edit(trial)
    trial.person(5, lambda: trial.cloud.commands.approve(BOB, trial.job_ids[0], seen))
    trial.run(0.2, until=lambda: False)
    trial.check("refused: PlanStale" in trial.found, f"the stale plan was not refused: {trial.found}")
    trial.found = [each for each in trial.found if each != "refused: PlanStale"]
    job = trial.job()
    trial.check(job.status == "WAITING_FOR_APPROVAL" and job.plan_hash != seen, f"{job.status}, plan {job.plan_hash}")
    trial.person(1, lambda: trial.cloud.commands.approve(BOB, job.job_id, job.plan_hash or ""))
    return trial.ended("COMPLETED/MIGRATED")


def the_target_changes_after_the_approval() -> list[str]:
    """Between approval and import: the job goes back to its plan, and asks again."""
    trial = Trial({0: " old"})
    trial.start(0, options=APPROVED)
    trial.run(until=lambda: bool(trial.job_ids) and bool(trial.steps("BackupTarget")))
    _edit(trial)
    broken = trial.ended("COMPLETED/MIGRATED")
    plans = len(trial.steps("WaitForApproval"))
    return broken + ([] if plans == 2 else [f"{plans} plans were approved"])


def an_old_plan_is_not_approved() -> list[str]:
    """Whoever looked at the plan before the last one approves nothing."""
    trial = Trial({0: " old"}, approver=(NOTHING, 0))
    trial.start(0, options=APPROVED)
    trial.run(until=lambda: bool(trial.job_ids) and trial.job().status == "WAITING_FOR_APPROVAL")
    trial.person(1, lambda: trial.cloud.commands.approve(BOB, trial.job_ids[0], "0" * 64))
    trial.person(60, lambda: trial.cloud.commands.reject(BOB, trial.job_ids[0]))
    broken = trial.ended("REJECTED/UNTOUCHED")
    return [each for each in broken if each != "refused: PlanStale"] + (
        [] if "refused: PlanStale" in broken else ["an approval of another plan was taken"]
    )


def somebody_cancels_an_import() -> list[str]:
    """A bundle job cannot be stopped: the job ends when the import has, and says what it left of the target."""
    trial = Trial({0: " old"})
    trial.start(0)
    trial.run(until=lambda: bool(trial.cloud.target.simulator.state.imports))
    trial.person(1, lambda: trial.cloud.commands.cancel(ANN, trial.job_ids[0]))
    return trial.ended("CANCELLED/MIGRATED")


def somebody_cancels_while_waiting() -> list[str]:
    """One job waits for its turn, another for a decision: both are cancelled at once."""
    trial = Trial(approver=(NOTHING, 0))
    trial.cloud.source.inject({"phase": "EXPORT", "action": {"type": "slow", "factor": 20}})
    trial.start(0, options=APPROVED)
    trial.run(until=lambda: bool(trial.job_ids) and trial.job().status == "WAITING_FOR_APPROVAL")
    for number in range(1, SLOTS + 2):
        trial.start(number, after=number)
    trial.person(30, lambda: [trial.cloud.commands.cancel(ANN, trial.job_ids[each]) for each in (0, SLOTS + 1)])
    return trial.ended("CANCELLED/UNTOUCHED", *["COMPLETED/MIGRATED"] * SLOTS, "CANCELLED/UNTOUCHED")


def a_plan_is_approved_after_weeks() -> list[str]:
    """QuickSight has long forgotten the export: the bundle in S3 counts."""
    trial = Trial(
        {0: " old"}, options=Options(approval_timeout_seconds=30 * DAY, tick_seconds=DAY), approver=(NOTHING, 0)
    )
    trial.start(0, options=APPROVED)
    trial.person(16 * DAY, lambda: trial.cloud.commands.approve(BOB, trial.job_ids[0], trial.job().plan_hash or ""))
    trial.run(24 * 20)
    broken = trial.ended("COMPLETED/MIGRATED")
    return broken + ([] if len(trial.steps("ExportAssets")) == 1 else ["it was exported again"])


def a_retry_after_weeks() -> list[str]:
    """What was exported is still in S3, so it is not exported again; what has expired there is."""
    trial = Trial({0: " old"}, (IMPORT_DENIED,))
    trial.start(0)
    trial.run()
    trial.check(trial.job().status == "FAILED", f"{trial.job().status}")
    for key in trial.cloud.buckets.keys(places.BUNDLE_BUCKET):
        if key.endswith(".qs"):
            trial.cloud.buckets.call("DeleteObject", {"Bucket": places.BUNDLE_BUCKET, "Key": key})
    trial.person(1, lambda: trial.cloud.commands.retry(ANN, trial.job_ids[0]))
    broken = trial.ended("COMPLETED/MIGRATED")
    exports = len(trial.steps("ExportAssets")) + len(trial.steps("UploadAssets"))
    return broken + ([] if exports > 2 else ["a bundle that had expired was used"])


def nobody_decides() -> list[str]:
    """The plan expires."""
    trial = Trial(approver=(NOTHING, 0), options=Options(approval_timeout_seconds=3600))
    trial.start(0, options=APPROVED)
    return trial.ended("REJECTED/UNTOUCHED")


def a_plan_is_rejected() -> list[str]:
    """The target is left alone; retried, the job makes a new plan."""
    trial = Trial(approver=(REJECT, 30))
    trial.start(0, options=APPROVED)
    return trial.ended("REJECTED/UNTOUCHED")


def whoever_started_it_may_not_approve() -> list[str]:
    """The target wants a second person."""
    trial = Trial(options=Options(approval="SECOND_PERSON"), approver=(NOTHING, 0))
    trial.start(0)
    trial.run(until=lambda: bool(trial.job_ids) and trial.job().status == "WAITING_FOR_APPROVAL")
    trial.person(1, lambda: trial.cloud.commands.approve(ANN, trial.job_ids[0], trial.job().plan_hash or ""))
    trial.person(60, lambda: trial.cloud.commands.approve(BOB, trial.job_ids[0], trial.job().plan_hash or ""))
    broken = trial.ended("COMPLETED/MIGRATED")
    refused = "refused: SecondPersonRequired"
    return [each for each in broken if each != refused] + ([] if refused in broken else ["their own plan was approved"])


def two_jobs_want_the_same_dashboard() -> list[str]:
    """The second finds that the target has changed since its plan, and plans again."""
    trial = Trial({0: " old"})
    trial.start(0)
    trial.start(0, 1, after=7)
    return trial.ended("COMPLETED/MIGRATED", "COMPLETED/MIGRATED")


def _edit(trial: Trial) -> None:
    """Somebody renames what the plan would change."""
    key = "dashboard/sales-0"
    trial.promises.pictures.edited(key)
    arn = trial.cloud.target.simulator.state.arn(key)
    trial.cloud.target.inject({"action": {"type": "edit_asset", "asset": arn, "name": "Edited at the console"}})


RETRIED = tuple(fails_once_at(worker) for worker in places.WORKERS)
