"""Bundles: what is in them, what is left out of them, and what is refused."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from quicksight_migration.assets import bundle_file
from quicksight_migration.assets.bundle_file import BundleUnreadable, read_bundle, without
from quicksight_migration.assets.types import Asset, AssetType, schedule
from tests.unit.quicksight_migration import bundles_of_tests as bundles

LAKE, ORDERS = Asset(AssetType.DATASOURCE, "lake"), Asset(AssetType.DATASET, "orders")
SALES, DAILY = Asset(AssetType.DASHBOARD, "sales"), schedule("orders", "daily")


def whole(**more: Any) -> io.BytesIO:
    return bundles.bundle_of(
        {
            "datasource/lake.json": bundles.data_source(),
            "dataset/orders.json": bundles.dataset(),
            "dashboard/sales.json": bundles.dashboard(),
            "refreshSchedule/orders--refresh-schedule--daily.json": bundles.schedule(),
            **more,
        }
    )


def test_every_asset_is_found_with_what_it_needs() -> None:
    bundle = read_bundle(whole())

    assert set(bundle.assets) == {LAKE, ORDERS, SALES, DAILY}
    assert bundle.assets[SALES].name == "Sales"
    assert bundle.assets[SALES].dependencies == {ORDERS}
    assert bundle.assets[ORDERS].dependencies == {LAKE}
    assert bundle.assets[DAILY].dependencies == {ORDERS}


def test_what_is_no_asset_is_carried_along() -> None:
    file = whole(**{"static/logo.png": b"\x89PNG", "extra/x.json": {"resourceType": "somethingNew", "id": "x"}})

    assert set(read_bundle(file).others) == {"static/logo.png", "extra/x.json"}
    out = io.BytesIO()
    assert without(file, {SALES}, out) == 3
    left = zipfile.ZipFile(out)
    assert left.read("static/logo.png") == b"\x89PNG"
    assert set(read_bundle(out).assets) == {LAKE, ORDERS, DAILY}


def test_entries_that_stay_are_the_same_bytes() -> None:
    file, out = whole(), io.BytesIO()

    without(file, {DAILY}, out)

    before, after = zipfile.ZipFile(file), zipfile.ZipFile(out)
    assert after.read("dataset/orders.json") == before.read("dataset/orders.json")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"../dataset/x.json": bundles.dataset()}, "refused"),
        ({"/dataset/x.json": bundles.dataset()}, "refused"),
        ({"dataset/x.json": b"{"}, "cannot be read"),
        ({"dataset/x.json": {"resourceType": "dataset"}}, "dataSetId"),
        ({"refreshSchedule/x.json": {"resourceType": "refreshSchedule", "dataSetId": "d"}}, "scheduleId"),
        ({"dataset/a.json": bundles.dataset(), "dataset/b.json": bundles.dataset()}, "twice"),
    ],
)
def test_what_is_refused(entries: dict[str, Any], message: str) -> None:
    with pytest.raises(BundleUnreadable, match=message):
        read_bundle(bundles.bundle_of(entries))


def test_a_file_that_is_no_zip() -> None:
    with pytest.raises(BundleUnreadable, match="not a zip"):
        read_bundle(io.BytesIO(b"<Error>expired</Error>"))


def test_a_bundle_is_not_unpacked_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_file, "MOST_BYTES", 100)

    with pytest.raises(BundleUnreadable, match="larger"):
        read_bundle(whole())
