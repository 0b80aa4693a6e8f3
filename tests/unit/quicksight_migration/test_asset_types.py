"""Assets by ARN, their pages, and the order they depend on each other in."""

from __future__ import annotations

import pytest

from quicksight_migration.assets.references import references
from quicksight_migration.assets.types import (
    Asset,
    AssetType,
    Place,
    console_url,
    in_dependency_order,
    parse_arn,
    schedule,
)

PLACE = Place("111111111111", "eu-central-1")
PREFIX = "arn:aws:quicksight:eu-central-1:111111111111:"


@pytest.mark.parametrize(
    ("tail", "asset"),
    [
        ("dashboard/sales-1", Asset(AssetType.DASHBOARD, "sales-1")),
        ("analysis/a", Asset(AssetType.ANALYSIS, "a")),
        ("dataset/d", Asset(AssetType.DATASET, "d")),
        ("dataset/d/refresh-schedule/daily", schedule("d", "daily")),
        ("datasource/s", Asset(AssetType.DATASOURCE, "s")),
        ("theme/t", Asset(AssetType.THEME, "t")),
        ("folder/f", Asset(AssetType.FOLDER, "f")),
        ("vpcConnection/v", Asset(AssetType.VPC_CONNECTION, "v")),
        ("topic/t", Asset(AssetType.TOPIC, "t")),
    ],
)
def test_an_arn_and_back(tail: str, asset: Asset) -> None:
    assert parse_arn(PREFIX + tail) == (asset, PLACE)
    assert asset.arn(PLACE) == PREFIX + tail


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "dashboard/sales",
        PREFIX + "user/default/ann",
        PREFIX + "dashboard/sales/version/3",
        PREFIX + "template/t",
        "arn:aws:s3:::bucket/key",
        "arn:aws:quicksight::aws:theme/CLASSIC",
        PREFIX + "dashboard/with blank",
    ],
)
def test_what_is_no_arn_of_an_asset(arn: str) -> None:
    with pytest.raises(ValueError, match="ARN|names a part"):
        parse_arn(arn)


def test_pages_of_the_console() -> None:
    assert console_url(Asset(AssetType.DASHBOARD, "d"), "eu-west-1") == (
        "https://eu-west-1.quicksight.aws.amazon.com/sn/dashboards/d"
    )
    assert console_url(Asset(AssetType.ANALYSIS, "a"), "eu-west-1") == (
        "https://eu-west-1.quicksight.aws.amazon.com/sn/analyses/a"
    )
    assert console_url(Asset(AssetType.DATASOURCE, "s"), "eu-west-1") is None


def test_a_prefix_goes_to_every_id() -> None:
    assert Asset(AssetType.DATASET, "d").prefixed("qa-") == Asset(AssetType.DATASET, "qa-d")
    assert schedule("d", "daily").prefixed("qa-") == schedule("qa-d", "daily")


def test_what_others_depend_on_comes_first() -> None:
    mixed = [Asset(kind, "x") for kind in (AssetType.DASHBOARD, AssetType.DATASET, AssetType.DATASOURCE)]

    assert [asset.type for asset in in_dependency_order(mixed)] == ["DATASOURCE", "DATASET", "DASHBOARD"]


def test_references_are_arns_in_members_for_arns() -> None:
    document = {
        "Definition": {"DataSetIdentifierDeclarations": [{"Identifier": "o", "DataSetArn": PREFIX + "dataset/orders"}]},
        "themeArn": PREFIX + "theme/brand",
        "Description": PREFIX + "dataset/only-text",
        "LinkEntities": [PREFIX + "analysis/published-from"],
        "folderArns": [PREFIX + "folder/f"],
        "roleArn": "arn:aws:iam::111111111111:role/x",
    }

    assert {str(asset) for asset in references(document)} == {"DATASET orders", "THEME brand", "FOLDER f"}
