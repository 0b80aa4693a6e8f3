"""What an asset is in substance: the members that a person made, in one spelling, wherever they were read.

From a bundle or from the API, of the source or of the target: content that means the same is the same value. What
accounts differ in by nature is taken out: ids of accounts and Regions in ARNs of assets, timestamps, versions, states,
and members that are empty.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from quicksight_migration.assets.api_shapes import as_described, shape
from quicksight_migration.assets.types import ARN_KINDS, Asset, AssetType, Place, parse_arn

Content = dict[str, Any]
#: An ARN of an asset without its account and Region.
MARK = "quicksight:"

_DATASET = (
    *("Name", "PhysicalTableMap", "LogicalTableMap", "ImportMode", "ColumnGroups", "FieldFolders"),
    *("RowLevelPermissionDataSet", "RowLevelPermissionTagConfiguration", "ColumnLevelPermissionRules"),
    *("DataSetUsageConfiguration", "DatasetParameters", "PerformanceConfiguration", "UseAs", "DataPrepConfiguration"),
    "SemanticModelConfiguration",
)
#: Type → the members that are its content, and the shape of the API that spells them.
MEMBERS: dict[AssetType, tuple[str, tuple[str, ...]]] = {
    AssetType.DASHBOARD: (
        "DescribeDashboardDefinitionResponse",
        ("Name", "ThemeArn", "Definition", "DashboardPublishOptions"),
    ),
    AssetType.ANALYSIS: ("DescribeAnalysisDefinitionResponse", ("Name", "ThemeArn", "Definition")),
    AssetType.DATASET: ("DataSet", _DATASET),
    AssetType.DATASOURCE: (
        "DataSource",
        ("Name", "Type", "DataSourceParameters", "VpcConnectionProperties", "SslProperties", "SecretArn"),
    ),
    AssetType.THEME: ("CreateThemeRequest", ("Name", "BaseThemeId", "Configuration")),
    AssetType.FOLDER: ("CreateFolderRequest", ("Name", "FolderType", "ParentFolderArn", "SharingModel")),
    AssetType.VPC_CONNECTION: (
        "CreateVPCConnectionRequest",
        ("Name", "SubnetIds", "SecurityGroupIds", "DnsResolvers", "RoleArn"),
    ),
    AssetType.REFRESH_SCHEDULE: ("RefreshSchedule", ("ScheduleFrequency", "RefreshType")),
    AssetType.TOPIC: ("TopicDetails", ("Name", "Description", "UserExperienceVersion", "DataSets", "ConfigOptions")),
}
#: Lists whose order says nothing.
SETS = frozenset({"SubnetIds", "SecurityGroupIds", "DnsResolvers"})
#: What QuickSight assumes where a folder does not say it (API Reference, CreateFolder).
DEFAULTS: dict[AssetType, Content] = {AssetType.FOLDER: {"FolderType": "SHARED", "SharingModel": "ACCOUNT"}}


def of_document(asset_type: AssetType, document: Mapping[str, Any]) -> Content:
    """The content of a bundle's document."""
    inner: Any = document
    if asset_type is AssetType.REFRESH_SCHEDULE:
        inner = document.get("schedule") or document.get("refreshSchedule") or document
    elif asset_type is AssetType.TOPIC:
        inner = document.get("topic") or document
    elif asset_type is AssetType.THEME and "version" in document:
        inner = {**document, **document["version"]}
    elif asset_type is AssetType.DATASOURCE and "credentials" in document:
        inner = {**document, **{k: v for k, v in (document["credentials"] or {}).items() if k.lower() == "secretarn"}}
    shape_name, _ = MEMBERS[asset_type]
    return _picked(asset_type, as_described(shape(shape_name), inner))


def of_answer(asset_type: AssetType, answer: Mapping[str, Any]) -> Content:
    """The content of what the asset's Describe operation answers; see inventory for which one that is."""
    return _picked(asset_type, _FLAT.get(asset_type, dict)(answer))


def normalised(content: Content, places: Collection[Place], rename: Mapping[Asset, Asset] | None = None) -> Content:
    """The content without what differs between accounts; ARNs of assets of these places become `quicksight:<id>`.

    `rename` gives assets that are imported under another id, as a prefix does.
    """
    found = _plain(content, {(place.account_id, place.region) for place in places}, rename or {}, "")
    return found if isinstance(found, dict) else {}


def _picked(asset_type: AssetType, members: Mapping[str, Any]) -> Content:
    _, names = MEMBERS[asset_type]
    found = {name: members[name] for name in names if members.get(name) not in (None, "", {}, [])}
    return {**DEFAULTS.get(asset_type, {}), **found}


def _plain(value: Any, places: Collection[tuple[str, str]], rename: Mapping[Asset, Asset], name: str) -> Any:
    if isinstance(value, Mapping):
        members = {str(key): _plain(each, places, rename, str(key)) for key, each in value.items()}
        return {key: each for key, each in members.items() if each not in (None, {}, [])}
    if isinstance(value, list | tuple):
        items = [_plain(each, places, rename, "") for each in value]
        return sorted(items) if name in SETS else items
    if isinstance(value, str):
        return _without_place(value, places, rename)
    if isinstance(value, float | Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _without_place(text: str, places: Collection[tuple[str, str]], rename: Mapping[Asset, Asset]) -> str:
    if not text.startswith("arn:"):
        return text
    try:
        asset, place = parse_arn(text)
    except ValueError:
        return text
    if (place.account_id, place.region) not in places:
        return text
    asset = rename.get(asset, asset)
    return f"{MARK}{ARN_KINDS[asset.type]}/{asset.id}"


def _theme(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {**answer, **answer.get("Version", {})}


def _folder(answer: Mapping[str, Any]) -> dict[str, Any]:
    path = answer.get("FolderPath") or [None]
    return {**answer, "ParentFolderArn": path[-1]}


def _vpc_connection(answer: Mapping[str, Any]) -> dict[str, Any]:
    subnets = {each["SubnetId"] for each in answer.get("NetworkInterfaces", []) if each.get("SubnetId")}
    return {**answer, "SubnetIds": sorted(subnets)}


_FLAT: dict[AssetType, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    AssetType.THEME: _theme,
    AssetType.FOLDER: _folder,
    AssetType.VPC_CONNECTION: _vpc_connection,
}
