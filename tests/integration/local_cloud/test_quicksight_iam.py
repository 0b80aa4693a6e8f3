"""IAM and QuickSight: who may call it, and what bundle jobs may do for their caller."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.quicksight import examples
from tests.integration.local_cloud.conftest import Cloud
from tests.integration.local_cloud.quicksight_accounts import Account, new_account

DASHBOARD = "dashboard/sales-overview"


def of(number: str, what: str) -> str:
    return f"arn:aws:quicksight:us-east-1:{number}:{what}"


def export_policy(number: str) -> list[dict[str, Any]]:
    """What AWSQuickSightAssetBundleExportPolicy allows, on the account's own assets."""

    def on(what: str, *names: str) -> dict[str, Any]:
        return {"Action": [f"quicksight:{name}" for name in names], "Resource": of(number, what)}

    return [
        on("dashboard/*", "DescribeDashboard", "DescribeDashboardPermissions"),
        on("analysis/*", "DescribeAnalysis", "DescribeAnalysisPermissions"),
        on(
            "dataset/*",
            "DescribeDataSet",
            "DescribeDataSetRefreshProperties",
            "ListRefreshSchedules",
            "DescribeDataSetPermissions",
        ),
        on("datasource/*", "DescribeDataSource", "DescribeDataSourcePermissions"),
        on("theme/*", "DescribeTheme", "DescribeThemePermissions"),
        on("dataset/*/refresh-schedule/*", "DescribeRefreshSchedule"),
        on("*", "ListTagsForResource"),
        on("asset-bundle-export-job/*", "StartAssetBundleExportJob", "DescribeAssetBundleExportJob"),
    ]


def import_policy(number: str) -> list[dict[str, Any]]:
    """What AWSQuickSightAssetBundleImportPolicy allows as far as it is used, and reading the file."""

    def on(what: str, noun: str, *more: str) -> dict[str, Any]:
        names = [f"{verb}{noun}" for verb in ("Create", "Delete", "Describe", "Update")]
        return {"Action": [f"quicksight:{name}" for name in (*names, *more)], "Resource": of(number, what)}

    return [
        on("dashboard/*", "Dashboard", "UpdateDashboardPublishedVersion", "UpdateDashboardPermissions"),
        on("analysis/*", "Analysis"),
        on("dataset/*", "DataSet", "PassDataSet", "PutDataSetRefreshProperties"),
        on("datasource/*", "DataSource", "PassDataSource"),
        on("theme/*", "Theme"),
        on("dataset/*/refresh-schedule/*", "RefreshSchedule"),
        {"Action": "quicksight:TagResource", "Resource": of(number, "*")},
        {"Action": "quicksight:StartAssetBundleImportJob", "Resource": of(number, "asset-bundle-import-job/*")},
        {"Action": "s3:GetObject", "Resource": "*"},
    ]


@pytest.fixture
def dev(cloud: Cloud) -> Account:
    return new_account(cloud, examples.dev())


@pytest.fixture
def prod(cloud: Cloud) -> Account:
    return new_account(cloud, examples.prod())


@pytest.fixture
def file(dev: Account) -> bytes:
    url = dev.exported(DASHBOARD, IncludeTags=True)["DownloadUrl"]
    with urllib.request.urlopen(url, timeout=10) as answer:
        return bytes(answer.read())


def overrides(account: Account) -> dict[str, Any]:
    secret = f"arn:aws:secretsmanager:us-east-1:{account.number}:secret:warehouse"
    group = account.arn("group/default/bi-viewers")
    permissions = {"Principals": [group], "Actions": ["quicksight:DescribeDashboard"]}
    return {
        "OverrideParameters": {"DataSources": [{"DataSourceId": "warehouse", "Credentials": {"SecretArn": secret}}]},
        "OverridePermissions": {"Dashboards": [{"DashboardIds": ["*"], "Permissions": permissions}]},
        "FailureAction": "ROLLBACK",
    }


def test_a_call_needs_its_permission(cloud: Cloud, dev: Account) -> None:
    # Given
    read = {"Action": "quicksight:DescribeTheme", "Resource": dev.arn("theme/brand")}
    quicksight = cloud.client("quicksight", **dev.role(read))

    # When / Then
    assert quicksight.describe_theme(AwsAccountId=dev.number, ThemeId="brand")["Theme"]
    with pytest.raises(ClientError, match="quicksight:DescribeTheme"):
        quicksight.describe_theme(AwsAccountId=dev.number, ThemeId="other")
    with pytest.raises(ClientError, match="quicksight:StartAssetBundleExportJob"):
        dev.exported("theme/brand", client=quicksight)


def test_an_export_with_what_aws_lists_is_denied_nothing(cloud: Cloud, dev: Account) -> None:
    quicksight = cloud.client("quicksight", **dev.role(*export_policy(dev.number)))

    job = dev.exported(DASHBOARD, client=quicksight, IncludePermissions=True, IncludeTags=True)

    assert job["JobStatus"] == "SUCCESSFUL"
    assert dev.control.state()["denials"] == []


