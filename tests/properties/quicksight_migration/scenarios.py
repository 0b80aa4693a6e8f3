"""Named runs, each with what it must come to. A scenario returns what went wrong in words, nothing when all is well."""

from __future__ import annotations

from collections import Counter
from typing import Any

from local_cloud.quicksight.jobs import ENDED
from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.migration import places
from local_cloud.virtual.migration.system import DAY, Options
from tests.properties.mutation import Scenario
from tests.properties.quicksight_migration import estates
from tests.properties.quicksight_migration.people import ANN, BOB
from tests.properties.quicksight_migration.schedules import NOTHING, REJECT
from tests.properties.quicksight_migration.trial import UPDATE, Trial

APPROVED: dict[str, Any] = {**UPDATE, "approval": "REQUIRED"}
VIEWERS = [{"assetTypes": ["DASHBOARD"], "principals": [estates.group(estates.VIEWERS)], "access": "VIEWER"}]
#: An import worker that cannot even look does not know what it has left of the target.
IMPORT_DENIED = CallFault("deny", operation="StartAssetBundleImportJob")
MOST_EVENTS = 250
SLOTS = 5


def a_plain_migration() -> list[str]:
    """Nothing goes wrong: no function fails, the history of the machine is short."""
    trial = Trial({1: " old"})
    trial.start(0, 1, permissions=VIEWERS)
    broken = trial.ended("COMPLETED/MIGRATED")
    trial.check(not trial.cloud.functions.failures, f"functions failed: {trial.cloud.functions.failures}")
    (run,) = trial.cloud.machine.runs.values()
    trial.check(len(run.events) < MOST_EVENTS, f"{len(run.events)} events")
    return broken


def the_sixth_export_waits() -> list[str]:
    """Seven jobs at once: five export, two wait for their turn and get it; QuickSight never has to refuse one."""
    trial = Trial()
    trial.cloud.source.inject({"phase": "EXPORT", "action": {"type": "slow", "factor": 20}})
    for number in range(SLOTS + 2):
        trial.start(number, after=number)
    most: Counter[str] = Counter()

    def look() -> None:
        running = [each for each in trial.cloud.source.simulator.state.exports.values() if each["status"] not in ENDED]
        most["running"] = max(most["running"], len(running))

    trial.cloud.source.observers.append(look)
    trial.cloud.source.simulator.state.limits["concurrentExports"] = SLOTS + 2
    broken = trial.ended(*["COMPLETED/MIGRATED"] * (SLOTS + 2))
    return broken + ([] if most["running"] == SLOTS else [f"{most['running']} exports ran at once"])


def an_answer_of_a_start_is_lost() -> list[str]:
    """The import was started and nobody was told: it is followed, and not started a second time."""
    trial = Trial({0: " old"}, (CallFault("lose", nth=(1,), operation="StartAssetBundleImportJob"),))
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def an_answer_is_lost_and_boto3_would_try_again() -> list[str]:
    """As before over the wire, where the SDK has its own ideas about answers that are lost."""
    trial = Trial({0: " old"}, options=Options(wire=True))
    trial.cloud.target.inject(
        {"operation": "StartAssetBundleImportJob", "nth": [1], "action": {"type": "lost_response"}}
    )
    sent: list[str] = []
    call = trial.cloud.target.simulator.call

    def counted(operation: str, *arguments: Any) -> dict[str, Any]:
        sent.append(operation)
        return call(operation, *arguments)

    trial.cloud.target.simulator.call = counted  # type: ignore[method-assign]
    trial.start(0)
    broken = trial.ended("COMPLETED/MIGRATED")
    count = sent.count("StartAssetBundleImportJob")
    return broken + ([] if count == 1 else [f"StartAssetBundleImportJob was sent {count} times"])


