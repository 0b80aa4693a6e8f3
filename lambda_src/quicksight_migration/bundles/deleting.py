"""Assets that a migration had created are deleted again: what depends on others first, each call repeatable."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.assets.inventory import call
from quicksight_migration.assets.types import Asset, AssetType, in_dependency_order
from shared.errors import NotFound

#: Type → operation of the client and its member for the id.
DELETE = {
    AssetType.DASHBOARD: ("delete_dashboard", "DashboardId"),
    AssetType.ANALYSIS: ("delete_analysis", "AnalysisId"),
    AssetType.DATASET: ("delete_data_set", "DataSetId"),
    AssetType.DATASOURCE: ("delete_data_source", "DataSourceId"),
    AssetType.THEME: ("delete_theme", "ThemeId"),
    AssetType.FOLDER: ("delete_folder", "FolderId"),
    AssetType.VPC_CONNECTION: ("delete_vpc_connection", "VPCConnectionId"),
    AssetType.REFRESH_SCHEDULE: ("delete_refresh_schedule", "ScheduleId"),
    AssetType.TOPIC: ("delete_topic", "TopicId"),
}
#: Kind in the ARN of a folder's member → MemberType of DeleteFolderMembership.
MEMBER_TYPES = {
    "dashboard": "DASHBOARD",
    "analysis": "ANALYSIS",
    "dataset": "DATASET",
    "datasource": "DATASOURCE",
    "topic": "TOPIC",
}


def delete_all(session: AccountSession, assets: Iterable[Asset]) -> None:
    """Deletes them, those that depend on others first. Raises the taxonomy's errors; may be called again then."""
    for asset in reversed(in_dependency_order(assets)):
        delete(session, asset)


def delete(session: AccountSession, asset: Asset) -> None:
    """Deletes one asset; one that is not there any more is as good."""
    operation, member = DELETE[asset.type]
    arguments: dict[str, Any] = {"AwsAccountId": session.account_id, member: asset.id}
    if asset.type is AssetType.REFRESH_SCHEDULE:
        dataset_id, schedule_id = asset.schedule_ids
        arguments |= {"DataSetId": dataset_id, "ScheduleId": schedule_id}
    elif asset.type is AssetType.ANALYSIS:
        arguments["ForceDeleteWithoutRecovery"] = True
    try:
        if asset.type is AssetType.FOLDER:
            _empty(session, asset)
        call(session.quicksight, operation, **arguments)
    except NotFound:
        return


def _empty(session: AccountSession, folder: Asset) -> None:
    """Only an empty folder can be deleted (API Reference, DeleteFolder); its members stay where else they are."""
    asked = {"AwsAccountId": session.account_id, "FolderId": folder.id}
    while members := call(session.quicksight, "list_folder_members", **asked).get("FolderMemberList"):
        for member in members:
            kind = MEMBER_TYPES[member["MemberArn"].split(":")[-1].split("/")[0]]
            leave = {**asked, "MemberId": member["MemberId"], "MemberType": kind}
            call(session.quicksight, "delete_folder_membership", **leave)
