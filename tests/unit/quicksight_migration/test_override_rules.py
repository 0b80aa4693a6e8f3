"""Overrides: what another account needs, and which entries make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from quicksight_migration.assets.api_shapes import shape
from quicksight_migration.assets.types import Asset, AssetType, schedule
from quicksight_migration.planning.override_rules import (
    entries,
    entry_problems,
    missing_overrides,
    needs_login,
    vpc_connection_of,
)

LAKE, BASE = Asset(AssetType.DATASOURCE, "lake"), Asset(AssetType.DATASOURCE, "base")
ATHENA = {"Type": "ATHENA", "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "primary"}}}
MYSQL = {"Type": "MYSQL", "DataSourceParameters": {"MySqlParameters": {"Host": "h", "Port": 3306, "Database": "d"}}}
SECRET = {"SecretArn": "arn:aws:secretsmanager:us-east-1:222222222222:secret:x"}


@pytest.mark.parametrize(
    ("content", "login"),
    [
        (ATHENA, False),
        ({"Type": "S3"}, False),
        ({"Type": "TIMESTREAM"}, False),
        (MYSQL, True),
        ({"Type": "SNOWFLAKE"}, True),
        ({"Type": "REDSHIFT", "DataSourceParameters": {"RedshiftParameters": {"Database": "d"}}}, True),
        (
            {
                "Type": "REDSHIFT",
                "DataSourceParameters": {"RedshiftParameters": {"Database": "d", "IAMParameters": {"RoleArn": "r"}}},
            },
            False,
        ),
    ],
)
def test_which_data_sources_have_a_login(content: dict[str, Any], login: bool) -> None:
    assert needs_login(content) is login


def missing(entry: dict[str, Any] | None, content: dict[str, Any], **facts: Any) -> list[str]:
    overrides = {"DataSources": [{"DataSourceId": "base", **entry}]} if entry is not None else {}
    return [str(each) for each in missing_overrides(overrides, {BASE: content}, **{"existing": (), **facts})]


def test_nothing_of_the_source_is_taken_for_granted() -> None:
    named = "$.overrides.DataSources[0]"
    assert missing({**MYSQL, "Credentials": SECRET}, MYSQL) == []
    assert missing(MYSQL, MYSQL) == [f"{named}.Credentials.SecretArn: is required for DATASOURCE base in the target"]
    assert missing({"Name": "x"}, ATHENA) == [
        f"{named}.DataSourceParameters: is required for DATASOURCE base in the target"
    ]
    assert missing(None, {"Type": "TIMESTREAM"}) == []


def test_what_exists_keeps_its_credentials_but_not_its_host() -> None:
    assert missing(MYSQL, MYSQL, existing=(BASE,)) == []
    assert len(missing(None, MYSQL, existing=(BASE,))) == 1
    assert missing(None, MYSQL, existing=(BASE,), skipped=(BASE,)) == []


def test_a_login_that_becomes_a_role_needs_no_secret() -> None:
    source = {"Type": "REDSHIFT", "DataSourceParameters": {"RedshiftParameters": {"Database": "d", "ClusterId": "c"}}}
    with_role = {"RedshiftParameters": {"Database": "d", "ClusterId": "c", "IAMParameters": {"RoleArn": "r"}}}

    assert missing({"DataSourceParameters": with_role}, source) == []


def test_entries_name_assets_of_every_kind() -> None:
    overrides = {
        "RefreshSchedules": [{"DataSetId": "d", "ScheduleId": "daily"}],
        "Dashboards": [{"DashboardId": "b", "Name": "B"}],
    }

    assert [(asset, path) for asset, path, _ in entries(overrides)] == [
        (schedule("d", "daily"), "$.overrides.RefreshSchedules[0]"),
        (Asset(AssetType.DASHBOARD, "b"), "$.overrides.Dashboards[0]"),
    ]
    assert len(entry_problems(overrides, {})) == 2


@pytest.mark.parametrize(
    ("parameters", "fine"),
    [
        ({"MySqlParameters": {}}, True),
        ({"RdsParameters": {}}, True),
        ({"AthenaParameters": {}}, False),
        ({"MySqlParameters": {}, "RdsParameters": {}}, False),
    ],
)
def test_parameters_fit_the_type(parameters: dict[str, Any], fine: bool) -> None:
    overrides = {"DataSources": [{"DataSourceId": "base", "DataSourceParameters": parameters}]}

    assert (entry_problems(overrides, {BASE: MYSQL}) == []) is fine


@pytest.mark.parametrize("kind", ["AURORA_POSTGRESQL", "SQLSERVER", "BIGQUERY", "AWS_IOT_ANALYTICS", "S3_TABLES"])
def test_types_and_the_names_of_their_parameters_are_the_same_words(kind: str) -> None:
    plain = kind.replace("_", "").lower()
    (member,) = [
        name for name in shape("DataSourceParameters").members if name.removesuffix("Parameters").lower() == plain
    ]
    overrides = {"DataSources": [{"DataSourceId": "base", "DataSourceParameters": {member: {}}}]}
    assert entry_problems(overrides, {BASE: {"Type": kind}}) == []


def test_a_vpc_connection_of_the_target_and_nothing_else() -> None:
    arn = "arn:aws:quicksight:us-east-1:222222222222:vpcConnection/office"

    assert vpc_connection_of(arn, "222222222222", "us-east-1") == Asset(AssetType.VPC_CONNECTION, "office")
    assert vpc_connection_of(arn, "111111111111", "us-east-1") is None
    assert vpc_connection_of(arn.replace("vpcConnection", "theme"), "222222222222", "us-east-1") is None
    assert vpc_connection_of("office", "222222222222", "us-east-1") is None