def a_start_arrives_late() -> list[str]:
    """The worker gives up on a call that is carried out seconds later, and the job shows later still."""
    trial = Trial({0: " old"})
    for action in ({"type": "delayed_request", "seconds": 9}, {"type": "late_visibility", "seconds": 40}):
        trial.cloud.target.inject({"operation": "StartAssetBundle*", "nth": [1], "action": action})
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def a_worker_dies_after_each_start() -> list[str]:
    """Export, backup and import are started and the worker is gone before it could say so."""
    trial = Trial({0: " old"}, (CallFault("kill-after", nth=(1, 2, 3), operation="StartAssetBundle*"),))
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


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


def an_import_fails() -> list[str]:
    """QuickSight puts back what it had written; retried, the job completes."""
    trial = Trial({0: " old"})
    trial.cloud.target.inject({"phase": "IMPORT", "nth": [3], "action": {"type": "fail"}})
    trial.start(0)
    trial.run()
    failed = trial.job()
    trial.check(
        (failed.status, failed.target_state) == ("FAILED", "UNTOUCHED"), f"{failed.status} {failed.target_state}"
    )
    trial.person(1, lambda: trial.cloud.commands.retry(ANN, failed.job_id))
    return trial.ended("COMPLETED/MIGRATED")


def a_rollback_fails() -> list[str]:
    """The target is half old and half new until a person restores it."""
    trial = Trial({0: " old"})
    trial.cloud.target.inject({"phase": "IMPORT", "nth": [4], "action": {"type": "fail"}})
    trial.cloud.target.inject({"phase": "ROLLBACK", "nth": [1], "action": {"type": "fail"}})
    trial.start(0)
    trial.run()
    broken = trial.job()
    trial.check((broken.status, broken.target_state) == ("NEEDS_ATTENTION", "UNKNOWN"), f"{broken.status}")
    trial.person(1, lambda: trial.cloud.commands.restore(ANN, broken.job_id))
    return trial.ended("NEEDS_ATTENTION/UNKNOWN", "COMPLETED/RESTORED")


def a_migration_is_taken_back() -> list[str]:
    """What was there is as it was, what was not is gone."""
    trial = Trial({0: " old"})
    trial.start(0, 1)
    trial.run()
    before = trial.promises.pictures.stories[trial.job_ids[0]][0].before
    trial.person(1, lambda: trial.cloud.commands.restore(ANN, trial.job_ids[0]))
    broken = trial.ended("COMPLETED/MIGRATED", "COMPLETED/RESTORED")
    after = trial.promises.pictures.now()
    return broken + ([] if after == before else [f"the target is not as it was: {sorted(after)}"])


def the_last_of_three_chunks_fails() -> list[str]:
    """The chunks before it are taken back: overwritten assets are restored, new ones deleted."""
    trial = Trial({0: " old"}, chunk=1)
    trial.cloud.target.inject({"phase": "IMPORT", "asset": "sales-2", "action": {"type": "fail"}})
    trial.start(0, 1, 2)
    trial.run()
    chunks = len(trial.cloud.target.simulator.state.imports)
    trial.check(chunks > 1, f"{chunks} imports: nothing was taken back")
    return trial.ended("FAILED/RESTORED")


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


def nobody_started_the_machine() -> list[str]:
    """The answer of StartExecution never came, and neither had the call arrived: the reconciler starts it."""
    trial = Trial(faults=(CallFault("refuse", nth=(1, 2, 3), operation="StartExecution"),))
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def an_answer_of_start_execution_is_lost() -> list[str]:
    """The machine runs already when it is started again, by name."""
    trial = Trial(faults=(CallFault("lose", nth=(1,), operation="StartExecution"),))
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def every_answer_to_a_task_is_lost() -> list[str]:
    """A decision that did not reach the machine is sent again; who waits in line looks for themselves."""
    fault = CallFault("refuse", nth=tuple(range(1, 9)), operation="SendTask*")
    trial = Trial(faults=(fault,))
    trial.cloud.source.inject({"phase": "EXPORT", "action": {"type": "slow", "factor": 20}})
    for number in range(SLOTS + 1):
        trial.start(number, after=number, options=APPROVED if number == 0 else UPDATE)
    return trial.ended(*["COMPLETED/MIGRATED"] * (SLOTS + 1))


