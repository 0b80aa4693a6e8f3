"""Exports, what is fetched of them, and backups; and that nobody ever sees the address of a download."""

from __future__ import annotations

import io
import json
import random
import tracemalloc
import zipfile
from typing import Any

import pytest

from quicksight_migration import backup_target, export_assets, import_assets, upload_assets
from quicksight_migration.accounts.quicksight_errors import EditionUnsupported, LimitExceeded, quicksight_error
from quicksight_migration.assets.bundle_file import held_assets
from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.bundles.staging import Staging
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.planning.plan import read_plan
from quicksight_migration.worker import Task, failed, run, succeeded
from shared.errors import Throttled
from tests.unit.quicksight_migration.bundle_buckets import Storage
from tests.unit.quicksight_migration.bundle_world import JOB, LAKE, NEW, SOURCE, TARGET, BundleWorld, arn, dataset

STEPS = ("ExportAssets", "UploadAssets", "PlanImport", "BackupTarget", "ImportAssets")


# --- exports


def test_each_chunk_is_one_export_with_the_job_s_options() -> None:
    world = BundleWorld(options={"includePermissions": True, "includeTags": False})
    answer = world.run("ExportAssets")
    assert [each["bundleJobId"] for each in answer["output"]["exports"]] == world.starts("Export", SOURCE)
    first = next(asked for name, asked in world.calls[SOURCE].done if name == "StartAssetBundleExportJob")
    assert first == {
        "AwsAccountId": SOURCE,
        "AssetBundleExportJobId": f"{JOB}-export-1-c1",
        "ResourceArns": [arn("dashboard/sales")],
        "ExportFormat": "QUICKSIGHT_JSON",
        "IncludeAllDependencies": True,
        "IncludePermissions": True,
        "IncludeTags": False,
        "IncludeFolderMemberships": False,
        "ValidationStrategy": {"StrictModeForAllResources": False},
    }


def test_what_cannot_be_exported_is_told_by_asset() -> None:
    world = BundleWorld(chunks=(("dashboard/sales",), ("dashboard/gone",)))
    answer = world.run("ExportAssets")
    assert (answer["state"], answer["error"]["code"]) == ("FAILED", "EXPORT_FAILED")
    assert answer["error"]["details"]["chunk"] == 2
    assert answer["error"]["details"]["errors"][0]["arn"] == arn("dashboard/gone")


def test_warnings_of_an_export_are_kept() -> None:
    broken = {**NEW[2], "errors": [{"Type": "COLUMN_TYPE_MISMATCH", "Message": "a column is gone"}]}
    answer = BundleWorld(source_assets=(*NEW[:2], broken, *NEW[3:])).run("ExportAssets")
    assert "a column is gone" in json.dumps(answer["output"]["warnings"])


def test_pauses_grow_to_a_minute() -> None:
    world = BundleWorld()
    world.inject(SOURCE, asset="dashboard/sales", action={"type": "slow", "factor": 100})
    world.run("ExportAssets")
    pauses = [answer["seconds"] for answer in world.answers if answer["state"] == "WAIT"]
    assert pauses[:4] == [15, 22, 34, 51]
    assert max(pauses) == 60


def test_progress_fits_into_what_the_machine_carries() -> None:
    world = BundleWorld().ready()
    rule = {"type": "error", "code": "InvalidParameterValueException", "message": "ü" * 5000, "status": 400}
    world.inject(operation="StartAssetBundleImportJob", nth=[2], action=rule)
    world.run("ImportAssets")
    assert all(
        len(json.dumps(answer.get("progress", {}), ensure_ascii=False).encode()) < 1024 for answer in world.answers
    )


# --- what is fetched


def test_an_address_that_has_expired_is_asked_for_anew() -> None:
    world = BundleWorld()
    world.through("ExportAssets")
    world.inject(SOURCE, operation="Download", times=2, action={"type": "expire"})
    world.through("UploadAssets")
    assert len(world.opened) == len(set(world.opened)) == 4


def test_an_address_that_is_five_minutes_old_is_never_used() -> None:
    world = BundleWorld()
    world.through("ExportAssets")
    world.clock.move(3600)
    world.through("UploadAssets")
    assert len(world.opened) == 2


def test_a_download_that_breaks_off_is_begun_again_and_nothing_half_is_kept() -> None:
    world = BundleWorld()
    world.through("ExportAssets")
    world.inject(SOURCE, operation="Download", times=2, action={"type": "cut", "bytes": 100})
    world.through("UploadAssets")
    for chunk in (1, 2):
        with zipfile.ZipFile(io.BytesIO(world.storage.body(f"jobs/{JOB}/export-A1-c{chunk}.qs"))) as archive:
            assert archive.testzip() is None
    assert not world.storage.buckets.uploads