def test_an_export_needs_each_asset(cloud: Cloud, dev: Account) -> None:
    # Given a role that may read all but a dataset
    statements = export_policy(dev.number)
    statements[2] = statements[2] | {"Resource": dev.arn("dataset/customers")}
    quicksight = cloud.client("quicksight", **dev.role(*statements))

    # When
    job = dev.exported(DASHBOARD, client=quicksight)

    # Then
    assert job["JobStatus"] == "FAILED"
    assert [(each["Arn"], each["Type"]) for each in job["Errors"]] == [
        (dev.arn("dataset/orders"), "AccessDeniedException")
    ]


def test_an_import_with_what_aws_lists_is_denied_nothing(cloud: Cloud, prod: Account, file: bytes) -> None:
    quicksight = cloud.client("quicksight", **prod.role(*import_policy(prod.number)))
    source = {"S3Uri": prod.stored(file)}

    for _ in ("new", "there already"):
        assert prod.imported(source, client=quicksight, **overrides(prod))["JobStatus"] == "SUCCESSFUL"

    assert prod.control.state()["denials"] == []


@pytest.mark.parametrize("missing", [0, 1, 2, 3, 4, 5, 6, 8])
def test_each_permission_is_needed_and_its_lack_undoes_the_import(
    cloud: Cloud, prod: Account, file: bytes, missing: int
) -> None:
    # Given a role that lacks one statement, but may delete what it made
    statements = import_policy(prod.number)
    lacked = statements.pop(missing)
    quicksight = cloud.client("quicksight", **prod.role(*statements))

    # When
    job = prod.imported({"S3Uri": prod.stored(file)}, client=quicksight, **overrides(prod))

    # Then the job failed for that permission, and nothing is left of it
    assert job["JobStatus"] == "FAILED_ROLLBACK_COMPLETED"
    [error] = job["Errors"]
    assert error["Type"] == "AccessDeniedException"
    named = lacked["Action"] if isinstance(lacked["Action"], list) else [lacked["Action"]]
    assert any(action in error["Message"] for action in named)
    assert prod.control.state()["assets"] == {}


def test_the_file_is_of_the_same_account(prod: Account, dev: Account, file: bytes) -> None:
    job = prod.imported({"S3Uri": dev.stored(file)})

    assert job["JobStatus"] == "FAILED"
    assert job["Errors"][0]["Type"] == "AccessDeniedException"


def test_a_bucket_policy_counts(cloud: Cloud, prod: Account, file: bytes) -> None:
    # Given a bucket that lets nobody read
    uri = prod.stored(file)
    bucket = uri.split("/")[2]
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    prod.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    quicksight = cloud.client("quicksight", **prod.role(*import_policy(prod.number)))

    # When
    job = prod.imported({"S3Uri": uri}, client=quicksight)

    # Then
    assert (job["JobStatus"], "s3:GetObject" in job["Errors"][0]["Message"]) == ("FAILED", True)


def test_a_rollback_needs_permissions_too(cloud: Cloud, prod: Account, file: bytes) -> None:
    # Given a role that may delete nothing, and an import that fails at the dashboard
    statements = [
        one | {"Action": [each for each in one["Action"] if "Delete" not in each]}
        if isinstance(one["Action"], list)
        else one
        for one in import_policy(prod.number)
    ]
    quicksight = cloud.client("quicksight", **prod.role(*statements))
    prod.control.inject({"asset": "sales-overview", "phase": "IMPORT", "nth": [2], "action": {"type": "fail"}})

    # When
    job = prod.imported({"S3Uri": prod.stored(file)}, client=quicksight, **overrides(prod))

    # Then
    assert job["JobStatus"] == "FAILED_ROLLBACK_ERROR"
    assert {each["Type"] for each in job["RollbackErrors"]} == {"AccessDeniedException"}
    assert "analysis/sales-overview" in prod.control.state()["assets"]


def test_an_encrypted_file_needs_its_key(cloud: Cloud, prod: Account, file: bytes) -> None:
    # Given a file under a key that the account's policies decide about
    key = prod.client("kms").create_key()["KeyMetadata"]["Arn"]
    uri = prod.stored(file)
    bucket = uri.split("/")[2]
    prod.client("s3").put_object(
        Bucket=bucket, Key="bundle.qs", Body=file, ServerSideEncryption="aws:kms", SSEKMSKeyId=key
    )

    def imported(*more: dict[str, Any]) -> dict[str, Any]:
        quicksight = cloud.client("quicksight", **prod.role(*import_policy(prod.number), *more))
        return prod.imported({"S3Uri": uri}, client=quicksight, **overrides(prod))

    # When / Then
    assert "kms:Decrypt" in imported()["Errors"][0]["Message"]
    assert imported({"Action": "kms:Decrypt", "Resource": key})["JobStatus"] == "SUCCESSFUL"
