"""What a store of jobs promises, held against DynamoDB (moto) and against memory alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from quicksight_migration.errors import LostRace
from quicksight_migration.machine.transitions import Told, audit_of
from quicksight_migration.records.beside import (
    ALERT_DUE,
    Alert,
    Audit,
    DriftReport,
    Manifest,
    Request,
    SlotLine,
    TaskToken,
    request_key,
    slot_key,
)
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.records.job import Approval, Asked, Failure, Job, StepRun, Waiting
from quicksight_migration.records.memory_store import MemoryStore
from quicksight_migration.records.record import changed
from quicksight_migration.records.statuses import JobStatus, StepName, StepStatus
from quicksight_migration.records.store import ACCOUNT_INDEX, STATUS_INDEX, TIME_INDEX, Store
from tests.unit.quicksight_migration.job_world import HASH, SOURCE, TARGET, World
from tests.unit.quicksight_migration.moto_jobs import TABLE, create_jobs_table

NOW = "2026-01-02T03:04:05.000000Z"


@pytest.fixture(params=["dynamodb", "memory", "file"])
def store(request: pytest.FixtureRequest, moto_client: Any, tmp_path: Path) -> Store:
    if request.param == "dynamodb":
        dynamodb_backends.reset()
        create_jobs_table(moto_client)
        return DynamoStore(moto_client, TABLE)
    return MemoryStore(tmp_path / "jobs.json" if request.param == "file" else None)


def job(number: int = 1, **more: Any) -> Job:
    at = f"2026-01-{number:02d}T00:00:00.000000Z"
    return Job(
        job_id=f"job-{number}", created_at=at, updated_at=at, source_account_id=SOURCE, target_account_id=TARGET, **more
    )


def started(store: Store, wanted: Job) -> Job:
    assert store.transition(wanted, audit_of(wanted, Told("JOB_STARTED"), NOW))
    return wanted


@pytest.mark.parametrize(
    "record",
    [
        job(
            waiting=Waiting(kind="SLOT", step="ExportAssets", since=NOW),
            approval=Approval(decision="APPROVED", by="user:bob", at=NOW, plan_hash=HASH, comment="go"),
            cancel_requested=Asked(by="user:bob", at=NOW, reason="wrong account"),
            error=Failure(code="ROLLBACK_ERROR", message="m", details={"rollbackErrors": [{"arn": "a"}]}),
            payload={"assets": ["arn:1", "arn:2"], "options": {"backup": True}},
            tags={"team": "bi"},
        ),
        StepRun(
            job_id="job-1",
            step=StepName.IMPORT_ASSETS,
            attempt=2,
            output={"imports": [{"chunk": 1}]},
            error=Failure(code="X"),
            target_state="UNKNOWN",
            replan=True,
        ),
        Audit(job_id="job-1", number=7, at=NOW, actor="machine", action="STEP_ENDED", detail={"step": "Preflight"}),
        TaskToken(job_id="job-1", kind="SLOT", token="t", run_number=2),
        Request(job_id=request_key("user:a", "k"), target_job_id="job-1", body_hash="h"),
        SlotLine(
            job_id=slot_key(SOURCE, "us-east-1", "EXPORT"),
            holders={"job-1#ExportAssets": {"since": NOW}},
            queue=({"owner": "job-2#ExportAssets", "since": NOW},),
        ),
        Alert(job_id="job-1", status=ALERT_DUE, created_at=NOW, due=({"kind": "JOB_FAILED", "number": 3},)),
        Manifest(
            job_id="job-1", manifest_key="k", target_account_id=TARGET, source_account_id=SOURCE, completed_at=NOW
        ),
        DriftReport(job_id="drift-1", created_at=NOW, counts={"IN_SYNC": 3}),
    ],
    ids=lambda record: type(record).__name__,
)
def test_every_record_comes_back_as_it_was_written(store: Store, record: Any) -> None:
    assert store.save(record)
    assert type(record).from_item(store.read([record.key])[record.key]) == record
    # And it is not written again as new
    assert not store.save(record)


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(TaskToken(job_id="job-1", kind="SLOT", token="secret"))


def test_a_transition_is_written_whole_or_not_at_all(store: Store) -> None:
    # Given two workers that read the same job
    first = started(store, job())
    step = StepRun(job_id=first.job_id, step=StepName.PREFLIGHT, started_revision=2)
    one, two = changed(first, status=JobStatus.RUNNING), changed(first, status=JobStatus.CANCELLING)
    # When both write, the second one loses with all that it wanted to write
    assert store.transition(one, audit_of(one, Told("RUN_STARTED"), NOW), step)
    other = StepRun(job_id=first.job_id, step=StepName.EXPORT_ASSETS)
    assert not store.transition(two, audit_of(two, Told("CANCEL_REQUESTED"), NOW), other)
    view = store.view(first.job_id)
    assert view and (view.job, view.steps) == (one, (step,))
    assert [entry.action for entry in store.audit(first.job_id)] == ["JOB_STARTED", "RUN_STARTED"]
    assert [entry.action for entry in store.audit(first.job_id, after=1)] == ["RUN_STARTED"]
    with pytest.raises(LostRace):
        store.save_or_lose(two)


def test_an_audit_entry_is_never_overwritten(store: Store) -> None:
    first = started(store, job())
    entry = store.audit(first.job_id)[0]
    assert not store.save(Audit(job_id=first.job_id, number=1, at=NOW, actor="mallory", action="NOTHING"))
    assert store.audit(first.job_id) == [entry]
    with pytest.raises(ValueError):
        store.transition(changed(first), entry)


def test_what_must_stay_is_looked_at_when_something_else_is_written(store: Store) -> None:
    first = started(store, job())
    token = TaskToken(job_id=first.job_id, kind="SLOT", token="t")
    assert not store.save(token, unchanged=[changed(first)])
    assert store.save(token, unchanged=[first])
    assert store.token(first.job_id, "SLOT") == token and store.token(first.job_id, "APPROVAL") is None


def test_steps_come_in_their_order_and_attempts_by_number(store: Store) -> None:
    for step, attempt in ((StepName.VERIFY_TARGET, 1), (StepName.PREFLIGHT, 2), (StepName.PREFLIGHT, 1)):
        assert store.save(StepRun(job_id="job-1", step=step, attempt=attempt))
    assert store.save(StepRun(job_id="job-1", step=StepName.PREFLIGHT, attempt=100))
    found = [(run.step, run.attempt) for run in store.steps("job-1")]
    assert found == [("Preflight", 1), ("Preflight", 2), ("Preflight", 100), ("VerifyTarget", 1)]


def test_a_view_is_never_older_than_its_steps(store: Store) -> None:
    # Given a store in which the job goes on between the two reads
    first = started(store, job())
    after = changed(first, status=JobStatus.RUNNING)
    read, reads = store.steps, []

    def steps(job_id: str) -> list[StepRun]:
        if not reads:
            step = StepRun(job_id=job_id, step=StepName.PREFLIGHT, started_revision=2)
            assert store.transition(after, audit_of(after, Told("RUN_STARTED"), NOW), step)
        reads.append(job_id)
        return read(job_id)

    store.steps = steps  # type: ignore[method-assign]
    view = store.view(first.job_id)
    assert view and view.job == after and len(view.steps) == 1
    assert store.view("job-none") is None


def test_a_line_that_nobody_stood_in_is_empty(store: Store) -> None:
    key = slot_key(TARGET, "us-east-1", "IMPORT")
    line = store.slots([key])[key]
    assert (line.holders, line.queue) == ({}, ())
    assert store.save(changed(line, queue=({"owner": "job-1#ImportAssets", "since": NOW},)))
    assert [each.job_id for each in store.slots([key])[key].waiting] == ["job-1"]
    assert store.slots([]) == {}


def test_jobs_are_listed_by_status_account_and_time_page_by_page(store: Store) -> None:
    # Given five jobs, of which two run, and things that are no jobs
    for number in range(1, 6):
        started(store, job(number, status=JobStatus.RUNNING if number > 3 else JobStatus.FAILED, tenant_id="retail"))
    assert store.save(DriftReport(job_id="drift-1", created_at=NOW))
    assert store.save(StepRun(job_id="job-1", step=StepName.PREFLIGHT, step_status=StepStatus.FAILED))
    # When they are listed
    pages, cursor = [], None
    while True:
        page = store.page(TIME_INDEX, "JOB", limit=2, cursor=cursor)
        pages.append([item["jobId"] for item in page.items])
        cursor = page.cursor
        if cursor is None:
            break
    # Then each comes once, newest first, with what a list shows
    assert [each for page in pages for each in page] == ["job-5", "job-4", "job-3", "job-2", "job-1"]
    assert [item["jobId"] for item in store.page(TIME_INDEX, "DRIFT").items] == ["drift-1"]
    (oldest, *_) = store.all_by_status("FAILED")
    assert oldest["jobId"] == "job-1" and oldest["tenantId"] == "retail" and "payload" not in oldest
    between = ("2026-01-02T00:00:00.000000Z", "2026-01-04T00:00:00.000000Z")
    found = store.page(ACCOUNT_INDEX, TARGET, between=between, newest_first=False)
    assert [item["jobId"] for item in found.items] == ["job-2", "job-3", "job-4"]


def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    foreign = {"jobId": "job-1", "record": "JOB", "status": "FAILED", "createdAt": NOW}
    for cursor in ({"status": "RUNNING"}, foreign):
        with pytest.raises(ValueError):
            store.page(STATUS_INDEX, "RUNNING", cursor=cursor)


def test_an_alert_is_in_the_index_only_while_it_is_due(store: Store) -> None:
    alert = Alert(job_id="job-1", status=ALERT_DUE, created_at=NOW, due=({"kind": "JOB_FAILED"},))
    assert store.save(alert)
    assert [item["jobId"] for item in store.all_by_status(ALERT_DUE)] == ["job-1"]
    assert store.save(changed(alert, status=None, due=()))
    assert store.all_by_status(ALERT_DUE) == []


def test_a_whole_migration_is_the_same_over_every_store(store: Store) -> None:
    # Given a job that is approved, fails, and is run again
    world = World("REQUIRED", store=store)
    job = world.start(key="k", tags={"team": "bi"}, options={"strictValidation": False})
    at = world.until(job, "WaitForApproval")
    token = world.wait(job, "APPROVAL")
    world.commands.approve("user:bob", job.job_id, HASH, "go")
    at = world.record(job, at, **world.machine.answers[token])
    world.fail(job, world.until(job, "VerifyTarget", at))
    world.commands.retry("user:bob", job.job_id)
    # When it has come to its end, then the store says the same as any other
    done = world.complete(job)
    assert (done.status, done.run_number, done.target_state) == ("COMPLETED", 2, "MIGRATED")
    assert [len(world.attempts(job, step)) for step in StepName] == [2, 1, 1, 1, 1, 1, 1, 1, 2]
    assert store.manifest(job.job_id) and done.results["assets"][0]["assetId"] == "sales"


def test_records_expire_after_their_job_and_are_kept_when_it_is_run_again(moto_client: Any) -> None:
    dynamodb_backends.reset()
    create_jobs_table(moto_client)

    def expiring() -> set[str]:
        items = moto_client.scan(TableName=TABLE)["Items"]
        return {item["record"]["S"].split("#")[0] for item in items if "expiresAt" in item}

    # Given a job that runs: only what belongs to no job expires
    world = World(store=DynamoStore(moto_client, TABLE, retention_days=30))
    job = world.start(key="k")
    at = world.until(job, "PlanImport")
    assert expiring() == {"REQUEST"}
    # When it is over, all of it does; and nothing any more when it is run again
    world.fail(job, at)
    assert expiring() == {"REQUEST", "JOB", "STEP", "AUDIT", "ALERT"}
    world.commands.retry("user:alice", job.job_id)
    assert expiring() == {"REQUEST"}
    world.complete(job)
    assert {"JOB", "STEP", "AUDIT", "MANIFEST"} <= expiring()
