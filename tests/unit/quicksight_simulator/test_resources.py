"""What policies are asked about."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.aws_models.models import model_of
from local_cloud.quicksight.jobs import Link
from local_cloud.quicksight.operations import all_operations
from local_cloud.quicksight.resources import arn_asked_about

ASKED = [
    ("StartAssetBundleExportJob", {"AssetBundleExportJobId": "job-1"}, "asset-bundle-export-job/job-1"),
    ("DescribeAssetBundleImportJob", {"AssetBundleImportJobId": "job-1"}, "asset-bundle-import-job/job-1"),
    ("ListAssetBundleImportJobs", {}, "asset-bundle-import-job/*"),
    ("DescribeDashboardDefinition", {"DashboardId": "d"}, "dashboard/d"),
    ("UpdateDataSetPermissions", {"DataSetId": "d"}, "dataset/d"),
    ("ListRefreshSchedules", {"DataSetId": "d"}, "dataset/d"),
    ("DescribeRefreshSchedule", {"DataSetId": "d", "ScheduleId": "s"}, "dataset/d/refresh-schedule/s"),
    (
        "CreateRefreshSchedule",
        {"DataSetId": "d", "Schedule": {"ScheduleId": "s"}},
        "dataset/d/refresh-schedule/s",
    ),
    ("DescribeVPCConnection", {"VPCConnectionId": "v"}, "vpcConnection/v"),
    ("CreateFolderMembership", {"FolderId": "f", "MemberId": "d", "MemberType": "DASHBOARD"}, "folder/f"),
    ("DescribeFolderPermissions", {"FolderId": "f", "Namespace": "default"}, "folder/f"),
    ("DescribeUser", {"Namespace": "default", "UserName": "ann"}, "user/default/ann"),
    ("ListUserGroups", {"Namespace": "default", "UserName": "ann"}, "user/default/ann"),
    ("CreateGroupMembership", {"Namespace": "default", "GroupName": "g", "MemberName": "ann"}, "group/default/g"),
    ("ListGroups", {"Namespace": "default"}, "group/default/*"),
    ("ListUsers", {"Namespace": "default"}, "user/default/*"),
    ("DescribeNamespace", {"Namespace": "default"}, "namespace/default"),
    ("ListDashboards", {}, "dashboard/*"),
    ("ListAnalyses", {}, "analysis/*"),
    ("ListVPCConnections", {}, "vpcConnection/*"),
]


@pytest.mark.parametrize(("operation", "parameters", "expected"), ASKED)
def test_a_call_is_about_one_thing(operation: str, parameters: dict[str, Any], expected: str) -> None:
    found = arn_asked_about(operation, parameters, "111111111111", "us-east-1")

    assert found == f"arn:aws:quicksight:us-east-1:111111111111:{expected}"


def test_tags_are_about_the_resource_and_settings_about_nothing_in_particular() -> None:
    arn = "arn:aws:quicksight:us-east-1:111111111111:theme/brand"

    assert arn_asked_about("TagResource", {"ResourceArn": arn}, "111111111111", "us-east-1") == arn
    assert arn_asked_about("DescribeAccountSettings", {}, "111111111111", "us-east-1") == "*"


def test_every_simulated_operation_is_one_of_the_service() -> None:
    link: Link = lambda token, _record: token  # noqa: E731

    assert set(all_operations(link)) <= set(model_of("quicksight").operation_names)
