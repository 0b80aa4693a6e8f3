"""Commands over the API: who may give them, for whose tenant, and how a refusal looks."""

from __future__ import annotations

from typing import Any

import pytest

from quicksight_migration.records.beside import TaskToken
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.record import changed
from quicksight_migration.records.statuses import SECOND_PERSON, JobStatus, StepName, StepStatus, TargetState
from shared.schemas import problems
from tests.unit.quicksight_migration.api_world import DASHBOARD, GUARDED, OPEN, SOURCE, TARGET, World, job_id, paths

STAMP = "2026-11-21T12:00:00.000000Z"
HASH, OTHER_HASH = "a" * 64, "b" * 64
JOB_STATE = "quicksight-migration-api#/$defs/jobState"
TOKEN = "AQC-the-machine-waits-for-this"  # noqa: S105


@pytest.fixture
def world() -> World:
    return World()


def body(**more: Any) -> dict[str, Any]:
    return {"sourceAccountId": SOURCE, "targetAccountId": TARGET, "assets": [DASHBOARD], **more}


def started(world: World, groups: str = "[bi-migrate]", key: str = "", **more: Any) -> Any:
    headers = {"idempotency-key": key} if key else {}
    return world.ask("POST", "/jobs", body(**more), groups=groups, headers=headers)


def waiting(world: World, **more: Any) -> Job:
    """A job whose plan waits for approval, with the machine's token."""
    defaults: dict[str, Any] = {
        "revision": 1,
        "status": JobStatus.WAITING_FOR_APPROVAL,
        "current_step": StepName.WAIT_FOR_APPROVAL,
        "approval_mode": "REQUIRED",
        "plan_hash": HASH,
        "plan_key": "jobs/1/plan-A1.json",
    }
    job = world.add(1, **{**defaults, **more})
    run = StepRun(job_id=job.job_id, step=StepName.WAIT_FOR_APPROVAL, started_at=STAMP, started_revision=1)
    assert world.store.save(run, TaskToken(job_id=job.job_id, kind="APPROVAL", token=TOKEN))
    return job


def test_a_job_is_stored_and_its_machine_runs(world: World) -> None:
    answer = started(world)
    # Then its place is told, its record is there with every option spelled out, and the machine was started
    made = answer.body["jobId"]
    assert (answer.status, answer.headers["location"]) == (201, f"/jobs/{made}")
    assert problems(JOB_STATE, answer.body) == []
    assert (answer.body["status"], answer.body["initiatedBy"], answer.body["tenantId"]) == (
        "PENDING",
        "user:ada",
        "sales",
    )
    assert answer.body["payload"]["options"]["conflictPolicy"] == "FAIL"
    assert world.machine.started == [f"{made}-r1"]
    assert [entry["action"] for entry in world.ask("GET", f"/jobs/{made}/audit").body["items"]] == ["JOB_STARTED"]


