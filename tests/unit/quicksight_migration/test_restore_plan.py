"""What undoing a migration deletes: what the job itself had created, as long as nobody has changed it."""

from __future__ import annotations

from quicksight_migration.assets.inventory import Found
from quicksight_migration.assets.types import Asset, AssetType, Place
from quicksight_migration.planning.plan import Action, ConflictPolicy, Item, Plan
from quicksight_migration.planning.restore import created_by, deletions

PLACE = Place("222222222222", "us-east-1")
BOARD, DATA = Asset(AssetType.DASHBOARD, "sales"), Asset(AssetType.DATASET, "orders")


def found(asset: Asset, name: str) -> Found:
    return Found(asset, name, {"Name": name})


def plan(*items: Item) -> Plan:
    return Plan("job-1", 1, "now", PLACE, PLACE, (), ConflictPolicy.UPDATE, items=items)


def item(asset: Asset, action: Action, new: str, current: str | None = None) -> Item:
    """Names stand for contents."""
    there = found(asset, current).fingerprint if current else None
    return Item(asset, asset, asset.id, action, 1, there, found(asset, new).fingerprint)


def test_what_every_plan_of_the_job_gave_an_asset_is_known() -> None:
    # Given an import that broke off after it had created the dashboard, and a second plan with another content
    first = plan(item(BOARD, Action.CREATE, "a"), item(DATA, Action.UPDATE, "x", current="w"))
    second = plan(item(BOARD, Action.UPDATE, "b", current="a"), item(DATA, Action.UNCHANGED, "x", current="x"))

    assert created_by([first, second]) == {BOARD: {found(BOARD, "a").fingerprint, found(BOARD, "b").fingerprint}}


def test_what_was_there_before_is_not_created_because_somebody_deleted_it_in_between() -> None:
    first = plan(item(DATA, Action.UPDATE, "x", current="w"))
    second = plan(item(DATA, Action.CREATE, "x"))

    assert created_by([first, second]) == {}


def test_only_what_is_as_the_job_left_it_is_deleted() -> None:
    created = created_by([plan(item(BOARD, Action.CREATE, "a"), item(DATA, Action.CREATE, "d"))])
    target = {BOARD: found(BOARD, "changed"), DATA: found(DATA, "d")}

    items, warnings = deletions(created, {}, target)

    assert [(each.asset, each.action) for each in items] == [(BOARD, Action.SKIP), (DATA, Action.DELETE)]
    assert len(warnings) == 1


def test_what_quicksight_made_of_it_counts_as_left() -> None:
    created = created_by([plan(item(BOARD, Action.CREATE, "a"))])
    completed = found(BOARD, "a, completed")

    (left,), _ = deletions(created, {BOARD: completed.fingerprint}, {BOARD: completed})
    assert left.action is Action.DELETE


def test_what_is_gone_or_comes_back_from_the_backup_is_not_deleted() -> None:
    created = created_by([plan(item(BOARD, Action.CREATE, "a"), item(DATA, Action.CREATE, "d"))])

    assert deletions(created, {}, {BOARD: None, DATA: found(DATA, "d")}, restored=[DATA]) == ([], [])
