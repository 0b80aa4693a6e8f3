"""Assets by type and id: their ARNs, the pages of the console that show them, the order they depend on each other in.

ARN forms: Service Authorization Reference, "Actions, resources, and condition keys for Amazon QuickSight".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SCHEDULE_PART = "/refresh-schedule/"
ARN = re.compile(
    r"arn:(?P<partition>aws[\w-]*):quicksight:(?P<region>[\w-]*):(?P<account>[0-9]{12}):"
    r"(?P<kind>[A-Za-z]+)/(?P<id>[^\s:]+)"
)


class AssetType(StrEnum):
    """Types a bundle may hold. Later ones depend on earlier ones, a folder on none."""

    VPC_CONNECTION = "VPC_CONNECTION"
    DATASOURCE = "DATASOURCE"
    THEME = "THEME"
    DATASET = "DATASET"
    REFRESH_SCHEDULE = "REFRESH_SCHEDULE"
    TOPIC = "TOPIC"
    ANALYSIS = "ANALYSIS"
    DASHBOARD = "DASHBOARD"
    FOLDER = "FOLDER"


#: The part of an ARN that names the type. A refresh schedule's ARN is its dataset's with two parts more.
ARN_KINDS = {
    AssetType.VPC_CONNECTION: "vpcConnection",
    AssetType.DATASOURCE: "datasource",
    AssetType.THEME: "theme",
    AssetType.DATASET: "dataset",
    AssetType.REFRESH_SCHEDULE: "dataset",
    AssetType.TOPIC: "topic",
    AssetType.ANALYSIS: "analysis",
    AssetType.DASHBOARD: "dashboard",
    AssetType.FOLDER: "folder",
}
_TYPES: dict[str, AssetType] = {
    kind: asset for asset, kind in ARN_KINDS.items() if asset is not AssetType.REFRESH_SCHEDULE
}
#: Members of AssetBundleImportJobOverrideParameters, …OverridePermissions and …OverrideTags, and the id's member there.
OVERRIDE_MEMBERS = {
    AssetType.VPC_CONNECTION: ("VPCConnections", "VPCConnectionId"),
    AssetType.DATASOURCE: ("DataSources", "DataSourceId"),
    AssetType.THEME: ("Themes", "ThemeId"),
    AssetType.DATASET: ("DataSets", "DataSetId"),
    AssetType.REFRESH_SCHEDULE: ("RefreshSchedules", "ScheduleId"),
    AssetType.TOPIC: ("TopicsV2", "TopicId"),
    AssetType.ANALYSIS: ("Analyses", "AnalysisId"),
    AssetType.DASHBOARD: ("Dashboards", "DashboardId"),
    AssetType.FOLDER: ("Folders", "FolderId"),
}
#: Pages of the console; the other types have none of their own.
PAGES = {
    AssetType.DASHBOARD: "dashboards/{id}",
    AssetType.ANALYSIS: "analyses/{id}",
    AssetType.DATASET: "data-sets/{id}/view",
    AssetType.FOLDER: "folders/public/{id}",
}


@dataclass(frozen=True, order=True)
class Place:
    """An account and Region that hold assets."""

    account_id: str
    region: str
    partition: str = "aws"


@dataclass(frozen=True)
class Asset:
    """One asset, wherever it lies. A refresh schedule's id is `<dataset>/refresh-schedule/<schedule>`."""

    type: AssetType
    id: str

    def __str__(self) -> str:
        return f"{self.type} {self.id}"

    def arn(self, place: Place) -> str:
        """Its ARN there."""
        return f"arn:{place.partition}:quicksight:{place.region}:{place.account_id}:{ARN_KINDS[self.type]}/{self.id}"

    def prefixed(self, prefix: str) -> Asset:
        """The asset under the id that PrefixForAllResources gives it; a schedule is named within its dataset."""
        if self.type is not AssetType.REFRESH_SCHEDULE:
            return Asset(self.type, prefix + self.id)
        dataset_id, schedule_id = self.schedule_ids
        return schedule(prefix + dataset_id, schedule_id)

    @property
    def schedule_ids(self) -> tuple[str, str]:
        """(dataset id, schedule id) of a refresh schedule."""
        dataset_id, _, schedule_id = self.id.partition(SCHEDULE_PART)
        return dataset_id, schedule_id


def schedule(dataset_id: str, schedule_id: str) -> Asset:
    """A refresh schedule."""
    return Asset(AssetType.REFRESH_SCHEDULE, f"{dataset_id}{SCHEDULE_PART}{schedule_id}")


def parse_arn(arn: str) -> tuple[Asset, Place]:
    """The asset that the ARN names and where it lies. Raises ValueError when it is not an asset's ARN."""
    found = ARN.fullmatch(arn)
    kind: AssetType | None = _TYPES.get(found["kind"]) if found else None
    if found is None or kind is None:
        raise ValueError(f"{arn!r} is not the ARN of an asset that can be migrated")
    if kind is AssetType.DATASET and SCHEDULE_PART in found["id"]:
        kind = AssetType.REFRESH_SCHEDULE
    elif "/" in found["id"]:
        raise ValueError(f"{arn!r} names a part or version of an asset, not the asset")
    return Asset(kind, found["id"]), Place(found["account"], found["region"], found["partition"])


def console_url(asset: Asset, region: str) -> str | None:
    """The page of the asset in the QuickSight console of the account one is signed in to; None for types without."""
    page = PAGES.get(asset.type)
    return f"https://{region}.quicksight.aws.amazon.com/sn/{page.format(id=asset.id)}" if page else None


def in_dependency_order(assets: Iterable[Asset]) -> list[Asset]:
    """What others depend on comes first; by id within a type, so that the order is always the same."""
    order = list(AssetType)
    return sorted(assets, key=lambda asset: (order.index(asset.type), asset.id))