def a_machine_is_stopped() -> list[str]:
    """Somebody ends the execution at the console; the event that says so is lost, the schedule finds it."""
    trial = Trial({0: " old"}, options=Options(fates=("lost",) * 4))
    trial.start(0)
    trial.run(until=lambda: bool(trial.cloud.source.simulator.state.exports))
    (arn,) = trial.cloud.machine.runs
    trial.cloud.later(1, "stop", lambda: trial.cloud.machine.call("StopExecution", {"executionArn": arn}))
    return trial.ended("FAILED/UNTOUCHED")


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


def others_use_the_account_too() -> list[str]:
    """QuickSight refuses an import since other people's are running: the job waits, it does not fail."""
    trial = Trial({0: " old"})
    act = {"type": "external_jobs", "kind": "IMPORT", "count": 5, "seconds": 900}
    trial.cloud.target.inject({"action": act})
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


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


def the_updater_dies_everywhere() -> list[str]:
    """Killed before and after many of its calls: what it had written stays, what it had not is written again."""
    faults = (
        CallFault("kill-after", nth=tuple(range(4, 200, 11)), caller=places.UPDATER),
        CallFault("kill-before", nth=tuple(range(9, 200, 13)), caller=places.UPDATER),
    )
    trial = Trial({0: " old"}, faults)
    trial.start(0, 1, options=APPROVED, permissions=VIEWERS)
    return trial.ended("COMPLETED/MIGRATED")


def two_jobs_want_the_same_dashboard() -> list[str]:
    """The second finds that the target has changed since its plan, and plans again."""
    trial = Trial({0: " old"})
    trial.start(0)
    trial.start(0, 1, after=7)
    return trial.ended("COMPLETED/MIGRATED", "COMPLETED/MIGRATED")


def a_bundle_breaks_off() -> list[str]:
    """Downloads end early, expire and are refused: the bundle is fetched again, with a fresh address."""
    trial = Trial({0: " old"})
    actions = ({"type": "cut", "bytes": 100}, {"type": "expire"}, {"type": "error", "status": 503})
    for nth, action in enumerate(actions, start=1):
        trial.cloud.source.inject({"operation": "Download", "nth": [nth], "action": action})
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def _edit(trial: Trial) -> None:
    """Somebody renames what the plan would change."""
    key = "dashboard/sales-0"
    trial.promises.pictures.edited(key)
    arn = trial.cloud.target.simulator.state.arn(key)
    trial.cloud.target.inject({"action": {"type": "edit_asset", "asset": arn, "name": "Edited at the console"}})


RETRIED = tuple(fails_once_at(worker) for worker in places.WORKERS)
ALL: tuple[Scenario, ...] = (
    a_plain_migration,
    the_sixth_export_waits,
    an_answer_of_a_start_is_lost,
    an_answer_is_lost_and_boto3_would_try_again,
    a_start_arrives_late,
    a_worker_dies_after_each_start,
    *RETRIED,
    an_import_fails,
    a_rollback_fails,
    a_migration_is_taken_back,
    the_last_of_three_chunks_fails,
    the_target_changes_before_the_approval,
    the_target_changes_after_the_approval,
    an_old_plan_is_not_approved,
    somebody_cancels_an_import,
    somebody_cancels_while_waiting,
    nobody_started_the_machine,
    an_answer_of_start_execution_is_lost,
    every_answer_to_a_task_is_lost,
    a_machine_is_stopped,
    a_plan_is_approved_after_weeks,
    a_retry_after_weeks,
    nobody_decides,
    a_plan_is_rejected,
    others_use_the_account_too,
    whoever_started_it_may_not_approve,
    the_updater_dies_everywhere,
    two_jobs_want_the_same_dashboard,
    a_bundle_breaks_off,
)
