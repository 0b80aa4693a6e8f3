"""What a migration takes along, and how it is cut into exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from quicksight_migration.assets.inventory import Found
from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.planning.closure import Closure, chunks, read_closure, with_schedules
from quicksight_migration.planning.plan_check import place_of
from tests.unit.quicksight_migration.bundle_world import SOURCE
from tests.unit.quicksight_migration.planning_world import PlanningWorld

BOARD = Asset(AssetType.DASHBOARD, "sales-overview")


def board(name: str) -> Asset:
    return Asset(AssetType.DASHBOARD, name)


def data(name: str) -> Asset:
    return Asset(AssetType.DATASET, name)


def closure_of(needs: Mapping[Asset, Sequence[Asset]], requested: Sequence[Asset]) -> Closure:
    named = {*needs, *(each for some in needs.values() for each in some)}
    found = {each: Found(each, each.id, {}, dependencies=frozenset(needs.get(each, ()))) for each in named}
    return Closure(tuple(requested), found)


def read(world: PlanningWorld, *assets: Asset, with_dependencies: bool = True) -> Closure:
    session = world.tools.source(world.store.job)
    closure = read_closure(session.quicksight, place_of(session), assets, with_dependencies)
    return with_schedules(closure, session.quicksight, place_of(session)) if with_dependencies else closure


def test_a_dashboard_comes_with_all_that_it_needs_each_read_once() -> None:
    world = PlanningWorld()

    closure = read(world, BOARD)

    assert sorted(str(asset) for asset in closure.found) == [
        "DASHBOARD sales-overview",
        "DATASET customers",
        "DATASET orders",
        "DATASOURCE sales-athena",
        "DATASOURCE warehouse",
        "REFRESH_SCHEDULE orders/refresh-schedule/daily",
        "THEME brand",
    ]
    assert closure.needed_by(data("orders")) == [
        Asset(AssetType.REFRESH_SCHEDULE, "orders/refresh-schedule/daily"),
        BOARD,
    ]
    described = [name for name in world.calls[SOURCE].calls if name.startswith("Describe")]
    assert len(described) == len(closure.found)


def test_without_dependencies_only_what_is_asked_for_is_read() -> None:
    world = PlanningWorld()

    closure = read(world, BOARD, with_dependencies=False)

    assert set(closure.found) == {BOARD}
    assert world.calls[SOURCE].calls == ["DescribeDashboardDefinition"]


def test_what_does_not_exist_is_missing() -> None:
    closure = read(PlanningWorld(), BOARD, board("nowhere"))

    assert closure.missing == {board("nowhere")}


def test_a_few_assets_are_one_chunk_in_dependency_order() -> None:
    closure = closure_of({board("a"): [data("d")]}, [board("a"), data("d")])

    assert chunks(closure) == [[data("d"), board("a")]]


def test_what_shares_a_dependency_stays_together() -> None:
    # Given three dashboards, two of which read the same dataset
    needs = {board("a"): [data("one")], board("b"): [data("two")], board("c"): [data("one")]}

    cut = chunks(closure_of(needs, [board("a"), board("b"), board("c")]), 2)

    assert cut == [[board("a"), board("c")], [board("b")]]


def test_what_is_too_large_for_one_export_is_cut_after_what_it_depends_on() -> None:
    # Given 250 dashboards on 50 datasets that are all asked for and join one of them
    datasets = [data(f"d{number:03}") for number in range(50)]
    boards = [board(f"b{number:03}") for number in range(250)]
    needs: dict[Asset, list[Any]] = {each: [datasets[number % 50]] for number, each in enumerate(boards)}
    needs |= {each: [datasets[0]] for each in datasets[1:]}

    cut = chunks(closure_of(needs, [*boards, *datasets]))

    # Then no export has more than 100, nothing is lost, and each asset comes no earlier than what it needs
    assert [len(chunk) for chunk in cut] == [100, 100, 100]
    place = {asset: number for number, chunk in enumerate(cut) for asset in chunk}
    assert set(place) == {*boards, *datasets}
    assert all(place[asset] >= place[needed] for asset in place for needed in needs.get(asset, ()))


@pytest.mark.parametrize("size", [1, 3, 7])
def test_every_requested_asset_is_in_one_chunk(size: int) -> None:
    needs = {board(f"b{number}"): [data(f"d{number % 3}")] for number in range(10)}
    cut = chunks(closure_of(needs, list(needs)), size)

    assert sorted(str(asset) for chunk in cut for asset in chunk) == sorted(str(asset) for asset in needs)
    assert max(len(chunk) for chunk in cut) <= size


def test_a_circle_ends() -> None:
    closure = closure_of({data("a"): [data("b")], data("b"): [data("a")]}, [data("a"), data("b")])

    assert sorted(asset.id for asset in chunks(closure)[0]) == ["a", "b"]
