"""What goes wrong in migrations, said clearly and left in a state that is known."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from local_cloud.quicksight import examples
from tests.e2e.quicksight_migration.migrations import DASHBOARD, OVERRIDES, SOURCE, TARGET, Migrations


def test_a_failed_import_is_rolled_back_and_resumed_from_there(migrations: Migrations) -> None:
    # Given a target in which the dashboard cannot be made, once
    migrations.target.inject(
        {"phase": "IMPORT", "asset": "sales-overview", "times": 1, "action": {"type": "fail", "error": "no room"}}
    )

    # When it is migrated
    job = migrations.migrate()

    # Then the job says what failed, and the target is as it was
    assert (job["status"], job["failedStep"], job["targetState"]) == ("FAILED", "ImportAssets", "UNTOUCHED"), job
    assert "no room" in str(job["error"])
    assert migrations.assets() == {}
    migrations.check(job["jobId"])

    # And when it is tried again, it goes on with the import: nothing that succeeded is repeated
    assert migrations.command(job["jobId"], "retry").status == 202
    again = migrations.wait(job["jobId"])
    assert (again["status"], again["retryCount"]) == ("COMPLETED", 1), again
    assert migrations.attempts(again, "ImportAssets") == ["FAILED", "SUCCEEDED"]
    for step in ("ExportAssets", "UploadAssets", "PlanImport", "BackupTarget"):
        assert migrations.attempts(again, step) in (["SUCCEEDED"], ["SKIPPED"])
    assert len(migrations.started("exports", job["jobId"])) == 1
    assert "ExportAssets" not in migrations.entered(job["jobId"], run=2)
    migrations.check(job["jobId"])


def test_a_rollback_that_fails_needs_a_person_and_a_restore_helps(migrations: Migrations) -> None:
    migrations.theme_of_theirs()
    before = migrations.assets()
    migrations.target.inject(
        {"phase": "IMPORT", "asset": "sales-overview", "times": 1, "action": {"type": "fail"}},
        {"phase": "ROLLBACK", "asset": "orders", "times": 1, "action": {"type": "fail", "error": "stuck"}},
    )
    job = migrations.migrate()
    assert (job["status"], job["targetState"]) == ("NEEDS_ATTENTION", "UNKNOWN"), job
    assert "stuck" in str(job["error"])
    assert migrations.assets().keys() != before.keys()

    migrations.target.clear()
    answer = migrations.command(job["jobId"], "restore")
    assert answer.status == 201, answer
    assert migrations.finish(answer.body["jobId"])["status"] == "COMPLETED"
    assert migrations.assets().keys() == before.keys()


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        ({"action": {"type": "set_edition", "edition": "STANDARD"}}, "edition"),
        ({"action": {"type": "delete_asset", "asset": "dashboard/sales-overview"}}, "sales-overview"),
    ],
    ids=["edition", "missing"],
)
def test_what_cannot_be_exported_fails_before_anything_starts(
    migrations: Migrations, breaks: dict[str, Any], words: str
) -> None:
    migrations.source.inject(breaks)
    job = migrations.migrate()
    assert (job["status"], job["failedStep"], job["targetState"]) == ("FAILED", "Preflight", "UNTOUCHED"), job
    assert words in str(job["error"]).lower()
    assert migrations.started("exports", job["jobId"]) == []
    migrations.check(job["jobId"])


def test_sources_that_cannot_be_exported_are_named(migrations: Migrations) -> None:
    # Given a dashboard whose dataset reads Salesforce
    document = examples.dev()
    for asset in document["assets"]:
        if asset["type"] == "DATASOURCE" and asset["request"]["DataSourceId"] == "sales-athena":
            asset["request"] = {**asset["request"], "Type": "SALESFORCE"}
            asset["request"].pop("DataSourceParameters")
    migrations.source.seed(document)

    # When it is migrated, then the job names the source before anything starts
    job = migrations.migrate()
    assert (job["status"], job["failedStep"]) == ("FAILED", "Preflight"), job
    assert "sales-athena" in str(job["error"]) and "SALESFORCE" in str(job["error"])
    assert migrations.started("exports", job["jobId"]) == []


def test_a_dashboard_with_errors_is_not_exported(migrations: Migrations) -> None:
    document = examples.dev()
    for asset in document["assets"]:
        if asset["type"] == "DASHBOARD":
            asset["errors"] = [{"Type": "COLUMN_TYPE_MISMATCH", "Message": "amount is no number"}]
    migrations.source.seed(document)
    job = migrations.migrate()
    assert (job["status"], job["failedStep"]) == ("FAILED", "Preflight"), job
    assert "amount is no number" in str(job["error"])


def test_a_download_whose_address_has_expired_is_asked_for_anew(migrations: Migrations) -> None:
    migrations.source.inject({"operation": "Download", "times": 1, "action": {"type": "expire"}})
    job = migrations.migrate(options={"planOnly": True})
    assert job["status"] == "COMPLETED", job
    assert len(migrations.started("exports", job["jobId"])) == 1


def test_a_role_that_may_not_create_fails_the_import_and_leaves_nothing(migrations: Migrations) -> None:
    # Given a target role that somebody has narrowed
    iam = migrations.cloud.client("iam", TARGET)
    name = iam.list_role_policies(RoleName="towpath-bi-target")["PolicyNames"][0]
    policy = iam.get_role_policy(RoleName="towpath-bi-target", PolicyName=name)["PolicyDocument"]
    deny = {"Effect": "Deny", "Action": "quicksight:CreateDashboard", "Resource": "*"}
    narrowed = {**policy, "Statement": [*policy["Statement"], deny]}
    iam.put_role_policy(RoleName="towpath-bi-target", PolicyName=name, PolicyDocument=json.dumps(narrowed))
    try:
        job = migrations.migrate()
    finally:
        iam.put_role_policy(RoleName="towpath-bi-target", PolicyName=name, PolicyDocument=json.dumps(policy))

    # Then the job says which permission is missing, and the target is as it was
    assert (job["status"], job["failedStep"], job["targetState"]) == ("FAILED", "ImportAssets", "UNTOUCHED"), job
    assert "CreateDashboard" in str(job["error"])
    assert migrations.assets() == {}


def test_a_later_chunk_that_fails_takes_the_earlier_ones_back(migrations: Migrations) -> None:
    # Given 120 themes, of which the target has another version of one, and of which one cannot be imported
    for side in (SOURCE, TARGET):
        client = migrations.cloud.client("quicksight", side)
        for number in range(120) if side == SOURCE else [7]:
            name = f"brand-{number:03}"
            client.create_theme(
                AwsAccountId=side, ThemeId=name, Name=f"{name} of {side}", BaseThemeId="CLASSIC", Configuration={}
            )
    before = migrations.assets()
    migrations.target.inject({"phase": "IMPORT", "job": "*-import-*-c2", "nth": [5], "action": {"type": "fail"}})

    # When they are migrated, then the target has what it had
    job = migrations.migrate(*[f"theme/brand-{number:03}" for number in range(120)])
    assert (job["status"], job["failedStep"], job["targetState"]) == ("FAILED", "ImportAssets", "RESTORED"), job
    assert migrations.assets().keys() == before.keys()
    theme = migrations.cloud.client("quicksight", TARGET).describe_theme(AwsAccountId=TARGET, ThemeId="brand-007")
    assert theme["Theme"]["Name"] == f"brand-007 of {TARGET}"
    migrations.check(job["jobId"])

    # And a retry brings all
    assert migrations.command(job["jobId"], "retry").status == 202
    again = migrations.finish(job["jobId"])
    assert (again["status"], again["targetState"]) == ("COMPLETED", "MIGRATED"), again
    assert len(migrations.assets()) == 120


def test_an_override_that_is_missing_fails_the_job_and_names_it(migrations: Migrations) -> None:
    only = {"DataSources": [OVERRIDES["DataSources"][0]]}
    job = migrations.migrate(overrides=only)
    assert (job["status"], job["targetState"]) == ("FAILED", "UNTOUCHED"), job
    assert "warehouse" in str(job["error"])
    assert migrations.assets() == {}


@pytest.mark.parametrize(
    "credentials",
    [
        {"CredentialPair": {"Username": "sales", "Password": "Correct-Horse"}},
        {"SecretArn": f"arn:aws:secretsmanager:us-east-1:{SOURCE}:secret:bi/warehouse-AbCdEf"},
    ],
    ids=["password", "foreign-secret"],
)
def test_credentials_other_than_a_secret_of_the_target_are_refused(
    migrations: Migrations, credentials: dict[str, Any]
) -> None:
    sources = [OVERRIDES["DataSources"][0], {**OVERRIDES["DataSources"][1], "Credentials": credentials}]
    answer = migrations.api("POST", "/jobs", migrations.body(overrides={"DataSources": sources}))
    assert answer.status == 400
    assert "Credentials" in answer.text
    assert "Correct-Horse" not in answer.text


def test_the_sixth_export_waits_its_turn(migrations: Migrations) -> None:
    # Given exports that take their time
    migrations.source.clock(0.5)

    # When six jobs start at the same time
    jobs = [migrations.start(options={"planOnly": True}) for _ in range(6)]

    # Then five export and one waits, told so by its machine and not by an error of QuickSight
    most, waited = 0, False
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not waited:
        running = [each for each in migrations.source.state()["exports"].values() if not _is_over(each)]
        most = max(most, len(running))
        waited = len(running) == 5 and any("WaitForSlot" in migrations.entered(job) for job in jobs)
    assert waited
    migrations.source.clock(200)
    ended = [migrations.wait(job) for job in jobs]
    assert [job["status"] for job in ended] == ["COMPLETED"] * 6
    assert most == 5
    for job in jobs:
        assert len(migrations.started("exports", job)) == 1
        migrations.check(job)


def _is_over(job: dict[str, Any]) -> bool:
    return str(job["status"]) in ("SUCCESSFUL", "FAILED")


def test_slots_that_others_use_are_waited_for(migrations: Migrations) -> None:
    migrations.source.inject({"action": {"type": "external_jobs", "kind": "EXPORT", "count": 5, "seconds": 1200}})
    job = migrations.migrate()
    assert job["status"] == "COMPLETED", job
    assert migrations.attempts(job, "ExportAssets") == ["SUCCEEDED"]
    migrations.check(job["jobId"])


def test_an_approval_of_a_plan_whose_target_has_drifted_is_refused(migrations: Migrations) -> None:
    # Given a plan that was made and a target that somebody changed afterwards
    migrations.migrate()
    migrations.source.inject({"action": {"type": "edit_asset", "asset": "dashboard/sales-overview", "name": "Sales 2"}})
    job_id = migrations.start()
    seen = migrations.wait(job_id, "WAITING_FOR_APPROVAL")["planHash"]
    migrations.target.inject({"action": {"type": "edit_asset", "asset": "dashboard/sales-overview", "name": "Theirs"}})

    # When it is approved
    answer = migrations.command(job_id, "approve", {"planHash": seen})

    # Then the approval is refused, a new plan is made, and that one waits for an approval of its own
    assert answer.status == 409, answer
    assert "changed" in answer.text or "PLAN_STALE" in answer.text
    migrations.eventually(
        lambda: (
            migrations.job(job_id)["status"] == "WAITING_FOR_APPROVAL" and migrations.job(job_id)["planHash"] != seen
        ),
        "a new plan",
    )
    assert migrations.command(job_id, "approve", {"planHash": seen}).status == 409
    assert "Theirs" in str(migrations.plan(job_id)["items"])
    assert migrations.approve(job_id).status == 202
    assert migrations.wait(job_id)["status"] == "COMPLETED"
    assert migrations.assets()[DASHBOARD] != {}
    migrations.check(job_id)


def test_a_target_that_drifts_after_the_approval_is_planned_again(migrations: Migrations) -> None:
    # Given an approved plan that still has its backup to make, slowly
    migrations.migrate()
    migrations.source.inject({"action": {"type": "edit_asset", "asset": "dashboard/sales-overview", "name": "Sales 2"}})
    job_id = migrations.start()
    migrations.wait(job_id, "WAITING_FOR_APPROVAL")
    migrations.target.clock(2)
    assert migrations.approve(job_id).status == 202
    migrations.eventually(lambda: migrations.job(job_id).get("currentStep") == "BackupTarget", "the backup")

    # When somebody changes the target meanwhile
    migrations.target.inject({"action": {"type": "edit_asset", "asset": "theme/brand", "name": "Theirs"}})
    migrations.target.clock(200)

    # Then nothing is imported on that approval
    migrations.wait(job_id, "WAITING_FOR_APPROVAL")
    assert migrations.started("imports", job_id) == []
    assert migrations.approve(job_id).status == 202
    job = migrations.wait(job_id)
    assert job["status"] == "COMPLETED"
    assert len(migrations.attempts(job, "PlanImport")) == 2
    migrations.check(job_id)


def test_a_rejected_plan_changes_nothing_and_may_be_tried_again(migrations: Migrations) -> None:
    job_id = migrations.start()
    migrations.wait(job_id, "WAITING_FOR_APPROVAL")
    assert migrations.command(job_id, "reject", {"comment": "not on a Friday"}).status == 202
    job = migrations.wait(job_id)
    assert (job["status"], job["targetState"]) == ("REJECTED", "UNTOUCHED")
    assert migrations.assets() == {}
    migrations.check(job_id)


@pytest.mark.parametrize("step", ["ExportAssets", "WaitForApproval", "ImportAssets"])
def test_a_cancel_is_honest(migrations: Migrations, step: str) -> None:
    # Given a job in one of its long steps
    migrations.source.clock(4 if step == "ExportAssets" else 200)
    migrations.target.clock(4 if step == "ImportAssets" else 200)
    job_id = migrations.start()
    if step == "ImportAssets":
        migrations.wait(job_id, "WAITING_FOR_APPROVAL")
        assert migrations.approve(job_id).status == 202
    migrations.eventually(lambda: migrations.job(job_id).get("currentStep") == step, step)
    if step != "WaitForApproval":
        kind = "exports" if step == "ExportAssets" else "imports"
        migrations.eventually(lambda: bool(migrations.started(kind, job_id)), "the bundle job")

    # When it is cancelled
    assert migrations.command(job_id, "cancel").status == 202

    # Then it first comes to the end of what QuickSight does, and says how that ended
    migrations.source.clock(200)
    migrations.target.clock(200)
    job = migrations.wait(job_id)
    assert job["status"] == "CANCELLED", job
    assert job["targetState"] == ("MIGRATED" if step == "ImportAssets" else "UNTOUCHED")
    assert bool(migrations.assets()) == (step == "ImportAssets")
    assert migrations.attempts(job, step) != []
    migrations.check(job_id)


@pytest.mark.parametrize("account", [SOURCE, TARGET])
def test_an_account_that_does_not_trust_us_is_named(migrations: Migrations, account: str) -> None:
    # Given a role that asks for another ExternalId
    iam = migrations.cloud.client("iam", account)
    role = next(each for each in iam.list_roles()["Roles"] if each["RoleName"].startswith("towpath-bi"))
    trust = role["AssumeRolePolicyDocument"]
    broken = {
        **trust,
        "Statement": [
            {**each, "Condition": {"StringEquals": {"sts:ExternalId": "another"}}} for each in trust["Statement"]
        ],
    }
    iam.update_assume_role_policy(RoleName=role["RoleName"], PolicyDocument=json.dumps(broken))
    try:
        job = migrations.migrate()
    finally:
        iam.update_assume_role_policy(RoleName=role["RoleName"], PolicyDocument=json.dumps(trust))

    # Then the job says whose role could not be assumed
    assert (job["status"], job["targetState"]) == ("FAILED", "UNTOUCHED"), job
    assert role["RoleName"] in str(job["error"])
    migrations.check(job["jobId"])


def test_a_machine_that_somebody_stopped_is_recorded(migrations: Migrations) -> None:
    job_id = migrations.start()
    migrations.wait(job_id, "WAITING_FOR_APPROVAL")
    migrations.states.stop_execution(executionArn=migrations.execution_arn(job_id), error="Stopped", cause="by hand")
    job = migrations.wait(job_id)
    assert job["status"] == "FAILED"
    assert job["error"]["code"] == "MACHINE_ENDED"
    # and it can be taken up where it was
    assert migrations.command(job_id, "retry").status == 202
    migrations.wait(job_id, "WAITING_FOR_APPROVAL")
    assert migrations.approve(job_id).status == 202
    assert migrations.wait(job_id)["status"] == "COMPLETED"
    migrations.check(job_id)
