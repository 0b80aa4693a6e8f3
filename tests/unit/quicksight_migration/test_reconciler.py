"""What got lost is made up for, and what is on its way is left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration import job_reconciler
from quicksight_migration.errors import Transient
from quicksight_migration.reconcile.reconciling import Reconciler
from quicksight_migration.records.beside import DriftReport
from quicksight_migration.records.job import Job
from quicksight_migration.records.record import changed
from shared.clock import stamp
from tests.unit.quicksight_migration.job_world import ALICE, BOB, HASH, SOURCE, TARGET, World, settings

LINE = f"SLOT#{SOURCE}#us-east-1#EXPORT"


def ended(job: Job, run: int = 1, **detail: Any) -> dict[str, Any]:
    """A message of the queue: Step Functions says that a run has ended."""
    body = {
        "detail-type": "Step Functions Execution Status Change",
        "detail": {"name": f"{job.job_id}-r{run}", **detail},
    }
    return {"messageId": f"m-{job.job_id}", "body": json.dumps(body)}


def test_a_start_that_was_lost_is_made_when_it_is_surely_lost() -> None:
    # Given a job whose machine could not be reached
    world = World()
    world.machine.broken = True
    job = world.start()
    world.machine.broken = False
    # When the reconciler looks at once, whoever made the job may still be at it
    assert world.reconciler.sweep() == 1
    assert world.machine.runs == {}
    # And half a minute later it starts the machine, once
    world.pass_time(30)
    for _ in range(2):
        world.reconciler.sweep()
    assert world.machine.runs == {job.run_name: "RUNNING"} and world.job(job).revision == 1


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED", "SUCCEEDED"])
def test_a_job_whose_machine_ended_without_a_word_has_failed(status: str) -> None:
    world = World()
    job = world.start()
    world.until(job, "ExportAssets")
    world.machine.runs[job.run_name] = status
    # When the event comes, twice
    for _ in range(2):
        assert world.reconciler.batch([ended(job)]) == []
    # Then the record says so, people know, and the slot is free
    failed = world.job(job)
    assert failed.error and (failed.status, failed.failed_step) == ("FAILED", "ExportAssets")
    assert failed.error.code == "MACHINE_ENDED" and status in failed.error.message
    assert (failed.target_state, world.holders("EXPORT")) == ("UNTOUCHED", [])
    assert [alert["kind"] for alert in world.alerts] == ["JOB_FAILED"]
    assert world.store.audit(job.job_id)[-1].actor == "reconciler"


def test_an_import_whose_machine_ended_may_have_done_anything() -> None:
    world = World()
    job = world.start()
    world.until(job, "ImportAssets")
    world.machine.runs[job.run_name] = "ABORTED"
    world.reconciler.sweep()
    assert (world.job(job).status, world.job(job).target_state) == ("NEEDS_ATTENTION", "UNKNOWN")


@pytest.mark.parametrize("begun", [False, True])
def test_a_job_that_was_to_be_cancelled_is_cancelled(begun: bool) -> None:
    world = World()
    world.machine.broken = not begun
    job = world.start()
    world.machine.broken = False
    if begun:
        world.begin(job)
        world.machine.runs[job.run_name] = "ABORTED"
    world.commands.cancel(ALICE, job.job_id)
    world.pass_time(60)
    world.reconciler.sweep()
    assert world.job(job).status == "CANCELLED"
    # And a start that comes late begins nothing
    assert world.begin(job)["next"] == "Cancelled"


def test_the_end_of_an_earlier_run_is_no_news() -> None:
    # Given a job that was run again
    world = World()
    job = world.start()
    world.fail(job, world.begin(job))
    world.commands.retry(ALICE, job.job_id)
    # When the event of its first run comes
    assert world.reconciler.batch([ended(job)]) == []
    assert world.job(job).status == "PENDING"
    world.begin(job)
    assert world.reconciler.batch([ended(job)]) == []
    assert world.job(job).status == "RUNNING"


def test_a_run_that_step_functions_does_not_know_any_more_has_ended() -> None:
    world = World()
    job = world.start()
    world.begin(job)
    world.machine.runs.clear()
    world.pass_time(60)
    world.reconciler.sweep()
    error = world.job(job).error
    assert error and error.code == "MACHINE_ENDED" and "GONE" in error.message


def test_a_machine_that_cannot_be_asked_changes_nothing_and_hides_nobody() -> None:
    # Given two jobs, and a machine that cannot be reached
    world = World()
    job = world.start()
    world.begin(job)
    world.machine.runs[job.run_name] = "FAILED"
    world.machine.broken = True
    # When the reconciler looks, it says that it could not
    with pytest.raises(Transient):
        world.reconciler.sweep()
    assert world.reconciler.batch([ended(job), ended(job)]) == [f"m-{job.job_id}"] * 2
    assert world.job(job).status == "RUNNING" and "ReconcileFailed" in world.counts
    # And finds it the next time
    world.machine.broken = False
    world.reconciler.sweep()
    assert world.job(job).status == "FAILED"


@pytest.mark.parametrize("decision", ["approve", "reject", "cancel"])
def test_a_decision_whose_answer_was_lost_is_sent_again(decision: str) -> None:
    # Given a plan that waits, and a machine that does not hear of the decision
    world = World("REQUIRED")
    job = world.start()
    world.until(job, "WaitForApproval")
    token = world.wait(job, "APPROVAL")
    world.machine.broken = True
    if decision == "approve":
        world.commands.approve(BOB, job.job_id, HASH)
    else:
        getattr(world.commands, decision)(BOB, job.job_id)
    world.machine.broken = False
    # When the reconciler looks, twice
    for _ in range(2):
        world.reconciler.sweep()
    words = {"approve": "APPROVED", "reject": "REJECTED", "cancel": "CANCELLED"}
    assert world.machine.answers[token]["decision"] == words[decision]
    assert world.counts.count("StaleTokens") == 0


def test_an_answer_that_arrived_although_nobody_heard_so_is_not_sent_for_ever() -> None:
    world = World("REQUIRED")
    job = world.start()
    world.until(job, "WaitForApproval")
    world.wait(job, "APPROVAL")
    world.machine.waiting.clear()
    world.commands.approve(BOB, job.job_id, HASH)
    for _ in range(3):
        world.reconciler.sweep()
    assert world.counts.count("StaleTokens") == 1


def test_slots_that_leaked_come_back_and_the_next_in_line_is_called() -> None:
    # Given a slot of a job that is gone, and a job that waits for it
    world = World(export_slots=1)
    first, second = world.start(), world.start()
    world.until(first, "ExportAssets")
    world.record(second, world.begin(second))
    token = world.wait(second, "SLOT")
    line = world.store.slots([LINE])[LINE]
    assert world.store.save(changed(line, holders={"job-gone#ExportAssets": {"since": "x"}}))
    # When the reconciler looks, then it is the job's turn
    world.reconciler.sweep()
    assert world.holders("EXPORT") == [f"{second.job_id}#ExportAssets"]
    assert world.machine.answers[token]["next"] == "ExportAssets"


def test_slots_that_leaked_come_back_also_when_nobody_waits_for_them() -> None:
    world = World(export_slots=1)
    line = world.store.slots([LINE])[LINE]
    assert world.store.save(changed(line, holders={"job-gone#ExportAssets": {"since": "x"}}))
    for _ in range(2):
        world.reconciler.sweep()
    assert (world.holders("EXPORT"), world.values["SlotsEvicted"]) == ([], [1])


def test_whoever_sends_dead_holders_away_calls_up_all_who_are_next() -> None:
    # Given two jobs that stand in line
    world = World(export_slots=2)
    others = [world.start(), world.start()]
    for job in others:
        world.until(job, "ExportAssets")
    first, second = world.start(), world.start()
    for job in (first, second):
        assert world.record(job, world.begin(job))["next"] == "WaitForSlot"
    token = world.wait(second, "SLOT")
    # And two holders who are gone
    line = world.store.slots([LINE])[LINE]
    gone = {f"job-{name}#ExportAssets": {"since": "x"} for name in ("a", "b")}
    assert world.store.save(changed(line, holders=gone))
    # When the first one asks whether it is its turn
    world.wait(first, "SLOT")
    # Then the other one has not to ask
    assert world.machine.answers[token]["next"] == "ExportAssets"


def test_more_slots_are_taken_without_waiting_for_an_end() -> None:
    world = World(export_slots=1)
    first, second = world.start(), world.start()
    world.until(first, "ExportAssets")
    world.record(second, world.begin(second))
    token = world.wait(second, "SLOT")
    Reconciler(replace(world.tools, settings=settings(export_slots=2))).sweep()
    assert world.machine.answers[token]["next"] == "ExportAssets"


def test_alerts_that_could_not_be_sent_are_sent_in_their_order() -> None:
    # Given a topic that cannot be reached
    world = World("REQUIRED", topic_broken=True)
    job = world.start()
    at = world.until(job, "WaitForApproval")
    world.commands.reject(BOB, job.job_id)
    world.record(job, at)
    assert world.alerts == [] and "AlertsFailed" in world.counts
    # When it can be again
    world.topic_broken = False
    for _ in range(2):
        world.reconciler.sweep()
    assert [alert["status"] for alert in world.alerts] == ["WAITING_FOR_APPROVAL", "REJECTED"]


def test_a_drift_report_that_nobody_makes_any_more_has_failed() -> None:
    # Given a report that was asked for and one that is made
    world = World()
    for name, state in (("drift-a", "RUNNING"), ("drift-b", "COMPLETED")):
        world.store.save(DriftReport(job_id=name, created_at=stamp(world.now), report_state=state))
    # When its function may still be at it, it is left alone
    world.pass_time(3599)
    world.reconciler.sweep()
    assert "ReportsLost" not in world.counts
    # And when it cannot, it has failed, once
    world.pass_time(1)
    for _ in range(2):
        world.reconciler.sweep()
    lost, made = world.store.drift_report("drift-a"), world.store.drift_report("drift-b")
    assert lost and made and (lost.report_state, lost.revision) == ("FAILED", 2)
    assert "not made within" in str(lost.error) and made.report_state == "COMPLETED"
    assert world.counts.count("ReportsLost") == 1


def test_how_long_the_slowest_job_stands_still_is_measured() -> None:
    world = World("REQUIRED")
    world.reconciler.sweep()
    job, other = world.start(), world.start()
    at = world.begin(job)
    world.begin(other)
    world.pass_time(100)
    world.record(job, at)
    world.pass_time(20)
    world.reconciler.sweep()
    # A job that waits for a person is not slow
    for each in (job, other):
        world.until(each, "WaitForApproval")
    world.pass_time(1000)
    world.reconciler.sweep()
    assert world.values["OldestRunningJobSeconds"] == [0, 120, 0]


@pytest.mark.parametrize(
    "body", ["no json", "[]", '{"detail": 7}', '{"detail": {"name": "another-machine"}}', '{"detail": {}}']
)
def test_messages_about_nothing_of_ours_are_dropped(body: str) -> None:
    assert World().reconciler.batch([{"messageId": "m", "body": body}]) == []


def test_the_handler_takes_ticks_and_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    job = world.start()
    world.begin(job)
    monkeypatch.setattr(job_reconciler, "reconciler", lambda: world.reconciler)
    assert job_reconciler.handler({"source": "aws.events"}, None) == {"jobs": 1}
    assert job_reconciler.handler({"Records": [ended(job)]}, None) == {"batchItemFailures": []}
    world.machine.broken = True
    failures = job_reconciler.handler({"Records": [ended(job)]}, None)
    assert failures == {"batchItemFailures": [{"itemIdentifier": f"m-{job.job_id}"}]}
    assert world.holders("EXPORT", TARGET) == []
