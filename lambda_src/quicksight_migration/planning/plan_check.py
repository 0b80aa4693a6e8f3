"""Whether a plan still fits: the target as it is now against what the plan found there."""

from __future__ import annotations

from typing import Any

from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.assets.inventory import fingerprints
from quicksight_migration.assets.types import Place
from quicksight_migration.planning.plan import Action, Item, Plan

CREATED, CHANGED, DELETED = "CREATED", "CHANGED", "DELETED"


def place_of(session: AccountSession) -> Place:
    """The account and Region that a session is of."""
    return Place(session.account_id, session.account.region)


def drifted(plan: Plan, session: AccountSession) -> list[dict[str, Any]]:
    """What somebody has changed in the target since: [{assetType, assetId, change}], empty when the plan fits.

    Of assets that are skipped only the existence matters. Raises the taxonomy's errors.
    """
    found = fingerprints(session.quicksight, place_of(session), [item.target for item in plan.items])
    told = []
    for item in plan.items:
        now = found[item.target]
        change = change_of(item, now.fingerprint if now else None)
        if change:
            told.append({"assetType": str(item.target.type), "assetId": item.target.id, "change": change})
    return told


def change_of(item: Item, now: str | None) -> str:
    """CREATED, CHANGED or DELETED, "" for an asset with the fingerprint that the plan found; `now` None: it is gone."""
    planned = item.current_fingerprint
    if now == planned:
        return ""
    if now is None:
        return DELETED
    if planned is None:
        return CREATED
    return "" if item.action is Action.SKIP else CHANGED
