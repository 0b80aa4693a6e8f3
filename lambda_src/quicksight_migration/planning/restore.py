"""What undoing a migration means: its backup comes back, and what it created goes, unless somebody changed it since.

Pure; `planning.plan_import` reads what is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from quicksight_migration.assets.inventory import Found
from quicksight_migration.assets.types import Asset, in_dependency_order
from quicksight_migration.planning.plan import Action, Item, Plan

#: Actions of a migration after which an asset of the target may be a new one.
CREATED = (Action.CREATE,)


def created_by(plans: Iterable[Plan]) -> dict[Asset, set[str]]:
    """Assets of the target that a job created, with the fingerprints that its plans gave them.

    All plans of the job count: one that was made again, after an import broke off, calls unchanged what the job itself
    had created before.
    """
    found: dict[Asset, set[str]] = {}
    existed: set[Asset] = set()
    for plan in plans:
        for item in plan.items:
            if item.target not in found and item.current_fingerprint is not None:
                existed.add(item.target)
            if item.action in CREATED and item.target not in existed:
                found.setdefault(item.target, set())
            if item.target in found and item.new_fingerprint:
                found[item.target].add(item.new_fingerprint)
    return found


def deletions(
    created: Mapping[Asset, set[str]],
    verified: Mapping[Asset, str],
    target: Mapping[Asset, Found | None],
    restored: Sequence[Asset] = (),
) -> tuple[list[Item], list[str]]:
    """(items in the order to delete in, warnings about what is left).

    `verified` are fingerprints as the job found them after its import, `restored` what the backup brings back.
    """
    items: list[Item] = []
    warnings: list[str] = []
    for asset in reversed(in_dependency_order(set(created) - set(restored))):
        found = target.get(asset)
        if found is None:
            continue
        known = {*created[asset], *([verified[asset]] if asset in verified else [])}
        if found.fingerprint in known:
            items.append(Item(asset, asset, found.name, Action.DELETE, 0, found.fingerprint))
        else:
            items.append(Item(asset, asset, found.name, Action.SKIP, 0, found.fingerprint, found.fingerprint))
            warnings.append(f"{asset} was changed after the migration that created it, and is left")
    return items, warnings
