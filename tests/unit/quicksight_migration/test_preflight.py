"""Preflight: everything that stands against a migration is told at once, and nothing else is done."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.unit.quicksight_migration.bundle_world import REGION, SOURCE, TARGET, arn
from tests.unit.quicksight_migration.planning_world import (
    OVERRIDES,
    OWNERS,
    PERMISSIONS,
    SECRET,
    UP_TO_PLAN,
    PlanningWorld,
    payload,
)

FILE_DATA = {
    "type": "DATASET",
    "file": True,
    "request": {
        "DataSetId": "uploaded",
        "Name": "Uploaded",
        "ImportMode": "SPICE",
        "PhysicalTableMap": {
            "t": {
                "S3Source": {
                    "DataSourceArn": "arn:aws:quicksight:${region}:${account}:datasource/sales-athena",
                    "InputColumns": [{"Name": "a", "Type": "STRING"}],
                }
            }
        },
    },
}


def changed_overrides(**more: Any) -> dict[str, Any]:
    """The overrides of the example with other members."""
    return {**copy.deepcopy(dict(OVERRIDES)), **more}


def failed(world: PlanningWorld) -> list[str]:
    answer = world.run("Preflight")
    assert (answer["state"], answer["error"]["code"]) == ("FAILED", "PREFLIGHT_FAILED")
    return world.problems(answer)


def seeded(world: PlanningWorld, *assets: Any) -> PlanningWorld:
    """The world with more assets in the source."""
    document = world.seed_document()
    world.simulators[SOURCE].seed({**document, "assets": [*document["assets"], *assets]})
    return world


def test_what_is_fine_comes_back_as_chunks_to_export() -> None:
    world = PlanningWorld(payload=payload(permissions=PERMISSIONS))

    answer = world.run("Preflight")

    assert answer["output"]["chunks"] == 1
    document = world.stored(answer["output"]["preflightKey"])
    assert document["chunks"] == [[arn("analysis/sales-overview"), arn("dashboard/sales-overview")]]
    assert len(document["assets"]) == answer["output"]["assets"] == 8
    assert all(len(each["fingerprint"]) == 64 for each in document["assets"])
    assert answer["output"]["gone"] == []
    assert not [name for name in world.calls[TARGET].calls if not name.startswith("Describe")]


def test_an_edition_without_bundles() -> None:
    world = PlanningWorld()
    world.simulators[TARGET].inject({"action": {"type": "set_edition", "edition": "STANDARD"}})

    answer = world.run("Preflight")

    assert answer["error"]["code"] == "EDITION_UNSUPPORTED"
    assert TARGET in answer["error"]["message"]


def test_everything_is_told_at_once_with_its_place() -> None:
    # Given a job with a dashboard that is not there, no overrides, and permissions for somebody unknown
    nobody = f"arn:aws:quicksight:{REGION}:{TARGET}:user/default/nobody"
    permissions = [{"assetIds": ["elsewhere"], "principals": [OWNERS, nobody], "access": "OWNER"}]
    assets = [arn("dashboard/sales-overview"), arn("dashboard/nowhere")]
    world = PlanningWorld(payload=payload(assets=assets, overrides={}, permissions=permissions))

    assert failed(world) == [
        "$.assets[1]: DASHBOARD nowhere does not exist in the source",
        "$.overrides.DataSources: has no entry for DATASOURCE sales-athena, which needs DataSourceParameters "
        "in the target",
        "$.overrides.DataSources: has no entry for DATASOURCE warehouse, which needs DataSourceParameters, "
        "Credentials.SecretArn in the target",
        "$.permissions[0].assetIds[0]: no asset of this migration has the id elsewhere",
        "$.permissions[0].principals[1]: is not a user or group of the target",
    ]


def test_a_dashboard_with_errors_in_its_definition_is_refused_unless_asked_otherwise() -> None:
    for strict in (True, False):
        world = PlanningWorld(options={"strictValidation": strict})
        document = world.seed_document()
        (broken,) = [each for each in document["assets"] if each["type"] == "DASHBOARD"]
        broken["errors"] = [{"Type": "COLUMN_TYPE_MISMATCH", "Message": "amount is a text now"}]
        world.simulators[SOURCE].seed(document)
        told = "DASHBOARD sales-overview has errors in its definition: COLUMN_TYPE_MISMATCH: amount is a text now"

        if strict:
            assert failed(world) == [f"$.assets[0]: {told}"]
        else:
            assert world.run("Preflight")["output"]["warnings"] == [told]


def test_a_dataset_of_an_uploaded_file_cannot_be_exported() -> None:
    world = seeded(PlanningWorld(payload=payload(assets=[arn("dataset/uploaded")], overrides={})), FILE_DATA)

    (told,) = failed(world)
    assert told.startswith("$.assets[0]: DATASET uploaded cannot be exported: ")


@pytest.mark.parametrize("kind", ["JIRA", "SERVICENOW", "TWITTER"])
def test_a_source_that_bundles_cannot_carry_is_named_with_who_needs_it(kind: str) -> None:
    world = PlanningWorld()
    parameters = {
        "JIRA": {"JiraParameters": {"SiteBaseUrl": "https://jira.example.com"}},
        "SERVICENOW": {"ServiceNowParameters": {"SiteBaseUrl": "https://now.example.com"}},
        "TWITTER": {"TwitterParameters": {"Query": "sales", "MaxRows": 10}},
    }
    document = world.seed_document()
    (source,) = [each for each in document["assets"] if each["request"].get("DataSourceId") == "sales-athena"]
    source["request"] |= {"Type": kind, "DataSourceParameters": parameters[kind]}
    world.simulators[SOURCE].seed(document)

    told = [each for each in failed(world) if "cannot carry" in each]

    assert told == [
        "$.assets[0]: DATASOURCE sales-athena (needed by DATASET orders) is a data source of the type "
        f"{kind}, which bundles cannot carry"
    ]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({"DataSourceId": "warehous"}, "$.overrides.DataSources[1].DataSourceId: DATASOURCE warehous is not among"),
        (
            {
                "DataSourceId": "warehouse",
                "DataSourceParameters": {"AthenaParameters": {}},
                "Credentials": {"SecretArn": SECRET},
            },
            "$.overrides.DataSources[1].DataSourceParameters.AthenaParameters: does not fit",
        ),
        (
            {"DataSourceId": "warehouse", "Credentials": {"SecretArn": SECRET}},
            "$.overrides.DataSources[1].DataSourceParameters: is required for DATASOURCE warehouse",
        ),
        (
            {"DataSourceId": "sales-athena"},
            "$.overrides.DataSources[1].DataSourceId: DATASOURCE sales-athena has an entry already",
        ),
        (
            {"DataSourceId": "warehouse", "Credentials": {"SecretArn": SECRET.replace(TARGET, SOURCE)}},
            "$.overrides.DataSources[1].Credentials.SecretArn: must be a secret of the target account",
        ),
        ({"DataSourceId": "warehouse", "Nmae": "x"}, "$.overrides.DataSources[1].Nmae: is unknown"),
    ],
)
def test_what_is_wrong_with_an_override(entry: dict[str, Any], told: str) -> None:
    overrides = changed_overrides(DataSources=[OVERRIDES["DataSources"][0], entry])
    world = PlanningWorld(payload=payload(overrides=overrides))

    assert any(each.startswith(told) for each in failed(world))


def test_a_vpc_connection_of_the_target_must_be_there() -> None:
    missing = f"arn:aws:quicksight:{REGION}:{TARGET}:vpcConnection/nowhere"
    first, second = copy.deepcopy(OVERRIDES["DataSources"])
    second["VpcConnectionProperties"] = {"VpcConnectionArn": missing}
    world = PlanningWorld(payload=payload(overrides={"DataSources": [first, second]}))

    path = "$.overrides.DataSources[1].VpcConnectionProperties.VpcConnectionArn"
    assert failed(world) == [f"{path}: is not a VPC connection of the target"]


def test_a_vpc_connection_that_comes_along_needs_the_targets_network() -> None:
    world = PlanningWorld()
    document = world.seed_document()
    connection = {
        "VPCConnectionId": "office",
        "Name": "Office",
        "SubnetIds": ["subnet-1", "subnet-2"],
        "SecurityGroupIds": ["sg-1"],
        "RoleArn": f"arn:aws:iam::{SOURCE}:role/quicksight-vpc",
    }
    (source,) = [each for each in document["assets"] if each["request"].get("DataSourceId") == "warehouse"]
    there = f"arn:aws:quicksight:{REGION}:{SOURCE}:vpcConnection/office"
    source["request"]["VpcConnectionProperties"] = {"VpcConnectionArn": there}
    document["assets"].insert(0, {"type": "VPC_CONNECTION", "request": connection})
    world.simulators[SOURCE].seed(document)

    assert failed(world) == [
        "$.overrides.VPCConnections: has no entry for VPC_CONNECTION office, which needs SubnetIds, SecurityGroupIds, "
        "RoleArn in the target"
    ]


def test_a_data_source_that_is_there_keeps_its_credentials_and_one_that_is_skipped_needs_nothing() -> None:
    # Given a target that has both data sources already
    assets = PlanningWorld().seed_document()["assets"]
    sources = [{"type": each["type"], "request": each["request"]} for each in assets if each["type"] == "DATASOURCE"]
    entries = copy.deepcopy(OVERRIDES["DataSources"])
    del entries[1]["Credentials"]
    for options, overrides in (
        ({"conflictPolicy": "UPDATE"}, {"DataSources": entries}),
        ({"conflictPolicy": "SKIP"}, {}),
    ):
        world = PlanningWorld(payload=payload(overrides=overrides), options=options)
        document = {**world.seed_document(TARGET), "assets": sources}
        world.simulators[TARGET].seed(document)

        assert world.run("Preflight")["state"] == "SUCCEEDED"


def test_what_stays_behind_must_be_in_the_target() -> None:
    options = {"includeAllDependencies": False}
    world = PlanningWorld(payload=payload(assets=[arn("dashboard/sales-overview")], overrides={}), options=options)

    path = "$.options.includeAllDependencies"
    assert sorted(failed(world)) == [
        f"{path}: DASHBOARD sales-overview needs {needed}, which the target does not have"
        for needed in ("DATASET customers", "DATASET orders", "THEME brand")
    ]


def test_outputs_that_are_gone_are_named() -> None:
    # Given a job that has its plan
    world = PlanningWorld()
    world.through(*UP_TO_PLAN)
    assert world.run("Preflight")["output"]["gone"] == []

    # When the bundle has expired, or the plan
    (bundle,) = world.tools.job(world.store.job.job_id).output("UploadAssets")["bundles"]
    world.storage.files.delete(bundle["key"])

    # Then those steps are to be done again
    assert world.run("Preflight")["output"]["gone"] == ["ExportAssets", "UploadAssets"]
    world.storage.files.delete(world.store.job.plan_key or "")
    assert world.run("Preflight")["output"]["gone"] == ["ExportAssets", "UploadAssets", "PlanImport"]


def test_an_export_that_quicksight_has_forgotten_is_done_again() -> None:
    world = PlanningWorld()
    world.through("Preflight", "ExportAssets")
    world.clock.move(15 * 86_400)

    assert world.run("Preflight")["output"]["gone"] == ["ExportAssets"]


def test_throttling_is_not_a_verdict() -> None:
    world = PlanningWorld()
    world.calls[SOURCE].fault = lambda operation, number: "throttled" if number in (2, 9) else ""

    assert world.run("Preflight")["state"] == "SUCCEEDED"
