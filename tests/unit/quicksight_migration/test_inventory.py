"""Assets as an account has them: one call each, a bounded number at a time, refusals told apart."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from quicksight_migration.assets import inventory
from quicksight_migration.assets.inventory import WORKERS, call, describe, describe_one, each_of, refresh_schedules
from quicksight_migration.assets.types import Asset, AssetType, Place, schedule
from shared.errors import PermissionDenied, Throttled
from tests.unit.quicksight_migration.bundle_world import REGION, SOURCE
from tests.unit.quicksight_migration.planning_world import PlanningWorld

HERE = Place(SOURCE, REGION)
ORDERS = Asset(AssetType.DATASET, "orders")
EVERY_KIND = [
    Asset(AssetType.DASHBOARD, "sales-overview"),
    Asset(AssetType.ANALYSIS, "sales-overview"),
    ORDERS,
    Asset(AssetType.DATASOURCE, "warehouse"),
    Asset(AssetType.THEME, "brand"),
    Asset(AssetType.FOLDER, "sales"),
    schedule("orders", "daily"),
]


@pytest.fixture
def world() -> PlanningWorld:
    return PlanningWorld()


def client_of(world: PlanningWorld) -> Any:
    return world.tools.source(world.store.job).quicksight


def test_every_kind_is_read_with_one_call_each(world: PlanningWorld) -> None:
    found = describe(client_of(world), HERE, [*EVERY_KIND, *EVERY_KIND])

    assert list(found) == EVERY_KIND
    assert all(each is not None and each.content for each in found.values())
    assert len(world.calls[SOURCE].calls) == len(EVERY_KIND)


def test_what_is_not_there_is_none(world: PlanningWorld) -> None:
    nowhere = Asset(AssetType.DASHBOARD, "nowhere")

    assert describe(client_of(world), HERE, [nowhere]) == {nowhere: None}


def test_an_analysis_that_was_deleted_is_not_there(world: PlanningWorld) -> None:
    client = client_of(world)
    client.delete_analysis(AwsAccountId=SOURCE, AnalysisId="sales-overview")

    assert describe_one(client, HERE, Asset(AssetType.ANALYSIS, "sales-overview")) is None


def test_errors_of_a_definition_are_told(world: PlanningWorld) -> None:
    document = world.seed_document()
    (board,) = [each for each in document["assets"] if each["type"] == "DASHBOARD"]
    board["errors"] = [{"Type": "COLUMN_TYPE_MISMATCH", "Message": "amount is a text"}]
    world.simulators[SOURCE].seed(document)

    found = describe_one(client_of(world), HERE, EVERY_KIND[0])
    assert found is not None
    assert found.errors == ("COLUMN_TYPE_MISMATCH: amount is a text",)


def test_schedules_are_listed_by_dataset(world: PlanningWorld) -> None:
    assert refresh_schedules(client_of(world), HERE, ORDERS) == [schedule("orders", "daily")]
    assert refresh_schedules(client_of(world), HERE, Asset(AssetType.DATASET, "nowhere")) == []


@pytest.mark.parametrize(("fault", "expected"), [("throttled", Throttled), ("denied", PermissionDenied)])
def test_a_refusal_is_no_answer(world: PlanningWorld, fault: str, expected: type[Exception]) -> None:
    world.calls[SOURCE].fault = lambda _operation, _number: fault

    with pytest.raises(expected):
        describe(client_of(world), HERE, EVERY_KIND)


def test_so_many_are_read_at_once_and_no_more() -> None:
    # Given reads that wait for each other
    together, most, now = threading.Barrier(WORKERS, timeout=10), 0, 0
    lock = threading.Lock()

    def read(asset: Asset) -> str:
        nonlocal most, now
        with lock:
            now += 1
            most = max(most, now)
        together.wait()
        with lock:
            now -= 1
        return asset.id

    # When more are read than may be under way
    assets = [Asset(AssetType.DATASET, f"d{number}") for number in range(3 * WORKERS)]
    found = each_of(assets, read)

    # Then exactly so many are, and every answer is that of its asset
    assert most == WORKERS
    assert found == {asset: asset.id for asset in assets}


def test_the_first_error_ends_it() -> None:
    asked: list[str] = []

    def read(asset: Asset) -> None:
        asked.append(asset.id)
        raise Throttled("slower")

    with pytest.raises(Throttled):
        each_of([Asset(AssetType.DATASET, f"d{number}") for number in range(500)], read)
    assert len(asked) < 500


def test_what_the_sdk_adds_is_not_part_of_an_answer(world: PlanningWorld) -> None:
    answer = call(client_of(world), "describe_theme", AwsAccountId=SOURCE, ThemeId="brand")

    assert set(answer) & {"ResponseMetadata", "RequestId"} == set()


def test_there_is_a_describe_operation_for_every_type() -> None:
    assert set(inventory.DESCRIBE) == set(AssetType)
