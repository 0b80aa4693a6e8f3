"""What StartAssetBundleImportJob is told beside the bundle: overrides, permissions and tags of the assets it imports.

QuickSight refuses overrides of assets that the bundle does not hold, so each chunk gets its own. Overrides name ids as
the bundle has them, without prefix.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from quicksight_migration.assets.types import OVERRIDE_MEMBERS, Asset, AssetType, schedule
from quicksight_migration.permissions.override_permissions import override_permissions
from quicksight_migration.planning.plan import Plan

EVERY = "*"


def import_members(
    payload: Mapping[str, Any], options: Mapping[str, Any], plan: Plan, imported: Collection[Asset]
) -> dict[str, Any]:
    """Members of the request beside ids and source, for a bundle that holds these assets."""
    members = {
        "OverrideParameters": _parameters(payload.get("overrides") or {}, imported, plan.prefix),
        "OverridePermissions": override_permissions(plan, imported),
        "OverrideTags": _tags(payload.get("overrideTags") or {}, imported),
    }
    return {
        "FailureAction": options["failureAction"],
        "OverrideValidationStrategy": {"StrictModeForAllResources": bool(options["strictValidation"])},
        **{name: value for name, value in members.items() if value},
    }


def restore_members() -> dict[str, Any]:
    """Members of a request that brings a backup back: as it was, errors in it included, whole or not at all."""
    return {"FailureAction": "ROLLBACK", "OverrideValidationStrategy": {"StrictModeForAllResources": False}}


def _parameters(overrides: Mapping[str, Any], imported: Collection[Asset], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {"ResourceIdOverrideConfiguration": {"PrefixForAllResources": prefix}} if prefix else {}
    for kind, (member, id_name) in OVERRIDE_MEMBERS.items():
        entries = [each for each in overrides.get(member, []) if _overridden(kind, id_name, each) in imported]
        if entries:
            found[member] = entries
    return found


def _overridden(kind: AssetType, id_name: str, entry: Mapping[str, Any]) -> Asset:
    if kind is AssetType.REFRESH_SCHEDULE:
        return schedule(str(entry["DataSetId"]), str(entry[id_name]))
    return Asset(kind, str(entry[id_name]))


def _tags(overrides: Mapping[str, Any], imported: Collection[Asset]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind, (member, id_name) in OVERRIDE_MEMBERS.items():
        held = {asset.id for asset in imported if asset.type is kind}
        entries = [{**each, f"{id_name}s": _kept(each[f"{id_name}s"], held)} for each in overrides.get(member, [])]
        if entries := [each for each in entries if each[f"{id_name}s"]]:
            found[member] = entries
    return found


def _kept(ids: Collection[str], held: Collection[str]) -> list[str]:
    return [each for each in ids if each in held or (each == EVERY and held)]
