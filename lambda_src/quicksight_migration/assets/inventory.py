"""Assets as they are in an account: one Describe call each, so many at a time, nothing searched by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration.accounts.quicksight_errors import quicksight_error
from quicksight_migration.assets.content import Content, normalised, of_answer
from quicksight_migration.assets.fingerprint import fingerprint
from quicksight_migration.assets.references import references
from quicksight_migration.assets.types import SCHEDULE_PART, Asset, AssetType, Place, schedule
from shared.errors import NotFound
from shared.side_by_side import side_by_side

#: Calls under way at once: QuickSight throttles an account at some ten reads a second.
WORKERS = 8
FAILED_STATES = frozenset({"CREATION_FAILED", "UPDATE_FAILED", "DELETED", "DELETION_FAILED"})
BUSY_STATES = frozenset({"CREATION_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETION_IN_PROGRESS"})
#: Type → operation of the client, its member for the id, the member of the answer that holds the asset ("": itself).
DESCRIBE = {
    AssetType.DASHBOARD: ("describe_dashboard_definition", "DashboardId", ""),
    AssetType.ANALYSIS: ("describe_analysis_definition", "AnalysisId", ""),
    AssetType.DATASET: ("describe_data_set", "DataSetId", "DataSet"),
    AssetType.DATASOURCE: ("describe_data_source", "DataSourceId", "DataSource"),
    AssetType.THEME: ("describe_theme", "ThemeId", "Theme"),
    AssetType.FOLDER: ("describe_folder", "FolderId", "Folder"),
    AssetType.VPC_CONNECTION: ("describe_vpc_connection", "VPCConnectionId", "VPCConnection"),
    AssetType.REFRESH_SCHEDULE: ("describe_refresh_schedule", "ScheduleId", "RefreshSchedule"),
    AssetType.TOPIC: ("describe_topic", "TopicId", "Topic"),
}


@dataclass(frozen=True)
class Found:
    """An asset that exists. `errors` are those of its definition, each as `TYPE: message`.

    `digest` is the fingerprint of one whose content was let go: definitions are large, and most only want to compare.
    """

    asset: Asset
    name: str
    content: Content = field(repr=False)
    status: str = ""
    errors: tuple[str, ...] = ()
    dependencies: frozenset[Asset] = frozenset()
    digest: str = ""

    @property
    def fingerprint(self) -> str:
        """Of its content."""
        return self.digest or fingerprint(self.content)

    def without_content(self) -> Found:
        """The same with the fingerprint in place of the content."""
        return replace(self, content={}, digest=self.fingerprint)


def describe(quicksight: Any, place: Place, wanted: Iterable[Asset]) -> dict[Asset, Found | None]:
    """Each wanted asset as it is in the account, None where there is none. Raises the taxonomy's errors."""
    return each_of(wanted, lambda asset: describe_one(quicksight, place, asset))


def fingerprints(quicksight: Any, place: Place, wanted: Iterable[Asset]) -> dict[Asset, Found | None]:
    """As `describe`, without the contents: as many as a job may have are no burden."""

    def read(asset: Asset) -> Found | None:
        found = describe_one(quicksight, place, asset)
        return found.without_content() if found else None

    return each_of(wanted, read)


def each_of(wanted: Iterable[Asset], read: Callable[[Asset], Any]) -> dict[Asset, Any]:
    """`read` of each asset, WORKERS at once; the first error ends it. Assets that come twice are read once."""
    assets = list(dict.fromkeys(wanted))
    return dict(zip(assets, side_by_side(read, assets, WORKERS, many=2), strict=True))


def describe_one(quicksight: Any, place: Place, asset: Asset) -> Found | None:
    """The asset, None if there is none. Raises the taxonomy's errors."""
    operation, member, inner = DESCRIBE[asset.type]
    arguments = {"AwsAccountId": place.account_id, member: asset.id}
    if asset.type is AssetType.REFRESH_SCHEDULE:
        dataset_id, schedule_id = asset.schedule_ids
        arguments |= {"DataSetId": dataset_id, "ScheduleId": schedule_id}
    try:
        answer = call(quicksight, operation, **arguments)
    except NotFound:
        return None
    found = {**answer, **answer.get(inner, {})} if inner else answer
    status = _status(asset.type, found)
    return None if status == "DELETED" else _found(asset, place, found, status)


def call(quicksight: Any, operation: str, **arguments: Any) -> dict[str, Any]:
    """One call. Raises the taxonomy's errors."""
    try:
        answer = getattr(quicksight, operation)(**arguments)
    except (ClientError, BotoCoreError) as error:
        raise quicksight_error(error, operation) from error
    return {name: value for name, value in answer.items() if name not in ("ResponseMetadata", "RequestId")}


def refresh_schedules(quicksight: Any, place: Place, dataset: Asset) -> list[Asset]:
    """The refresh schedules of a dataset; those of one that is queried directly are none."""
    try:
        answer = call(quicksight, "list_refresh_schedules", AwsAccountId=place.account_id, DataSetId=dataset.id)
    except NotFound:
        return []
    return [schedule(dataset.id, each["ScheduleId"]) for each in answer.get("RefreshSchedules", [])]


def _found(asset: Asset, place: Place, answer: Mapping[str, Any], status: str) -> Found:
    content = of_answer(asset.type, answer)
    needed = references(content) - {asset}
    if SCHEDULE_PART in asset.id:
        needed |= {Asset(AssetType.DATASET, asset.schedule_ids[0])}
    return Found(
        asset,
        str(answer.get("Name") or asset.id),
        normalised(content, (place,)),
        status,
        _errors(asset.type, answer),
        frozenset(needed),
    )


def _status(asset_type: AssetType, answer: Mapping[str, Any]) -> str:
    version = answer.get("Version") if asset_type is AssetType.THEME else None
    status = (version or {}).get("Status") or answer.get("ResourceStatus") or answer.get("Status")
    return status if isinstance(status, str) else ""


def _errors(asset_type: AssetType, answer: Mapping[str, Any]) -> tuple[str, ...]:
    version = answer.get("Version") if asset_type is AssetType.THEME else None
    found = [*answer.get("Errors", []), *(version or {}).get("Errors", [])]
    if answer.get("ErrorInfo"):
        found.append(answer["ErrorInfo"])
    return tuple(f"{each.get('Type', 'ERROR')}: {each.get('Message', '')}" for each in found)
