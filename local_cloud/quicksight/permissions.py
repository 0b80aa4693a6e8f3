"""What bundle jobs do with the permissions of whoever started them, asset by asset.

The actions are those of AWS's managed policies AWSQuickSightAssetBundleExportPolicy and …ImportPolicy, and those of
folders, which came after them. A missing one is no refusal of the start but a job that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from local_cloud.quicksight.kinds import Kind, kind_of
from local_cloud.quicksight.state import Record, State

Need = tuple[str, str]
"""Action and the resource's ARN."""
Authorise = Callable[[str, Sequence[Need]], list[str]]
"""Principal and needs → the actions that are denied."""
# Topics have permissions too; they are here to be refused by exports, nobody shares them.
_WITHOUT_PERMISSIONS = ("refreshSchedule", "topic", "vpcConnection")
_IN_FOLDERS = ("analysis", "dashboard", "dataset", "datasource")
_PASSED = {"datasource": "PassDataSource", "dataset": "PassDataSet"}


def everything(_principal: str, _needs: Sequence[Need]) -> list[str]:
    """Denies nothing: for simulations in which IAM has no part."""
    return []


def has_permissions(kind: Kind) -> bool:
    """Whether assets of a kind have permissions of their own."""
    return kind.name not in _WITHOUT_PERMISSIONS


def to_export(state: State, key: str, options: Record) -> list[Need]:
    """What exporting an asset takes."""
    kind, names = kind_of(key), []
    names.append(f"Describe{kind.noun}")
    if kind.name == "dataset":
        names += ["DescribeDataSetRefreshProperties", "ListRefreshSchedules"]
    if options.get("IncludePermissions") and has_permissions(kind):
        names.append(f"Describe{kind.noun}Permissions")
    if options.get("IncludeTags") and kind.name != "refreshSchedule":
        names.append("ListTagsForResource")
    if options.get("IncludeFolderMemberships") and kind.name in _IN_FOLDERS:
        names.append("ListFoldersForResource")
    return _on(state, key, names)


def to_import(state: State, key: str, asset: Record, needed: Sequence[str]) -> list[Need]:
    """What importing an asset takes; `asset` says what would be set, `needed` are the keys of what it refers to."""
    kind, there = kind_of(key), key in state.assets
    names = [f"Describe{kind.noun}", f"{'Update' if there else 'Create'}{kind.noun}"]
    if there and kind.name == "dashboard":
        names.append("UpdateDashboardPublishedVersion")
    if asset["permissions"] is not None:
        names.append(f"Update{kind.noun}Permissions")
    if asset["tags"] is not None:
        names.append("TagResource")
    if asset["refreshProperties"] is not None:
        names.append("PutDataSetRefreshProperties")
    passed = [need for other in needed for need in _on(state, other, [_PASSED.get(kind_of(other).name, "")]) if need]
    members = [("quicksight:CreateFolderMembership", state.arn(f"folder/{each}")) for each in asset["folders"]]
    return [*_on(state, key, names), *passed, *members]


def to_undo(state: State, key: str, existed: bool) -> list[Need]:
    """What putting an asset back takes: deleting what was created, updating what was there."""
    return _on(state, key, [f"{'Update' if existed else 'Delete'}{kind_of(key).noun}"])


def _on(state: State, key: str, names: Sequence[str]) -> list[Need]:
    return [(f"quicksight:{name}", state.arn(key)) for name in names if name]
