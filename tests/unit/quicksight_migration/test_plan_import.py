"""Plans: what an import will do to each asset, under which policy, and whether it still fits."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.errors import WrongState
from quicksight_migration.planning.plan import Action, Plan, hash_of, read_plan
from quicksight_migration.planning.plan_import import check_plan
from shared.schemas import problems
from tests.unit.quicksight_migration.bundle_world import JOB, SOURCE, TARGET, WORKGROUP, BundleWorld
from tests.unit.quicksight_migration.planning_world import (
    OVERRIDES,
    PERMISSIONS,
    SECRET,
    UP_TO_PLAN,
    PlanningWorld,
    payload,
)

AGAIN = "job-22222222222222222222"
SALES = Asset(AssetType.DASHBOARD, "sales-overview")


def actions(plan: Plan) -> dict[str, str]:
    return {str(item.target): str(item.action) for item in plan.items}


def planned_again(world: PlanningWorld, **options: Any) -> Any:
    """Another job of the same assets against what the first has left."""
    job = world.store.job
    world.store.steps.clear()
    changed = {**job.payload, "options": {**job.payload["options"], **options}}
    world.store.job = replace(job, job_id=AGAIN, payload=changed, plan_key=None, plan_hash=None)
    world.through(*UP_TO_PLAN[:-1])
    return world.run("PlanImport")


def plan_in(world: PlanningWorld, answer: Any) -> Plan:
    return read_plan(world.stored(answer["output"]["planKey"]))


def test_an_empty_target_gets_everything() -> None:
    world = PlanningWorld(payload=payload(permissions=PERMISSIONS))

    plan = world.planned()

    assert plan.counts == {"CREATE": 8}
    assert [str(item.asset.type) for item in plan.items][:2] == ["DATASOURCE", "DATASOURCE"]
    assert all(item.current_fingerprint is None and item.new_fingerprint for item in plan.items)
    assert not [name for name in world.calls[TARGET].calls if not name.startswith("Describe")]
    described = [name for name in world.calls[TARGET].calls if name.startswith("DescribeDashboard")]
    assert described == ["DescribeDashboardDefinition"]


def test_the_stored_plan_is_what_its_schema_says_and_can_be_read_back() -> None:
    world = PlanningWorld(payload=payload(permissions=PERMISSIONS))
    plan = world.planned()

    document = world.stored(world.store.job.plan_key or "")

    assert problems("migration-plan", {**document, "jobId": AGAIN}) == []
    assert read_plan(document) == plan
    assert document["planHash"] == hash_of(document) == world.store.job.plan_hash


def test_the_hash_is_of_what_is_approved_not_of_when_it_was_planned() -> None:
    world = PlanningWorld()
    first = world.planned()
    world.clock.move(3600)
    world.run("PlanImport")

    second = read_plan(world.stored(world.store.job.plan_key or ""))
    assert (second.attempt, second.created_at) != (first.attempt, first.created_at)
    assert second.plan_hash == first.plan_hash
    other = replace(first, items=first.items[:-1])
    assert other.plan_hash != first.plan_hash


def test_what_was_migrated_is_unchanged_under_every_policy() -> None:
    world = PlanningWorld()
    world.migrated()

    for policy in ("FAIL", "SKIP", "UPDATE"):
        plan = plan_in(world, planned_again(world, conflictPolicy=policy))
        assert plan.counts == {"UNCHANGED": 8}
        assert not plan.changes()


def renamed(world: PlanningWorld) -> None:
    """Somebody gives the dashboard of the target another name."""
    world.simulators[TARGET].inject(
        {"action": {"type": "edit_asset", "asset": "dashboard/sales-overview", "name": "Mine"}}
    )


def test_a_dashboard_that_is_another_in_the_target_is_a_conflict() -> None:
    world = PlanningWorld()
    world.migrated()
    renamed(world)

    answer = planned_again(world, conflictPolicy="FAIL")

    assert (answer["state"], answer["error"]["code"]) == ("FAILED", "PLAN_INVALID")
    assert "DASHBOARD sales-overview exists in the target and differs" in world.problems(answer)[0]


def test_a_conflict_is_skipped_or_overwritten_as_the_policy_says() -> None:
    world = PlanningWorld()
    world.migrated()
    renamed(world)

    skipping = plan_in(world, planned_again(world, conflictPolicy="SKIP"))
    updating = plan_in(world, planned_again(world, conflictPolicy="UPDATE"))

    assert skipping.counts == {"SKIP": 1, "UNCHANGED": 7}
    assert updating.counts == {"UNCHANGED": 7, "UPDATE": 1}
    (item,) = [item for item in updating.items if item.action is Action.UPDATE]
    assert item.target == SALES
    assert list(item.differences) == [{"path": "$.Name", "from": "Mine", "to": "Sales overview"}]
    assert skipping.left_out(1, [item.asset for item in skipping.items]) == {SALES}


def test_what_others_need_and_is_skipped_is_told() -> None:
    world = PlanningWorld()
    world.migrated()
    world.simulators[TARGET].inject({"action": {"type": "edit_asset", "asset": "dataset/orders", "name": "Mine"}})

    plan = plan_in(world, planned_again(world, conflictPolicy="SKIP"))

    assert "DASHBOARD sales-overview will use DATASET orders as it is in the target" in plan.warnings


def test_a_prefix_makes_new_assets_of_all() -> None:
    world = PlanningWorld()
    world.migrated()

    plan = plan_in(world, planned_again(world, conflictPolicy="PREFIX", prefix="qa-"))

    assert plan.counts == {"CREATE": 8}
    assert {item.target.id for item in plan.items} == {
        "qa-brand",
        "qa-customers",
        "qa-orders",
        "qa-orders/refresh-schedule/daily",
        "qa-sales-athena",
        "qa-sales-overview",
        "qa-warehouse",
    }


def test_what_a_prefix_will_make_is_foreseen_to_the_letter() -> None:
    world = PlanningWorld(options={"conflictPolicy": "PREFIX", "prefix": "qa-"})

    world.migrated()

    assert world.answers[-1]["output"]["counts"] == {"VERIFIED": 8}


def test_overrides_are_part_of_what_will_be() -> None:
    # Given a migration with overrides
    world = PlanningWorld()
    world.migrated()

    # When the same is planned with another host
    overrides: Any = copy.deepcopy(dict(OVERRIDES))
    overrides["DataSources"][1]["DataSourceParameters"]["PostgreSqlParameters"]["Host"] = "other.example.com"
    world.store.job = replace(world.store.job, payload={**world.store.job.payload, "overrides": overrides})
    plan = plan_in(world, planned_again(world, conflictPolicy="UPDATE"))

    # Then that host is the difference
    (item,) = [item for item in plan.items if item.action is Action.UPDATE]
    path = "$.DataSourceParameters.PostgreSqlParameters.Host"
    assert list(item.differences) == [{"path": path, "from": "warehouse.example.com", "to": "other.example.com"}]
    assert plan.overrides["DataSources"][1]["Credentials"] == {"SecretArn": SECRET}


def test_a_plan_without_the_overrides_that_its_bundle_needs_is_invalid() -> None:
    world = PlanningWorld()
    world.through(*UP_TO_PLAN[:-1])
    world.store.job = replace(world.store.job, payload={**world.store.job.payload, "overrides": {}})

    answer = world.run("PlanImport")

    assert answer["error"]["code"] == "PLAN_INVALID"
    assert len(world.problems(answer)) == 2
    assert world.stored(f"jobs/{JOB}/plan-A1.json")["errors"] != []


def test_what_needs_something_that_is_nowhere_cannot_be_imported() -> None:
    # Given a dashboard in a folder, exported with its membership but without the folder
    world = PlanningWorld(options={"includeFolderMemberships": True})
    document = world.seed_document()
    (board,) = [each for each in document["assets"] if each["type"] == "DASHBOARD"]
    board["folders"] = ["sales"]
    world.simulators[SOURCE].seed(document)
    world.through(*UP_TO_PLAN[:-1])

    (told,) = [each for each in world.problems(world.run("PlanImport")) if "DASHBOARD" in each]

    assert told.endswith("DASHBOARD sales-overview needs FOLDER sales, which neither comes along nor is in the target")


def test_an_asset_that_two_bundles_hold_is_imported_from_the_first() -> None:
    world = BundleWorld(target_assets=(), payload={"overrides": {"DataSources": [WORKGROUP]}})
    world.through("ExportAssets", "UploadAssets", "PlanImport")
    plan, _ = world.tools.plan(world.tools.job(JOB))

    lake = Asset(AssetType.DATASOURCE, "lake")
    assert [item.chunk for item in plan.items if item.asset == lake] == [1]
    assert plan.imported(2) == {Asset(AssetType.DATASET, "costs"), Asset(AssetType.DASHBOARD, "costs")}
    assert plan.left_out(2, [lake, *plan.imported(2)]) == {lake}


def test_a_target_that_somebody_changes_no_longer_fits_the_plan() -> None:
    # Given a plan against a target that has the dashboard already
    world = PlanningWorld()
    world.migrated()
    planned_again(world, conflictPolicy="UPDATE")
    assert check_plan(world.tools, AGAIN)["drifted"] is False

    # When somebody renames one asset and deletes another
    renamed(world)
    world.simulators[TARGET].inject({"action": {"type": "delete_asset", "asset": "analysis/sales-overview"}})

    # Then both are told
    checked = check_plan(world.tools, AGAIN)
    assert checked["drifted"] is True
    assert sorted(checked["changes"], key=str) == [
        {"assetType": "ANALYSIS", "assetId": "sales-overview", "change": "DELETED"},
        {"assetType": "DASHBOARD", "assetId": "sales-overview", "change": "CHANGED"},
    ]


def test_an_asset_that_appears_is_drift_too() -> None:
    world = PlanningWorld()
    world.planned()
    theme = next(each for each in world.seed_document()["assets"] if each["type"] == "THEME")
    document = {**world.seed_document(TARGET), "assets": [{"type": "THEME", "request": theme["request"]}]}
    world.simulators[TARGET].seed(document)

    changes = check_plan(world.tools, JOB)["changes"]
    assert changes == [{"assetType": "THEME", "assetId": "brand", "change": "CREATED"}]


def test_a_change_in_the_source_is_no_drift_of_the_target() -> None:
    world = PlanningWorld()
    world.planned()
    world.simulators[SOURCE].inject(
        {"action": {"type": "edit_asset", "asset": "dashboard/sales-overview", "name": "New"}}
    )

    assert check_plan(world.tools, JOB)["drifted"] is False


def test_a_job_without_a_plan_has_nothing_to_check() -> None:
    with pytest.raises(WrongState):
        check_plan(PlanningWorld().tools, JOB)


def restored(world: PlanningWorld) -> Plan:
    """The plan of the job that undoes the world's."""
    world.becomes_restore()
    world.through("Preflight", "PlanImport")
    return read_plan(world.stored(world.store.job.plan_key or ""))


