"""The manifest of a migration: what it left in the target, by fingerprint, and what that was in the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quicksight_migration.assets.types import Asset, AssetType, Place


@dataclass(frozen=True)
class Migrated:
    """One asset. `source_fingerprint` is None after a restore: what a backup brings back has no source."""

    asset: Asset
    target: Asset
    name: str
    target_fingerprint: str
    source_fingerprint: str | None = None

    def document(self) -> dict[str, Any]:
        """As the manifest holds it."""
        source = {"sourceFingerprint": self.source_fingerprint} if self.source_fingerprint else {}
        return {
            "assetType": str(self.asset.type),
            "assetId": self.asset.id,
            "targetAssetId": self.target.id,
            "name": self.name,
            **source,
            "targetFingerprint": self.target_fingerprint,
        }


@dataclass(frozen=True)
class Manifest:
    """What a job left. `deleted` are assets of the target that a restore took away."""

    job_id: str
    source: Place
    target: Place
    assets: Sequence[Migrated]
    deleted: Sequence[Asset] = ()

    def document(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "jobId": self.job_id,
            "sourceAccountId": self.source.account_id,
            "sourceRegion": self.source.region,
            "targetAccountId": self.target.account_id,
            "targetRegion": self.target.region,
            "assets": [each.document() for each in self.assets],
            "deleted": [{"assetType": str(each.type), "targetAssetId": each.id} for each in self.deleted],
        }


def read_manifest(document: Mapping[str, Any]) -> Manifest:
    """The manifest that was stored."""
    return Manifest(
        document["jobId"],
        Place(document["sourceAccountId"], document["sourceRegion"]),
        Place(document["targetAccountId"], document["targetRegion"]),
        [_migrated(each) for each in document["assets"]],
        [Asset(AssetType(each["assetType"]), each["targetAssetId"]) for each in document["deleted"]],
    )


def _migrated(document: Mapping[str, Any]) -> Migrated:
    asset_type = AssetType(document["assetType"])
    return Migrated(
        Asset(asset_type, document["assetId"]),
        Asset(asset_type, document["targetAssetId"]),
        document["name"],
        document["targetFingerprint"],
        document.get("sourceFingerprint"),
    )
