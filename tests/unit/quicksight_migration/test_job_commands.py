"""Commands: what is stored before the machine hears of it, who may decide, and what a second call gets."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from quicksight_migration.commands.jobs import PlanFunction
from quicksight_migration.commands.starting import new_job_id
from quicksight_migration.errors import (
    IdempotencyConflict,
    JobInvalid,
    NotFound,
    PlanStale,
    SecondPersonRequired,
    Throttled,
    Transient,
    WrongState,
)
from quicksight_migration.records.job import OPTION_DEFAULTS, Job
from quicksight_migration.records.statuses import ORDER, StepName, StepStatus
from shared.schemas import problems
from tests.unit.quicksight_migration.job_world import ALICE, BOB, HASH, START, TARGET, World, payload

OTHER_HASH = "cd" * 32


def waiting(approval: str = "REQUIRED", **more: Any) -> tuple[World, Job, dict[str, Any], str]:
    """A job whose plan waits for approval, what its machine was told, and its token."""
    world = World(approval)
    job = world.start(**more)
    at = world.until(job, "WaitForApproval")
    return world, job, at, world.wait(job, "APPROVAL")


# --- start


def test_a_job_is_stored_before_its_machine_starts() -> None:
    world = World()
    job = world.start(description="monthly", tags={"team": "bi"}, options={"backup": False})
    assert (job.status, job.initiated_by, job.tenant_id, job.tags) == ("PENDING", ALICE, "retail", {"team": "bi"})
    assert job.payload["options"] == {**OPTION_DEFAULTS, "backup": False}
    assert (job.source_region, job.target_region, job.approval_mode) == ("us-east-1", "us-east-1", "NONE")
    assert world.machine.runs == {f"{job.job_id}-r1": "RUNNING"}
    assert job.run_input == {"jobId": job.job_id, "runNumber": 1}


def test_ids_of_jobs_sort_by_time() -> None:
    name = new_job_id(START)
    assert name.startswith("job-") and len(name) == 24 and name < new_job_id(START.replace(year=2027))


@pytest.mark.parametrize("name", ["sourceAccountId", "targetAccountId"])
def test_an_account_that_is_not_configured_is_refused(name: str) -> None:
    with pytest.raises(JobInvalid) as raised:
        World().start(**{name: "999999999999"})
    assert [problem.path for problem in raised.value.problems] == [f"$.{name}"]


@pytest.mark.parametrize(
    ("target", "asked", "mode"),
    [
        ("NONE", None, "NONE"),
        ("NONE", "REQUIRED", "REQUIRED"),
        ("REQUIRED", None, "REQUIRED"),
        ("SECOND_PERSON", "REQUIRED", "SECOND_PERSON"),
    ],
)
def test_a_job_may_ask_for_an_approval_but_never_for_less_than_the_target(
    target: str, asked: str | None, mode: str
) -> None:
    options = {"approval": asked} if asked else {}
    assert World(target).start(options=options).approval_mode == mode


def test_the_same_key_starts_one_job() -> None:
    world = World()
    first = world.start(key="k")
    assert world.start(key="k") == first
    assert world.start(key="other") != first and world.start(BOB, key="k") != first
    # Also when the job has gone on since
    world.complete(first)
    assert world.start(key="k").status == "COMPLETED"


def test_the_same_key_with_another_body_is_refused() -> None:
    world = World()
    job = world.start(key="k")
    with pytest.raises(IdempotencyConflict):
        world.start(key="k", description="another")
    with pytest.raises(IdempotencyConflict):
        world.commands.retry(ALICE, job.job_id, key="k")


def test_a_start_that_is_lost_is_made_by_the_same_request_again() -> None:
    # Given a machine that could not be reached when the job was made
    world = World()
    world.machine.broken = True
    job = world.start(key="k")
    assert (job.status, world.machine.runs) == ("PENDING", {}) and "MachineStartsFailed" in world.counts
    # When the same request comes again
    world.machine.broken = False
    assert world.start(key="k") == job
    assert world.machine.runs == {job.run_name: "RUNNING"}


# --- retry


def test_a_retry_begins_another_run_and_forgets_why_the_last_one_ended() -> None:
    world = World()
    job = world.start()
    world.fail(job, world.begin(job))
    again = world.commands.retry(BOB, job.job_id)
    assert (again.status, again.run_number, again.retry_count) == ("PENDING", 2, 1)
    assert (again.error, again.failed_step, again.ended_at, again.execution_arn) == (None, None, None, None)
    assert world.machine.runs[f"{job.job_id}-r2"] == "RUNNING"
    entry = world.store.audit(job.job_id)[-1]
    assert (entry.actor, entry.action, entry.detail) == (BOB, "JOB_RETRIED", {"runNumber": 2})


def test_a_repeated_retry_with_its_key_is_one_retry() -> None:
    world = World()
    job = world.start()
    world.fail(job, world.begin(job))
    first = world.commands.retry(ALICE, job.job_id, key="r")
    assert world.commands.retry(ALICE, job.job_id, key="r") == first
    # Also after the run has ended again: whoever wants another one brings another key
    world.fail(job, world.begin(job))
    assert world.commands.retry(ALICE, job.job_id, key="r").run_number == 2
    assert world.commands.retry(ALICE, job.job_id, key="r2").run_number == 3
    other = world.start()
    with pytest.raises(IdempotencyConflict):
        world.commands.retry(ALICE, other.job_id, key="r")


def test_only_what_has_ended_without_success_is_run_again() -> None:
    world = World()
    job = world.start()
    for advance in (world.begin, world.complete):
        with pytest.raises(WrongState):
            world.commands.retry(ALICE, job.job_id)
        advance(job)
    with pytest.raises(WrongState, match="COMPLETED"):
        world.commands.retry(ALICE, job.job_id)
    with pytest.raises(NotFound):
        world.commands.retry(ALICE, "job-none", key="k")


# --- cancel


@pytest.mark.parametrize("step", [str(step) for step in ORDER])
def test_a_cancel_lets_the_step_that_runs_come_to_its_end_and_begins_no_other(step: str) -> None:
    # Given a job at the step
    world = World("REQUIRED")
    job = world.start()
    at = world.until(job, "WaitForApproval")
    if ORDER.index(StepName(step)) < ORDER.index(StepName.WAIT_FOR_APPROVAL):
        job = world.start()
        at = world.until(job, step)
    token = world.wait(job, "APPROVAL") if step != at["next"] or step == StepName.WAIT_FOR_APPROVAL else ""
    if step not in (at["next"], StepName.WAIT_FOR_APPROVAL):
        world.commands.approve(BOB, job.job_id, HASH)
        at = world.until(job, step, world.record(job, at))
    # When somebody asks to cancel it, twice
    for _ in range(2):
        assert world.commands.cancel(ALICE, job.job_id, "wrong account").status == "CANCELLING"
    if step == StepName.WAIT_FOR_APPROVAL:
        assert world.machine.answers[token] == {"decision": "CANCELLED"}
    else:
        assert world.act("next", job)["next"] == step
    at = world.record(job, at)
    assert at["next"] == "Cancelled"
    assert world.act("cancelled", job)["status"] == "CANCELLED"
    # Then the record says how far it came
    done = world.job(job)
    imported = ORDER.index(StepName(step)) >= ORDER.index(StepName.IMPORT_ASSETS)
    assert (done.status, done.target_state) == ("CANCELLED", "MIGRATED" if imported else "UNTOUCHED")
    ended = world.attempts(job, step)[-1].step_status
    assert ended == (StepStatus.CANCELLED if step == "WaitForApproval" else StepStatus.SUCCEEDED)
    assert done.cancel_requested and done.cancel_requested.reason == "wrong account"
    assert not [*world.holders("EXPORT"), *world.holders("EXPORT", TARGET), *world.holders("IMPORT", TARGET)]
    # And it can be taken up where it was
    world.commands.retry(ALICE, job.job_id)
    assert world.job(job).cancel_requested is None


def test_a_cancel_before_the_machine_has_begun_begins_nothing() -> None:
    world = World()
    job = world.start()
    world.commands.cancel(ALICE, job.job_id)
    assert world.begin(job)["next"] == "Cancelled"
    world.act("cancelled", job)
    assert world.job(job).status == "CANCELLED" and world.view(job).steps == ()
    # And a start that comes late finds it over
    assert world.begin(job)["next"] == "Cancelled"


def test_a_cancel_in_line_leaves_the_line() -> None:
    world = World(export_slots=1)
    first, second, third = (world.start() for _ in range(3))
    at = world.until(first, "ExportAssets")
    tokens = []
    for job in (second, third):
        world.record(job, world.begin(job))
        tokens.append(world.wait(job, "SLOT"))
    world.commands.cancel(ALICE, second.job_id)
    assert world.machine.answers[tokens[0]]["next"] == "Cancelled"
    world.act("cancelled", second)
    world.record(first, at)
    assert world.machine.answers[tokens[1]]["next"] == "ExportAssets"
    assert world.holders("EXPORT") == [f"{third.job_id}#ExportAssets"]


def test_a_worker_that_gives_way_to_a_cancel_has_not_failed() -> None:
    world = World()
    job = world.start()
    at = world.until(job, "ImportAssets")
    world.commands.cancel(ALICE, job.job_id)
    world.fail(job, at, error={"code": "CANCELLED", "message": "not begun"})
    done = world.job(job)
    assert (done.status, done.target_state, done.error) == ("CANCELLED", "UNTOUCHED", None)
    assert world.attempts(job, "ImportAssets")[0].step_status == "CANCELLED"


def test_what_fails_while_it_is_cancelled_is_cancelled_and_says_how() -> None:
    world = World()
    job = world.start()
    at = world.until(job, "ImportAssets")
    world.commands.cancel(ALICE, job.job_id)
    world.fail(job, at, "IMPORT_FAILED", targetState="UNTOUCHED")
    done = world.job(job)
    assert done.error and (done.status, done.error.code) == ("CANCELLED", "IMPORT_FAILED")
    assert world.attempts(job, "ImportAssets")[0].step_status == "FAILED"


def test_a_cancelled_import_whose_rollback_failed_needs_attention() -> None:
    world = World()
    job = world.start()
    at = world.until(job, "ImportAssets")
    world.commands.cancel(ALICE, job.job_id)
    world.fail(job, at, "ROLLBACK_ERROR", targetState="UNKNOWN")
    assert world.job(job).status == "NEEDS_ATTENTION"


def test_a_cancel_that_comes_after_the_last_step_still_counts_and_after_the_end_is_refused() -> None:
    world = World()
    job = world.start()
    world.until(job, "Finalize")
    world.commands.cancel(ALICE, job.job_id)
    assert world.act("finalize", job)["status"] == "CANCELLED"
    with pytest.raises(NotFound):
        world.commands.cancel(ALICE, "job-none")
    other = world.start()
    world.complete(other)
    with pytest.raises(WrongState, match="COMPLETED"):
        world.commands.cancel(ALICE, other.job_id)


# --- approve and reject


def test_an_approval_is_stored_with_the_hash_and_answers_the_machine() -> None:
    world, job, at, token = waiting()
    assert world.job(job).status == "WAITING_FOR_APPROVAL"
    assert [alert["status"] for alert in world.alerts] == ["WAITING_FOR_APPROVAL"]
    approved = world.commands.approve(BOB, job.job_id, HASH, "looks right")
    assert approved.approval and (approved.status, approved.approval.plan_hash) == ("RUNNING", HASH)
    assert world.machine.answers[token] == {"decision": "APPROVED", "by": BOB}
    assert world.record(job, at, output=world.machine.answers[token])["next"] == "BackupTarget"
    run = world.attempts(job, "WaitForApproval")[0]
    assert run.output == {"decision": "APPROVED", "by": BOB, "planHash": HASH}
    entry = next(each for each in world.store.audit(job.job_id) if each.action == "PLAN_APPROVED")
    assert (entry.actor, entry.detail) == (BOB, {"planHash": HASH, "comment": "looks right"})
    # And the token is kept no longer than it is needed
    token_record = world.store.token(job.job_id, "APPROVAL")
    assert token_record and token_record.token == "" and token_record.answered_at


def test_what_the_machine_says_of_a_decision_counts_for_nothing() -> None:
    # Given a plan that nobody has decided on
    world, job, at, _ = waiting()
    # When somebody answers the machine behind the system's back
    with pytest.raises(Exception, match="nobody has decided"):
        world.record(job, at, output={"decision": "APPROVED", "by": "user:mallory"})
    assert world.act("next", job)["next"] == "WaitForApproval"


def test_another_plans_hash_is_refused() -> None:
    world, job, _, token = waiting()
    with pytest.raises(PlanStale) as raised:
        world.commands.approve(BOB, job.job_id, OTHER_HASH)
    assert raised.value.plan_hash == HASH and not world.checks
    assert world.job(job).approval is None and token not in world.machine.answers


def test_a_plan_whose_target_has_drifted_is_not_approved_but_made_anew() -> None:
    # Given a target that was changed after the plan was made
    world, job, at, token = waiting()
    world.drifted = True
    # When somebody approves the plan
    with pytest.raises(PlanStale) as raised:
        world.commands.approve(BOB, job.job_id, HASH)
    assert raised.value.changes == ["dashboard sales"]
    # Then the machine plans anew, and waits for another approval
    assert world.machine.answers[token] == {"decision": "REPLAN", "by": BOB}
    at = world.record(job, at, state="REPLAN", output={})
    assert (at["next"], at["attempt"]) == ("PlanImport", 2)
    at = world.record(job, at, output={"planHash": OTHER_HASH, "planKey": "jobs/plan-2.json"})
    assert (at["next"], at["attempt"]) == ("WaitForApproval", 2)
    world.drifted = False
    world.wait(job, "APPROVAL")
    with pytest.raises(PlanStale):
        world.commands.approve(BOB, job.job_id, HASH)
    assert world.commands.approve(BOB, job.job_id, OTHER_HASH).approval


def test_approving_twice_is_one_approval_and_another_decision_is_too_late() -> None:
    world, job, _, token = waiting()
    first = world.commands.approve(BOB, job.job_id, HASH)
    assert world.commands.approve(BOB, job.job_id, HASH) == first
    with pytest.raises(WrongState):
        world.commands.approve(ALICE, job.job_id, HASH)
    with pytest.raises(WrongState):
        world.commands.reject(BOB, job.job_id)
    assert list(world.machine.answers) == [token]


def test_the_second_person_is_another_one() -> None:
    world, job, _, _ = waiting("SECOND_PERSON")
    with pytest.raises(SecondPersonRequired):
        world.commands.approve(ALICE, job.job_id, HASH)
    assert world.commands.approve(BOB, job.job_id, HASH).approval
    # Whereas one person is enough elsewhere, and anybody may say no
    world, job, _, _ = waiting("REQUIRED")
    assert world.commands.approve(ALICE, job.job_id, HASH).approval
    world, job, _, _ = waiting("SECOND_PERSON")
    assert world.commands.reject(ALICE, job.job_id).approval


def test_a_rejected_job_ends_with_its_target_untouched_and_can_be_asked_for_again() -> None:
    world, job, at, token = waiting()
    for _ in range(2):
        world.commands.reject(BOB, job.job_id, "not on a Friday")
    assert world.machine.answers[token] == {"decision": "REJECTED", "by": BOB}
    assert world.record(job, at)["next"] == "Rejected"
    done = world.job(job)
    assert done.error and (done.status, done.error.message) == ("REJECTED", "not on a Friday")
    assert (done.target_state, world.alerts[-1]["kind"]) == ("UNTOUCHED", "JOB_REJECTED")
    # When it is run again, the same plan waits for another decision
    world.commands.retry(ALICE, job.job_id)
    at = world.record(job, world.begin(job))
    assert (at["next"], at["attempt"]) == ("WaitForApproval", 2)
    assert world.job(job).approval is None


def test_an_approved_plan_stays_approved_when_a_later_step_is_tried_again() -> None:
    world, job, at, _ = waiting()
    world.commands.approve(BOB, job.job_id, HASH)
    world.fail(job, world.record(job, at))
    world.commands.retry(ALICE, job.job_id)
    assert world.record(job, world.begin(job))["next"] == "BackupTarget"


@pytest.mark.parametrize("late", [False, True])
def test_a_plan_that_nobody_decides_on_in_time_is_rejected(late: bool) -> None:
    world, job, _, _ = waiting()
    if late:
        # Somebody decides in the last moment, and the machine does not hear of it
        world.machine.broken = True
        world.commands.approve(BOB, job.job_id, HASH)
    answer = world.act("approval_expired", job)
    assert answer["next"] == ("BackupTarget" if late else "Rejected")
    assert world.act("approval_expired", job) == answer
    if not late:
        error = world.job(job).error
        assert error and (error.code, world.job(job).status) == ("EXPIRED", "REJECTED")
        with pytest.raises(WrongState):
            world.commands.approve(BOB, job.job_id, HASH)


def test_a_decision_that_was_made_before_the_machine_waits_is_heard_at_once() -> None:
    # Given an approval between the record and the token
    world = World("REQUIRED")
    job = world.start()
    world.until(job, "WaitForApproval")
    world.commands.approve(BOB, job.job_id, HASH)
    token = world.wait(job, "APPROVAL")
    assert world.machine.answers[token] == {"decision": "APPROVED", "by": BOB}


def test_a_job_that_waits_for_no_decision_gets_none() -> None:
    world = World()
    job = world.start()
    world.begin(job)
    for decide in (
        lambda: world.commands.approve(BOB, job.job_id, HASH),
        lambda: world.commands.reject(BOB, job.job_id),
    ):
        with pytest.raises(WrongState, match="waits for no decision"):
            decide()


# --- restore


def test_a_restore_is_a_job_of_its_own_that_plans_and_backs_up_too() -> None:
    world = World("REQUIRED")
    job = world.start(options={"includePermissions": True})
    at = world.until(job, "WaitForApproval")
    world.wait(job, "APPROVAL")
    world.commands.approve(BOB, job.job_id, HASH)
    world.complete(job, world.record(job, at))
    # When it is taken back, twice with one key
    restore = world.commands.restore(ALICE, job.job_id, {"planOnly": False}, key="k")
    assert world.commands.restore(ALICE, job.job_id, {"planOnly": False}, key="k") == restore
    # Then there is a job like it, which leaves out the export
    assert (restore.type, restore.restore_of, restore.approval_mode) == ("RESTORE", job.job_id, "REQUIRED")
    assert restore.payload["assets"] == job.payload["assets"] and restore.options["includePermissions"]
    at = world.record(restore, world.begin(restore))
    assert at["next"] == "PlanImport"
    at = world.record(restore, at)
    world.wait(restore, "APPROVAL")
    world.commands.approve(BOB, restore.job_id, HASH)
    done = world.complete(restore, world.record(restore, at))
    assert (done.status, done.target_state) == ("COMPLETED", "RESTORED")
    with pytest.raises(WrongState):
        world.commands.restore(ALICE, restore.job_id)


def test_only_what_has_changed_the_target_and_kept_a_backup_is_restored() -> None:
    world = World()
    job = world.start()
    with pytest.raises(WrongState, match="PENDING"):
        world.commands.restore(ALICE, job.job_id)
    world.fail(job, world.begin(job))
    with pytest.raises(WrongState, match="not touched"):
        world.commands.restore(ALICE, job.job_id)
    bare = world.start(options={"backup": False})
    world.complete(bare)
    with pytest.raises(WrongState, match="no backup"):
        world.commands.restore(ALICE, bare.job_id)
    with pytest.raises(NotFound):
        world.commands.restore(ALICE, "job-none")


def test_what_a_restore_stores_is_what_a_migration_may_ask_for() -> None:
    world = World()
    job = world.start(description="monthly")
    world.complete(job)
    restore = world.commands.restore(ALICE, job.job_id)
    assert problems("start-migration-job", payload()) == []
    assert problems("start-migration-job", dict(restore.payload)) == []


# --- the function that makes plans


class Functions:
    """A Lambda client that answers once."""

    def __init__(self, answer: Any, error: str = "", code: str = "") -> None:
        self.answer, self.error, self.code = answer, error, code
        self.asked: dict[str, Any] = {}

    def invoke(self, **request: Any) -> dict[str, Any]:
        if self.code:
            raise ClientError({"Error": {"Code": self.code}}, "Invoke")
        self.asked = request
        error = {"FunctionError": self.error} if self.error else {}
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode()), **error}


def test_the_function_that_made_the_plan_says_whether_it_still_holds() -> None:
    functions = Functions({"drifted": True, "changes": [1]})
    assert PlanFunction(functions, "plan")("job-1") == {"drifted": True, "changes": [1]}
    assert functions.asked == {"FunctionName": "plan", "Payload": b'{"action":"check","jobId":"job-1"}'}


@pytest.mark.parametrize(
    ("functions", "expected"),
    [
        (Functions({"errorMessage": "x"}, "Unhandled"), Transient),
        (Functions({"state": "SUCCEEDED"}), Transient),
        (Functions({}, code="ThrottlingException"), Throttled),
    ],
)
def test_a_check_that_fails_approves_nothing(functions: Functions, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        PlanFunction(functions, "plan")("job-1")
