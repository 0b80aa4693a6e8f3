"""A dashboard and what it needs go from one account to another, and can come back."""

from __future__ import annotations

import pytest

from tests.e2e.quicksight_migration.migrations import DASHBOARD, REGION, SOURCE, TARGET, Migrations

STEPS = [
    "Preflight",
    "ExportAssets",
    "UploadAssets",
    "PlanImport",
    "WaitForApproval",
    "BackupTarget",
    "ImportAssets",
    "UpdatePermissions",
    "VerifyTarget",
]
OWNERS = Migrations.arn("group/default/bi-owners", TARGET)
VIEWERS = Migrations.arn("group/default/bi-viewers", TARGET)
GRANTS = [
    {
        "assetTypes": ["DASHBOARD", "ANALYSIS", "DATASET", "DATASOURCE", "THEME"],
        "principals": [OWNERS],
        "access": "OWNER",
    },
    {"assetTypes": ["DASHBOARD"], "principals": [VIEWERS], "access": "VIEWER"},
]


def test_a_dashboard_goes_to_another_account_with_all_it_needs(migrations: Migrations) -> None:
    # Given a dashboard in the one account and nothing in the other
    assert migrations.assets() == {}

    # When it is migrated; the plan waits for an approval
    job_id = migrations.start(permissions=GRANTS)
    waiting = migrations.wait(job_id, "WAITING_FOR_APPROVAL", "FAILED")
    assert waiting["status"] == "WAITING_FOR_APPROVAL", waiting
    plan = migrations.plan(job_id)
    assert {item["action"] for item in plan["items"]} == {"CREATE"}
    assert migrations.assets() == {}
    assert migrations.approve(job_id).status == 202
    done = migrations.wait(job_id)

    # Then everything is there under its own id, as the overrides say
    assert (done["status"], done["targetState"]) == ("COMPLETED", "MIGRATED"), done
    assert {each["step"] for each in done["steps"]} == set(STEPS)
    statuses = {each["step"]: each["stepStatus"] for each in done["steps"]}
    assert statuses.pop("BackupTarget") == "SKIPPED"  # nothing is overwritten
    assert set(statuses.values()) == {"SUCCEEDED"}
    target = migrations.cloud.client("quicksight", TARGET)
    dashboard = target.describe_dashboard_definition(AwsAccountId=TARGET, DashboardId="sales-overview")
    declared = dashboard["Definition"]["DataSetIdentifierDeclarations"]
    assert declared and all(f":{TARGET}:" in each["DataSetArn"] for each in declared)
    source = target.describe_data_source(AwsAccountId=TARGET, DataSourceId="sales-athena")["DataSource"]
    assert source["DataSourceParameters"]["AthenaParameters"]["WorkGroup"] == "prod"
    # and permissions are those of the plan, given by ARN
    granted = target.describe_dashboard_permissions(AwsAccountId=TARGET, DashboardId="sales-overview")["Permissions"]
    assert {each["Principal"] for each in granted} == {OWNERS, VIEWERS}
    # and the record says where to look
    links = {each["arn"]: each.get("url", "") for each in done["results"]["assets"]}
    assert migrations.arn(DASHBOARD, TARGET) in links
    assert links[migrations.arn(DASHBOARD, TARGET)].startswith(f"https://{REGION}.quicksight.aws.amazon.com/")
    migrations.check(job_id)


def test_a_plan_alone_changes_nothing(migrations: Migrations) -> None:
    job = migrations.migrate(options={"planOnly": True})
    assert (job["status"], job["targetState"]) == ("COMPLETED", "UNTOUCHED")
    assert migrations.plan(job["jobId"])["items"]
    assert migrations.assets() == {}
    assert migrations.attempts(job, "ImportAssets") in ([], ["SKIPPED"])
    migrations.check(job["jobId"])


def test_a_second_migration_of_the_same_has_nothing_to_change(migrations: Migrations) -> None:
    migrations.migrate()
    job_id = migrations.start(options={"planOnly": True})
    migrations.wait(job_id, "COMPLETED")
    assert {item["action"] for item in migrations.plan(job_id)["items"]} == {"UNCHANGED"}