def test_what_was_fetched_is_not_fetched_again() -> None:
    # Given a bundle that was fetched by an attempt that then died
    world = BundleWorld()
    world.through("ExportAssets", "UploadAssets")
    first = world.store.steps[-1].output
    opened = len(world.opened)

    # When the step is done again, long after QuickSight has forgotten the export
    world.clock.move(15 * 86_400)
    again = world.run("UploadAssets")

    # Then the bundle that is there counts
    assert again["output"] == first
    assert len(world.opened) == opened


def test_an_export_that_is_gone_is_told_as_that() -> None:
    world = BundleWorld()
    world.through("ExportAssets")
    world.clock.move(15 * 86_400)
    assert world.run("UploadAssets")["error"]["code"] == "EXPORT_GONE"


def test_an_invocation_that_nears_its_end_lets_another_one_go_on() -> None:
    world = BundleWorld()
    world.through("ExportAssets")
    world.seconds_left = 10
    answer = world.call("UploadAssets")
    assert answer["state"] == "WAIT"
    world.seconds_left = 900
    assert world.call("UploadAssets", 1, answer["progress"])["state"] == "SUCCEEDED"


def test_nobody_ever_sees_the_address_of_a_download(caplog: pytest.LogCaptureFixture, capsys: Any) -> None:
    # Given downloads of which some fail
    world = BundleWorld()
    world.inject(SOURCE, operation="Download", times=1, action={"type": "expire"})
    world.inject(SOURCE, operation="Download", nth=[2], action={"type": "cut", "bytes": 10})
    world.inject(TARGET, operation="Download", nth=[1], action={"type": "error", "status": 503})

    # When everything has been done
    with caplog.at_level(0):
        world.through(*STEPS)

    # Then no answer, log line or stored object has a token of any of them
    written = [body for versions in world.storage.buckets.objects.values() for v in versions if (body := v.body)]
    told = json.dumps([world.answers, [str(run) for run in world.store.steps]]) + capsys.readouterr().out
    told += "".join(json.dumps(vars(record), default=str) for record in caplog.records)
    assert len(world.opened) >= 5
    for url in world.opened:
        token = url.rpartition("=")[2]
        assert token not in told
        assert not any(token.encode() in body for body in written)


# --- backups


def test_a_backup_takes_what_is_overwritten_with_its_permissions_and_tags() -> None:
    world = BundleWorld()
    world.through("ExportAssets", "UploadAssets", "PlanImport", "BackupTarget")
    asked = next(asked for name, asked in world.calls[TARGET].done if name == "StartAssetBundleExportJob")
    assert asked["ResourceArns"] == [
        arn("datasource/lake", TARGET),
        arn("dataset/sales", TARGET),
        arn("dashboard/sales", TARGET),
    ]
    assert (asked["IncludePermissions"], asked["IncludeTags"], asked["IncludeAllDependencies"]) == (True, True, False)
    held = held_assets(io.BytesIO(world.storage.body(f"jobs/{JOB}/backup-A1-c1.qs")))
    assert held == {
        Asset(AssetType.DATASOURCE, "lake"),
        Asset(AssetType.DATASET, "sales"),
        Asset(AssetType.DASHBOARD, "sales"),
    }


def test_where_nothing_is_overwritten_there_is_no_backup() -> None:
    world = BundleWorld(target_assets=())
    world.through("ExportAssets", "UploadAssets", "PlanImport")
    answer = world.run("BackupTarget")
    assert (answer["state"], answer["output"]["bundles"]) == ("SKIPPED", [])


def test_a_backup_of_more_than_an_export_takes_is_split() -> None:
    # Given 120 datasets that are all overwritten
    new = [LAKE, *(dataset(f"d{number:03d}") for number in range(120))]
    old = [LAKE, *(dataset(f"d{number:03d}", "old") for number in range(120))]
    names = [f"dataset/d{number:03d}" for number in range(120)]
    world = BundleWorld(new, old, chunks=(names[:100], names[100:]))

    # When the target is backed up
    world.through("ExportAssets", "UploadAssets", "PlanImport", "BackupTarget")

    # Then no bundle has more than 100 assets, and each belongs to one chunk of the plan
    asked = [asked for name, asked in world.calls[TARGET].done if name == "StartAssetBundleExportJob"]
    assert [len(each["ResourceArns"]) for each in asked] == [100, 1, 20]
    assert [each["chunk"] for each in world.store.steps[-1].output["bundles"]] == [1, 1, 2]

    # When the second chunk fails, then both parts of the first come back
    world.inject(asset="dataset/d119", phase="IMPORT", action={"type": "fail"})
    assert world.run("ImportAssets")["targetState"] == "RESTORED"
    assert world.names()["dataset/d000"] == world.names()["dataset/d119"] == "old"


