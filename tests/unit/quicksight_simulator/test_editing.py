"""Assets one at a time, as workers and people change them."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.quicksight import examples
from local_cloud.quicksight.kinds import BY_LABEL
from tests.unit.quicksight_simulator.accounts import Account, dev, prod

IDS = {
    "FOLDER": {"FolderId": "sales"},
    "DATASOURCE": {"DataSourceId": "sales-athena"},
    "THEME": {"ThemeId": "brand"},
    "DATASET": {"DataSetId": "orders"},
    "REFRESH_SCHEDULE": {"DataSetId": "orders", "ScheduleId": "daily"},
    "ANALYSIS": {"AnalysisId": "sales-overview"},
    "DASHBOARD": {"DashboardId": "sales-overview"},
}
WITH_PERMISSIONS = [label for label in IDS if label != "REFRESH_SCHEDULE"]
LISTS = ["ListFolders", "ListDataSources", "ListThemes", "ListDataSets", "ListAnalyses", "ListDashboards"]


@pytest.fixture
def account() -> Account:
    return dev()


@pytest.mark.parametrize("label", IDS)
def test_an_asset_is_described_until_it_is_deleted(account: Account, label: str) -> None:
    noun, names = BY_LABEL[label].noun, IDS[label]
    if label == "FOLDER":
        for member in account.call("ListFolderMembers", FolderId="sales")["FolderMemberList"]:
            kind = member["MemberArn"].split(":")[5].partition("/")[0].upper()
            names_of_member = {"MemberId": member["MemberId"], "MemberType": kind}
            account.call("DeleteFolderMembership", FolderId="sales", **names_of_member)
    more = {"ForceDeleteWithoutRecovery": True} if label == "ANALYSIS" else {}

    described = account.call(f"Describe{noun}", **names)
    account.call(f"Delete{noun}", **names, **more)

    assert described[noun]["Arn"].startswith("arn:aws:quicksight:us-east-1:111111111111:")
    assert account.refusal(f"Describe{noun}", **names).code == "ResourceNotFoundException"


@pytest.mark.parametrize("operation", LISTS)
def test_listings_have_what_was_seeded(account: Account, operation: str) -> None:
    answer = account.call(operation)

    [items] = [value for value in answer.values() if isinstance(value, list)]
    assert items
    assert all(each["Name"] for each in items)


def test_schedules_are_listed_by_dataset(account: Account) -> None:
    assert len(account.call("ListRefreshSchedules", DataSetId="orders")["RefreshSchedules"]) == 1
    assert account.call("ListRefreshSchedules", DataSetId="customers")["RefreshSchedules"] == []


def source(**more: Any) -> dict[str, Any]:
    parameters = {"AthenaParameters": {"WorkGroup": "x"}}
    return {"DataSourceId": "new", "Name": "New", "Type": "ATHENA", "DataSourceParameters": parameters, **more}


def test_what_is_created_is_there_with_all_that_was_said(account: Account) -> None:
    grant = {"Principal": account.arn("user/default/ann"), "Actions": ["quicksight:DescribeDataSource"]}
    tags = [{"Key": "a", "Value": "b"}]

    answer = account.call("CreateDataSource", **source(Permissions=[grant], Tags=tags))

    assert (answer["Arn"], answer["Status"]) == (account.arn("datasource/new"), 201)
    found = account.call("DescribeDataSourcePermissions", DataSourceId="new")
    assert (found["DataSourceArn"], found["Permissions"]) == (account.arn("datasource/new"), [grant])
    assert account.plain_call("ListTagsForResource", ResourceArn=answer["Arn"])["Tags"] == tags
    refused = account.refusal("CreateDataSource", **source())
    assert (refused.code, refused.status) == ("ResourceExistsException", 409)


def test_what_is_created_needs_what_it_refers_to(account: Account) -> None:
    table = {"CustomSql": {"DataSourceArn": account.arn("datasource/none"), "Name": "x", "SqlQuery": "SELECT 1"}}

    refused = account.refusal(
        "CreateDataSet", DataSetId="d", Name="D", ImportMode="SPICE", PhysicalTableMap={"t": table}
    )

    assert refused.code == "ResourceNotFoundException"


def test_a_dashboard_shows_its_published_version_until_another_is_published(account: Account) -> None:
    # Given a new version
    definition = account.call("DescribeDashboardDefinition", DashboardId="sales-overview")["Definition"]
    definition["Sheets"] = definition["Sheets"][:1]
    definition["Sheets"][0]["Name"] = "Changed"
    account.wait(60)
    account.call("UpdateDashboard", DashboardId="sales-overview", Name="New name", Definition=definition)

    # Then
    def shown(**more: Any) -> tuple[str, int, str]:
        found = account.call("DescribeDashboard", DashboardId="sales-overview", **more)["Dashboard"]
        return found["Name"], found["Version"]["VersionNumber"], found["Version"]["Sheets"][0]["Name"]

    assert shown() == ("Sales overview", 1, "Overview")
    assert shown(VersionNumber=2) == ("New name", 2, "Changed")
    account.call("UpdateDashboardPublishedVersion", DashboardId="sales-overview", VersionNumber=2)
    assert shown() == ("New name", 2, "Changed")
    versions = account.call("ListDashboardVersions", DashboardId="sales-overview")["DashboardVersionSummaryList"]
    assert [each["VersionNumber"] for each in versions] == [1, 2]
    names = {"DashboardId": "sales-overview", "VersionNumber": 3}
    assert account.refusal("UpdateDashboardPublishedVersion", **names).code == "ResourceNotFoundException"
    assert account.refusal("DescribeDashboard", **names).code == "ResourceNotFoundException"


def test_a_theme_has_versions_and_shows_the_newest(account: Account) -> None:
    configuration = {"DataColorPalette": {"Colors": ["#000000"]}}
    account.call("UpdateTheme", ThemeId="brand", BaseThemeId="CLASSIC", Configuration=configuration)

    theme = account.call("DescribeTheme", ThemeId="brand")["Theme"]
    assert (theme["Version"]["VersionNumber"], theme["Version"]["Configuration"]) == (2, configuration)
    assert len(account.call("ListThemeVersions", ThemeId="brand")["ThemeVersionSummaryList"]) == 2


def test_a_deleted_analysis_can_be_restored(account: Account) -> None:
    names = {"AnalysisId": "sales-overview"}
    account.call("DeleteAnalysis", **names)
    assert account.call("DescribeAnalysis", **names)["Analysis"]["Status"] == "DELETED"
    assert account.call("DescribeAnalysisDefinition", **names)["ResourceStatus"] == "DELETED"

    account.call("RestoreAnalysis", **names)

    assert account.call("DescribeAnalysis", **names)["Analysis"]["Status"] == "CREATION_SUCCESSFUL"
    assert account.refusal("RestoreAnalysis", **names).code == "ResourceNotFoundException"


@pytest.mark.parametrize("label", WITH_PERMISSIONS)
def test_permissions_are_granted_and_revoked(account: Account, label: str) -> None:
    noun, names = BY_LABEL[label].noun, IDS[label]
    bob = account.arn("user/default/bob")
    grant = [{"Principal": bob, "Actions": [f"quicksight:Describe{noun}"]}]

    account.call(f"Update{noun}Permissions", **names, RevokePermissions=[{**grant[0]}])
    account.call(f"Update{noun}Permissions", **names, GrantPermissions=grant)

    def of_bob() -> list[str]:
        found = account.call(f"Describe{noun}Permissions", **names)["Permissions"]
        return next((each["Actions"] for each in found if each["Principal"] == bob), [])

    assert f"quicksight:Describe{noun}" in of_bob()
    account.call(f"Update{noun}Permissions", **names, RevokePermissions=[{"Principal": bob, "Actions": of_bob()}])
    assert of_bob() == []
    nobody = [{"Principal": account.arn("user/default/nobody"), "Actions": [f"quicksight:Describe{noun}"]}]
    refused = account.refusal(f"Update{noun}Permissions", **names, GrantPermissions=nobody)
    assert refused.code == "InvalidParameterValueException"


def test_tags_are_set_and_taken_away(account: Account) -> None:
    arn = account.arn("theme/brand")
    account.plain_call("TagResource", ResourceArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])

    account.plain_call("UntagResource", ResourceArn=arn, TagKeys=["a", "none"])

    assert account.plain_call("ListTagsForResource", ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_folders_have_members_and_paths(account: Account) -> None:
    # Given a folder in a folder
    parent = account.arn("folder/sales")
    account.call("CreateFolder", FolderId="emea", Name="EMEA", FolderType="SHARED", ParentFolderArn=parent)
    member = {"FolderId": "emea", "MemberId": "brand", "MemberType": "DATASET"}

    # Then
    assert account.call("DescribeFolder", FolderId="emea")["Folder"]["FolderPath"] == [parent]
    assert account.refusal("CreateFolderMembership", **member).code == "ResourceNotFoundException"
    assert account.refusal("DeleteFolder", FolderId="sales").code == "PreconditionNotMetException"
    member["MemberId"] = "orders"
    for _ in range(2):
        account.call("CreateFolderMembership", **member)
    found = account.call("ListFolderMembers", FolderId="emea")["FolderMemberList"]
    assert [each["MemberArn"] for each in found] == [account.arn("dataset/orders")]
    account.call("DeleteFolderMembership", **member)
    assert account.refusal("DeleteFolderMembership", **member).code == "ResourceNotFoundException"


def test_refresh_properties_come_and_go(account: Account) -> None:
    names = {"DataSetId": "customers"}
    properties = {"FailureConfiguration": {"EmailAlert": {"AlertStatus": "ENABLED"}}}
    assert account.refusal("DescribeDataSetRefreshProperties", **names).code == "ResourceNotFoundException"

    account.call("PutDataSetRefreshProperties", **names, DataSetRefreshProperties=properties)
    assert account.call("DescribeDataSetRefreshProperties", **names)["DataSetRefreshProperties"] == properties

    account.call("DeleteDataSetRefreshProperties", **names)
    assert account.refusal("DeleteDataSetRefreshProperties", **names).code == "ResourceNotFoundException"


def test_users_and_groups_come_and_go() -> None:
    account = prod()
    default = {"Namespace": "default"}
    eve = {"UserName": "eve", "Email": "eve@example.com", "UserRole": "READER", "IdentityType": "QUICKSIGHT"}

    account.call("RegisterUser", **default, **eve)
    account.call("CreateGroup", **default, GroupName="night-shift")
    account.call("CreateGroupMembership", **default, GroupName="night-shift", MemberName="eve")

    user = account.call("DescribeUser", **default, UserName="eve")["User"]
    assert user["Arn"] == account.arn("user/default/eve")
    assert account.call("DescribeGroup", **default, GroupName="night-shift")["Group"]["Arn"].endswith("night-shift")
    groups = account.call("ListUserGroups", **default, UserName="eve")["GroupList"]
    assert [each["GroupName"] for each in groups] == ["night-shift"]
    assert len(account.call("ListUsers", **default)["UserList"]) == 3
    assert len(account.call("ListGroups", **default)["GroupList"]) == 3
    assert account.refusal("RegisterUser", **default, **eve).code == "ResourceExistsException"
    assert account.refusal("CreateGroup", **default, GroupName="night-shift").code == "ResourceExistsException"

    account.call("DeleteUser", **default, UserName="eve")
    members = account.call("ListGroupMemberships", **default, GroupName="night-shift")["GroupMemberList"]
    assert members == []
    account.call("DeleteGroup", **default, GroupName="night-shift")
    for operation, names in (("DescribeUser", {"UserName": "eve"}), ("DescribeGroup", {"GroupName": "night-shift"})):
        assert account.refusal(operation, **default, **names).code == "ResourceNotFoundException"


def test_users_are_known_in_the_identity_region_alone() -> None:
    account = Account(
        {"account": "333333333333", "identityRegion": "eu-west-1", "users": [{"userName": "ann"}]}, region="us-east-1"
    )

    refused = account.refusal("DescribeUser", Namespace="default", UserName="ann")
    assert (refused.code, "eu-west-1" in refused.message) == ("AccessDeniedException", True)
    ann = "arn:aws:quicksight:eu-west-1:333333333333:user/default/ann"
    grant = {"Principal": ann, "Actions": ["quicksight:DescribeFolder"]}
    account.call("CreateFolder", FolderId="f", Name="F", Permissions=[grant])
    other = prod()
    assert other.refusal("ListUsers", Namespace="other").code == "ResourceNotFoundException"
    namespaces = other.call("ListNamespaces")["Namespaces"]
    assert [each["Name"] for each in namespaces] == ["default"]
    assert other.call("DescribeNamespace", Namespace="default")["Namespace"]["CreationStatus"] == "CREATED"


def test_the_account_says_its_edition() -> None:
    account = prod(edition="ENTERPRISE_AND_Q")

    assert account.call("DescribeAccountSettings")["AccountSettings"]["Edition"] == "ENTERPRISE_AND_Q"
    assert account.call("DescribeAccountSubscription")["AccountInfo"]["AccountSubscriptionStatus"] == "ACCOUNT_CREATED"


def test_what_is_not_simulated_says_so(account: Account) -> None:
    assert account.refusal("ListTemplates").code == "NotImplemented"


def test_topics_are_there_to_be_refused_by_exports() -> None:
    # Given a topic of a dataset
    topic = {"Name": "Orders", "DataSets": [{"DatasetArn": "arn:aws:quicksight:${region}:${account}:dataset/orders"}]}
    assets = [*examples.dev()["assets"], {"type": "TOPIC", "request": {"TopicId": "orders", "Topic": topic}}]
    account = dev(assets=assets)

    # Then
    found = account.call("DescribeTopic", TopicId="orders")
    assert (found["TopicId"], found["Topic"]["Name"]) == ("orders", "Orders")
    assert [each["Name"] for each in account.call("ListTopics")["TopicsSummaries"]] == ["Orders"]
    job = account.exported("topic/orders")
    assert (job["JobStatus"], "is a topic" in job["Errors"][0]["Message"]) == ("FAILED", True)


def test_an_asset_without_permissions_is_described_within_the_model(account: Account) -> None:
    """The model knows no empty list of permissions of a data source."""
    account.call("CreateDataSource", **source())

    assert "Permissions" not in account.call("DescribeDataSourcePermissions", DataSourceId="new")
