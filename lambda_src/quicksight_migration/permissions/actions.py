"""What owners and viewers of an asset may do: the groups of actions that QuickSight takes together.

Source: API Reference, Update<type>Permissions, and the user guide on sharing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from quicksight_migration.assets.types import AssetType


class Access(StrEnum):
    """How far a person may go."""

    OWNER = "OWNER"
    VIEWER = "VIEWER"


_VIEWERS: Mapping[AssetType, str] = {
    AssetType.DASHBOARD: "DescribeDashboard ListDashboardVersions QueryDashboard",
    AssetType.ANALYSIS: "DescribeAnalysis QueryAnalysis",
    AssetType.DATASET: "DescribeDataSet DescribeDataSetPermissions PassDataSet DescribeIngestion ListIngestions",
    AssetType.DATASOURCE: "DescribeDataSource DescribeDataSourcePermissions PassDataSource",
    AssetType.THEME: "DescribeTheme DescribeThemeAlias ListThemeAliases ListThemeVersions",
    AssetType.FOLDER: "DescribeFolder",
}
_MORE_OF_OWNERS: Mapping[AssetType, str] = {
    AssetType.DASHBOARD: "UpdateDashboard DeleteDashboard DescribeDashboardPermissions UpdateDashboardPermissions "
    "UpdateDashboardPublishedVersion",
    AssetType.ANALYSIS: "UpdateAnalysis DeleteAnalysis RestoreAnalysis DescribeAnalysisPermissions "
    "UpdateAnalysisPermissions",
    AssetType.DATASET: "UpdateDataSet DeleteDataSet CreateIngestion CancelIngestion UpdateDataSetPermissions",
    AssetType.DATASOURCE: "UpdateDataSource DeleteDataSource UpdateDataSourcePermissions",
    AssetType.THEME: "UpdateTheme DeleteTheme CreateThemeAlias UpdateThemeAlias DeleteThemeAlias "
    "DescribeThemePermissions UpdateThemePermissions",
    AssetType.FOLDER: "CreateFolder UpdateFolder DeleteFolder CreateFolderMembership DeleteFolderMembership "
    "DescribeFolderPermissions UpdateFolderPermissions",
}
#: Types whose assets have permissions of their own.
PERMITTED = tuple(_VIEWERS)


def actions_of(asset_type: AssetType, access: str) -> tuple[str, ...]:
    """`quicksight:…` actions, in order of their names. Raises KeyError for a type without permissions."""
    names = _VIEWERS[asset_type].split()
    if access == Access.OWNER:
        names += _MORE_OF_OWNERS[asset_type].split()
    return tuple(sorted(f"quicksight:{name}" for name in names))