def test_the_same_key_starts_once_and_stands_for_one_body(world: World) -> None:
    first, again = started(world, key="k1"), started(world, key="k1")
    assert first.body["jobId"] == again.body["jobId"]
    assert len(world.ask("GET", "/jobs").body["items"]) == 1
    other = started(world, key="k1", description="another")
    assert (other.status, other.body["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert paths(started(world, key="k" * 129)) == ["$header.idempotency-key"]


def test_a_body_is_refused_with_every_error_and_nothing_is_stored(world: World) -> None:
    answer = started(world, assets=[], options={"backup": 1}, overrides={"DataSources": [{}]})
    assert (answer.status, answer.body["code"]) == (400, "VALIDATION_FAILED")
    assert paths(answer) == ["$.assets", "$.options.backup", "$.overrides.DataSources[0].DataSourceId"]
    assert paths(started(world, targetAccountId=SOURCE)) == ["$.targetAccountId"]
    assert world.store.items() == [] and world.machine.started == []


@pytest.mark.parametrize(
    ("groups", "more", "path"),
    [
        ("[sales-team]", {"targetAccountId": GUARDED}, "$.targetAccountId"),
        ("[sales-team]", {"targetAccountId": OPEN}, "$.tenantId"),
        ("[sales-team]", {"targetAccountId": OPEN, "tenantId": "finance"}, "$.tenantId"),
        ("[sales-team]", {"tenantId": "finance"}, "$.tenantId"),
        ("[bi-view finance-team]", {}, "$.targetAccountId"),
    ],
)
def test_nobody_migrates_for_another_tenant(world: World, groups: str, more: dict[str, Any], path: str) -> None:
    answer = started(world, groups, **more)
    assert (answer.status, paths(answer)) == (400, [path])
    assert world.machine.started == []


def test_whoever_is_limited_to_a_tenant_migrates_for_it(world: World) -> None:
    assert started(world, "[sales-team]").status == 201
    assert started(world, "[sales-team]", targetAccountId=OPEN, tenantId="sales").body["tenantId"] == "sales"


@pytest.mark.parametrize(
    ("command", "given", "groups"),
    [
        ("cancel", {}, "[bi-view]"),
        ("retry", {}, "[bi-view]"),
        ("retry", {}, "[bi-approve]"),
        ("restore", {}, "[bi-migrate]"),
        ("approve", {"planHash": HASH}, "[bi-migrate]"),
        ("reject", {}, "[bi-restore]"),
        # Seeing sales, and migrating for finance only
        ("cancel", {}, "[bi-view finance-team]"),
        ("approve", {"planHash": HASH}, "[bi-view finance-team]"),
    ],
)
def test_each_command_needs_its_permission_for_the_tenant(
    world: World, command: str, given: dict[str, Any], groups: str
) -> None:
    job = waiting(world)
    answer = world.ask("POST", f"/jobs/{job.job_id}/{command}", given, groups=groups)
    assert (answer.status, answer.body["code"]) == (403, "FORBIDDEN")
    stored = world.store.job(job.job_id)
    assert stored == job


@pytest.mark.parametrize("command", ["cancel", "retry", "restore", "approve", "reject"])
def test_a_job_of_another_tenant_does_not_exist(world: World, command: str) -> None:
    job = waiting(world)
    given = {"planHash": HASH} if command == "approve" else {}
    for one, groups in ((job.job_id, "[finance-team]"), (job_id(9), "[bi-migrate bi-approve bi-restore]")):
        assert world.ask("POST", f"/jobs/{one}/{command}", given, groups=groups).status == 404


def test_an_approval_is_of_the_plan_with_the_hash(world: World) -> None:
    job = waiting(world)
    path = f"/jobs/{job.job_id}/approve"
    # Given the hash of another plan, it is refused with the one that holds
    stale = world.ask("POST", path, {"planHash": OTHER_HASH})
    assert (stale.status, stale.body["code"], stale.body["planHash"]) == (409, "PLAN_STALE", HASH)
    # Given the right one, it is stored with who and why, and the machine hears of it
    answer = world.ask("POST", path, {"planHash": HASH, "comment": "looks right"})
    assert (answer.status, answer.body["status"]) == (202, "RUNNING")
    assert problems(JOB_STATE, answer.body) == []
    approval = answer.body["approval"]
    assert (approval["decision"], approval["by"], approval["comment"]) == ("APPROVED", "user:ada", "looks right")
    assert world.machine.answers == [(TOKEN, {"decision": "APPROVED", "by": "user:ada"})]
    assert TOKEN not in answer.text
    # And once decided, nobody decides again
    assert world.ask("POST", f"/jobs/{job.job_id}/reject", {}).body["code"] == "WRONG_STATE"


def test_a_target_that_has_drifted_is_told_and_planned_anew(world: World) -> None:
    job = waiting(world)
    change = {"assetType": "THEME", "assetId": "dark", "change": "UPDATED"}
    world.checked = {"drifted": True, "changes": [change]}
    answer = world.ask("POST", f"/jobs/{job.job_id}/approve", {"planHash": HASH})
    assert (answer.status, answer.body["code"], answer.body["changes"]) == (409, "PLAN_STALE", [change])
    assert world.machine.answers[0][1]["decision"] == "REPLAN"


@pytest.mark.parametrize(
    ("initiated_by", "more", "code"),
    [
        ("user:bob", {}, ""),
        ("user:ada", {}, "SECOND_PERSON_REQUIRED"),
        # Started with an access token, which names people otherwise
        ("user:1", {}, "SECOND_PERSON_REQUIRED"),
        # Approved with one: whose it is besides cannot be told
        ("user:bob", {"token_use": "access"}, "IDENTITY_UNKNOWN"),
    ],
)
def test_a_second_person_is_another_under_every_name(
    world: World, initiated_by: str, more: dict[str, Any], code: str
) -> None:
    job = waiting(world, approval_mode=SECOND_PERSON, initiated_by=initiated_by)
    answer = world.ask("POST", f"/jobs/{job.job_id}/approve", {"planHash": HASH}, **more)
    assert (answer.status, answer.body.get("code", "")) == (403 if code else 202, code)


def test_a_name_that_is_only_said_is_no_second_person(world: World) -> None:
    job = waiting(world, approval_mode=SECOND_PERSON)
    answer = world.invoke(
        "POST", f"/jobs/{job.job_id}/approve", {"planHash": HASH}, principal="arn:aws:iam::1:user/bob"
    )
    assert (answer.status, answer.body["code"]) == (403, "IDENTITY_UNKNOWN")
    # And where one person is enough, it is enough
    job = world.store.job(job.job_id) or pytest.fail("gone")
    assert world.store.save(changed(job, approval_mode="REQUIRED"))
    assert world.invoke("POST", f"/jobs/{job.job_id}/approve", {"planHash": HASH}).status == 202


def test_a_rejection_says_why(world: World) -> None:
    job = waiting(world)
    answer = world.ask("POST", f"/jobs/{job.job_id}/reject", {"comment": "wrong theme"})
    assert (answer.status, answer.body["approval"]["decision"]) == (202, "REJECTED")
    audit = world.ask("GET", f"/jobs/{job.job_id}/audit").body["items"]
    assert audit[-1]["detail"]["comment"] == "wrong theme"


def test_a_cancel_is_followed_by_what_runs(world: World) -> None:
    job = world.add(1, status=JobStatus.RUNNING, current_step=StepName.EXPORT_ASSETS)
    run = StepRun(job_id=job.job_id, step=StepName.EXPORT_ASSETS, started_at=STAMP, started_revision=1)
    assert world.store.save(run)
    answer = world.ask("POST", f"/jobs/{job.job_id}/cancel", {"reason": "not today"}, groups="[bi-approve]")
    assert (answer.status, answer.body["status"]) == (202, "CANCELLING")
    assert (answer.body["cancelRequested"]["by"], answer.body["cancelRequested"]["reason"]) == ("user:ada", "not today")


def test_an_ended_job_is_run_again_and_a_repeated_request_runs_it_once(world: World) -> None:
    job = world.add(1, status=JobStatus.FAILED, failed_step=StepName.IMPORT_ASSETS)
    path, headers = f"/jobs/{job.job_id}/retry", {"idempotency-key": "k1"}
    answers = [world.ask("POST", path, {}, headers=headers) for _ in range(2)]
    assert [(each.status, each.body["runNumber"], each.body["retryCount"]) for each in answers] == [(202, 2, 1)] * 2
    assert set(world.machine.started) == {f"{job.job_id}-r2"}
    # And one that runs is not
    assert world.ask("POST", path, {}).body["code"] == "WRONG_STATE"


def test_a_restore_is_a_job_of_its_own_with_a_permission_of_its_own(world: World) -> None:
    job = world.add(1, status=JobStatus.COMPLETED, target_state=TargetState.MIGRATED)
    done: dict[str, Any] = {"job_id": job.job_id, "step_status": StepStatus.SUCCEEDED, "started_at": STAMP}
    backup = StepRun(step=StepName.BACKUP_TARGET, **done)
    imported = StepRun(step=StepName.IMPORT_ASSETS, started_revision=1, target_state=TargetState.MIGRATED, **done)
    assert world.store.save(backup, imported)
    answer = world.ask("POST", f"/jobs/{job.job_id}/restore", {"approval": "REQUIRED"}, groups="[bi-restore]")
    assert (answer.status, answer.body["type"], answer.body["restoreOf"]) == (201, "RESTORE", job.job_id)
    assert answer.body["approvalMode"] == "REQUIRED"
    # And only who may restore runs it again
    again = world.ask("POST", f"/jobs/{answer.body['jobId']}/retry", {}, groups="[bi-migrate]")
    assert again.status == 403


def test_what_was_not_touched_is_not_restored(world: World) -> None:
    job = world.add(1, status=JobStatus.FAILED)
    answer = world.ask("POST", f"/jobs/{job.job_id}/restore", {}, groups="[bi-restore]")
    assert (answer.status, answer.body["code"]) == (409, "WRONG_STATE")


@pytest.mark.parametrize(
    ("command", "given", "path"),
    [
        ("approve", {}, "$.planHash"),
        ("approve", {"planHash": "abc"}, "$.planHash"),
        ("reject", {"why": "x"}, "$.why"),
        ("cancel", {"reason": ""}, "$.reason"),
        ("restore", {"conflictPolicy": "SKIP"}, "$.conflictPolicy"),
        ("retry", {"from": "ImportAssets"}, "$.from"),
    ],
)
def test_bodies_of_commands_are_checked(world: World, command: str, given: dict[str, Any], path: str) -> None:
    answer = world.ask("POST", f"/jobs/{waiting(world).job_id}/{command}", given)
    assert (answer.status, paths(answer)) == (400, [path])
