"""What the machine reports and is told: each action once, or as often as it likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from quicksight_migration import job_status_updater
from quicksight_migration.errors import NotFound, ValidationFailed, WrongState
from quicksight_migration.records.job import Job
from quicksight_migration.records.memory_store import MemoryStore
from quicksight_migration.records.record import Item, Key
from quicksight_migration.records.statuses import ORDER, StepName, StepStatus
from quicksight_migration.records.store import View
from shared.errors import Throttled
from tests.unit.quicksight_migration.job_world import ALICE, HASH, SOURCE, TARGET, World

STEPS = [str(step) for step in ORDER if step != StepName.WAIT_FOR_APPROVAL]


def begun(**more: Any) -> tuple[World, Job, dict[str, Any]]:
    world = World(**more)
    job = world.start()
    return world, job, world.begin(job)


def test_a_migration_goes_through_its_steps_in_order_and_tells_people_at_the_end() -> None:
    # Given a job whose machine has begun
    world, job, at = begun()
    told = [at["next"]]
    # When each step succeeds
    while at["next"] != "Finalize":
        at = world.record(job, at)
        told.append(at["next"])
    assert told == [*STEPS, "Finalize"]
    assert world.act("finalize", job)["status"] == "COMPLETED"
    # Then the job has what the steps left, and people know
    done = world.job(job)
    assert (done.status, done.target_state, done.current_step) == ("COMPLETED", "MIGRATED", None)
    assert (done.plan_hash, done.plan_key) == (HASH, "jobs/plan.json")
    assert done.results == {"assets": [{"assetType": "DASHBOARD", "assetId": "sales"}]}
    assert done.ended_at and done.logs_location and done.execution_arn in done.logs_location
    manifest = world.store.manifest(job.job_id)
    assert manifest and manifest.manifest_key == "jobs/manifest.json"
    assert [alert["kind"] for alert in world.alerts] == ["JOB_COMPLETED"]
    assert "JobsCompleted" in world.counts and "ImportAssetsSucceeded" in world.counts
    # And the audit tells each transition
    entries = world.store.audit(job.job_id)
    assert [entry.number for entry in entries] == list(range(1, done.revision + 1))
    assert (entries[0].actor, entries[0].action, entries[-1].action) == (ALICE, "JOB_STARTED", "JOB_COMPLETED")


def test_every_action_may_be_repeated_and_answers_the_same() -> None:
    world, job, at = begun()
    assert world.begin(job) == at
    while at["next"] != "Finalize":
        following = world.record(job, at)
        revision = world.job(job).revision
        # A repeated answer, a repeated question, and what was said of the step before
        assert world.record(job, at) == following
        assert world.record(job, at, state="FAILED") == following
        assert world.act("next", job) == following
        assert world.begin(job) == following
        assert world.job(job).revision == revision
        at = following
    for _ in range(2):
        assert world.act("finalize", job) == {
            "next": "Finalize",
            "step": "Finalize",
            "attempt": 1,
            "status": "COMPLETED",
        }
    assert world.act("fail", job, step="Finalize", attempt=1, error="E", cause="")["status"] == "COMPLETED"
    assert len(world.alerts) == 1


def test_what_a_step_leaves_is_kept_without_addresses_that_are_signed_and_without_fractions() -> None:
    world, job, at = begun()
    address = "https://bucket.s3.amazonaws.com/x.qs?X-Amz-Signature=abc&X-Amz-Credential=def"
    world.record(job, at, output={"said": f"see {address} there", "share": 0.5, "whole": 2.0})
    output = world.attempts(job, "Preflight")[0].output
    assert (output["share"], output["whole"]) == ("0.5", 2)
    assert output["said"].startswith("see https://bucket.s3.amazonaws.com/x.qs?") and "abc" not in output["said"]


def test_what_does_not_fit_into_a_record_fails_the_step() -> None:
    world, job, at = begun()
    world.record(job, at, output={"text": "x" * 40_000})
    failed = world.job(job)
    assert failed.error and (failed.status, failed.error.code) == ("FAILED", "OUTPUT_TOO_LARGE")


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_fails_fails_the_job_and_leaves_no_slot_behind(step: str) -> None:
    world, job, at = begun()
    at = world.until(job, step, at)
    answer = world.fail(job, at, targetState="UNTOUCHED", error={"code": "NO", "message": "m", "details": {"a": [1.5]}})
    assert answer["next"] == "Failed"
    failed = world.job(job)
    assert failed.error and failed.error.details == {"a": ["1.5"]}
    assert (failed.status, failed.failed_step, failed.error.code) == ("FAILED", step, "NO")
    after = STEPS.index(step) > STEPS.index("ImportAssets")
    assert failed.target_state == ("MIGRATED" if after else "UNTOUCHED")
    assert world.attempts(job, step)[0].step_status == StepStatus.FAILED
    assert [world.holders("EXPORT"), world.holders("EXPORT", TARGET), world.holders("IMPORT", TARGET)] == [[], [], []]
    assert [(alert["kind"], alert["status"]) for alert in world.alerts] == [("JOB_FAILED", "FAILED")]
    # And the failure can be told again
    assert world.fail(job, at) == answer and len(world.alerts) == 1


@pytest.mark.parametrize("step", STEPS)
def test_a_job_resumed_from_any_failed_step_repeats_no_step_that_succeeded(step: str) -> None:
    # Given a job that failed at the step, twice
    world, job, at = begun()
    world.fail(job, world.until(job, step, at), targetState="UNTOUCHED")
    for _ in range(2):
        world.commands.retry(ALICE, job.job_id)
        at = world.until(job, step)
        if _ == 0:
            world.fail(job, at, targetState="UNTOUCHED")
    done = world.complete(job, at)
    # Then only the look at the accounts and that step were done again
    assert (done.status, done.retry_count, done.run_number) == ("COMPLETED", 2, 3)
    assert (done.error, done.failed_step) == (None, None)
    for each in STEPS:
        assert len(world.attempts(job, each)) == (3 if each in (step, "Preflight") else 1)


def test_an_error_that_the_machine_caught_is_told_by_its_name_and_its_message_alone() -> None:
    world, job, at = begun()
    cause = '{"errorMessage": "GET https://x/y?X-Amz-Signature=signed-away timed out", "stackTrace": ["a.py"]}'
    world.act("fail", job, step=at["step"], attempt=1, error="Throttled", cause=cause, result={})
    error = world.job(job).error
    assert error and error.code == "THROTTLED" and error.message.endswith("timed out")
    assert "signed-away" not in repr(world.view(job)) and "stack" not in repr(world.view(job))


@pytest.mark.parametrize(
    ("error", "code"), [("States.Timeout", "WORKER_TIMED_OUT"), ("Lambda.Unknown", "UNKNOWN"), ("none", "UNKNOWN")]
)
def test_errors_of_the_machine_have_codes_too(error: str, code: str) -> None:
    world, job, at = begun()
    world.act("fail", job, step=at["step"], attempt=1, error=error, cause="plain words", result={})
    found = world.job(job).error
    assert found and (found.code, found.message) == (code, "plain words")


def test_an_import_that_fails_without_a_word_about_the_target_needs_attention() -> None:
    world, job, at = begun()
    at = world.until(job, "ImportAssets", at)
    world.act("fail", job, step=at["step"], attempt=1, error="States.Timeout", cause="", result={})
    failed = world.job(job)
    assert (failed.status, failed.target_state) == ("NEEDS_ATTENTION", "UNKNOWN")
    assert world.alerts[-1]["kind"] == "JOB_NEEDS_ATTENTION"


def test_an_import_whose_worker_was_never_called_has_left_the_target_alone() -> None:
    # Given a machine that did not hear that the import has begun
    world, job, at = begun()
    at = world.until(job, "BackupTarget", at)
    world.record(job, at)
    # When it gives up on the backup's end
    world.act("fail", job, step="BackupTarget", attempt=1, error="States.Timeout", cause="", result={})
    failed = world.job(job)
    assert (failed.status, failed.target_state, failed.failed_step) == ("FAILED", "UNTOUCHED", "ImportAssets")


def test_a_rollback_that_failed_needs_attention_and_keeps_its_errors() -> None:
    world, job, at = begun()
    at = world.until(job, "ImportAssets", at)
    details = {"rollbackErrors": [{"arn": "arn:dashboard", "message": "no"}]}
    error = {"code": "ROLLBACK_ERROR", "message": "m", "details": details}
    world.fail(job, at, error=error, targetState="UNKNOWN")
    failed = world.job(job)
    assert failed.error and failed.error.details == details
    assert (failed.status, failed.target_state) == ("NEEDS_ATTENTION", "UNKNOWN")
    # And what a later run leaves alone does not make it known again
    world.commands.retry(ALICE, job.job_id)
    world.fail(job, world.until(job, "ImportAssets"), targetState="UNTOUCHED")
    assert world.job(job).status == "NEEDS_ATTENTION"
    world.commands.retry(ALICE, job.job_id)
    assert world.complete(job).target_state == "MIGRATED"


def test_without_rollback_an_unknown_target_is_what_was_asked_for() -> None:
    world = World()
    job = world.start(options={"failureAction": "DO_NOTHING"})
    world.fail(job, world.until(job, "ImportAssets"), targetState="UNKNOWN")
    assert (world.job(job).status, world.job(job).target_state) == ("FAILED", "UNKNOWN")


def test_a_target_that_drifts_is_planned_anew_three_times_and_no_more() -> None:
    world, job, at = begun()
    for attempt in (1, 2, 3):
        at = world.until(job, "ImportAssets", at)
        assert at["attempt"] == attempt
        at = world.record(job, at, state="REPLAN")
        assert (at["next"], at["attempt"]) == ("PlanImport", attempt + 1)
    at = world.record(job, world.until(job, "ImportAssets", at), state="REPLAN", targetState="UNTOUCHED")
    failed = world.job(job)
    assert failed.error and (at["next"], failed.error.code) == ("Failed", "TARGET_DRIFTED")
    assert (failed.status, failed.target_state) == ("FAILED", "UNTOUCHED")
    assert len(world.attempts(job, "ExportAssets")) == 1 and len(world.attempts(job, "BackupTarget")) == 4
    # And a retry may begin to count anew
    world.commands.retry(ALICE, job.job_id)
    at = world.record(job, world.until(job, "ImportAssets"), state="REPLAN")
    assert at["next"] == "PlanImport"


def test_an_answer_that_nobody_knows_fails_the_step() -> None:
    world, job, at = begun()
    world.record(job, at, state="MAYBE")
    error = world.job(job).error
    assert error and error.code == "UNKNOWN_ANSWER"


def test_steps_that_a_job_leaves_out_are_recorded_as_such() -> None:
    world = World()
    job = world.start(options={"planOnly": True})
    done = world.complete(job)
    assert (done.status, done.target_state, done.plan_hash) == ("COMPLETED", "UNTOUCHED", HASH)
    assert [run.step for run in world.view(job).steps if run.step_status == "SKIPPED"] == STEPS_LEFT_OUT
    assert world.store.manifest(job.job_id) is None and done.results == {}


STEPS_LEFT_OUT = [
    "WaitForApproval",
    "BackupTarget",
    "ImportAssets",
    "UpdatePermissions",
    "VerifyTarget",
]


# --- another run


def test_a_machine_that_outlived_its_run_changes_nothing() -> None:
    # Given a job that failed and was run again
    world, job, at = begun()
    world.fail(job, at)
    world.commands.retry(ALICE, job.job_id)
    at = world.begin(job)
    revision = world.job(job).revision
    # When the first run's machine repeats what it said
    for action, more in {
        "start_run": {"executionArn": "arn:1"},
        "next": {},
        "record_step": {"step": "Preflight", "attempt": 1, "result": {"state": "SUCCEEDED"}},
        "fail": {"step": "Preflight", "attempt": 1, "error": "E", "cause": ""},
        "approval_expired": {},
        "finalize": {},
        "cancelled": {},
    }.items():
        assert world.act(action, job, runNumber=1, **more)["next"] == "Failed"
    for action in ("wait_for_slot", "wait_for_approval"):
        with pytest.raises(WrongState):
            world.act(action, job, runNumber=1, taskToken="t")
    # Then the second run has not noticed
    assert world.job(job).revision == revision and world.act("next", job) == at


class Watched(MemoryStore):
    """Notes what is asked of it, and lets something happen after the next look at a job."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.after_a_look: Callable[[], object] = lambda: None

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        self.asked += [key.record for key in keys]
        return super().read(keys)

    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        self.asked.append(prefix)
        return super().query(partition, prefix, after)

    def view(self, job_id: str) -> View | None:
        found = super().view(job_id)
        happening, self.after_a_look = self.after_a_look, lambda: None
        happening()
        return found


