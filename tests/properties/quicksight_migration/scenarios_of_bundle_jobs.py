"""Bundle jobs: started once, in turn, followed to their end, and what it means when they fail."""

from __future__ import annotations

from collections import Counter
from typing import Any

from local_cloud.quicksight.jobs import ENDED
from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.migration.system import Options
from tests.properties.quicksight_migration.people import ANN
from tests.properties.quicksight_migration.trial import SLOTS, UPDATE, VIEWERS, Trial

MOST_EVENTS = 250


def a_plain_migration() -> list[str]:
    """Nothing goes wrong: no function fails, the history of the machine is short."""
    trial = Trial({1: " old"})
    trial.start(0, 1, permissions=VIEWERS)
    broken = trial.ended("COMPLETED/MIGRATED")
    trial.check(not trial.cloud.functions.failures, f"functions failed: {trial.cloud.functions.failures}")
    (run,) = trial.cloud.machine.runs.values()
    trial.check(len(run.events) < MOST_EVENTS, f"{len(run.events)} events")
    return [*broken, *trial.found]


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


def an_answer_is_lost_and_boto3_tries_again() -> list[str]:
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


def an_answer_is_lost_and_the_job_shows_late() -> list[str]:
    """A job is over before QuickSight shows that it has begun, and the answer that told of it was lost."""
    trial = Trial({0: " old"}, (CallFault("lose", nth=(1, 2, 3), operation="StartAssetBundle*"),))
    for account in trial.cloud.accounts.values():
        late = {"type": "late_visibility", "seconds": 50}
        account.inject({"operation": "StartAssetBundle*", "nth": [1, 2], "action": late})
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def a_worker_dies_after_each_start() -> list[str]:
    """Export, backup and import are started and the worker is gone before it could say so."""
    trial = Trial({0: " old"}, (CallFault("kill-after", nth=(1, 2, 3), operation="StartAssetBundle*"),))
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


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


def an_import_fails_half_way() -> list[str]:
    """With DO_NOTHING what was imported stays: the job does not say that it left the target alone."""
    trial = Trial({0: " old"})
    trial.cloud.target.inject({"phase": "IMPORT", "nth": [4], "action": {"type": "fail"}})
    trial.start(0, options={**UPDATE, "failureAction": "DO_NOTHING"})
    return trial.ended("FAILED/UNKNOWN")


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


def the_last_of_three_chunks_fails() -> list[str]:
    """The chunks before it are taken back: what was overwritten is as it was, what is new is gone."""
    trial = Trial({0: " old"}, chunk=1)
    trial.cloud.target.inject({"phase": "IMPORT", "asset": "sales-2", "action": {"type": "fail"}})
    trial.start(0, 1, 2, permissions=[{**VIEWERS[0], "replace": True}])
    trial.run()
    chunks = len(trial.cloud.target.simulator.state.imports)
    trial.check(chunks > 1, f"{chunks} imports: nothing was taken back")
    return trial.ended("FAILED/RESTORED")


def others_use_the_account_too() -> list[str]:
    """QuickSight refuses an import since other people's are running: the job waits, it does not fail."""
    trial = Trial({0: " old"})
    act = {"type": "external_jobs", "kind": "IMPORT", "count": 5, "seconds": 900}
    trial.cloud.target.inject({"action": act})
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")


def a_bundle_breaks_off() -> list[str]:
    """Downloads end early, expire and are refused: the bundle is fetched again, with a fresh address."""
    trial = Trial({0: " old"})
    actions = ({"type": "cut", "bytes": 100}, {"type": "expire"}, {"type": "error", "status": 503})
    for nth, action in enumerate(actions, start=1):
        trial.cloud.source.inject({"operation": "Download", "nth": [nth], "action": action})
    trial.start(0)
    return trial.ended("COMPLETED/MIGRATED")
