"""Contents of assets: the same from a bundle and from the API, in the source and in the target."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from quicksight_migration.assets.content import normalised, of_answer, of_document
from quicksight_migration.assets.fingerprint import MOST_DIFFERENCES, MOST_TEXT, differences, fingerprint
from quicksight_migration.assets.types import Asset, AssetType, Place
from shared.redaction import HIDDEN
from tests.unit.quicksight_migration import bundles_of_tests as bundles

SOURCE, TARGET = Place("111111111111", "us-east-1"), Place("222222222222", "eu-west-1")
TARGET_PREFIX = "arn:aws:quicksight:eu-west-1:222222222222:"


def described_dataset(**more: Any) -> dict[str, Any]:
    """As DescribeDataSet of the target answers the dataset of the bundle."""
    table = {"DataSourceArn": f"{TARGET_PREFIX}datasource/lake", "Schema": "s", "Name": "orders"}
    columns = [{"Name": "region", "Type": "STRING"}]
    return {
        "Arn": f"{TARGET_PREFIX}dataset/orders",
        "DataSetId": "orders",
        "Name": "Orders",
        "CreatedTime": datetime(2026, 1, 2, tzinfo=UTC),
        "PhysicalTableMap": {"Table-1": {"RelationalTable": {**table, "InputColumns": columns}}},
        "OutputColumns": [{"Name": "region", "Type": "STRING"}],
        "ImportMode": "DIRECT_QUERY",
        "ConsumedSpiceCapacityInBytes": 0,
        "FieldFolders": {},
        **more,
    }


def test_a_document_of_the_source_is_the_asset_of_the_target() -> None:
    new = normalised(of_document(AssetType.DATASET, bundles.dataset()), (SOURCE, TARGET))
    there = normalised(of_answer(AssetType.DATASET, described_dataset()), (TARGET,))

    assert new == there
    assert fingerprint(new) == fingerprint(there)


def test_keys_of_maps_are_data() -> None:
    content = of_document(AssetType.DATASET, bundles.dataset())

    assert list(content["PhysicalTableMap"]) == ["Table-1"]
    assert "RelationalTable" in content["PhysicalTableMap"]["Table-1"]


def test_members_that_the_model_does_not_know_are_kept() -> None:
    document = bundles.dashboard()
    document["definition"]["brandNew"] = {"x": 1}

    assert of_document(AssetType.DASHBOARD, document)["Definition"]["brandNew"] == {"x": 1}


@pytest.mark.parametrize("spelling", ["qbusinessInsightsStatus", "qBusinessInsightsStatus", "QBusinessInsightsStatus"])
def test_however_a_bundle_spells_a_member(spelling: str) -> None:
    document = bundles.dashboard()
    document["definition"]["options"] = {spelling: "ENABLED"}

    options = of_document(AssetType.DASHBOARD, document)["Definition"]["Options"]
    assert options == {"QBusinessInsightsStatus": "ENABLED"}


def test_times_versions_and_states_are_no_content() -> None:
    first = of_answer(AssetType.DATASET, described_dataset())
    later = described_dataset(LastUpdatedTime=datetime(2026, 2, 2, tzinfo=UTC), ConsumedSpiceCapacityInBytes=9)

    assert of_answer(AssetType.DATASET, later) == first


def test_an_arn_of_a_third_account_stays() -> None:
    foreign = "arn:aws:quicksight:us-east-1:333333333333:datasource/lake"
    document = bundles.dataset()
    document["physicalTableMap"]["Table-1"]["relationalTable"]["dataSourceArn"] = foreign

    content = normalised(of_document(AssetType.DATASET, document), (SOURCE, TARGET))
    assert content["PhysicalTableMap"]["Table-1"]["RelationalTable"]["DataSourceArn"] == foreign


def test_a_prefix_goes_into_references_of_what_comes_along() -> None:
    lake = Asset(AssetType.DATASOURCE, "lake")
    content = normalised(of_document(AssetType.DATASET, bundles.dataset()), (SOURCE,), {lake: lake.prefixed("qa-")})

    table = content["PhysicalTableMap"]["Table-1"]["RelationalTable"]
    assert table["DataSourceArn"] == "quicksight:datasource/qa-lake"


def test_a_whole_number_is_one_number_and_lists_of_ids_are_sets() -> None:
    assert fingerprint(normalised({"Share": Decimal("0.5")}, ())) == fingerprint(normalised({"Share": 0.5}, ()))
    first = normalised({"Port": 5432.0, "SecurityGroupIds": ["sg-2", "sg-1"]}, ())
    second = normalised({"Port": 5432, "SecurityGroupIds": ["sg-1", "sg-2"]}, ())

    assert fingerprint(first) == fingerprint(second)


def test_a_folder_says_what_is_assumed() -> None:
    document = {"resourceType": "folder", "folderId": "f", "name": "Finance"}
    answer = {"FolderId": "f", "Name": "Finance", "FolderType": "SHARED", "SharingModel": "ACCOUNT"}

    assert of_document(AssetType.FOLDER, document) == of_answer(AssetType.FOLDER, answer)


def test_a_vpc_connections_subnets_are_those_of_its_interfaces() -> None:
    document = {
        "resourceType": "vpcConnection",
        "vpcConnectionId": "v",
        "name": "V",
        "subnetIds": ["subnet-b", "subnet-a"],
    }
    interfaces = [{"SubnetId": "subnet-a", "Status": "AVAILABLE"}, {"SubnetId": "subnet-b", "Status": "AVAILABLE"}]
    answer = {"VPCConnectionId": "v", "Name": "V", "VPCId": "vpc-1", "NetworkInterfaces": interfaces}

    new = normalised(of_document(AssetType.VPC_CONNECTION, document), ())
    assert new == normalised(of_answer(AssetType.VPC_CONNECTION, answer), ())


def test_what_differs_is_told_with_its_path() -> None:
    old = {"Name": "a", "Sheets": [{"SheetId": "s1", "Title": "x"}, {"SheetId": "s2"}]}
    new = {"Name": "b", "Sheets": [{"SheetId": "s0"}, {"SheetId": "s1", "Title": "y"}, {"SheetId": "s2"}], "More": 1}

    assert [each.document() for each in differences(old, new)] == [
        {"path": "$.More", "from": None, "to": "1"},
        {"path": "$.Name", "from": "a", "to": "b"},
        {"path": "$.Sheets.s1.Title", "from": "x", "to": "y"},
        {"path": "$.Sheets.s0", "from": None, "to": '{"SheetId":"s0"}'},
    ]


def test_another_order_is_a_difference() -> None:
    one, two = {"SheetId": "one"}, {"SheetId": "two"}

    (told,) = differences({"Sheets": [one, two]}, {"Sheets": [two, one]})
    assert told.document() == {"path": "$.Sheets", "from": "order: one, two", "to": "order: two, one"}


def test_contents_that_are_equal_have_no_differences() -> None:
    content = of_document(AssetType.DASHBOARD, bundles.dashboard())

    assert differences(content, of_document(AssetType.DASHBOARD, bundles.dashboard())) == []


def test_differences_hide_secrets_and_are_cut() -> None:
    told = differences({"Password": "old", "Text": "x"}, {"Password": "new", "Text": "y" * 1000})

    assert [(each.before, each.after) for each in told][0] == (HIDDEN, HIDDEN)
    assert len(told[1].after or "") == MOST_TEXT
    many = {f"m{number}": number for number in range(200)}
    assert len(differences({}, many)) == MOST_DIFFERENCES
