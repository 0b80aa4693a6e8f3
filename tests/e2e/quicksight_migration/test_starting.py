"""A start is made once, and made up for where it got lost."""

from __future__ import annotations

from tests.e2e.faults import fault
from tests.e2e.quicksight_migration.migrations import SYSTEM, Migrations


def test_a_key_starts_one_job(migrations: Migrations) -> None:
    body, headers = migrations.body(options={"planOnly": True}), {"idempotency-key": "the-same"}
    first = migrations.api("POST", "/jobs", body, headers=headers)
    second = migrations.api("POST", "/jobs", body, headers=headers)
    assert (first.status, second.status) == (201, 201)
    assert first.body["jobId"] == second.body["jobId"]
    assert migrations.api("POST", "/jobs", migrations.body(), headers=headers).status == 409
    migrations.wait(first.body["jobId"])


def test_a_start_whose_machine_was_never_begun_is_made_up_for(migrations: Migrations) -> None:
    migrations.cloud.inject(
        [fault("states", "StartExecution", "error", principal=SYSTEM, code="InternalFailure", status=500)]
    )
    answer = migrations.api("POST", "/jobs", migrations.body(options={"planOnly": True}))
    migrations.cloud.clear_faults()
    jobs = migrations.api("GET", "/jobs?status=PENDING").body["items"]
    assert answer.status in (201, 503)
    job_id = jobs[0]["jobId"]
    migrations.eventually(
        lambda: migrations.reconcile() or migrations.job(job_id)["status"] == "COMPLETED", "the reconciler", seconds=90
    )
    migrations.check(job_id)
