"""OverridePermissions of an import: assets are born with their permissions, as far as one import can say it.

It takes one or two entries a type (analyses exactly one), each for at most 50 ids, with one list of at most 64
principals (API Reference, StartAssetBundleImportJob). What does not fit is granted right after it, by convergence.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

from quicksight_migration.assets.types import OVERRIDE_MEMBERS, Asset, AssetType
from quicksight_migration.planning.plan import Action, Plan

MOST_IDS, MOST_PRINCIPALS = 50, 64
#: AssetBundleImportJobOverridePermissions: entries a type.
MOST_ENTRIES = {AssetType.ANALYSIS: 1}
DEFAULT_ENTRIES = 2

Group = tuple[tuple[str, ...], tuple[str, ...]]
"""Principals and actions."""


def override_permissions(plan: Plan, imported: Collection[Asset]) -> dict[str, Any]:
    """The document for an import of these assets of the plan; empty when nothing is to be given.

    An import replaces the permissions of an asset that exists, so it may only give them to new assets, and to those
    that nobody else shall keep. Ids are those of the bundle, without a prefix. Owners come before viewers: an asset
    that nobody may change is worse than one that few may see.
    """
    actions = {item.asset: item.action for item in plan.items if item.asset in imported}
    by_type: dict[AssetType, dict[Group, list[str]]] = defaultdict(lambda: defaultdict(list))
    for grant in plan.permissions:
        action = actions.get(grant.asset)
        if action is Action.CREATE or (action is Action.UPDATE and grant.replace):
            group = (grant.principals[:MOST_PRINCIPALS], grant.actions)
            by_type[grant.asset.type][group].append(grant.asset.id)
    return {OVERRIDE_MEMBERS[asset_type][0]: _entries(asset_type, groups) for asset_type, groups in by_type.items()}


def _entries(asset_type: AssetType, groups: dict[Group, list[str]]) -> list[dict[str, Any]]:
    member = OVERRIDE_MEMBERS[asset_type][1] + "s"
    most = MOST_ENTRIES.get(asset_type, DEFAULT_ENTRIES)
    chosen = sorted(groups.items(), key=lambda each: (-len(each[0][1]), -len(each[1]), each[0]))[:most]
    return [
        {
            member: sorted(set(ids))[:MOST_IDS],
            "Permissions": {"Principals": list(principals), "Actions": list(actions)},
        }
        for (principals, actions), ids in chosen
    ]
