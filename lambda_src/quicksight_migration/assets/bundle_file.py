"""A bundle as QuickSight exports it (`.qs`): a zip with one JSON document an asset, `<type>/<id>.json`.

The document says itself what it is (`resourceType`); its members are spelt like those of the API, with a small first
letter. Entries that are no asset's are carried along unread.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any

from quicksight_migration.assets.references import references
from quicksight_migration.assets.types import Asset, AssetType, schedule
from shared.errors import ValidationFailed

#: Bounds of what is read into memory: more than an import of 1 GB may hold of definitions is no bundle of ours.
MOST_ENTRIES = 20_000
MOST_BYTES = 512 * 2**20
MOST_BYTES_OF_ONE = 64 * 2**20
#: `resourceType` in small letters → the type and the member that holds the id.
RESOURCE_TYPES = {
    "vpcconnection": (AssetType.VPC_CONNECTION, "vpcConnectionId"),
    "datasource": (AssetType.DATASOURCE, "dataSourceId"),
    "theme": (AssetType.THEME, "themeId"),
    "dataset": (AssetType.DATASET, "dataSetId"),
    "topic": (AssetType.TOPIC, "topicId"),
    "analysis": (AssetType.ANALYSIS, "analysisId"),
    "dashboard": (AssetType.DASHBOARD, "dashboardId"),
    "folder": (AssetType.FOLDER, "folderId"),
}
REFRESH_SCHEDULE = "refreshschedule"


class BundleUnreadable(ValidationFailed):
    """The file is not a bundle, or holds what no bundle should: names twice, paths upwards, more than fits."""


@dataclass(frozen=True)
class BundleAsset:
    """An asset of a bundle. `dependencies` are the assets it names, in the bundle or not."""

    asset: Asset
    name: str
    document: Mapping[str, Any] = field(repr=False)
    dependencies: frozenset[Asset] = frozenset()
    entry: str = ""


@dataclass(frozen=True)
class Bundle:
    """What a bundle holds. `others` are entries that are no asset's document."""

    assets: Mapping[Asset, BundleAsset]
    others: tuple[str, ...] = ()


def read_bundle(file: IO[bytes], keep_documents: bool = True) -> Bundle:
    """The bundle in a seekable file. Without its documents it is small, see read_documents. Raises BundleUnreadable."""
    assets: dict[Asset, BundleAsset] = {}
    others: list[str] = []
    with _opened(file) as archive:
        for info in _entries(archive):
            found = _asset_of(info.filename, archive)
            if found is None:
                others.append(info.filename)
            elif found.asset in assets:
                raise BundleUnreadable(f"the bundle holds {found.asset} twice")
            else:
                assets[found.asset] = found if keep_documents else replace(found, document={})
    return Bundle(assets, tuple(others))


def held_assets(file: IO[bytes]) -> set[Asset]:
    """What the bundle holds, with one document of it in memory at a time. Raises BundleUnreadable."""
    with _opened(file) as archive:
        found = (_asset_of(info.filename, archive) for info in _entries(archive))
        return {each.asset for each in found if each is not None}


def read_documents(file: IO[bytes], assets: Iterable[BundleAsset]) -> dict[Asset, BundleAsset]:
    """Assets of the bundle in the file with their documents. Raises BundleUnreadable."""
    with _opened(file) as archive:
        found = [_asset_of(each.entry, archive) for each in assets]
    return {each.asset: each for each in found if each is not None}


def without(file: IO[bytes], assets: Collection[Asset], out: IO[bytes]) -> int:
    """Writes the bundle without these assets, entry by entry as they are; returns how many assets are left.

    Raises BundleUnreadable.
    """
    left = 0
    with _opened(file) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as written:
        for info in _entries(archive):
            found = _asset_of(info.filename, archive)
            if found is not None and found.asset in assets:
                continue
            left += found is not None
            entry = zipfile.ZipInfo(info.filename, info.date_time)
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info) as source, written.open(entry, "w") as target:
                shutil.copyfileobj(source, target)
    return left


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    file.seek(0)
    try:
        return zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise BundleUnreadable(f"the bundle is not a zip file: {error}") from error


def _entries(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    """Every file of the archive, once its names and sizes have been looked at."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    names = [info.filename for info in files]
    if len(files) > MOST_ENTRIES or sum(info.file_size for info in files) > MOST_BYTES:
        raise BundleUnreadable(f"the bundle is larger than {MOST_ENTRIES} entries or {MOST_BYTES} bytes unpacked")
    if len(set(names)) != len(names):
        raise BundleUnreadable("the bundle holds a name twice")
    for info in files:
        if info.filename.startswith("/") or ".." in info.filename.split("/") or info.file_size > MOST_BYTES_OF_ONE:
            raise BundleUnreadable(f"the bundle holds an entry that is refused: {info.filename!r}")
        yield info


def _asset_of(entry: str, archive: zipfile.ZipFile) -> BundleAsset | None:
    if not entry.endswith(".json"):
        return None
    try:
        document = json.loads(archive.read(entry))
    except (ValueError, zipfile.BadZipFile) as error:
        raise BundleUnreadable(f"{entry} of the bundle cannot be read: {error}") from error
    try:
        asset = identity(document)
    except (KeyError, TypeError) as error:
        raise BundleUnreadable(f"{entry} of the bundle has no {error}") from error
    if asset is None:
        return None
    needed = references(document) - {asset}
    if asset.type is AssetType.REFRESH_SCHEDULE:
        needed |= {Asset(AssetType.DATASET, asset.schedule_ids[0])}
    return BundleAsset(asset, str(document.get("name") or asset.id), document, frozenset(needed), entry)


def identity(document: Any) -> Asset | None:
    """The asset that a document of a bundle describes, None if it is no asset's."""
    if not isinstance(document, Mapping):
        return None
    kind = str(document.get("resourceType", "")).lower()
    if kind == REFRESH_SCHEDULE:
        inner = document.get("schedule") or document.get("refreshSchedule") or document
        return schedule(str(document["dataSetId"]), str(inner["scheduleId"]))
    if kind not in RESOURCE_TYPES:
        return None
    asset_type, member = RESOURCE_TYPES[kind]
    return Asset(asset_type, str(document[member]))
