"""A job that failed goes on where it failed, whatever step that was."""

from __future__ import annotations

import pytest

from tests.e2e.faults import fault
from tests.e2e.quicksight_migration.migrations import TARGET, Migrations

STEPS_THAT_FAIL = {
    "ExportAssets": ("source", {"phase": "EXPORT", "times": 1, "action": {"type": "fail"}}),
    "UploadAssets": (
        "cloud",
        fault("s3", "PutObject", "error", code="AccessDenied", status=403, principal="*biops-upload-assets*"),
    ),
    "PlanImport": (
        "cloud",
        fault("s3", "PutObject", "error", code="AccessDenied", status=403, principal="*biops-plan-import*"),
    ),
    "BackupTarget": ("target", {"phase": "EXPORT", "times": 1, "action": {"type": "fail"}}),
    "ImportAssets": ("target", {"phase": "IMPORT", "nth": [2], "action": {"type": "fail"}}),
    "UpdatePermissions": (
        "target",
        {
            "operation": "DescribeDashboardPermissions",
            "times": 1,
            "action": {"type": "error", "code": "InvalidParameterValueException", "status": 400},
        },
    ),
    "VerifyTarget": (
        "cloud",
        fault("s3", "PutObject", "error", code="AccessDenied", status=403, principal="*biops-verify-target*"),
    ),
}


@pytest.mark.parametrize("step", STEPS_THAT_FAIL)
def test_a_job_resumed_from_any_failed_step_repeats_nothing(migrations: Migrations, step: str) -> None:
    # Given a target with an older version of the theme, and a step that fails once for good
    migrations.theme_of_theirs()
    where, rule = STEPS_THAT_FAIL[step]
    if where == "cloud":
        migrations.cloud.inject([rule])
    else:
        getattr(migrations, where).inject(rule)
    owners = [Migrations.arn("group/default/bi-owners", TARGET)]
    grants = [{"assetTypes": ["DASHBOARD"], "principals": owners, "access": "OWNER", "replace": True}]

    # When the job fails there and is tried again
    job = migrations.migrate(permissions=grants)
    assert (job["status"], job["failedStep"]) == ("FAILED", step), job
    migrations.calm()
    first = [each["step"] for each in job["steps"] if each["stepStatus"] in ("SUCCEEDED", "SKIPPED")]
    assert migrations.command(job["jobId"], "retry").status == 202
    again = migrations.finish(job["jobId"])

    # Then what had succeeded is not done again; a look at the accounts comes first each time
    assert (again["status"], again["targetState"]) == ("COMPLETED", "MIGRATED"), again
    entered = set(migrations.entered(job["jobId"], run=2))
    assert entered.isdisjoint(set(first) - {"Preflight"}), entered
    for side in (migrations.source, migrations.target):
        state = side.state()
        for kind in ("exports", "imports"):
            assert all(each["starts"] == 1 for name, each in state[kind].items() if job["jobId"] in name)
    migrations.check(job["jobId"])