def test_a_retry_in_the_moment_when_the_old_machine_reports_is_not_hurt_by_it() -> None:
    # Given a job that has failed
    store = Watched()
    world, job, at = begun(store=store)
    world.fail(job, at)
    # When its machine says so again and somebody retries it at that moment
    store.after_a_look = lambda: world.commands.retry(ALICE, job.job_id)
    assert world.act("fail", job, runNumber=1, step=at["step"], attempt=1, error="x", cause="")["next"] == "Failed"
    # Then the new run has not failed
    assert (world.job(job).status, world.job(job).run_number) == ("PENDING", 2)


def test_a_transition_looks_at_everything_once() -> None:
    store = Watched()
    world, job, at = begun(store=store)
    store.asked.clear()
    world.act("record_step", job, runNumber=1, step=at["step"], attempt=1, result={"state": "SUCCEEDED"})
    assert store.asked == ["JOB", "STEP#", "SLOT", "ALERT"]


def test_what_does_not_exist_is_said_to_be_so() -> None:
    world, job, _ = begun()
    with pytest.raises(ValidationFailed, match="no action"):
        world.act("dance", job)
    with pytest.raises(ValidationFailed, match="no attempt 7"):
        world.act("record_step", job, step="Preflight", attempt=7, result={})
    with pytest.raises(NotFound):
        job_status_updater.run(world.tools, {"action": "next", "jobId": "job-none"})


