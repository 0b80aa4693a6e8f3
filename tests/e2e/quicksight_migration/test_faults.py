"""Answers that get lost, throttling and functions that die: nothing happens twice, nothing is lost."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.e2e.faults import fault, killed
from tests.e2e.quicksight_migration.migrations import SYSTEM, TARGET, Migrations

ABROAD = "*assumed-role/towpath-bi-*"
WORKERS = (
    "preflight",
    "export-assets",
    "upload-assets",
    "plan-import",
    "backup-target",
    "import-assets",
    "update-permissions",
    "verify-target",
    "job-status-updater",
)
SENDERS = ("export-assets", "backup-target", "import-assets")


def once_each(migrations: Migrations, job: dict[str, Any]) -> None:
    """Every bundle job of an attempt was carried out once, and the job is right."""
    assert (job["status"], job["targetState"]) == ("COMPLETED", "MIGRATED"), job
    for side in (migrations.source, migrations.target):
        state = side.state()
        ours = {
            name: each for kind in ("exports", "imports") for name, each in state[kind].items() if job["jobId"] in name
        }
        assert {name: each["starts"] for name, each in ours.items()} == dict.fromkeys(ours, 1)
    migrations.check(job["jobId"])


@pytest.mark.parametrize(
    "operation",
    [
        "StartAssetBundleExportJob",
        "DescribeAssetBundleExportJob",
        "StartAssetBundleImportJob",
        "DescribeAssetBundleImportJob",
        "UpdateDashboardPermissions",
        "Describe*",
    ],
)
def test_an_answer_of_quicksight_that_is_lost_repeats_nothing(migrations: Migrations, operation: str) -> None:
    # Given a target that has an older version already, so that there is something to back up
    migrations.theme_of_theirs()
    rule = {"operation": operation, "times": 2, "action": {"type": "lost_response"}}
    migrations.source.inject(rule)
    migrations.target.inject(rule)
    grants = [
        {
            "assetTypes": ["DASHBOARD"],
            "principals": [Migrations.arn("group/default/bi-owners", TARGET)],
            "access": "OWNER",
        }
    ]

    job = migrations.migrate(permissions=grants)

    once_each(migrations, job)


def test_a_start_that_arrives_late_is_not_sent_again(migrations: Migrations) -> None:
    rule = {"operation": "StartAssetBundleImportJob", "times": 1, "action": {"type": "delayed_request", "seconds": 5}}
    migrations.target.inject(rule)
    migrations.target.clock(1)
    job_id = migrations.start()
    migrations.wait(job_id, "WAITING_FOR_APPROVAL")
    assert migrations.approve(job_id).status == 202
    migrations.eventually(lambda: bool(migrations.started("imports", job_id)), "the late start", seconds=40)
    migrations.target.clock(200)
    once_each(migrations, migrations.wait(job_id))


@pytest.mark.parametrize("service", ["dynamodb", "s3", "lambda", "states", "sts"])
def test_a_lost_answer_of_any_other_service_repeats_nothing(migrations: Migrations, service: str) -> None:
    migrations.cloud.inject(
        [
            fault(service, "*", "lost_response", principal=SYSTEM, probability=0.15, times=6),
            fault(service, "*", "lost_response", principal=ABROAD, probability=0.15, times=6),
        ]
    )
    job_id = _started_in_spite(migrations)
    job = _through(migrations, job_id)
    once_each(migrations, job)


def _started_in_spite(migrations: Migrations) -> str:
    """A job that is started with a key until the answer comes: the same key is the same job."""
    headers = {"idempotency-key": f"key-{random.random()}"}
    for _ in range(5):
        answer = migrations.api("POST", "/jobs", migrations.body(), headers=headers)
        if answer.status == 201:
            return str(answer.body["jobId"])
        assert answer.status >= 500, answer
    raise AssertionError("not started")


def _through(migrations: Migrations, job_id: str) -> dict[str, Any]:
    for _ in range(6):
        job = migrations.wait(job_id, "WAITING_FOR_APPROVAL", "COMPLETED", "FAILED", seconds=150)
        if job["status"] != "WAITING_FOR_APPROVAL":
            return job
        answer = migrations.approve(job_id)
        assert answer.status in (202, 409) or answer.status >= 500, answer
        migrations.reconcile()
    return migrations.wait(job_id, seconds=150)


@pytest.mark.parametrize("service", ["quicksight", "dynamodb", "s3"])
def test_throttling_delays_and_does_not_harm(migrations: Migrations, service: str) -> None:
    migrations.cloud.inject(
        [
            fault(service, "*", "throttle", principal=SYSTEM, probability=0.2, times=10),
            fault(service, "*", "throttle", principal=ABROAD, probability=0.2, times=10),
        ]
    )
    once_each(migrations, _through(migrations, _started_in_spite(migrations)))


@pytest.mark.parametrize(("function", "after"), [(name, 1) for name in WORKERS] + [(name, 100) for name in SENDERS])
def test_a_function_that_is_killed_delays_and_does_not_harm(migrations: Migrations, function: str, after: int) -> None:
    # Given a target with something to back up, and a function that dies at once (the machine waits 15 seconds before
    # it tries again what may have started a bundle job), or in the middle of its work
    migrations.theme_of_theirs()
    migrations.cloud.inject([killed(function, after, nth=[1, 50])])

    job = _through(migrations, migrations.start())

    once_each(migrations, job)


@pytest.mark.parametrize("seed", [1, 2])
def test_many_faults_at_once_end_in_a_status_that_is_true(migrations: Migrations, seed: int) -> None:
    migrations.target.inject(
        {"operation": "Start*", "probability": 0.5, "action": {"type": "lost_response"}},
        {"operation": "*", "probability": 0.05, "action": {"type": "throttle"}},
    )
    migrations.cloud.inject(
        [
            fault("dynamodb", "*", "throttle", principal=SYSTEM, probability=0.03),
            fault("dynamodb", "*", "lost_response", principal=SYSTEM, probability=0.02),
            fault("states", "SendTask*", "lost_response", principal=SYSTEM, probability=0.3),
            killed("import-assets", 40, probability=0.2),
        ],
        seed=seed,
    )
    job_id = _started_in_spite(migrations)
    job = _through(migrations, job_id)
    migrations.calm()
    assert job["status"] in ("COMPLETED", "FAILED")
    expected = {"MIGRATED": True, "UNTOUCHED": False, "RESTORED": False}[job["targetState"]]
    assert bool(migrations.assets()) == expected
    migrations.check(job_id)