# --- staging


def big_bundle(storage: Storage) -> tuple[str, str]:
    """A bundle of twelve datasets with 4 MB of noise each, not compressed; its key and SHA-256."""
    chance, made = random.Random(1), io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(12):
            document = {"resourceType": "dataset", "dataSetId": f"d{number}", "name": chance.randbytes(2**21).hex()}
            archive.writestr(f"dataset/d{number}.json", json.dumps(document))
    written = storage.files.write("big.qs", [made.getvalue()])
    return written.key, written.sha256


class Counting:
    """A staging bucket that keeps nothing but the number of bytes."""

    def __init__(self) -> None:
        self.size = 0

    def __getattr__(self, name: str) -> Any:
        def call(**asked: Any) -> dict[str, Any]:
            self.size += len(asked.get("Body", b""))
            return {"UploadId": "u", "ETag": '"e"'}

        return call


@pytest.mark.parametrize("left_out", [(), (Asset(AssetType.DATASET, "d3"),)])
def test_a_bundle_is_staged_through_little_memory(left_out: tuple[Asset, ...]) -> None:
    # Given a bundle of 48 MB
    storage = Storage()
    key, sha256 = big_bundle(storage)
    staged = Counting()

    # When it is staged, whole or without an asset
    tracemalloc.start()
    Staging(storage.files, Bucket(staged, "staging")).stage(key, sha256, "towpath/big.qs", left_out)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    # Then most of it was never in memory, and all that is wanted has arrived
    size = storage.files.size(key) or 0
    assert most < 40 * 1024 * 1024 < size
    assert staged.size == size if not left_out else size / 3 < staged.size < size


def test_a_bundle_without_some_assets_is_a_bundle() -> None:
    world = BundleWorld(options={"conflictPolicy": "SKIP"}).ready()
    world.run("ImportAssets")
    plan = read_plan(world.storage.files.get_json(world.store.job.plan_key or ""))
    staged = world.storage.body(f"towpath/{JOB}/import-A1-c2.qs", "staging")
    wanted = {item.asset for item in plan.items if item.chunk == 2 and item.action == "CREATE"}
    assert held_assets(io.BytesIO(staged)) == wanted


# --- workers


def test_permanent_errors_are_answered_and_passing_ones_raised() -> None:
    event = {"jobId": JOB, "step": "ExportAssets", "attempt": 1, "progress": {}}

    def refuse(_task: Task) -> Any:
        raise EditionUnsupported("no Enterprise edition")

    def throttle(_task: Task) -> Any:
        raise Throttled("slower")

    assert run(event, refuse)["error"]["code"] == "EDITION_UNSUPPORTED"
    with pytest.raises(Throttled):
        run(event, throttle)


def test_answers_have_no_empty_members() -> None:
    assert succeeded() == {"state": "SUCCEEDED", "output": {}}
    assert failed("X", "y" * 5000)["error"] == {"code": "X", "message": "y" * 1000}


def test_quicksight_s_refusals_are_told_apart() -> None:
    world = BundleWorld()
    world.inject(SOURCE, operation="StartAssetBundleExportJob", times=1, action={"type": "limit_exceeded"})
    world.simulators[SOURCE].configure(edition="STANDARD")
    session = world.tools.source(world.store.job)
    for kind in (LimitExceeded, EditionUnsupported):
        with pytest.raises(kind):
            try:
                session.quicksight.start_asset_bundle_export_job(
                    AwsAccountId=SOURCE,
                    AssetBundleExportJobId="a",
                    ResourceArns=[arn("dashboard/sales")],
                    ExportFormat="QUICKSIGHT_JSON",
                )
            except session.quicksight.exceptions.ClientError as error:
                raise quicksight_error(error, "start a") from error


@pytest.mark.parametrize("module", [export_assets, upload_assets, backup_target, import_assets])
def test_a_handler_leads_its_step_with_the_time_that_is_left(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a job that is ready for the step
    world = BundleWorld()
    name = "".join(part.title() for part in module.__name__.rpartition(".")[2].split("_"))
    for step in STEPS[: STEPS.index(name)]:
        world.through(step)
    monkeypatch.setattr(module, "worker_tools", lambda: world.tools)

    class Context:
        def get_remaining_time_in_millis(self) -> int:
            return 900_000

    # When Lambda calls it
    answer = module.handler({"jobId": JOB, "step": name, "attempt": 1, "progress": {}}, Context())

    # Then it answers what the machine understands
    assert answer["state"] in ("WAIT", "SUCCEEDED")
    assert json.loads(json.dumps(answer)) == answer
