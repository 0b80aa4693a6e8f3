"""What an asset of a bundle will be in the target: its document, with overrides, under the ids it gets there. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from quicksight_migration.assets.bundle_file import BundleAsset
from quicksight_migration.assets.content import Content, normalised, of_document
from quicksight_migration.assets.types import Asset, AssetType, Place
from quicksight_migration.planning.override_rules import entries

#: Members of override entries that replace those of the same name.
REPLACED: Mapping[AssetType, tuple[str, ...]] = {
    AssetType.VPC_CONNECTION: ("Name", "SubnetIds", "SecurityGroupIds", "DnsResolvers", "RoleArn"),
    AssetType.DATASOURCE: ("Name", "DataSourceParameters", "VpcConnectionProperties", "SslProperties"),
    AssetType.FOLDER: ("Name", "ParentFolderArn"),
    AssetType.TOPIC: ("Name", "Description"),
    AssetType.REFRESH_SCHEDULE: (),
}
SECRET = "SecretArn"


def new_contents(
    assets: Mapping[Asset, BundleAsset],
    overrides: Mapping[str, Any],
    places: Collection[Place],
    rename: Mapping[Asset, Asset],
) -> dict[Asset, Content]:
    """Some assets of the bundles, by their ids there. `places` are the source and the target.

    `rename` gives every asset of the bundles that gets another id: a prefix goes to every reference between them too.
    """
    given = {asset: entry for asset, _, entry in entries(overrides)}
    return {
        asset: normalised(_overridden(asset, of_document(asset.type, each.document), given), places, rename)
        for asset, each in assets.items()
    }


def with_kept_secret(new: Content, current: Content | None) -> Content:
    """A data source keeps the credentials that it has when the import brings none."""
    kept = (current or {}).get(SECRET)
    return {**new, SECRET: kept} if kept and SECRET not in new and "Type" in new else new


def _overridden(asset: Asset, content: Content, given: Mapping[Asset, Mapping[str, Any]]) -> Content:
    entry = given.get(asset, {})
    changed = {name: entry[name] for name in REPLACED.get(asset.type, ("Name",)) if entry.get(name) is not None}
    secret = (entry.get("Credentials") or {}).get(SECRET)
    return {**content, **changed, **({SECRET: secret} if secret else {})}
