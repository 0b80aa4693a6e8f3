"""What can happen to an import: chunks and rollbacks that fail, people who change the target, attempts that die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration.records.job import Asked
from quicksight_migration.records.statuses import RESTORE
from tests.unit.quicksight_migration.bundle_world import JOB, LAKE, SOURCE, TARGET, BundleWorld, dashboard, dataset
from tests.unit.quicksight_migration.test_bundle_faults import AFTER, BEFORE, STEPS, failing

FAIL = {"type": "fail", "error": "no such column"}


def imported(attempt: int = 1, *chunks: int) -> list[str]:
    return [f"{JOB}-import-{attempt}-c{chunk}" for chunk in chunks]


# --- chunks


def test_chunks_are_imported_in_their_order_one_at_a_time() -> None:
    world = BundleWorld().ready()
    answer = world.run("ImportAssets")
    assert answer["targetState"] == "MIGRATED"
    assert answer["output"]["imports"] == [
        {"chunk": 1, "bundleJobId": f"{JOB}-import-1-c1"},
        {"chunk": 2, "bundleJobId": f"{JOB}-import-1-c2"},
    ]
    assert world.starts() == imported(1, 1, 2)
    assert world.names() == AFTER


def test_what_an_earlier_chunk_holds_is_left_out_of_a_later_one() -> None:
    # Given two bundles that both hold the data source
    world = BundleWorld().ready()
    world.run("ImportAssets")

    # Then the second import wrote only what is its own, and was not told of overrides for the rest
    plans = {name: job["plan"] for name, job in world.simulators[TARGET].state.imports.items()}
    assert sorted(key for key, _ in plans[f"{JOB}-import-1-c2"]) == ["dashboard/costs", "dataset/costs"]
    requests = [asked for name, asked in world.calls[TARGET].done if name == "StartAssetBundleImportJob"]
    assert ["OverrideParameters" in each for each in requests] == [True, False]


def test_a_chunk_that_fails_after_another_leads_back_to_where_the_target_was() -> None:
    world = failing()
    answer = world.run("ImportAssets")
    assert (answer["state"], answer["targetState"]) == ("FAILED", "RESTORED")
    assert answer["error"]["code"] == "IMPORT_FAILED"
    assert "no such column" in answer["error"]["details"]["errors"][0]["message"]
    assert world.names() == BEFORE
    assert list(world.jobs().values()) == ["SUCCESSFUL", "FAILED_ROLLBACK_COMPLETED", "SUCCESSFUL"]
    assert list(world.jobs())[-1] == f"{JOB}-restore-1-c1"


def test_what_the_earlier_chunk_had_created_is_deleted_again() -> None:
    # Given a target that has nothing yet
    world = BundleWorld(target_assets=()).ready()
    world.inject(asset="dashboard/costs", phase="IMPORT", action=FAIL)

    # When the second chunk fails
    answer = world.run("ImportAssets")

    # Then there is nothing again
    assert answer["targetState"] == "RESTORED"
    assert world.names() == {}


def test_one_chunk_that_fails_is_put_back_by_quicksight() -> None:
    world = BundleWorld(chunks=(("dashboard/sales", "dashboard/costs"),)).ready()
    world.inject(asset="dashboard/costs", phase="IMPORT", action=FAIL)
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("IMPORT_FAILED", "UNTOUCHED")
    assert world.names() == BEFORE


def test_a_rollback_that_fails_leaves_the_target_unknown_and_says_where() -> None:
    world = BundleWorld(chunks=(("dashboard/sales", "dashboard/costs"),)).ready()
    world.inject(asset="dashboard/costs", phase="IMPORT", action=FAIL)
    world.inject(asset="dataset/sales", phase="ROLLBACK", action={"type": "fail", "error": "cannot be undone"})
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("ROLLBACK_ERROR", "UNKNOWN")
    [told] = answer["error"]["details"]["rollbackErrors"]
    assert told["arn"].endswith("dataset/sales") and "cannot be undone" in told["message"]


def test_without_rollback_what_was_done_stays_done() -> None:
    world = BundleWorld(options={"failureAction": "DO_NOTHING"}).ready()
    world.inject(asset="dashboard/costs", phase="IMPORT", action=FAIL)
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("IMPORT_FAILED", "UNKNOWN")
    assert world.names()["dashboard/sales"] == "sales" and "dataset/costs" in world.names()


def test_a_start_that_is_refused_for_the_second_chunk_takes_the_first_one_back() -> None:
    world = BundleWorld().ready()
    rule = {"type": "error", "code": "InvalidParameterValueException", "message": "bad", "status": 400}
    world.inject(operation="StartAssetBundleImportJob", nth=[2], action=rule)
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("VALIDATION_FAILED", "RESTORED")
    assert world.names() == BEFORE


def test_without_a_backup_nothing_is_said_to_be_restored() -> None:
    world = BundleWorld()
    world.through("ExportAssets", "UploadAssets", "PlanImport")
    world.inject(asset="dashboard/costs", phase="IMPORT", action=FAIL)
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("RESTORE_FAILED", "UNKNOWN")
    assert answer["error"]["details"]["cause"]["code"] == "IMPORT_FAILED"


def test_a_restore_that_fails_is_told_with_what_led_to_it() -> None:
    world = failing()
    world.inject(asset="dashboard/sales", job=f"{JOB}-restore-*", phase="IMPORT", action=FAIL)
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("RESTORE_FAILED", "UNKNOWN")
    assert answer["error"]["details"]["cause"]["job"] == f"{JOB}-import-1-c2"


# --- starting once


@pytest.mark.parametrize(
    "action",
    [
        {"type": "lost_response"},
        {"type": "delayed_request", "seconds": 8},
        {"type": "late_visibility", "seconds": 45},
    ],
)
@pytest.mark.parametrize("nth", [1, 2])
def test_a_start_whose_fate_is_unknown_is_looked_for_and_not_sent_again(action: dict[str, Any], nth: int) -> None:
    world = BundleWorld().ready()
    world.inject(operation="StartAssetBundleImportJob", nth=[nth], action=action)
    assert world.run("ImportAssets")["targetState"] == "MIGRATED"
    assert list(world.jobs()) == imported(1, 1, 2)
    sent = [name for name, _ in world.calls[TARGET].asked if name == "StartAssetBundleImportJob"]
    assert len(sent) == 2


def test_a_job_that_does_not_show_after_its_worker_died_is_waited_for() -> None:
    # Given a start after which the worker dies, and a job that QuickSight does not show for a while
    world = BundleWorld().ready()
    world.inject(operation="StartAssetBundleImportJob", nth=[1], action={"type": "late_visibility", "seconds": 40})
    flaky, before = world.calls[TARGET], len(world.calls[TARGET].calls)
    died = iter(("dead after",))
    flaky.fault = lambda operation, number: (
        next(died, "") if operation == "StartAssetBundleImportJob" and number > before else ""
    )

    # When the machine calls again
    answer = world.run("ImportAssets")

    # Then it was started once
    assert answer["targetState"] == "MIGRATED"
    assert world.starts() == imported(1, 1, 2)


def test_others_may_use_the_account_too() -> None:
    # Given five imports of other people for ten minutes
    world = BundleWorld().ready()
    world.inject(action={"type": "external_jobs", "kind": "IMPORT", "count": 5, "seconds": 600})

    # When ours is started
    answer = world.run("ImportAssets")

    # Then it waits for them instead of failing
    assert answer["targetState"] == "MIGRATED"
    assert world.starts() == imported(1, 1, 2)


def test_who_waits_too_long_is_told_and_has_changed_nothing() -> None:
    world = BundleWorld().ready()
    world.inject(action={"type": "external_jobs", "kind": "IMPORT", "count": 5, "seconds": 86_400})
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("STEP_TIMED_OUT", "UNTOUCHED")
    assert world.names() == BEFORE


def test_an_import_that_never_ends_leaves_the_target_unknown() -> None:
    world = BundleWorld().ready()
    world.inject(asset="dashboard/sales", phase="IMPORT", action={"type": "hang"})
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("STEP_TIMED_OUT", "UNKNOWN")


# --- people


def test_a_target_that_has_changed_is_planned_anew_and_then_migrated() -> None:
    # Given somebody who renames a dashboard after the plan
    world = BundleWorld().ready()
    world.inject(action={"type": "edit_asset", "asset": "dashboard/sales", "name": "By hand"})

    # When the import looks at the target
    answer = world.run("ImportAssets")

    # Then nothing is imported before there is another plan
    assert answer["state"] == "REPLAN"
    assert answer["output"]["changes"] == [{"assetType": "DASHBOARD", "assetId": "sales"}]
    assert world.starts() == []
    world.through("PlanImport", "BackupTarget", "ImportAssets")
    assert world.names() == AFTER


def test_a_target_that_keeps_changing_is_given_up() -> None:
    world = BundleWorld().ready()
    for number in range(3):
        world.inject(action={"type": "edit_asset", "asset": "dashboard/sales", "name": f"By hand {number}"})
        assert world.run("ImportAssets")["state"] == "REPLAN"
        world.through("PlanImport", "BackupTarget")
    world.inject(action={"type": "edit_asset", "asset": "dashboard/sales", "name": "Again"})
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("TARGET_DRIFTED", "UNTOUCHED")


def test_a_change_while_the_job_waits_for_room_is_noticed_too() -> None:
    world = BundleWorld().ready()
    world.inject(action={"type": "external_jobs", "kind": "IMPORT", "count": 5, "seconds": 600})
    world.inject(action={"type": "edit_asset", "asset": "dashboard/sales", "name": "By hand", "afterSeconds": 300})
    assert world.run("ImportAssets")["state"] == "REPLAN"
    assert world.names()["dashboard/sales"] == "By hand"


# --- cancelling


def cancel(world: BundleWorld) -> None:
    world.store.job = replace(world.store.job, cancel_requested=Asked(by="user:alice", at="now"))


@pytest.mark.parametrize("step", ["ExportAssets", "BackupTarget", "ImportAssets"])
def test_nothing_is_begun_for_a_job_that_is_cancelled(step: str) -> None:
    world = BundleWorld()
    for before in STEPS[: STEPS.index(step)]:
        world.through(before)
    started = [*world.starts("Export", SOURCE), *world.starts("Export"), *world.starts()]
    cancel(world)
    answer = world.run(step)
    assert (answer["error"]["code"], answer.get("targetState", "UNTOUCHED")) == ("CANCELLED", "UNTOUCHED")
    assert started == [*world.starts("Export", SOURCE), *world.starts("Export"), *world.starts()]


def test_who_waits_for_others_can_be_cancelled() -> None:
    world = BundleWorld().ready()
    world.inject(action={"type": "external_jobs", "kind": "IMPORT", "count": 5, "seconds": 86_400})
    first = world.call("ImportAssets")
    cancel(world)
    assert world.call("ImportAssets", 1, first["progress"])["error"]["code"] == "CANCELLED"


def test_an_import_that_runs_is_followed_to_its_end_and_then_taken_back() -> None:
    # Given a job that is cancelled while its first chunk is imported
    world = BundleWorld().ready()
    world.call("ImportAssets")
    cancel(world)

    # When the machine goes on
    answer = world.run("ImportAssets")

    # Then the second chunk is never started, and the first one undone
    assert (answer["error"]["code"], answer["targetState"]) == ("CANCELLED", "RESTORED")
    assert list(world.jobs()) == [f"{JOB}-import-1-c1", f"{JOB}-restore-1-c1"]
    assert world.names() == BEFORE


def test_where_nothing_is_rolled_back_an_import_that_was_begun_is_finished() -> None:
    world = BundleWorld(options={"failureAction": "DO_NOTHING"}).ready()
    world.call("ImportAssets")
    cancel(world)
    assert world.run("ImportAssets")["targetState"] == "MIGRATED"
    assert world.names() == AFTER


# --- attempts


def test_what_an_earlier_attempt_has_imported_is_not_imported_again() -> None:
    # Given an attempt whose machine ended when the first chunk was done
    world = BundleWorld().ready()
    progress: dict[str, Any] = {}
    while not world.jobs() or list(world.jobs().values())[0] != "SUCCESSFUL":
        progress = world.call("ImportAssets", 1, progress)["progress"]
        world.clock.move(5)
        world.simulators[TARGET].advance_to(world.clock())
    world.died("ImportAssets")

    # When the step is tried again
    answer = world.run("ImportAssets")

    # Then only the second chunk is imported
    assert answer["targetState"] == "MIGRATED"
    assert world.starts() == [*imported(1, 1), *imported(2, 2)]
    assert world.names() == AFTER


def test_what_an_earlier_attempt_has_left_running_is_waited_for() -> None:
    # Given an attempt whose machine ended while its import ran
    world = BundleWorld().ready()
    world.call("ImportAssets")
    assert world.jobs() == {f"{JOB}-import-1-c1": "QUEUED_FOR_IMMEDIATE_EXECUTION"}
    world.died("ImportAssets")

    # When the step is tried again at once
    answer = world.run("ImportAssets")

    # Then no two imports ran at the same time, and no chunk was imported twice
    assert answer["targetState"] == "MIGRATED"
    assert world.starts() == [*imported(1, 1), *imported(2, 2)]


def test_a_failure_of_a_later_attempt_takes_back_what_an_earlier_one_has_done() -> None:
    world = BundleWorld().ready()
    world.call("ImportAssets")
    world.died("ImportAssets")
    world.inject(asset="dashboard/costs", phase="IMPORT", action=FAIL)
    answer = world.run("ImportAssets")
    assert answer["targetState"] == "RESTORED"
    assert world.names() == BEFORE


def test_a_retry_after_a_restored_failure_imports_everything() -> None:
    world = failing()
    world.run("ImportAssets")
    world.simulators[TARGET].clear_injections()
    assert world.run("ImportAssets")["targetState"] == "MIGRATED"
    assert world.starts()[-2:] == imported(2, 1, 2)
    assert world.names() == AFTER


def test_an_attempt_that_changes_nothing_leaves_what_was_said_of_the_target() -> None:
    # Given a rollback that failed, and a plan that has been made anew since
    world = BundleWorld(chunks=(("dashboard/sales", "dashboard/costs"),)).ready()
    world.inject(asset="dashboard/costs", phase="IMPORT", times=2, action=FAIL)
    world.inject(asset="dataset/sales", phase="ROLLBACK", times=1, action={"type": "fail", "error": "no"})
    assert world.run("ImportAssets")["targetState"] == "UNKNOWN"
    assert world.run("ImportAssets")["state"] == "REPLAN"
    world.through("PlanImport", "BackupTarget")

    # When the next attempt is rolled back whole
    answer = world.run("ImportAssets")

    # Then the target is not called untouched
    assert (answer["error"]["code"], answer["targetState"]) == ("IMPORT_FAILED", "UNKNOWN")


# --- policies


def test_skipped_assets_are_left_out_of_the_bundle() -> None:
    world = BundleWorld(options={"conflictPolicy": "SKIP"}).ready()
    assert world.run("ImportAssets")["targetState"] == "MIGRATED"
    assert world.names() == {**AFTER, **BEFORE}


def test_a_prefix_makes_copies_beside_what_is_there() -> None:
    world = BundleWorld(options={"conflictPolicy": "PREFIX", "prefix": "new-"}).ready()
    assert world.run("ImportAssets")["targetState"] == "MIGRATED"
    copies = {f"{kind}/new-{name}": title for key, title in AFTER.items() for kind, name in [key.split("/")]}
    assert world.names() == {**BEFORE, **copies}
    lake = world.simulators[TARGET].state.assets["datasource/new-lake"]
    assert lake["request"]["DataSourceParameters"]["AthenaParameters"]["WorkGroup"] == "prod"


def test_a_target_that_is_as_the_bundles_are_is_left_alone() -> None:
    world = BundleWorld().ready()
    world.run("ImportAssets")
    world.through("PlanImport")
    assert world.run("ImportAssets")["state"] == "SKIPPED"
    assert len(world.starts()) == 2


def test_a_plan_that_is_not_the_approved_one_is_not_carried_out() -> None:
    world = BundleWorld().ready()
    plan = world.storage.files.get_json(world.store.job.plan_key or "")
    world.storage.files.put_json(world.store.job.plan_key or "", {**plan, "items": plan["items"][1:]})
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("PLAN_CHANGED", "UNTOUCHED")


@pytest.mark.parametrize("chunk", [1, 2])
def test_a_bundle_that_is_not_the_planned_one_is_not_imported(chunk: int) -> None:
    world = BundleWorld().ready()
    world.storage.files.write(f"jobs/{JOB}/export-A1-c{chunk}.qs", [world.storage.body(f"jobs/{JOB}/backup-A1-c1.qs")])
    answer = world.run("ImportAssets")
    assert answer["error"]["code"] == "BUNDLE_DAMAGED"
    assert world.names() == BEFORE


# --- restores


def undoing(world: BundleWorld) -> BundleWorld:
    """The world's job migrated, and another that is to undo it."""
    assert world.run("ImportAssets")["targetState"] == "MIGRATED"
    world.becomes_restore()
    return world


