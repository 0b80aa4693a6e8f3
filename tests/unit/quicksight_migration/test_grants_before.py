"""Permissions that a backup remembers: what a restore gives back, and that nobody else keeps any."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any, cast

import pytest

from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.permissions.actions import Access, actions_of
from quicksight_migration.permissions.convergence import change_of, wanted_of
from quicksight_migration.permissions.grants_before import grants_before
from tests.unit.quicksight_migration.bundles_of_tests import bundle_of, dashboard, dataset, schedule

BOARD = Asset(AssetType.DASHBOARD, "sales")
ANN, BOB = (f"arn:aws:quicksight:us-east-1:222222222222:user/default/{name}" for name in ("ann", "bob"))
OWNER, VIEWER = (list(actions_of(AssetType.DASHBOARD, each)) for each in (Access.OWNER, Access.VIEWER))


def bucket(**bundles: io.BytesIO) -> Bucket:
    return cast(Bucket, SimpleNamespace(open=lambda key: io.BytesIO(bundles[key].getvalue())))


def backup(entries: list[dict[str, Any]] | None = None, member: str = "permissions") -> io.BytesIO:
    board = dashboard(**({member: entries} if entries is not None else {}))
    return bundle_of({"dashboard/sales.json": board, "refreshSchedule/x.json": schedule()})


@pytest.mark.parametrize("member", ["permissions", "Permissions"])
def test_those_who_may_do_the_same_are_in_one_grant(member: str) -> None:
    # Given a dashboard that one person owns and another sees
    entries = [{"principal": ANN, "actions": OWNER}, {"principal": BOB, "actions": VIEWER}]

    found = grants_before(bucket(one=backup(entries, member)), ["one"], {BOARD})

    assert {(each.access, each.principals, each.replace) for each in found} == {
        ("OWNER", (ANN,), True),
        ("VIEWER", (BOB,), True),
    }


def test_whoever_came_later_loses_what_they_were_granted() -> None:
    found = grants_before(bucket(one=backup([{"principal": ANN, "actions": OWNER}])), ["one"], {BOARD})

    now = {ANN: frozenset(OWNER), BOB: frozenset(VIEWER)}
    change = change_of(now, *wanted_of(found))
    assert (dict(change.grant), dict(change.revoke)) == ({}, {BOB: frozenset(VIEWER)})


def test_an_asset_that_nobody_had_permissions_on_is_left_to_nobody() -> None:
    found = grants_before(bucket(one=backup()), ["one"], {BOARD})

    change = change_of({BOB: frozenset(VIEWER)}, *wanted_of(found))
    assert dict(change.revoke) == {BOB: frozenset(VIEWER)}


def test_the_first_backup_that_holds_an_asset_counts_and_others_are_left_alone() -> None:
    # Given two bundles with the dashboard, and a dataset that nobody asks for
    first = backup([{"principal": ANN, "actions": VIEWER}])
    second = bundle_of({"dashboard/sales.json": dashboard(), "dataset/orders.json": dataset()})

    found = grants_before(bucket(one=first, two=second), ["one", "two"], {BOARD})

    assert [(each.asset, each.principals) for each in found] == [(BOARD, (ANN,))]
    assert grants_before(bucket(one=first), ["one"], set()) == []