def test_nothing_is_finished_before_its_last_step() -> None:
    world, job, at = begun()
    assert world.act("finalize", job)["next"] == at["next"]
    assert world.act("cancelled", job)["next"] == at["next"]
    assert world.job(job).status == "RUNNING"


# --- slots


def test_the_sixth_export_waits_its_turn_and_is_called_up() -> None:
    # Given five exports that run in the account
    world = World()
    jobs = [world.start() for _ in range(7)]
    answers = [world.until(job, "ExportAssets") for job in jobs[:5]]
    # When two more come
    for job in jobs[5:]:
        at = world.record(job, world.begin(job))
        assert (at["next"], at["step"], at["attempt"]) == ("WaitForSlot", "ExportAssets", 1)
        waiting = world.job(job).waiting
        assert waiting and (waiting.kind, waiting.step) == ("SLOT", "ExportAssets")
    sixth, seventh = (world.wait(job, "SLOT") for job in jobs[5:])
    assert len(world.holders("EXPORT")) == 5 and not world.machine.answers
    # Then whoever ends gives the slot to whoever waits longest, and tells them
    world.record(jobs[2], answers[2])
    assert world.machine.answers[sixth]["next"] == "ExportAssets" and seventh not in world.machine.answers
    assert world.act("next", jobs[5]) == {
        "next": "ExportAssets",
        "step": "ExportAssets",
        "attempt": 1,
        "status": "RUNNING",
    }
    assert len(world.holders("EXPORT")) == 5
    world.fail(jobs[0], answers[0])
    assert world.machine.answers[seventh]["next"] == "ExportAssets"
    # And waiting was not a step of its own
    assert [run.attempt for run in world.attempts(jobs[6], "ExportAssets")] == [1]