@pytest.mark.parametrize("policy", ["FAIL", "SKIP", "UPDATE", "PREFIX"])
def test_what_exists_in_the_target_goes_by_the_conflict_policy(migrations: Migrations, policy: str) -> None:
    # Given a target in which somebody has renamed the dashboard
    migrations.migrate()
    target = migrations.cloud.client("quicksight", TARGET)
    _rename(target, "Theirs")

    # When the source's is migrated again
    options = {"conflictPolicy": policy, **({"prefix": "x-"} if policy == "PREFIX" else {})}
    job = migrations.migrate(options=options)

    # Then the policy says what becomes of it
    name = target.describe_dashboard(AwsAccountId=TARGET, DashboardId="sales-overview")["Dashboard"]["Name"]
    if policy == "FAIL":
        assert (job["status"], job["failedStep"], job["targetState"]) == ("FAILED", "PlanImport", "UNTOUCHED")
        assert DASHBOARD.partition("/")[2] in str(job["error"])
    else:
        # What is as it should be already, or is to be left alone, is not imported.
        assert (job["status"], job["targetState"]) == ("COMPLETED", "UNTOUCHED" if policy == "SKIP" else "MIGRATED"), (
            job
        )
    assert (name == "Theirs") == (policy != "UPDATE")
    assert ("dashboard/x-sales-overview" in migrations.assets()) == (policy == "PREFIX")
    migrations.check(job["jobId"])


def test_a_migration_is_taken_back_by_one_call(migrations: Migrations) -> None:
    # Given a target with a dashboard of its own, which a migration overwrites beside creating others
    migrations.theme_of_theirs()
    before = migrations.assets()
    job = migrations.migrate(DASHBOARD)
    assert migrations.assets() != before

    # When it is restored
    answer = migrations.command(job["jobId"], "restore")
    assert answer.status == 201, answer
    restore = migrations.finish(answer.body["jobId"])

    # Then the target has what it had, and nothing else
    assert (restore["status"], restore["type"]) == ("COMPLETED", "RESTORE"), restore
    assert migrations.assets().keys() == before.keys()
    target = migrations.cloud.client("quicksight", TARGET)
    assert target.describe_theme(AwsAccountId=TARGET, ThemeId="brand")["Theme"]["Name"] == "Theirs"
    migrations.check(restore["jobId"])


def test_more_than_a_hundred_assets_go_in_chunks(migrations: Migrations) -> None:
    # Given 120 themes
    source = migrations.cloud.client("quicksight", SOURCE)
    names = [f"brand-{number}" for number in range(120)]
    for name in names:
        source.create_theme(AwsAccountId=SOURCE, ThemeId=name, Name=name, BaseThemeId="CLASSIC", Configuration={})

    # When all are migrated
    job = migrations.migrate(*[f"theme/{name}" for name in names])

    # Then they went in two bundles, both ways
    assert job["status"] == "COMPLETED", job
    assert {f"theme/{name}" for name in names} <= migrations.assets().keys()
    assert len(migrations.started("exports", job["jobId"])) == 2
    assert len(migrations.started("imports", job["jobId"])) == 2
    migrations.check(job["jobId"])


def test_a_drift_report_says_who_went_his_own_way(migrations: Migrations) -> None:
    job_id = migrations.migrate()["jobId"]
    assert set(_drift(migrations, job_id).values()) == {"IN_SYNC"}
    _rename(migrations.cloud.client("quicksight", TARGET), "Theirs")
    migrations.cloud.client("quicksight", SOURCE).delete_theme(AwsAccountId=SOURCE, ThemeId="brand")
    found = _drift(migrations, job_id)
    assert found["sales-overview"] == "TARGET_CHANGED"
    assert found["brand"] == "SOURCE_DELETED"


def _drift(migrations: Migrations, job_id: str) -> dict[str, str]:
    """Status by the target's asset id, of the dashboards and themes that a job migrated."""
    answer = migrations.api("POST", "/drift-reports", {"sourceAccountId": SOURCE, "targetAccountId": TARGET})
    assert answer.status == 202, answer
    path = f"/drift-reports/{answer.body['reportId']}"
    migrations.eventually(lambda: migrations.api("GET", path).body.get("status") == "COMPLETED", "the report")
    found = [each for each in migrations.api("GET", path).body["report"]["assets"] if each["jobId"] == job_id]
    return {each["targetAssetId"]: each["status"] for each in found if each["assetType"] in ("DASHBOARD", "THEME")}


def _rename(quicksight: object, name: str) -> None:
    found = quicksight.describe_dashboard_definition(AwsAccountId=TARGET, DashboardId="sales-overview")  # type: ignore[attr-defined]
    version = quicksight.update_dashboard(  # type: ignore[attr-defined]
        AwsAccountId=TARGET, DashboardId="sales-overview", Name=name, Definition=found["Definition"]
    )["VersionArn"].rpartition("/")[2]
    quicksight.update_dashboard_published_version(  # type: ignore[attr-defined]
        AwsAccountId=TARGET, DashboardId="sales-overview", VersionNumber=int(version)
    )
