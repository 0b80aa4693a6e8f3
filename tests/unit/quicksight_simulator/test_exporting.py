"""What an export gathers, how its bundle is written, and what it cannot export."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.quicksight import examples
from tests.unit.quicksight_simulator.accounts import DASHBOARD, Account, dev, documents

ALL = {
    "analysis/sales-overview.json",
    "dashboard/sales-overview.json",
    "dataset/customers.json",
    "dataset/orders.json",
    "datasource/sales-athena.json",
    "datasource/warehouse.json",
    "refreshSchedule/orders--refresh-schedule--daily.json",
    "theme/brand.json",
}


def with_asset(asset: dict[str, Any]) -> Account:
    document = examples.dev()
    return dev(assets=[*document["assets"], asset])


def test_a_dashboard_comes_with_all_that_it_needs() -> None:
    assert set(documents(dev().bundle(DASHBOARD))) == ALL


def test_without_dependencies_only_what_was_asked_for_comes() -> None:
    file = dev().bundle(DASHBOARD, "theme/brand", IncludeAllDependencies=False)

    assert set(documents(file)) == {"dashboard/sales-overview.json", "theme/brand.json"}


def test_documents_are_spelt_as_the_live_service_spells_them() -> None:
    found = documents(dev().bundle(DASHBOARD))

    assert found["datasource/sales-athena.json"] == {
        "resourceType": "datasource",
        "dataSourceId": "sales-athena",
        "name": "Sales lake",
        "type": "ATHENA",
        "dataSourceParameters": {"athenaParameters": {"workGroup": "dev"}},
        "sslProperties": {"disableSsl": False},
    }
    orders = found["dataset/orders.json"]
    assert orders["physicalTableMap"]["orders-table"]["relationalTable"]["inputColumns"][0] == {
        "name": "order_id",
        "type": "STRING",
    }
    assert orders["dataSetRefreshProperties"] == {"failureConfiguration": {"emailAlert": {"alertStatus": "ENABLED"}}}
    dashboard = found["dashboard/sales-overview.json"]
    assert list(dashboard)[0] == "resourceType"
    assert "kpivisual" in dashboard["definition"]["sheets"][0]["visuals"][0]
    assert dashboard["validationStrategy"] == {"mode": "LENIENT"}
    assert dashboard["linkEntities"] == ["arn:aws:quicksight:us-east-1:111111111111:analysis/sales-overview"]
    schedule = found["refreshSchedule/orders--refresh-schedule--daily.json"]
    assert (schedule["dataSetId"], schedule["schedule"]["scheduleId"]) == ("orders", "daily")


def test_no_secret_and_no_state_leaves_the_account() -> None:
    text = str(documents(dev().bundle(DASHBOARD)))

    assert "secretsmanager" not in text
    assert not {"permissions", "tags", "createdTime", "status", "awsAccountId"} & set(text.replace("'", " ").split())


def test_permissions_tags_and_folders_come_when_asked_for() -> None:
    wanted = {"IncludePermissions": True, "IncludeTags": True, "IncludeFolderMemberships": True}

    orders = documents(dev().bundle("dataset/orders", **wanted))["dataset/orders.json"]

    assert orders["permissions"][0]["principal"].endswith("group/default/analysts")
    assert {"key": "team", "value": "bi"} in orders["tags"]
    assert orders["folderArns"] == ["arn:aws:quicksight:us-east-1:111111111111:folder/sales"]


@pytest.mark.parametrize(("which", "expected"), [("NONE", 1), ("ONE_LEVEL", 5), ("RECURSE", 6)])
def test_a_folder_comes_with_its_members_when_asked_for(which: str, expected: int) -> None:
    # Given a folder in the folder of the dashboard
    parent = "arn:aws:quicksight:${region}:${account}:folder/sales"
    request = {"FolderId": "emea", "Name": "EMEA", "FolderType": "SHARED", "ParentFolderArn": parent}
    account = with_asset({"type": "FOLDER", "request": request})

    # When
    file = account.bundle("folder/sales", IncludeFolderMembers=which, IncludeAllDependencies=False)

    # Then
    assert len(documents(file)) == expected


def test_a_folder_needs_its_parents() -> None:
    parent = "arn:aws:quicksight:${region}:${account}:folder/sales"
    request = {"FolderId": "emea", "Name": "EMEA", "FolderType": "SHARED", "ParentFolderArn": parent}

    file = with_asset({"type": "FOLDER", "request": request}).bundle("folder/emea")

    assert list(documents(file)) == ["folder/sales.json", "folder/emea.json"] or set(documents(file)) == {
        "folder/sales.json",
        "folder/emea.json",
    }


def test_the_same_assets_give_the_same_file() -> None:
    assert dev().bundle(DASHBOARD) == dev().bundle(DASHBOARD)


def test_everything_that_cannot_be_exported_is_named() -> None:
    # Given an account with a source that bundles do not support, and a dataset made of a file
    sources: list[dict[str, Any]] = [
        {
            "type": "DATASOURCE",
            "request": {
                "DataSourceId": "tickets",
                "Name": "Tickets",
                "Type": "JIRA",
                "DataSourceParameters": {"JiraParameters": {"SiteBaseUrl": "https://jira.example.com"}},
            },
        },
        {
            "type": "DATASET",
            "file": True,
            "request": {"DataSetId": "upload", "Name": "Upload", "ImportMode": "SPICE", "PhysicalTableMap": {}},
        },
    ]
    account = dev(assets=[*examples.dev()["assets"], *sources])

    # When
    job = account.exported("datasource/tickets", "dataset/upload", "dashboard/none", "theme/brand")

    # Then
    assert job["JobStatus"] == "FAILED"
    assert "DownloadUrl" not in job
    assert {each["Arn"].rpartition(":")[2]: each["Type"] for each in job["Errors"]} == {
        "datasource/tickets": "InvalidParameterValueException",
        "dataset/upload": "InvalidParameterValueException",
        "dashboard/none": "ResourceNotFoundException",
    }
    assert "not supported" in account.refusal("DescribeDataSet", DataSetId="upload").message


@pytest.mark.parametrize("strict", [False, True])
def test_errors_of_a_definition_warn_or_forbid(strict: bool) -> None:
    # Given a dashboard that uses a data set which it does not declare
    document = examples.dev()
    dashboard = next(each for each in document["assets"] if each["type"] == "DASHBOARD")
    declared = dashboard["request"]["Definition"]["DataSetIdentifierDeclarations"]
    dashboard["request"]["Definition"]["DataSetIdentifierDeclarations"] = declared[:1]
    account = Account(document)

    # When
    job = account.exported(DASHBOARD, ValidationStrategy={"StrictModeForAllResources": strict})

    # Then
    described = account.call("DescribeDashboardDefinition", DashboardId="sales-overview")
    assert described["Errors"][0]["Type"] == "DATA_SET_NOT_FOUND"
    assert job["JobStatus"] == ("FAILED" if strict else "SUCCESSFUL")
    named = job["Errors"] if strict else job["Warnings"]
    assert [each["Arn"] for each in named] == [account.arn(DASHBOARD)]
    assert "associated errors" in named[0]["Message"]


def test_a_strict_export_asks_for_a_strict_import() -> None:
    found = documents(dev().bundle(DASHBOARD, ValidationStrategy={"StrictModeForAllResources": True}))

    assert found["dashboard/sales-overview.json"]["validationStrategy"] == {"mode": "STRICT"}


def test_what_is_missing_of_the_callers_permissions_fails_the_job_and_is_noted() -> None:
    account = dev()
    account.forbidden = {f"quicksight:DescribeDataSet {account.arn('dataset/orders')}", "quicksight:DescribeTheme"}

    job = account.exported(DASHBOARD)

    assert {each["Type"] for each in job["Errors"]} == {"AccessDeniedException"}
    assert {each["Arn"] for each in job["Errors"]} == {account.arn("dataset/orders"), account.arn("theme/brand")}
    assert {each["action"] for each in account.simulator.state.denials} == {
        "quicksight:DescribeDataSet",
        "quicksight:DescribeTheme",
    }


def test_an_analysis_that_was_deleted_is_not_there_for_an_export() -> None:
    account = dev()
    account.call("DeleteAnalysis", AnalysisId="sales-overview")

    assert account.exported("analysis/sales-overview")["JobStatus"] == "FAILED"
    assert "analysis/sales-overview.json" not in documents(account.bundle(DASHBOARD, job="export-2"))
