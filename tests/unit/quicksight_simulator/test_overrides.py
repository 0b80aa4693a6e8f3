"""What an import changes in the assets of a bundle."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.quicksight_simulator.accounts import DASHBOARD, Account, credentials, dev, prod


@pytest.fixture
def target() -> Account:
    account = prod()
    account.objects["s3://staging/bundle.qs"] = dev().bundle(DASHBOARD, IncludeTags=True)
    return account


def taken(target: Account, **parameters: Any) -> None:
    """Imports with parameters overridden."""
    sources = [*credentials(target)["DataSources"], *parameters.pop("DataSources", [])]
    job = target.imported(OverrideParameters={"DataSources": sources, **parameters})
    assert job["JobStatus"] == "SUCCESSFUL", job


def test_names_and_connections(target: Account) -> None:
    taken(
        target,
        DataSources=[
            {
                "DataSourceId": "sales-athena",
                "Name": "Sales lake (prod)",
                "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "prod"}},
                "SslProperties": {"DisableSsl": True},
            }
        ],
        DataSets=[{"DataSetId": "orders", "Name": "Orders (prod)"}],
        Themes=[{"ThemeId": "brand", "Name": "Brand (prod)"}],
        Analyses=[{"AnalysisId": "sales-overview", "Name": "Analysis (prod)"}],
        Dashboards=[{"DashboardId": "sales-overview", "Name": "Dashboard (prod)"}],
    )

    source = target.call("DescribeDataSource", DataSourceId="sales-athena")["DataSource"]
    assert source["DataSourceParameters"] == {"AthenaParameters": {"WorkGroup": "prod"}}
    assert (source["Name"], source["SslProperties"]) == ("Sales lake (prod)", {"DisableSsl": True})
    names = {key: asset["request"].get("Name") for key, asset in target.simulator.to_json()["assets"].items()}
    assert names["dataset/orders"] == "Orders (prod)"
    assert names["theme/brand"] == "Brand (prod)"
    assert names["analysis/sales-overview"] == "Analysis (prod)"
    assert names["dashboard/sales-overview"] == "Dashboard (prod)"


def test_a_secret_is_kept_and_a_password_is_not_shown(target: Account) -> None:
    # Given
    pair = {"CredentialPair": {"Username": "bi", "Password": "not-to-be-seen"}}
    wanted = {"DataSources": [{"DataSourceId": "warehouse", "Credentials": pair}]}

    # When
    job = target.imported(OverrideParameters=wanted)
    taken(target)

    # Then
    assert "not-to-be-seen" not in str(job)
    source = target.call("DescribeDataSource", DataSourceId="warehouse")["DataSource"]
    assert source["SecretArn"] == credentials(target)["DataSources"][0]["Credentials"]["SecretArn"]


def test_schedules_and_refresh_properties(target: Account) -> None:
    begin = datetime(2026, 3, 1, 5, tzinfo=UTC)
    off = {"FailureConfiguration": {"EmailAlert": {"AlertStatus": "DISABLED"}}}

    taken(
        target,
        RefreshSchedules=[{"DataSetId": "orders", "ScheduleId": "daily", "StartAfterDateTime": begin}],
        DataSets=[{"DataSetId": "orders", "DataSetRefreshProperties": off}],
    )

    found = target.call("DescribeRefreshSchedule", DataSetId="orders", ScheduleId="daily")["RefreshSchedule"]
    assert found["StartAfterDateTime"] == begin
    assert target.call("DescribeDataSetRefreshProperties", DataSetId="orders")["DataSetRefreshProperties"] == off


def test_a_prefix_renames_all_ids_and_what_refers_to_them(target: Account) -> None:
    taken(target, ResourceIdOverrideConfiguration={"PrefixForAllResources": "copy-"})

    assert target.keys() == {
        "datasource/copy-sales-athena",
        "datasource/copy-warehouse",
        "theme/copy-brand",
        "dataset/copy-orders",
        "dataset/copy-customers",
        "refreshSchedule/copy-orders/daily",
        "analysis/copy-sales-overview",
        "dashboard/copy-sales-overview",
    }
    found = target.call("DescribeDashboard", DashboardId="copy-sales-overview")["Dashboard"]
    assert found["Version"]["ThemeArn"] == target.arn("theme/copy-brand")
    assert found["LinkEntities"] == [target.arn("analysis/copy-sales-overview")]
    assert found["Version"]["DataSetArns"] == [target.arn("dataset/copy-orders"), target.arn("dataset/copy-customers")]


def test_an_override_of_what_is_not_in_the_bundle_is_refused(target: Account) -> None:
    job = target.imported(OverrideParameters={"Themes": [{"ThemeId": "other", "Name": "Other"}]})

    assert job["Errors"][0]["Message"] == "theme other is to be overridden and is not in the bundle"


def test_permissions_and_tags_of_all_and_of_some(target: Account) -> None:
    # Given
    viewers, owners = target.arn("group/default/bi-viewers"), target.arn("group/default/bi-owners")
    see = ["quicksight:DescribeDashboard"]
    permissions = {
        "Dashboards": [
            {"DashboardIds": ["*"], "Permissions": {"Principals": [viewers], "Actions": see}},
            {
                "DashboardIds": ["sales-overview"],
                "Permissions": {"Principals": [owners], "Actions": [*see, "quicksight:UpdateDashboard"]},
            },
        ]
    }
    tags = {
        "DataSets": [
            {"DataSetIds": ["*"], "Tags": [{"Key": "stage", "Value": "prod"}]},
            {"DataSetIds": ["orders"], "Tags": [{"Key": "team", "Value": "finance"}]},
        ]
    }

    # When
    wanted = {"OverrideParameters": credentials(target), "OverridePermissions": permissions, "OverrideTags": tags}
    assert target.imported(**wanted)["JobStatus"] == "SUCCESSFUL"

    # Then
    found = target.call("DescribeDashboardPermissions", DashboardId="sales-overview")["Permissions"]
    assert {each["Principal"]: each["Actions"] for each in found} == {
        viewers: see,
        owners: [*see, "quicksight:UpdateDashboard"],
    }
    assert target.asset("dataset/orders")["tags"] == {
        "team": "finance",
        "classification": "internal",
        "stage": "prod",
    }
    assert target.asset("dataset/customers")["tags"] == {"team": "bi", "stage": "prod"}
    assert target.job()["OverrideTags"] == tags


def test_permissions_need_principals_and_actions_that_there_are(target: Account) -> None:
    def refused(principal: str, action: str) -> str:
        permissions = {"Principals": [principal], "Actions": [action]}
        job = target.imported(
            OverrideParameters=credentials(target),
            OverridePermissions={"Themes": [{"ThemeIds": ["*"], "Permissions": permissions}]},
        )
        return str(job["Errors"][0]["Message"])

    assert "not a valid QuickSight principal" in refused(target.arn("user/default/ann"), "quicksight:DescribeTheme")
    assert "no actions on a theme" in refused(target.arn("user/default/dave"), "quicksight:DescribeDashboard")


def test_a_vpc_connection_needs_what_is_of_this_account(target: Account) -> None:
    # Given a VPC connection of the other account
    request = {
        "VPCConnectionId": "private",
        "Name": "Private",
        "SubnetIds": ["subnet-1", "subnet-2"],
        "SecurityGroupIds": ["sg-1"],
        "RoleArn": "arn:aws:iam::111111111111:role/quicksight-vpc",
    }
    file = dev(assets=[{"type": "VPC_CONNECTION", "request": request}]).bundle("vpcConnection/private")

    # When / Then
    assert "is no role of account" in target.imported(file)["Errors"][0]["Message"]
    override = {
        "VPCConnectionId": "private",
        "SubnetIds": ["subnet-8", "subnet-9"],
        "SecurityGroupIds": ["sg-9"],
        "RoleArn": "arn:aws:iam::222222222222:role/quicksight-vpc",
    }
    job = target.imported(job="import-2", OverrideParameters={"VPCConnections": [override]})
    assert job["JobStatus"] == "SUCCESSFUL"
    found = target.call("DescribeVPCConnection", VPCConnectionId="private")["VPCConnection"]
    assert [each["SubnetId"] for each in found["NetworkInterfaces"]] == ["subnet-8", "subnet-9"]
