"""What happens to each asset: the bundles against the target as it is, under the conflict policy. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from quicksight_migration.assets.bundle_file import Bundle, BundleAsset
from quicksight_migration.assets.content import Content
from quicksight_migration.assets.fingerprint import differences, fingerprint
from quicksight_migration.assets.inventory import Found
from quicksight_migration.assets.types import Asset, in_dependency_order
from quicksight_migration.planning.new_content import with_kept_secret
from quicksight_migration.planning.plan import Action, ConflictPolicy, Item
from shared.schemas import Problem

#: Under these nothing that exists may be changed.
CAREFUL = (ConflictPolicy.FAIL, ConflictPolicy.PREFIX)


@dataclass(frozen=True)
class Held:
    """All assets of a job's bundles, each from the first bundle that holds it, and which one that is (from 1)."""

    assets: Mapping[Asset, BundleAsset]
    chunks: Mapping[Asset, int]
    others: tuple[str, ...] = ()

    def of_chunk(self, chunk: int) -> list[BundleAsset]:
        """The assets that belong to a bundle."""
        return [each for asset, each in self.assets.items() if self.chunks[asset] == chunk]


def held_by(bundles: Mapping[int, Bundle]) -> Held:
    """The assets of bundles by chunk."""
    assets: dict[Asset, BundleAsset] = {}
    chunks: dict[Asset, int] = {}
    for chunk in sorted(bundles):
        for asset, each in bundles[chunk].assets.items():
            if assets.setdefault(asset, each) is each:
                chunks[asset] = chunk
    others = sorted({name for bundle in bundles.values() for name in bundle.others})
    return Held(assets, chunks, tuple(others))


def item_of(asset: Asset, new: Content, current: Found | None, policy: ConflictPolicy, prefix: str, chunk: int) -> Item:
    """What happens to an asset that the import would give this content."""
    told: tuple[Mapping[str, str | None], ...] = ()
    found = current.content if current else None
    new = with_kept_secret(new, found)
    if found is None:
        action = Action.CREATE
    elif found == new:
        action = Action.UNCHANGED
    else:
        action = _of_conflict(policy)
        told = tuple(each.document() for each in differences(found, new))
    return Item(
        asset,
        asset.prefixed(prefix),
        str(new.get("Name") or asset.id),
        action,
        chunk,
        fingerprint(found) if found is not None else None,
        fingerprint(new),
        told,
    )


def conflict_problems(items: Sequence[Item], policy: ConflictPolicy) -> list[Problem]:
    """Each conflict as a problem of the plan."""
    return [
        Problem(f"$.items[{index}]", f"{item.target} exists in the target and differs (conflictPolicy {policy})")
        for index, item in enumerate(items)
        if item.action is Action.CONFLICT
    ]


def absence_problems(held: Held, items: Sequence[Item], absent: Collection[Asset]) -> list[Problem]:
    """What needs an asset that neither comes along nor is there: QuickSight would not import it."""
    return [
        Problem(f"$.items[{index}]", f"{item.asset} needs {needed}, which neither comes along nor is in the target")
        for index, item in enumerate(items)
        if item.action is not Action.SKIP
        for needed in in_dependency_order(held.assets[item.asset].dependencies & set(absent))
    ]


def item_warnings(held: Held, items: Sequence[Item]) -> list[str]:
    """What people should know of what is imported although nothing is wrong with it."""
    found = [f"the bundle holds {name}, which is imported but not compared" for name in held.others]
    skipped = {item.asset for item in items if item.action is Action.SKIP}
    for asset, each in held.assets.items():
        if asset not in skipped and each.dependencies & skipped:
            kept = ", ".join(sorted(str(needed) for needed in each.dependencies & skipped))
            found.append(f"{asset} will use {kept} as it is in the target")
    return found


def _of_conflict(policy: ConflictPolicy) -> Action:
    if policy in CAREFUL:
        return Action.CONFLICT
    return Action.SKIP if policy is ConflictPolicy.SKIP else Action.UPDATE
