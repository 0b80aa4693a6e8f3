"""Documents that describe accounts."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.quicksight import BadSeed, ManualClock, Simulator, examples

THEME = {"type": "THEME", "request": {"ThemeId": "t", "Name": "T", "BaseThemeId": "CLASSIC", "Configuration": {}}}


def seeded(document: dict[str, Any], **more: Any) -> Simulator:
    simulator = Simulator(ManualClock(), account="333333333333", region="eu-west-1", **more)
    simulator.seed(document)
    return simulator


def test_account_and_region_are_filled_in() -> None:
    simulator = seeded(examples.dev() | {"identityRegion": "eu-west-1"})

    assert "${" not in str(simulator.to_json())
    found = simulator.call("DescribeAnalysis", {"AwsAccountId": "333333333333", "AnalysisId": "sales-overview"})
    assert found["Analysis"]["ThemeArn"] == "arn:aws:quicksight:eu-west-1:333333333333:theme/brand"


def test_a_document_replaces_what_there_was() -> None:
    simulator = seeded(examples.dev())
    arns = ["arn:aws:quicksight:eu-west-1:333333333333:theme/brand"]
    wanted = {"AwsAccountId": "333333333333", "AssetBundleExportJobId": "e", "ResourceArns": arns}
    simulator.call("StartAssetBundleExportJob", {**wanted, "ExportFormat": "QUICKSIGHT_JSON"})

    assert simulator.seed(examples.prod()) == []

    assert simulator.next_due() is None
    assert simulator.state.exports == {}
    assert set(simulator.state.users) == {"carol", "dave"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"assets": [{"type": "TEMPLATE", "request": {}}]}, r"\$\.assets\[0\]\.type"),
        ({"edition": "FREE"}, r"\$\.edition"),
        ({"people": []}, "people"),
        ({"assets": [{"type": "THEME", "request": {"ThemeId": "t"}}]}, r"\$\.assets\[0\]\.request: .*Configuration"),
        (
            {"assets": [{**THEME, "permissions": [{"Principal": "user/default/x", "Actions": ["OWNER"]}]}]},
            r"\$\.assets\[0\]\.permissions: .*not a valid",
        ),
    ],
)
def test_what_is_wrong_is_named(document: dict[str, Any], message: str) -> None:
    with pytest.raises(BadSeed, match=message):
        seeded(document)


def test_errors_of_a_definition_can_be_seeded() -> None:
    # Given
    document = examples.dev()
    dashboard = next(each for each in document["assets"] if each["type"] == "DASHBOARD")
    dashboard["errors"] = [{"Type": "COLUMN_TYPE_MISMATCH", "Message": "amount is text"}]

    # When
    found = seeded(document).call(
        "DescribeDashboard", {"AwsAccountId": "333333333333", "DashboardId": "sales-overview"}
    )

    # Then
    assert found["Dashboard"]["Version"]["Errors"] == dashboard["errors"]