def test_a_call_that_is_lost_is_heard_by_looking_again() -> None:
    # Given a job in line, whose machine cannot be reached when its turn comes
    world = World(export_slots=1)
    first, second = world.start(), world.start()
    at = world.until(first, "ExportAssets")
    world.record(second, world.begin(second))
    token = world.wait(second, "SLOT")
    world.machine.broken = True
    world.record(first, at)
    assert token not in world.machine.answers
    # When its machine asks after five minutes, or waits again with another token, it hears of it
    assert world.act("next", second)["next"] == "ExportAssets"
    world.machine.broken = False
    again = world.wait(second, "SLOT")
    assert world.machine.answers[again]["next"] == "ExportAssets"
    assert world.attempts(second, "ExportAssets")[0].attempt == 1


def test_whoever_asks_again_keeps_their_place() -> None:
    world = World(export_slots=1)
    jobs = [world.start() for _ in range(3)]
    at = world.until(jobs[0], "ExportAssets")
    for job in jobs[1:]:
        world.record(job, world.begin(job))
    revision = world.job(jobs[1]).revision
    for _ in range(3):
        assert world.act("next", jobs[1])["next"] == "WaitForSlot"
    assert world.job(jobs[1]).revision == revision
    world.record(jobs[0], at)
    assert world.holders("EXPORT") == [f"{jobs[1].job_id}#ExportAssets"]


def test_a_slot_of_a_job_that_is_over_is_taken_from_it_when_somebody_is_refused() -> None:
    # Given a slot that was leaked, by a job that is over and by one that is gone
    world = World(export_slots=2)
    over, job = world.start(), world.start()
    world.complete(over)
    key = f"SLOT#{SOURCE}#us-east-1#EXPORT"
    line = world.store.slots([key])[key]
    holders = {f"{over.job_id}#ExportAssets": {"since": "x"}, "job-gone#ExportAssets": {"since": "x"}}
    leaked = type(line)(job_id=key, revision=line.revision + 1, holders=holders)
    assert world.store.save(leaked)
    # When another wants to begin, it does
    assert world.until(job, "ExportAssets")["next"] == "ExportAssets"
    assert world.holders("EXPORT") == [f"{job.job_id}#ExportAssets"]


def test_exports_and_imports_of_other_accounts_do_not_wait_for_each_other() -> None:
    world = World(export_slots=1, import_slots=1)
    first, second = world.start(), world.start()
    world.until(first, "BackupTarget")
    assert world.until(second, "ExportAssets")["next"] == "ExportAssets"
    assert world.holders("EXPORT", TARGET) == [f"{first.job_id}#BackupTarget"]


# --- the handler


def test_the_handler_raises_what_the_machine_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    world, job, _ = begun()
    monkeypatch.setattr(job_status_updater, "worker_tools", lambda: world.tools)
    event = {"action": "next", "jobId": job.job_id, "runNumber": 1}
    assert job_status_updater.handler(event, None)["next"] == "Preflight"

    def throttle(_: str) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")

    monkeypatch.setattr(world.store, "view", throttle)
    with pytest.raises(Throttled):
        job_status_updater.handler(event, None)
