"""Whether the target is still as the plan found it, by the fingerprints of its assets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.assets.inventory import fingerprints
from quicksight_migration.assets.types import Asset
from quicksight_migration.planning.plan import Action, Item, Plan
from quicksight_migration.planning.plan_check import DELETED, change_of

IMPORTED = (Action.CREATE, Action.UPDATE, Action.UNCHANGED)
#: Changes that a step's output names.
MOST_CHANGES = 50


@dataclass(frozen=True)
class Target:
    """Fingerprints of assets of the target, None for those that are not there."""

    fingerprints: Mapping[Asset, str | None]

    def changed(self, items: Iterable[Item]) -> list[Item]:
        """Those that are not as the plan found them; what was to be deleted may be gone."""
        return [item for item in items if not self._is_as_found(item)]

    def is_imported(self, items: Iterable[Item]) -> bool:
        """True when all are as the plan wanted to leave them."""
        wanted = [item for item in items if item.action in IMPORTED]
        return all(self.fingerprints[item.target] == item.new_fingerprint for item in wanted)

    def _is_as_found(self, item: Item) -> bool:
        change = change_of(item, self.fingerprints[item.target])
        return not change or (item.action is Action.DELETE and change == DELETED)


def look_at(session: AccountSession, plan: Plan, items: Iterable[Item]) -> Target:
    """The target as it is now, as far as these items go. Raises the taxonomy's errors."""
    wanted = [item.target for item in items]
    found = fingerprints(session.quicksight, plan.target, wanted)
    return Target({asset: each.fingerprint if each else None for asset, each in found.items()})


def told(items: Iterable[Item]) -> list[dict[str, Any]]:
    """As a step's output names them."""
    return [{"assetType": str(item.target.type), "assetId": item.target.id} for item in items][:MOST_CHANGES]
