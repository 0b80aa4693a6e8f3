"""Source and target against what a migration left: which of them is another by now. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from quicksight_migration.assets.inventory import Found
from quicksight_migration.assets.types import Asset, Place, console_url
from quicksight_migration.drift.manifest import Manifest, Migrated


class Drift(StrEnum):
    """How an asset stands. Of an asset that is gone, that is said; of one gone in both, that the source is."""

    IN_SYNC = "IN_SYNC"
    SOURCE_CHANGED = "SOURCE_CHANGED"
    TARGET_CHANGED = "TARGET_CHANGED"
    BOTH_CHANGED = "BOTH_CHANGED"
    SOURCE_DELETED = "SOURCE_DELETED"
    TARGET_DELETED = "TARGET_DELETED"


@dataclass(frozen=True)
class Known:
    """An asset of a target with the migration that left it last."""

    migrated: Migrated
    job_id: str
    source: Place
    target: Place

    @property
    def has_source(self) -> bool:
        """Whether there is a source to compare with: what a restore brought back has none."""
        return self.migrated.source_fingerprint is not None


def latest(manifests: Iterable[Manifest]) -> list[Known]:
    """Each asset of each target by the newest manifest that names it; those that a restore deleted are left out.

    `manifests` come newest first.
    """
    found: dict[tuple[Place, Asset], Known | None] = {}
    for manifest in manifests:
        for asset in manifest.deleted:
            found.setdefault((manifest.target, asset), None)
        for each in manifest.assets:
            known = Known(each, manifest.job_id, manifest.source, manifest.target)
            found.setdefault((manifest.target, each.target), known)
    return [each for each in found.values() if each is not None]


def drift_of(known: Known, source: Found | None, target: Found | None) -> Drift:
    """How an asset stands. What has no fingerprint of its source is compared in the target alone."""
    migrated = known.migrated
    if known.has_source and source is None:
        return Drift.SOURCE_DELETED
    if target is None:
        return Drift.TARGET_DELETED
    source_changed = source is not None and known.has_source and source.fingerprint != migrated.source_fingerprint
    target_changed = target.fingerprint != migrated.target_fingerprint
    return _DRIFTS[source_changed, target_changed]


def told(known: Known, drift: Drift) -> dict[str, Any]:
    """An asset as the report shows it."""
    migrated, target = known.migrated, known.target
    url = console_url(migrated.target, target.region)
    return {
        "assetType": str(migrated.asset.type),
        "assetId": migrated.asset.id,
        "targetAssetId": migrated.target.id,
        "name": migrated.name,
        "status": str(drift),
        "sourceAccountId": known.source.account_id,
        "targetAccountId": target.account_id,
        "jobId": known.job_id,
        **({"url": url} if url else {}),
    }


def counted(assets: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Assets by status, those that occur."""
    return dict(sorted(Counter(str(each["status"]) for each in assets).items()))


_DRIFTS = {
    (False, False): Drift.IN_SYNC,
    (True, False): Drift.SOURCE_CHANGED,
    (False, True): Drift.TARGET_CHANGED,
    (True, True): Drift.BOTH_CHANGED,
}
