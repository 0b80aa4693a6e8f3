"""The bundles of a job against its target, a few assets at a time: definitions are large, and jobs have hundreds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.assets.bundle_file import read_bundle, read_documents
from quicksight_migration.assets.content import Content
from quicksight_migration.assets.inventory import WORKERS, describe, fingerprints
from quicksight_migration.assets.types import Asset, AssetType, Place, in_dependency_order
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.planning.items import Held, held_by, item_of
from quicksight_migration.planning.new_content import new_contents
from quicksight_migration.planning.plan import Action, BundleFile, ConflictPolicy, Item

#: Assets that are held in memory together.
BATCH = 2 * WORKERS
#: Types whose overrides are checked against what the bundle says of them.
ENVIRONMENT = (AssetType.DATASOURCE, AssetType.VPC_CONNECTION)


@dataclass(frozen=True)
class Comparison:
    """What was found: the assets of the bundles, an item each, and the new contents of those in ENVIRONMENT.

    `absent` are assets that some of them need and that are neither in the bundles nor in the target.
    """

    held: Held
    items: Sequence[Item]
    contents: Mapping[Asset, Content] = field(repr=False)
    absent: frozenset[Asset] = frozenset()


@dataclass(frozen=True)
class Comparing:
    """`source` is where the bundles come from. Raises the taxonomy's errors, BundleUnreadable among them."""

    bucket: Bucket
    quicksight: Any
    source: Place
    target: Place
    policy: ConflictPolicy
    prefix: str = ""
    overrides: Mapping[str, Any] = field(default_factory=dict)

    def compare(self, files: Sequence[BundleFile]) -> Comparison:
        """Every asset of the bundles against the target, in dependency order."""
        held = self._held(files)
        items: dict[Asset, Item] = {}
        contents: dict[Asset, Content] = {asset: {} for asset in held.assets}
        rename = {asset: asset.prefixed(self.prefix) for asset in held.assets} if self.prefix else {}
        for file in files:
            belonging = held.of_chunk(file.chunk)
            with self.bucket.open(file.key) as opened:
                for start in range(0, len(belonging), BATCH):
                    batch = read_documents(opened, belonging[start : start + BATCH])
                    new = new_contents(batch, self.overrides, (self.source, self.target), rename)
                    items |= self._items(new, file.chunk)
                    contents |= {asset: each for asset, each in new.items() if asset.type in ENVIRONMENT}
        ordered = [items[asset] for asset in in_dependency_order(items)]
        return Comparison(held, ordered, contents, self._absent(held, ordered))

    def _held(self, files: Sequence[BundleFile]) -> Held:
        bundles = {}
        for file in files:
            with self.bucket.open(file.key) as opened:
                bundles[file.chunk] = read_bundle(opened, keep_documents=False)
        return held_by(bundles)

    def _absent(self, held: Held, items: Sequence[Item]) -> frozenset[Asset]:
        imported = (held.assets[item.asset] for item in items if item.action is not Action.SKIP)
        outside = {needed for each in imported for needed in each.dependencies if needed not in held.assets}
        found = fingerprints(self.quicksight, self.target, in_dependency_order(outside))
        return frozenset(asset for asset, there in found.items() if there is None)

    def _items(self, new: Mapping[Asset, Content], chunk: int) -> dict[Asset, Item]:
        targets = {asset: asset.prefixed(self.prefix) for asset in new}
        found = describe(self.quicksight, self.target, targets.values())
        return {
            asset: item_of(asset, content, found[targets[asset]], self.policy, self.prefix, chunk)
            for asset, content in new.items()
        }
