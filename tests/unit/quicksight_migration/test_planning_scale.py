"""Migrations of more than one export takes: how often QuickSight is asked, and what belongs where."""

from __future__ import annotations

from collections import Counter

from quicksight_migration.planning.plan import Plan
from tests.unit.quicksight_migration.bundle_world import LAKE, SOURCE, TARGET, WORKGROUP, arn, dashboard, dataset
from tests.unit.quicksight_migration.planning_world import PlanningWorld, payload

BOARDS = 130


def many() -> PlanningWorld:
    """130 dashboards on as many datasets of one data source."""
    names = [f"b{number:03}" for number in range(BOARDS)]
    asked = payload(assets=[arn(f"dashboard/{name}") for name in names], overrides={"DataSources": [WORKGROUP]})
    world = PlanningWorld(payload=asked)
    assets = [LAKE, *(dataset(name) for name in names), *(dashboard(name, name) for name in names)]
    world.simulators[SOURCE].seed({"account": SOURCE, "region": "us-east-1", "assets": assets})
    return world


def described(world: PlanningWorld, account: str) -> Counter[str]:
    return Counter(name for name in world.calls[account].calls if name.startswith("Describe") and "Bundle" not in name)


def test_every_asset_is_read_once_a_step_and_belongs_to_one_bundle() -> None:
    world = many()

    # When it is looked at before the export
    answer = world.run("Preflight")

    # Then there are two exports, and each asset of the source was read once
    document = world.stored(answer["output"]["preflightKey"])
    assert [len(chunk) for chunk in document["chunks"]] == [100, 30]
    assert answer["output"]["assets"] == 2 * BOARDS + 1
    settings = {"DescribeAccountSettings": 1}
    assert described(world, SOURCE) == {
        "DescribeDashboardDefinition": BOARDS,
        "DescribeDataSet": BOARDS,
        "DescribeDataSource": 1,
        **settings,
    }
    assert described(world, TARGET) == {"DescribeDataSource": 1, **settings}

    # And when it is planned, each asset of the target once more, although both bundles hold the data source
    before = described(world, TARGET)
    world.through("ExportAssets", "UploadAssets", "PlanImport")
    assert (described(world, TARGET) - before).total() == 2 * BOARDS + 1
    plan, _ = world.tools.plan(world.tools.job(world.store.job.job_id))
    assert chunk_sizes(plan) == {1: 201, 2: 60}


def chunk_sizes(plan: Plan) -> dict[int, int]:
    return dict(Counter(item.chunk for item in plan.items))


def test_what_came_in_two_bundles_is_verified_as_one_migration() -> None:
    world = many()

    world.migrated()

    assert world.answers[-1]["output"]["counts"] == {"VERIFIED": 2 * BOARDS + 1}
