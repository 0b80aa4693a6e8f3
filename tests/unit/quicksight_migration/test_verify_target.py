"""Verification: what an import has really left, and what is written down of it."""

from __future__ import annotations

from typing import Any

import pytest

from quicksight_migration.assets.inventory import Found
from quicksight_migration.assets.types import Asset, AssetType, Place
from quicksight_migration.drift.manifest import read_manifest
from quicksight_migration.drift.verification import MOST_CHARACTERS, MOST_RESULTS, results_of, shortened, verdicts_of
from quicksight_migration.planning.plan import Action, ConflictPolicy, Item, Plan
from shared.schemas import problems
from tests.unit.quicksight_migration.bundle_world import REGION, SOURCE, TARGET
from tests.unit.quicksight_migration.planning_world import PERMISSIONS, PlanningWorld, payload

BOARD = Asset(AssetType.DASHBOARD, "sales")
PLACE = Place(TARGET, REGION)


def found(**more: Any) -> Found:
    return Found(BOARD, "Sales", {"Name": "Sales"}, **{"status": "CREATION_SUCCESSFUL", **more})


def plan_of(*items: Item) -> Plan:
    return Plan("job-1", 1, "now", Place(SOURCE, REGION), PLACE, (), ConflictPolicy.UPDATE, items=items)


@pytest.mark.parametrize(
    ("action", "there", "state"),
    [
        (Action.CREATE, found(), "VERIFIED"),
        (Action.UPDATE, None, "MISSING"),
        (Action.CREATE, found(status="CREATION_FAILED", errors=("X: y",)), "FAILED"),
        (Action.UPDATE, found(status="UPDATE_IN_PROGRESS"), "BUSY"),
        (Action.CREATE, found(errors=("COLUMN_TYPE_MISMATCH: x",)), "BROKEN"),
        (Action.UNCHANGED, Found(BOARD, "Other", {"Name": "Other"}), "DIFFERS"),
        (Action.DELETE, None, "GONE"),
        (Action.DELETE, found(), "LEFT"),
    ],
)
def test_what_an_asset_is_found_to_be(action: Action, there: Found | None, state: str) -> None:
    item = Item(BOARD, BOARD, "Sales", action, 1, new_fingerprint=found().fingerprint)

    (verdict,) = verdicts_of(plan_of(item), {BOARD: there}, strict=True)

    assert verdict.state == state


def test_errors_are_lived_with_where_the_job_says_so_and_what_was_skipped_is_not_ours() -> None:
    broken = found(errors=("COLUMN_TYPE_MISMATCH: x",))
    item = Item(BOARD, BOARD, "Sales", Action.CREATE, 1, new_fingerprint=broken.fingerprint)
    skipped = Item(Asset(AssetType.THEME, "t"), Asset(AssetType.THEME, "t"), "T", Action.SKIP, 1)

    (verdict,) = verdicts_of(plan_of(item, skipped), {BOARD: broken}, strict=False)
    assert verdict.state == "VERIFIED"


def test_a_long_list_of_results_is_cut_to_what_a_record_holds() -> None:
    items = [
        Item(each, each, each.id, Action.CREATE, 1)
        for n in range(400)
        for each in [Asset(AssetType.DATASET, f"d{n}" * 40)]
    ]

    short = shortened(results_of(plan_of(*items), PLACE))

    assert 0 < len(short) <= MOST_RESULTS
    assert len(str(short)) <= MOST_CHARACTERS + 2000


def test_everything_imported_is_verified_and_written_down() -> None:
    # Given a migration that has been imported
    world = PlanningWorld(payload=payload(permissions=PERMISSIONS))
    world.migrated()

    # Then every asset is as the plan foresaw
    output = world.answers[-1]["output"]
    assert output["counts"] == {"VERIFIED": 8}
    assert output["warnings"] == []
    assert len(world.stored(output["verifyKey"])["assets"]) == 8

    # And there are links to what has a page
    results = output["results"]["assets"]
    assert results[0]["url"] == f"https://{REGION}.quicksight.aws.amazon.com/sn/dashboards/sales-overview"
    assert all(f":{TARGET}:" in each["arn"] for each in results)
    assert problems("migration-job#/properties/results", output["results"]) == []
    assert len(world.stored(output["results"]["resultsKey"])["assets"]) == 8

    # And the manifest knows source and target by their fingerprints
    manifest = read_manifest(world.stored(output["manifestKey"]))
    assert (manifest.source.account_id, manifest.target.account_id) == (SOURCE, TARGET)
    assert all(each.source_fingerprint for each in manifest.assets)
    changed = {each.target.id for each in manifest.assets if each.source_fingerprint != each.target_fingerprint}
    assert changed == {"sales-athena", "warehouse"}


def test_an_asset_that_is_gone_fails_the_step() -> None:
    world = PlanningWorld()
    world.planned()
    world.through("BackupTarget", "ImportAssets")
    world.simulators[TARGET].inject({"action": {"type": "delete_asset", "asset": "theme/brand"}})

    answer = world.run("VerifyTarget")

    assert answer["error"]["code"] == "VERIFICATION_FAILED"
    assert [each["assetId"] for each in answer["error"]["details"]] == ["brand"]


def test_an_asset_that_somebody_changed_is_told_and_becomes_what_drift_is_measured_by() -> None:
    world = PlanningWorld()
    world.planned()
    world.through("BackupTarget", "ImportAssets")
    world.simulators[TARGET].inject({"action": {"type": "edit_asset", "asset": "theme/brand", "name": "Mine"}})

    output = world.run("VerifyTarget")["output"]

    assert output["counts"] == {"DIFFERS": 1, "VERIFIED": 7}
    assert output["warnings"] == ["THEME brand is not quite what the plan foresaw"]


def test_an_export_that_was_used_again_is_compared_with_the_source_of_its_time() -> None:
    # Given an export, a change in the source after it, and a retry that uses the export
    world = PlanningWorld()
    world.through("Preflight", "ExportAssets", "UploadAssets")
    world.simulators[SOURCE].inject({"action": {"type": "edit_asset", "asset": "theme/brand", "name": "New"}})
    world.through("Preflight", "PlanImport", "BackupTarget", "ImportAssets", "VerifyTarget")

    # Then the manifest has the source as it was when it was exported
    exported = world.stored(world.tools.job(world.store.job.job_id).attempts("Preflight")[0].output["preflightKey"])
    then = {(each["assetType"], each["assetId"]): each["fingerprint"] for each in exported["assets"]}
    manifest = read_manifest(world.stored(world.answers[-1]["output"]["manifestKey"]))
    (brand,) = [each for each in manifest.assets if each.asset.type == "THEME"]
    assert brand.source_fingerprint == then["THEME", "brand"]


def test_a_restore_says_what_is_gone() -> None:
    world = PlanningWorld()
    world.migrated()
    world.becomes_restore()
    world.through("Preflight", "PlanImport", "BackupTarget", "ImportAssets", "UpdatePermissions", "VerifyTarget")

    output = world.answers[-1]["output"]
    assert output["counts"] == {"GONE": 8}
    assert len(read_manifest(world.stored(output["manifestKey"])).deleted) == 8
