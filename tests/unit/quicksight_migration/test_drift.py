"""Drift: migrated assets against what their last migration left, in source and target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration.assets.inventory import Found
from quicksight_migration.assets.types import Asset, AssetType, Place
from quicksight_migration.drift.comparison import Drift, Known, drift_of, latest
from quicksight_migration.drift.manifest import Manifest, Migrated, read_manifest
from quicksight_migration.drift.reporting import report_drift
from quicksight_migration.records import beside
from quicksight_migration.records.job import Job
from quicksight_migration.records.memory_store import MemoryStore
from shared.errors import Throttled
from shared.schemas import problems
from tests.unit.quicksight_migration.bundle_world import JOB, REGION, SOURCE, TARGET
from tests.unit.quicksight_migration.planning_world import PlanningWorld

BOARD = Asset(AssetType.DASHBOARD, "sales")
FROM, TO = Place(SOURCE, REGION), Place(TARGET, REGION)
REPORT = "drift-22222222222222222222"
JOB_ID = "job-33333333333333333333"


def found(name: str) -> Found:
    return Found(BOARD, name, {"Name": name})


def left(source: str | None = "a", target: str = "b") -> Migrated:
    """What a migration left: names stand for contents."""
    return Migrated(BOARD, BOARD, "Sales", found(target).fingerprint, found(source).fingerprint if source else None)


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("a", "b", Drift.IN_SYNC),
        ("x", "b", Drift.SOURCE_CHANGED),
        ("a", "x", Drift.TARGET_CHANGED),
        ("x", "x", Drift.BOTH_CHANGED),
        (None, "b", Drift.SOURCE_DELETED),
        ("a", None, Drift.TARGET_DELETED),
        (None, None, Drift.SOURCE_DELETED),
    ],
)
def test_how_an_asset_stands(source: str | None, target: str | None, expected: Drift) -> None:
    known = Known(left(), "job-1", FROM, TO)

    assert drift_of(known, found(source) if source else None, found(target) if target else None) is expected


def test_what_a_restore_brought_back_is_compared_in_the_target_alone() -> None:
    known = Known(left(source=None), "job-1", FROM, TO)

    assert drift_of(known, None, found("b")) is Drift.IN_SYNC
    assert drift_of(known, None, found("x")) is Drift.TARGET_CHANGED


def test_the_last_migration_of_an_asset_counts() -> None:
    newest = Manifest("job-2", FROM, TO, [left(target="new")])
    oldest = Manifest("job-1", FROM, TO, [left(target="old")])

    (known,) = latest([newest, oldest])
    assert known.job_id == "job-2"
    assert latest([Manifest("job-3", TO, TO, [], [BOARD]), newest, oldest]) == []


def test_a_manifest_and_back() -> None:
    manifest = Manifest("job-1", FROM, TO, [left()], [Asset(AssetType.THEME, "t")])

    assert read_manifest(manifest.document()) == manifest


class Migrations:
    """The two example accounts after a migration, and the table that knows of it."""

    def __init__(self) -> None:
        self.world = PlanningWorld()
        self.world.migrated()
        self.store = MemoryStore()
        key = self.world.answers[-1]["output"]["manifestKey"]
        self.completed(JOB_ID, key, "2026-01-02T00:00:00.000000Z")

    def completed(self, job_id: str, manifest_key: str, at: str) -> None:
        """A job that has ended well."""
        accounts = {"source_account_id": SOURCE, "target_account_id": TARGET}
        job = Job(job_id=job_id, status="COMPLETED", created_at=at, **accounts)
        manifest = beside.Manifest(job_id=job_id, manifest_key=manifest_key, completed_at=at, **accounts)
        assert self.store.save(job, manifest)

    def act(self, account: str, kind: str, asset: str, **more: str) -> None:
        """Somebody edits or deletes an asset."""
        self.world.simulators[account].inject({"action": {"type": kind, "asset": asset, **more}})

    def report(self, **event: Any) -> Mapping[str, Any]:
        """A report of everything or of what the event says; the document behind it."""
        answer = report_drift(self.world.tools, self.store, event)
        assert answer["status"] == "COMPLETED"
        document: dict[str, Any] = self.world.stored(f"drift/{answer['reportId']}.json")
        assert document["counts"] == answer["counts"]
        return document


def statuses(document: Mapping[str, Any]) -> dict[str, str]:
    return {f"{each['assetType']} {each['assetId']}": each["status"] for each in document["assets"]}


def test_right_after_a_migration_everything_is_in_sync() -> None:
    document = Migrations().report()

    assert document["counts"] == {"IN_SYNC": 8}
    # The job's id of this test's world is none that the schema knows.
    assets = [{**each, "jobId": JOB_ID} for each in document["assets"]]
    assert problems("drift-report", {**document, "assets": assets}) == []


def test_what_people_do_afterwards_is_told_side_by_side() -> None:
    here = Migrations()
    here.act(SOURCE, "edit_asset", "analysis/sales-overview", name="Next version")
    here.act(TARGET, "edit_asset", "theme/brand", name="Our brand")
    here.act(SOURCE, "edit_asset", "dataset/orders", name="Orders 2")
    here.act(TARGET, "edit_asset", "dataset/orders", name="Orders of ours")
    here.act(TARGET, "delete_asset", "dashboard/sales-overview")
    here.act(SOURCE, "delete_asset", "dataset/customers")

    found = statuses(here.report())

    assert found == {
        "ANALYSIS sales-overview": "SOURCE_CHANGED",
        "THEME brand": "TARGET_CHANGED",
        "DATASET orders": "BOTH_CHANGED",
        "DASHBOARD sales-overview": "TARGET_DELETED",
        "DATASET customers": "SOURCE_DELETED",
        "DATASOURCE sales-athena": "IN_SYNC",
        "DATASOURCE warehouse": "IN_SYNC",
        "REFRESH_SCHEDULE orders/refresh-schedule/daily": "IN_SYNC",
    }


def test_a_report_that_was_asked_for_ends_in_its_record_and_is_made_once() -> None:
    here = Migrations()
    asked = beside.DriftReport(job_id=REPORT, created_at="2026-01-03T00:00:00.000000Z", initiated_by="user:ann")
    here.store.save(asked)

    here.report(reportId=REPORT)
    before = len(here.world.calls[TARGET].calls)
    here.report(reportId=REPORT)

    report = here.store.drift_report(REPORT)
    assert report is not None
    assert (report.report_state, dict(report.counts), report.initiated_by) == ("COMPLETED", {"IN_SYNC": 8}, "user:ann")
    assert len(here.world.calls[TARGET].calls) == before


def test_a_report_of_the_schedule_makes_its_own_record() -> None:
    here = Migrations()

    document = here.report()

    report = here.store.drift_report(document["reportId"])
    assert report is not None
    assert (report.initiated_by, report.report_key) == ("schedule", f"drift/{document['reportId']}.json")


def test_only_what_is_asked_for_is_read() -> None:
    here = Migrations()

    assert here.report(targetAccountId="333333333333")["assets"] == []
    assert len(here.report(sourceAccountId=SOURCE)["assets"]) == 8
    assert len(here.report(jobId=JOB_ID)["assets"]) == 8


def test_an_asset_is_read_once_each_side_however_often_it_was_migrated() -> None:
    here = Migrations()
    key = here.world.answers[-1]["output"]["manifestKey"]
    here.completed("job-44444444444444444444", key, "2026-01-05T00:00:00.000000Z")
    before = [len(here.world.calls[account].calls) for account in (SOURCE, TARGET)]

    here.report()

    assert [len(here.world.calls[account].calls) for account in (SOURCE, TARGET)] == [each + 8 for each in before]


def test_an_account_that_is_not_configured_any_more_is_told() -> None:
    here = Migrations()
    tools = here.world.tools
    here.world.tools = replace(tools, accounts=replace(tools.accounts, sources={}))

    document = here.report()

    assert [(each["accountId"], each["side"]) for each in document["unreachable"]] == [(SOURCE, "SOURCE")]
    assert document["assets"] == []


def test_a_manifest_that_has_expired_is_passed_over() -> None:
    here = Migrations()
    here.world.storage.files.delete(here.world.answers[-1]["output"]["manifestKey"])

    assert here.report()["assets"] == []


def test_throttling_leaves_the_report_to_be_made_again() -> None:
    here = Migrations()
    here.store.save(beside.DriftReport(job_id=REPORT, created_at="2026-01-03T00:00:00.000000Z"))
    here.world.calls[SOURCE].fault = lambda _operation, _number: "throttled"
    with pytest.raises(Throttled):
        here.report(reportId=REPORT)

    here.world.calls[SOURCE].fault = lambda _operation, _number: ""
    assert here.report(reportId=REPORT)["counts"] == {"IN_SYNC": 8}


def test_the_role_is_entered_under_the_name_of_the_report() -> None:
    here = Migrations()
    names: list[str] = []
    here.world.assume_role = _noting(here.world.assume_role, names)  # type: ignore[method-assign]

    here.report(reportId=REPORT)

    assert names == [REPORT, REPORT]
    assert JOB not in names


def _noting(assume: Any, names: list[str]) -> Any:
    def assume_role(RoleArn: str, RoleSessionName: str) -> Any:  # noqa: N803  (boto3's names)
        names.append(RoleSessionName)
        return assume(RoleArn, RoleSessionName)

    return assume_role
