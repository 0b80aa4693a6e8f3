"""From the permissions of a job to what each asset gets: by id, never by name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.permissions.actions import PERMITTED, Access, actions_of
from quicksight_migration.planning.plan import Action, Grant, Item

#: What is done to these is nobody's decision but the target's: they are not ours.
LEFT_ALONE = (Action.SKIP, Action.CONFLICT, Action.DELETE)


@dataclass
class _Wanted:
    owners: set[str] = field(default_factory=set)
    viewers: set[str] = field(default_factory=set)
    replace: bool = False


def grants_of(entries: Sequence[Mapping[str, Any]], items: Iterable[Item]) -> list[Grant]:
    """One grant an asset and access, owners first; whoever is named as both is an owner."""
    found = []
    for item in items:
        if item.asset.type not in PERMITTED or item.action in LEFT_ALONE:
            continue
        wanted = _wanted(item.asset, entries)
        for access, principals in (
            (Access.OWNER, wanted.owners),
            (Access.VIEWER, wanted.viewers - wanted.owners),
        ):
            if principals:
                actions = actions_of(item.asset.type, access)
                found.append(
                    Grant(item.asset, item.target, str(access), tuple(sorted(principals)), actions, wanted.replace)
                )
    return found


def _wanted(asset: Asset, entries: Sequence[Mapping[str, Any]]) -> _Wanted:
    wanted = _Wanted()
    for entry in entries:
        types = [AssetType(each) for each in entry.get("assetTypes") or ()]
        if asset.type in types or asset.id in (entry.get("assetIds") or ()):
            (wanted.owners if entry["access"] == Access.OWNER else wanted.viewers).update(entry["principals"])
            wanted.replace |= bool(entry.get("replace"))
    return wanted