def test_undoing_deletes_what_was_created_those_that_need_others_first() -> None:
    world = PlanningWorld()
    world.migrated()

    plan = restored(world)

    assert plan.counts == {"DELETE": 8}
    kinds = [str(item.asset.type) for item in plan.items]
    assert kinds[0] == "DASHBOARD"
    assert kinds[-1] == "DATASOURCE"
    assert problems("migration-plan", {**plan.document(), "jobId": AGAIN}) == []


def test_undoing_leaves_what_somebody_has_changed_since() -> None:
    world = PlanningWorld()
    world.migrated()
    renamed(world)

    plan = restored(world)

    assert actions(plan)["DASHBOARD sales-overview"] == "SKIP"
    assert plan.counts == {"DELETE": 7, "SKIP": 1}
    assert plan.warnings == ("DASHBOARD sales-overview was changed after the migration that created it, and is left",)


def test_undoing_brings_back_what_was_overwritten() -> None:
    # Given a dashboard of the target that a migration overwrites
    world = PlanningWorld()
    world.migrated()
    renamed(world)
    planned_again(world, conflictPolicy="UPDATE")
    world.through("BackupTarget", "ImportAssets", "VerifyTarget")

    # When that is undone
    plan = restored(world)

    # Then the old name comes back, and nothing is deleted: the second job had created nothing
    (item,) = plan.items
    assert (item.target, item.action) == (SALES, Action.UPDATE)
    assert list(item.differences) == [{"path": "$.Name", "from": "Sales overview", "to": "Mine"}]


def test_a_restore_without_the_backup_fails_before_anything_is_done() -> None:
    world = PlanningWorld()
    world.migrated()
    renamed(world)
    planned_again(world, conflictPolicy="UPDATE")
    world.through("BackupTarget", "ImportAssets")
    (backup,) = world.tools.job(AGAIN).output("BackupTarget")["bundles"]
    world.storage.files.delete(backup["key"])
    world.becomes_restore()

    answer = world.run("Preflight")

    assert world.problems(answer) == [f"$.restoreOf: {backup['key']} does not exist any more"]