def test_a_restore_brings_back_what_was_and_deletes_what_came_new() -> None:
    world = undoing(BundleWorld().ready())
    answer = world.through("PlanImport", "BackupTarget", "ImportAssets")
    assert answer["targetState"] == "RESTORED"
    assert answer["output"]["deleted"] == 2
    assert world.names() == BEFORE


def test_a_restore_keeps_what_somebody_has_changed_since() -> None:
    world = undoing(BundleWorld().ready())
    world.inject(action={"type": "edit_asset", "asset": "dashboard/costs", "name": "Mine now"})
    world.through("PlanImport", "BackupTarget", "ImportAssets")
    assert world.names() == {**BEFORE, "dashboard/costs": "Mine now"}


def test_a_restore_of_a_job_that_only_created_deletes_and_imports_nothing() -> None:
    world = undoing(BundleWorld(target_assets=()).ready())
    imports = len(world.starts())
    world.through("PlanImport", "BackupTarget", "ImportAssets")
    assert world.names() == {} and len(world.starts()) == imports


def test_a_restore_that_finds_everything_as_it_was_says_so() -> None:
    # Given a job that was taken back by its own import
    world = failing()
    world.run("ImportAssets")
    world.becomes_restore()

    # When it is restored all the same
    world.through("PlanImport", "BackupTarget")
    answer = world.run("ImportAssets")

    # Then nothing is imported
    assert (answer["state"], answer["targetState"]) == ("SKIPPED", "RESTORED")


