"""What happens to each asset: the bundles against the target as it is, under the conflict policy. Pure."""

from __future__ import annotations

from collections.abc import Mapping
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


def held_by(bundles: Mapping[int, Bundle]) -> Held:
    """The assets of bundles by chunk."""
    assets: dict[Asset, BundleAsset] = {}
    chunks: dict[Asset, int] = {}
    for chunk in sorted(bundles):
        for asset, each in bundles[chunk].assets.items():
            if assets.setdefault(asset, each) is each:
                chunks[asset] = chunk
    return Held(assets, chunks)


def items_of(
    held: Held,
    contents: Mapping[Asset, Content],
    target: Mapping[Asset, Found | None],
    policy: ConflictPolicy,
    prefix: str = "",
) -> list[Item]:
    """One item an asset, in dependency order. `target` is by the ids of the target."""
    return [
        _item(held, asset, contents[asset], target.get(asset.prefixed(prefix)), policy, prefix)
        for asset in in_dependency_order(held.assets)
    ]


def conflict_problems(items: list[Item], policy: ConflictPolicy) -> list[Problem]:
    """Each conflict as a problem of the plan."""
    return [
        Problem(f"$.items[{index}]", f"{item.target} exists in the target and differs (conflictPolicy {policy})")
        for index, item in enumerate(items)
        if item.action is Action.CONFLICT
    ]


def _item(  # noqa: PLR0913  (an item is made of these)
    held: Held, asset: Asset, new: Content, current: Found | None, policy: ConflictPolicy, prefix: str
) -> Item:
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
    name = str(new.get("Name") or held.assets[asset].name)
    return Item(
        asset,
        asset.prefixed(prefix),
        name,
        action,
        held.chunks[asset],
        fingerprint(found) if found is not None else None,
        fingerprint(new),
        told,
    )


def _of_conflict(policy: ConflictPolicy) -> Action:
    if policy in CAREFUL:
        return Action.CONFLICT
    return Action.SKIP if policy is ConflictPolicy.SKIP else Action.UPDATE
