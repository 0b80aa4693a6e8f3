"""The assets of a migration with all that they depend on in the source, and how they are cut into exports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.assets.inventory import Found, describe_one, each_of, refresh_schedules
from quicksight_migration.assets.types import Asset, AssetType, Place, in_dependency_order
from shared.errors import PermissionDenied, ValidationFailed

#: ARNs that one export takes (API Reference, StartAssetBundleExportJob).
ARNS_AN_EXPORT = 100
SPICE = "SPICE"
#: Types whose contents nobody here looks into.
LARGE = frozenset({AssetType.DASHBOARD, AssetType.ANALYSIS, AssetType.THEME})


@dataclass(frozen=True)
class Unreadable:
    """An asset that QuickSight will not describe: a dataset of an uploaded file, or one that our role may not see."""

    asset: Asset
    reason: str


@dataclass(frozen=True)
class Closure:
    """What was found; `missing` and `unreadable` name also those who need them."""

    requested: tuple[Asset, ...]
    found: Mapping[Asset, Found] = field(repr=False)
    missing: frozenset[Asset] = frozenset()
    unreadable: tuple[Unreadable, ...] = ()

    def needed_by(self, asset: Asset) -> list[Asset]:
        """Who depends on it directly."""
        return in_dependency_order(each.asset for each in self.found.values() if asset in each.dependencies)

    def needs(self, asset: Asset) -> frozenset[Asset]:
        """What it depends on directly."""
        found = self.found.get(asset)
        return found.dependencies if found else frozenset()


def read_closure(quicksight: Any, place: Place, requested: Sequence[Asset], with_dependencies: bool = True) -> Closure:
    """Describes each asset once, level by level. Raises the taxonomy's errors but what concerns one asset alone."""
    found: dict[Asset, Found] = {}
    missing: set[Asset] = set()
    unreadable: list[Unreadable] = []
    level = list(dict.fromkeys(requested))
    seen = set(level)
    while level:
        for asset, answer in each_of(level, _reader(quicksight, place)).items():
            if isinstance(answer, Unreadable):
                unreadable.append(answer)
            elif answer is None:
                missing.add(asset)
            else:
                found[asset] = answer[0]
        more = [each for asset in level if asset in found for each in found[asset].dependencies]
        level = in_dependency_order(set(more) - seen) if with_dependencies else []
        seen.update(level)
    return Closure(tuple(dict.fromkeys(requested)), found, frozenset(missing), tuple(unreadable))


def with_schedules(closure: Closure, quicksight: Any, place: Place) -> Closure:
    """The closure with the refresh schedules of its datasets, which an export with dependencies takes along."""
    datasets = [asset for asset, each in closure.found.items() if each.content.get("ImportMode") == SPICE]
    listed = each_of(datasets, lambda asset: refresh_schedules(quicksight, place, asset))
    schedules = {schedule for each in listed.values() for schedule in each} - set(closure.found)
    more = {asset: each for asset, each in each_of(schedules, _one(quicksight, place)).items() if each is not None}
    return Closure(closure.requested, {**closure.found, **more}, closure.missing, closure.unreadable)


def chunks(closure: Closure, size: int = ARNS_AN_EXPORT) -> list[list[Asset]]:
    """The requested assets in groups that one export takes, each group after what it depends on.

    Assets that depend on each other, or on the same, stay together as far as they fit: a group that is exported with
    its dependencies then holds all that it needs. What is too large for one is cut in dependency order.
    """
    cut: list[list[Asset]] = []
    for together in sorted(_components(closure), key=len, reverse=True):
        ordered = _topological(together, closure)
        for start in range(0, len(ordered), size):
            piece = ordered[start : start + size]
            room = next((each for each in cut if len(each) + len(piece) <= size), None)
            if room is None or len(ordered) > size:
                cut.append(piece)
            else:
                room.extend(piece)
    return cut


def _reader(quicksight: Any, place: Place) -> Callable[[Asset], Any]:
    def read(asset: Asset) -> tuple[Found] | Unreadable | None:
        try:
            found = describe_one(quicksight, place, asset)
        except (ValidationFailed, PermissionDenied) as error:
            return Unreadable(asset, str(error))
        if found is None:
            return None
        return (found.without_content() if asset.type in LARGE else found,)

    return read


def _one(quicksight: Any, place: Place) -> Callable[[Asset], Found | None]:
    return lambda asset: describe_one(quicksight, place, asset)


def _components(closure: Closure) -> list[list[Asset]]:
    """The requested assets, those together that share a dependency, however far down."""
    group: dict[Asset, Asset] = {}

    def root(asset: Asset) -> Asset:
        group.setdefault(asset, asset)
        while group[asset] != asset:
            group[asset] = group[group[asset]]
            asset = group[asset]
        return asset

    for asset in [*closure.requested, *closure.found]:
        for needed in closure.needs(asset):
            group[root(asset)] = root(needed)
    found: dict[Asset, list[Asset]] = {}
    for asset in in_dependency_order(closure.requested):
        found.setdefault(root(asset), []).append(asset)
    return list(found.values())


def _topological(assets: Collection[Asset], closure: Closure) -> list[Asset]:
    """Each after those of the collection that it depends on, also through assets outside of it."""
    ordered: dict[Asset, None] = {}
    wanted = set(assets)
    visited: set[Asset] = set()
    for start in in_dependency_order(assets):
        for asset in _depth_first(start, closure, visited):
            if asset in wanted:
                ordered[asset] = None
    return list(ordered)


def _depth_first(start: Asset, closure: Closure, visited: set[Asset]) -> Iterator[Asset]:
    """What `start` depends on and then itself, without what was visited; a circle is cut where it closes."""
    stack: list[tuple[Asset, list[Asset]]] = []
    if start not in visited:
        visited.add(start)
        stack.append((start, in_dependency_order(closure.needs(start))))
    while stack:
        asset, left = stack[-1]
        if not left:
            stack.pop()
            yield asset
            continue
        needed = left.pop(0)
        if needed not in visited:
            visited.add(needed)
            stack.append((needed, in_dependency_order(closure.needs(needed))))