def test_a_restore_that_dies_while_it_deletes_goes_on_where_it_was() -> None:
    world = undoing(BundleWorld().ready())
    world.through("PlanImport", "BackupTarget")
    before = len(world.calls[TARGET].calls)
    died = iter(("dead after", "dead before", "throttled"))
    world.calls[TARGET].fault = lambda operation, number: (
        next(died, "") if number > before and operation.startswith("Delete") else ""
    )
    assert world.run("ImportAssets")["targetState"] == "RESTORED"
    assert world.names() == BEFORE


def restoring() -> BundleWorld:
    """A restore that has something to delete."""
    world = undoing(BundleWorld().ready())
    world.through("PlanImport", "BackupTarget")
    return world


def taking_back() -> BundleWorld:
    """An import whose first chunk is all new and whose second one fails."""
    world = BundleWorld(target_assets=()).ready()
    world.inject(asset="dashboard/costs", phase="IMPORT", action=FAIL)
    return world


@pytest.mark.parametrize("fault", ["throttled", "denied", "down"])
@pytest.mark.parametrize("given", [restoring, taking_back])
def test_what_cannot_be_deleted_is_not_tried_for_ever(given: Callable[[], BundleWorld], fault: str) -> None:
    world = given()
    world.calls[TARGET].fault = lambda operation, _number: fault if operation.startswith("Delete") else ""
    answer = world.run("ImportAssets")
    assert (answer["error"]["code"], answer["targetState"]) == ("RESTORE_FAILED", "UNKNOWN")


def test_folders_are_emptied_before_they_are_deleted() -> None:
    # Given a folder that comes along with what lies in it
    folder = {"type": "FOLDER", "request": {"FolderId": "sales", "Name": "Sales", "FolderType": "SHARED"}}
    inside = {**dashboard("sales", "sales"), "folders": ["sales"]}
    source = (folder, LAKE, dataset("sales"), inside)
    world = BundleWorld(
        source_assets=source,
        target_assets=(),
        chunks=(("dashboard/sales", "folder/sales"),),
        options={"includeFolderMemberships": True},
    ).ready()
    undoing(world)
    world.through("PlanImport", "BackupTarget", "ImportAssets")
    assert world.names() == {}


def test_steps_that_a_restore_has_not_are_skipped() -> None:
    world = undoing(BundleWorld().ready())
    assert world.store.job.type == RESTORE
    assert [world.run(step)["state"] for step in ("ExportAssets", "UploadAssets")] == ["SKIPPED", "SKIPPED"]
