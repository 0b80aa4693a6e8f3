"""What an import makes of a bundle, what it refuses, and how it puts back what it did."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.quicksight_simulator.accounts import (
    DASHBOARD,
    URI,
    Account,
    credentials,
    dev,
    documents,
    prod,
    zipped,
)


@pytest.fixture
def file() -> bytes:
    return dev().bundle(DASHBOARD)


@pytest.fixture
def target() -> Account:
    return prod()


def migrated(target: Account, file: bytes, **more: Any) -> None:
    job = target.imported(file, OverrideParameters=credentials(target), **more)
    assert job["JobStatus"] == "SUCCESSFUL", job


def test_all_assets_are_there_and_refer_to_the_new_account(target: Account, file: bytes) -> None:
    migrated(target, file)

    assert target.keys() == {
        "datasource/sales-athena",
        "datasource/warehouse",
        "theme/brand",
        "dataset/orders",
        "dataset/customers",
        "refreshSchedule/orders/daily",
        "analysis/sales-overview",
        "dashboard/sales-overview",
    }
    assert "111111111111" not in str(target.simulator.to_json()["assets"])
    assert target.call("DescribeDataSetRefreshProperties", DataSetId="orders")["DataSetRefreshProperties"]


def test_an_import_of_its_own_export_changes_no_definition() -> None:
    account = dev()
    before = {key: account.asset(key)["request"] for key in account.keys()}

    migrated(account, account.bundle(DASHBOARD))

    assert {key: account.asset(key)["request"] for key in account.keys()} == before


def test_the_same_id_is_overwritten_without_a_word(target: Account, file: bytes) -> None:
    # Given an asset that somebody has changed, shared and tagged
    migrated(target, file)
    target.call("UpdateDataSet", DataSetId="orders", Name="Mine", ImportMode="SPICE", PhysicalTableMap={})
    viewer = {"Principal": target.arn("user/default/dave"), "Actions": ["quicksight:DescribeDataSet"]}
    target.call("UpdateDataSetPermissions", DataSetId="orders", GrantPermissions=[viewer])
    target.plain_call("TagResource", ResourceArn=target.arn("dataset/orders"), Tags=[{"Key": "a", "Value": "b"}])

    # When it is imported again, without credentials, since they are there
    assert target.imported(job="import-2")["JobStatus"] == "SUCCESSFUL"

    # Then its definition is the bundle's, and who may use it is as it was
    orders = target.asset("dataset/orders")
    assert (orders["request"]["Name"], orders["permissions"], orders["tags"]) == ("Orders", [viewer], {"a": "b"})
    dashboard = target.call("DescribeDashboard", DashboardId="sales-overview")["Dashboard"]
    assert dashboard["Version"]["VersionNumber"] == 2


def test_a_body_is_as_good_as_an_object(target: Account, file: bytes) -> None:
    job = target.imported(AssetBundleImportSource={"Body": file}, OverrideParameters=credentials(target))

    assert job["JobStatus"] == "SUCCESSFUL"
    assert job["AssetBundleImportSource"] == {}


def test_names_are_read_whatever_their_case(target: Account, file: bytes) -> None:
    # Given a bundle that spells KPIVisual as other tools do
    found = documents(file)
    visuals = found["dashboard/sales-overview.json"]["definition"]["sheets"][0]["visuals"]
    visuals[0] = {"kpiVisual": visuals[0]["kpivisual"]}

    # When / Then
    migrated(target, zipped(found))
    sheet = target.asset(DASHBOARD)["request"]["Definition"]["Sheets"][0]
    assert "KPIVisual" in sheet["Visuals"][0]


def test_members_that_the_model_does_not_have_do_no_harm(target: Account, file: bytes) -> None:
    # Given a document as the live service writes it: ahead of the model
    found = documents(file)
    found["theme/brand.json"]["configuration"]["id"] = "not in the model"

    # When / Then
    migrated(target, zipped(found))
    assert "id" not in target.asset("theme/brand")["request"]["Configuration"]


def with_document(file: bytes, path: str, document: Any) -> bytes:
    return zipped({**documents(file), path: document})


BROKEN = {
    "no zip": lambda _file: b"PK is not enough",
    "nothing in it": lambda _file: zipped({}),
    "no asset": lambda file: with_document(file, "README.md", "hello"),
    "in the wrong place": lambda file: with_document(file, "theme/x.json", {"resourceType": "dashboard"}),
    "another id": lambda file: with_document(file, "theme/x.json", {"resourceType": "theme", "themeId": "y"}),
    "no JSON": lambda file: with_document(file, "theme/x.json", "{"),
    "members of another type": lambda file: with_document(
        file, "theme/brand.json", {**documents(file)["theme/brand.json"], "configuration": "blue", "tags": "none"}
    ),
    "tags that are none": lambda file: with_document(
        file, "theme/brand.json", {**documents(file)["theme/brand.json"], "tags": [{"name": "a"}]}
    ),
    "refresh properties that are none": lambda file: with_document(
        file, "dataset/orders.json", {**documents(file)["dataset/orders.json"], "dataSetRefreshProperties": "daily"}
    ),
    "a document that lacks something": lambda file: with_document(
        file, "theme/x.json", {"resourceType": "theme", "themeId": "x", "name": "X"}
    ),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_no_bundle_fails_and_touches_nothing(target: Account, file: bytes, what: str) -> None:
    job = target.imported(BROKEN[what](file), OverrideParameters=credentials(target))

    assert job["JobStatus"] == "FAILED_ROLLBACK_COMPLETED"
    assert job["Errors"][0]["Type"] == "InvalidParameterValueException"
    assert target.keys() == set()


def test_a_file_that_is_not_there_or_may_not_be_read_fails_the_job(target: Account) -> None:
    job = target.imported()

    assert job["Errors"][0]["Type"] == "ResourceNotFoundException"
    assert URI in job["Errors"][0]["Message"]


def test_what_an_asset_needs_must_be_there(target: Account) -> None:
    job = target.imported(dev().bundle("dataset/orders", IncludeAllDependencies=False))

    assert [(each["Arn"], each["Type"]) for each in job["Errors"]] == [
        (target.arn("dataset/orders"), "ResourceNotFoundException")
    ]
    assert target.arn("datasource/sales-athena") in job["Errors"][0]["Message"]


def test_a_login_is_needed_where_there_is_none_and_of_this_account(target: Account, file: bytes) -> None:
    assert "needs credentials" in target.imported(file)["Errors"][0]["Message"]

    foreign = {"SecretArn": "arn:aws:secretsmanager:us-east-1:111111111111:secret:warehouse"}
    wanted = {"DataSources": [{"DataSourceId": "warehouse", "Credentials": foreign}]}
    assert "is no secret of account" in target.imported(OverrideParameters=wanted)["Errors"][0]["Message"]


def test_principals_of_another_account_fail_the_import(target: Account) -> None:
    job = target.imported(dev().bundle("theme/brand", IncludePermissions=True))

    assert "is not a valid QuickSight principal" in job["Errors"][0]["Message"]


@pytest.mark.parametrize("action", ["DO_NOTHING", "ROLLBACK"])
def test_a_failure_keeps_what_was_done_or_puts_it_back(target: Account, file: bytes, action: str) -> None:
    # Given an account into which the bundle was imported once, and a dataset that was deleted since
    migrated(target, file)
    target.call("DeleteDataSet", DataSetId="orders")
    before = target.simulator.to_json()["assets"]
    target.simulator.inject({"asset": "sales-overview", "phase": "IMPORT", "action": {"type": "fail"}})

    # When the next import fails at its analysis
    target.wait(60)
    job = target.imported(job="import-2", FailureAction=action)

    # Then
    assert [each["Arn"] for each in job["Errors"]] == [target.arn("analysis/sales-overview")]
    assert job["JobStatus"] == ("FAILED" if action == "DO_NOTHING" else "FAILED_ROLLBACK_COMPLETED")
    assert (target.simulator.to_json()["assets"] == before) == (action == "ROLLBACK")
    assert ("dataset/orders" in target.keys()) == (action == "DO_NOTHING")


def test_a_rollback_takes_its_time_and_can_fail(target: Account, file: bytes) -> None:
    # Given
    target.simulator.inject({"asset": "dashboard/*", "phase": "IMPORT", "action": {"type": "fail"}})
    target.simulator.inject({"asset": "orders", "phase": "ROLLBACK", "action": {"type": "fail", "error": "stuck"}})
    target.start_import(file, OverrideParameters=credentials(target))

    # When
    seen = []
    while (due := target.simulator.next_due()) is not None:
        target.clock.move_to(due)
        seen.append(target.job()["JobStatus"])

    # Then
    assert list(dict.fromkeys(seen)) == ["IN_PROGRESS", "FAILED_ROLLBACK_IN_PROGRESS", "FAILED_ROLLBACK_ERROR"]
    [error] = target.job()["RollbackErrors"]
    assert (error["Arn"], error["Message"]) == (target.arn("dataset/orders"), "stuck")
    assert "dataset/orders" in target.keys()
    assert "datasource/sales-athena" not in target.keys()


def test_strictness_is_the_bundles_unless_it_is_overridden(target: Account, file: bytes) -> None:
    # Given a bundle with a definition that has errors
    found = documents(file)
    for kind in ("analysis", "dashboard"):
        del found[f"{kind}/sales-overview.json"]["definition"]["dataSetIdentifierDeclarations"][1]
    broken = zipped(found)

    # When / Then
    strict = {"StrictModeForAllResources": True}
    wanted = {"OverrideParameters": credentials(target)}
    job = target.imported(broken, OverrideValidationStrategy=strict, **wanted)
    assert "has errors" in job["Errors"][0]["Message"]
    assert target.imported(job="import-2", **wanted)["JobStatus"] == "SUCCESSFUL"


def test_folders_and_memberships_arrive_in_order(target: Account) -> None:
    # Given a folder with its members
    account = dev()
    file = account.bundle("folder/sales", DASHBOARD, IncludeFolderMemberships=True, IncludeFolderMembers="RECURSE")

    # When
    migrated(target, file)

    # Then
    members = target.call("ListFolderMembers", FolderId="sales")["FolderMemberList"]
    assert {each["MemberId"] for each in members} == {"orders", "customers", "sales-overview"}
    arn = target.arn(DASHBOARD)
    assert target.call("ListFoldersForResource", ResourceArn=arn)["Folders"] == [target.arn("folder/sales")]


def test_a_link_to_an_analysis_that_is_not_there_is_dropped(target: Account, file: bytes) -> None:
    found = {name: each for name, each in documents(file).items() if not name.startswith("analysis/")}

    migrated(target, zipped(found))

    dashboard = target.call("DescribeDashboard", DashboardId="sales-overview")["Dashboard"]
    assert dashboard.get("LinkEntities", []) == []


PERMISSIONS = [
    "quicksight:CreateDashboard",
    "quicksight:DescribeAnalysis",
    "quicksight:CreateTheme",
    "quicksight:PassDataSource",
    "quicksight:PassDataSet",
    "quicksight:PutDataSetRefreshProperties",
    "quicksight:CreateRefreshSchedule",
]


@pytest.mark.parametrize("missing", PERMISSIONS)
def test_each_permission_of_the_caller_is_needed(target: Account, file: bytes, missing: str) -> None:
    target.forbidden = {missing}

    job = target.imported(file, OverrideParameters=credentials(target))

    assert (job["JobStatus"], job["Errors"][0]["Type"]) == ("FAILED_ROLLBACK_COMPLETED", "AccessDeniedException")
    assert missing in job["Errors"][0]["Message"]
    assert target.keys() == set()


def test_a_rollback_needs_permissions_as_well(target: Account, file: bytes) -> None:
    target.forbidden = {"quicksight:CreateDashboard", "quicksight:DeleteTheme"}

    job = target.imported(file, OverrideParameters=credentials(target))

    assert job["JobStatus"] == "FAILED_ROLLBACK_ERROR"
    assert [each["Arn"] for each in job["RollbackErrors"]] == [target.arn("theme/brand")]
    assert target.keys() == {"theme/brand"}


def test_themes_of_aws_are_everywhere(target: Account, file: bytes) -> None:
    found = documents(file)
    found["dashboard/sales-overview.json"]["themeArn"] = "arn:aws:quicksight::aws:theme/NITRO"

    migrated(target, zipped(found))

    dashboard = target.call("DescribeDashboard", DashboardId="sales-overview")["Dashboard"]
    assert dashboard["Version"]["ThemeArn"] == "arn:aws:quicksight::aws:theme/NITRO"


def test_datasets_made_of_datasets_come_after_them(target: Account) -> None:
    # Given a dataset made of another one that its name would put after it
    account = dev()
    source = {"DataSetArn": account.arn("dataset/orders")}
    tables = {"joined": {"Alias": "Joined", "Source": source}}
    request = {"DataSetId": "all", "Name": "All", "ImportMode": "SPICE", "PhysicalTableMap": {}}
    account.call("CreateDataSet", **request, LogicalTableMap=tables)

    # When
    migrated_file = account.bundle("dataset/all")
    job = target.imported(migrated_file)

    # Then
    assert job["JobStatus"] == "SUCCESSFUL", job
    order = [each["created"] for each in (target.asset("dataset/orders"), target.asset("dataset/all"))]
    assert order == sorted(order)
    assert target.arn("dataset/orders") in str(target.asset("dataset/all")["request"])
