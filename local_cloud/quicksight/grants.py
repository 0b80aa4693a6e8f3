"""What people may do with an asset: the actions of owners and viewers, and changes of who has which.

Actions by kind: QuickSight developer guide and API reference, Update…Permissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from local_cloud.quicksight.errors import invalid
from local_cloud.quicksight.kinds import Kind, kind_of
from local_cloud.quicksight.state import Record, State

_OWNERS: dict[str, tuple[str, ...]] = {
    "dashboard": (
        "DescribeDashboard",
        "ListDashboardVersions",
        "QueryDashboard",
        "UpdateDashboard",
        "DeleteDashboard",
        "DescribeDashboardPermissions",
        "UpdateDashboardPermissions",
        "UpdateDashboardPublishedVersion",
        "UpdateDashboardLinks",
    ),
    "analysis": (
        "DescribeAnalysis",
        "QueryAnalysis",
        "UpdateAnalysis",
        "DeleteAnalysis",
        "RestoreAnalysis",
        "DescribeAnalysisPermissions",
        "UpdateAnalysisPermissions",
    ),
    "dataset": (
        "DescribeDataSet",
        "DescribeDataSetPermissions",
        "PassDataSet",
        "DescribeIngestion",
        "ListIngestions",
        "UpdateDataSet",
        "DeleteDataSet",
        "CreateIngestion",
        "CancelIngestion",
        "UpdateDataSetPermissions",
        "CreateRefreshSchedule",
        "DescribeRefreshSchedule",
        "ListRefreshSchedules",
        "UpdateRefreshSchedule",
        "DeleteRefreshSchedule",
        "PutDataSetRefreshProperties",
        "DescribeDataSetRefreshProperties",
        "DeleteDataSetRefreshProperties",
    ),
    "datasource": (
        "DescribeDataSource",
        "DescribeDataSourcePermissions",
        "PassDataSource",
        "UpdateDataSource",
        "DeleteDataSource",
        "UpdateDataSourcePermissions",
    ),
    "theme": (
        "DescribeTheme",
        "DescribeThemeAlias",
        "ListThemeAliases",
        "ListThemeVersions",
        "UpdateTheme",
        "DeleteTheme",
        "CreateThemeAlias",
        "UpdateThemeAlias",
        "DeleteThemeAlias",
        "DescribeThemePermissions",
        "UpdateThemePermissions",
    ),
    "folder": (
        "DescribeFolder",
        "CreateFolder",
        "UpdateFolder",
        "DeleteFolder",
        "CreateFolderMembership",
        "DeleteFolderMembership",
        "DescribeFolderPermissions",
        "UpdateFolderPermissions",
    ),
}
_VIEWERS: dict[str, tuple[str, ...]] = {
    "dashboard": ("DescribeDashboard", "ListDashboardVersions", "QueryDashboard"),
    "analysis": ("DescribeAnalysis", "QueryAnalysis"),
    "dataset": ("DescribeDataSet", "DescribeDataSetPermissions", "PassDataSet", "DescribeIngestion", "ListIngestions"),
    "datasource": ("DescribeDataSource", "DescribeDataSourcePermissions", "PassDataSource"),
    "theme": ("DescribeTheme", "DescribeThemeAlias", "ListThemeAliases", "ListThemeVersions"),
    "folder": ("DescribeFolder",),
}


def actions_of(kind: Kind, access: str) -> list[str]:
    """The actions of an OWNER or a VIEWER of an asset."""
    names = (_OWNERS if access == "OWNER" else _VIEWERS)[kind.name]
    return [f"quicksight:{name}" for name in names]


def require(state: State, key: str, permissions: Iterable[Mapping[str, Sequence[str] | str]]) -> None:
    """Raises ApiError InvalidParameterValueException for principals or actions that there are not."""
    kind = kind_of(key)
    for each in permissions:
        if each["Principal"] not in state.principals():
            raise invalid(f"{each['Principal']} is not a valid QuickSight principal of account {state.account}")
        unknown = set(each["Actions"]) - set(actions_of(kind, "OWNER"))
        if unknown:
            raise invalid(f"{', '.join(sorted(unknown))}: no actions on a {kind.name}")


def granted(permissions: Sequence[Record], grants: Iterable[Record]) -> list[Record]:
    """The permissions with more of them; what a principal has already stays."""
    found = {each["Principal"]: list(each["Actions"]) for each in permissions}
    for each in grants:
        actions = found.setdefault(each["Principal"], [])
        actions += [action for action in each["Actions"] if action not in actions]
    return [{"Principal": principal, "Actions": actions} for principal, actions in found.items()]


def revoked(permissions: Sequence[Record], revocations: Iterable[Record]) -> list[Record]:
    """The permissions without those; whoever has no action left is not named."""
    gone = {(each["Principal"], action) for each in revocations for action in each["Actions"]}
    kept = [
        {
            "Principal": each["Principal"],
            "Actions": [action for action in each["Actions"] if (each["Principal"], action) not in gone],
        }
        for each in permissions
    ]
    return [each for each in kept if each["Actions"]]
