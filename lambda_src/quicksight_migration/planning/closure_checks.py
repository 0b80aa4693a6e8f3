"""What of a closure cannot be exported, and why: everything at once, each with its place in the job. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from quicksight_migration.assets.inventory import BUSY_STATES, FAILED_STATES, Found
from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.planning.closure import Closure
from quicksight_migration.planning.override_rules import UNSUPPORTED_SOURCES
from shared.schemas import Problem

#: Errors that are told of one definition.
MOST_ERRORS = 5
#: Assets that are told to need one.
MOST_NEEDING = 3
DEFINED = (AssetType.DASHBOARD, AssetType.ANALYSIS)


def closure_problems(closure: Closure, strict: bool) -> tuple[list[Problem], list[str]]:
    """(what fails the migration, what is only said). `strict`: definitions with errors are refused."""
    errors: list[Problem] = []
    warnings: list[str] = []
    places = {asset: f"$.assets[{index}]" for index, asset in enumerate(closure.requested)}
    for asset in sorted(closure.missing, key=str):
        errors.append(_problem(asset, "does not exist in the source", closure, places))
    for each in closure.unreadable:
        errors.append(_problem(each.asset, f"cannot be exported: {each.reason}", closure, places))
    for asset, found in closure.found.items():
        for message in _refused(asset, found):
            errors.append(_problem(asset, message, closure, places))
        if asset.type in DEFINED and found.errors:
            told = f"has errors in its definition: {_listed(found.errors, MOST_ERRORS)}"
            if strict:
                errors.append(_problem(asset, told, closure, places))
            else:
                warnings.append(f"{asset} {told}")
        elif found.status in FAILED_STATES:
            warnings.append(f"{asset} is in the state {found.status} in the source")
    return errors, warnings


def permission_problems(
    entries: Sequence[Mapping[str, Any]], assets: Mapping[Asset, Any], unknown_principals: Sequence[str]
) -> list[Problem]:
    """What is wrong with the permissions asked for: assets that do not come along, people the target does not know."""
    found: list[Problem] = []
    ids = {asset.id for asset in assets}
    for index, entry in enumerate(entries):
        for position, asset_id in enumerate(entry.get("assetIds") or ()):
            if asset_id not in ids:
                path = f"$.permissions[{index}].assetIds[{position}]"
                found.append(Problem(path, f"no asset of this migration has the id {asset_id}"))
        for position, principal in enumerate(entry["principals"]):
            if principal in unknown_principals:
                path = f"$.permissions[{index}].principals[{position}]"
                found.append(Problem(path, "is not a user or group of the target"))
    return found


def _refused(asset: Asset, found: Found) -> Iterator[str]:
    kind = found.content.get("Type")
    if asset.type is AssetType.DATASOURCE and kind in UNSUPPORTED_SOURCES:
        yield f"is a data source of the type {kind}, which bundles cannot carry"
    if asset.type is AssetType.TOPIC:
        yield "is a topic: topics are not migrated"
    if found.status in BUSY_STATES:
        yield f"is being changed at the moment ({found.status})"


def _problem(asset: Asset, message: str, closure: Closure, places: Mapping[Asset, str]) -> Problem:
    path = places.get(asset) or _place_of_a_root(asset, closure, places)
    needing = closure.needed_by(asset) if asset not in places else []
    needed = f" (needed by {_listed([str(each) for each in needing], MOST_NEEDING)})" if needing else ""
    return Problem(path, f"{asset}{needed} {message}")


def _place_of_a_root(asset: Asset, closure: Closure, places: Mapping[Asset, str]) -> str:
    """The place of the first requested asset that needs this one, however far down."""
    level, seen = [asset], {asset}
    while level:
        above = [each for below in level for each in closure.needed_by(below) if each not in seen]
        roots = [each for each in closure.requested if each in above]
        if roots:
            return places[roots[0]]
        seen.update(above)
        level = above
    return "$.assets"


def _listed(texts: Sequence[str], most: int) -> str:
    more = f" and {len(texts) - most} more" if len(texts) > most else ""
    return "; ".join(texts[:most]) + more
