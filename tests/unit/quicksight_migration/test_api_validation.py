"""The body of POST /jobs: everything that is wrong is told at once, with its path, and no value is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from quicksight_migration.accounts.facts import BiAccount
from quicksight_migration.api.job_validation import account_problems, document_problems

SOURCE, TARGET, OTHER = "111111111111", "222222222222", "333333333333"
ROLE = "arn:aws:iam::1:role/r"
SOURCES = {SOURCE: BiAccount(SOURCE, "dev", "us-east-1", ROLE)}
TARGETS = {TARGET: BiAccount(TARGET, "prod", "eu-west-1", ROLE, tenant_id="sales")}
SECRET = f"arn:aws:secretsmanager:eu-west-1:{TARGET}:secret:bi/warehouse-AbCdEf"
GROUP = f"arn:aws:quicksight:us-east-1:{TARGET}:group/default/analysts"


def arn(name: str = "dashboard/sales", account: str = SOURCE, region: str = "us-east-1") -> str:
    return f"arn:aws:quicksight:{region}:{account}:{name}"


def body(**more: Any) -> dict[str, Any]:
    """A start that nothing is wrong with."""
    return {"sourceAccountId": SOURCE, "targetAccountId": TARGET, "assets": [arn()], **more}


def data_source(**more: Any) -> dict[str, Any]:
    return {"DataSources": [{"DataSourceId": "warehouse", **more}]}


def paths(document: Any) -> list[str]:
    return [problem.path for problem in document_problems(document)]


def told(document: Any) -> str:
    return " ".join(map(str, document_problems(document)))


def test_a_full_start_is_valid() -> None:
    whole = body(
        options={"conflictPolicy": "PREFIX", "prefix": "eu-", "approval": "REQUIRED", "backup": False},
        overrides={
            **data_source(
                DataSourceParameters={"PostgreSqlParameters": {"Host": "db", "Port": 5432, "Database": "bi"}},
                Credentials={"SecretArn": SECRET},
                SslProperties={"DisableSsl": False},
            ),
            "RefreshSchedules": [
                {"DataSetId": "orders", "ScheduleId": "daily", "StartAfterDateTime": "2026-12-01T03:00:00Z"}
            ],
        },
        permissions=[
            {"assetTypes": ["DASHBOARD"], "principals": [GROUP], "access": "VIEWER", "replace": True},
            {"assetIds": ["orders"], "principals": [GROUP], "access": "OWNER"},
        ],
        overrideTags={"Dashboards": [{"DashboardIds": ["*"], "Tags": [{"Key": "stage", "Value": "prod"}]}]},
        tags={"change": "CHG-1"},
        tenantId="sales",
    )
    assert document_problems(whole) == []
    assert account_problems(whole, SOURCES, TARGETS) == []


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (body(assets=[]), "$.assets"),
        (body(assets=[arn(f"dashboard/{each}") for each in range(501)]), "$.assets"),
        (body(assets=[arn(), arn()]), "$.assets"),
        (body(assets=[arn("namespace/x")]), "$.assets[0]"),
        (body(assets=[arn("dashboard/x/version/3")]), "$.assets[0]"),
        (body(assets=[arn(), arn("theme/t", OTHER)]), "$.assets[1]"),
        (body(asssets=[]), "$.asssets"),
        (body(options={"conflictPolicy": "OVERWRITE"}), "$.options.conflictPolicy"),
        (body(options={"conflictPolicy": "PREFIX"}), "$.options.prefix"),
        (body(options={"prefix": "p-"}), "$.options.prefix"),
        (body(options={"conflictPolicy": "PREFIX", "prefix": "p_ü"}), "$.options.prefix"),
        (body(options={"approval": "NONE"}), "$.options.approval"),
        (body(permissions=[{"principals": [GROUP], "access": "VIEWER"}]), "$.permissions[0]"),
        (
            body(
                permissions=[{"assetTypes": ["THEME"], "principals": [GROUP.replace(TARGET, OTHER)], "access": "OWNER"}]
            ),
            "$.permissions[0].principals[0]",
        ),
        (body(overrides={"DataSources": []}), "$.overrides.DataSources"),
        (body(overrides={"Sources": []}), "$.overrides.Sources"),
        (body(overrides={"DataSources": [{"Name": "x"}]}), "$.overrides.DataSources[0].DataSourceId"),
        (body(overrides={"DataSources": "all"}), "$.overrides.DataSources"),
        (body(overrides={"Themes": [{"ThemeId": "t", "Name": ""}]}), "$.overrides.Themes[0].Name"),
        (
            body(overrides={"RefreshSchedules": [{"DataSetId": "d", "ScheduleId": "s", "StartAfterDateTime": "soon"}]}),
            "$.overrides.RefreshSchedules[0].StartAfterDateTime",
        ),
        (
            body(overrides={"ResourceIdOverrideConfiguration": {"PrefixForAllResources": "p"}}),
            "$.overrides.ResourceIdOverrideConfiguration",
        ),
        (
            body(overrides=data_source(Credentials={"SecretArn": SECRET.replace(TARGET, OTHER)})),
            "$.overrides.DataSources[0].Credentials.SecretArn",
        ),
        (
            body(overrides=data_source(Credentials={"CopySourceArn": arn("datasource/x", TARGET)})),
            "$.overrides.DataSources[0].Credentials.CopySourceArn",
        ),
        (body(overrideTags={"Dashboards": [{"DashboardIds": ["*"]}]}), "$.overrideTags.Dashboards[0].Tags"),
    ],
)
def test_what_is_wrong_is_named(document: Any, path: str) -> None:
    assert path in paths(document)


def test_a_password_is_refused_and_never_repeated() -> None:
    # Given credentials as text, in their place and where they are not known
    pair = {"Username": "bi", "Password": "hunter2-hunter2"}
    for credentials in ({"CredentialPair": pair}, {"CredentialPair": "hunter2-hunter2"}):
        document = body(overrides=data_source(Credentials=credentials))
        # Then they are refused, and the refusal does not hold them
        assert paths(document) == ["$.overrides.DataSources[0].Credentials.CredentialPair"]
        assert "hunter2" not in told(document)


def test_errors_of_the_schema_and_of_overrides_are_told_together() -> None:
    document = body(options={"backup": "yes"}, overrides={"DataSets": [{"Name": "x"}]})
    assert paths(document) == ["$.options.backup", "$.overrides.DataSets[0].DataSetId"]


@pytest.mark.parametrize("document", [None, [], "x", 1, {"assets": 7}, {"overrides": 1, "overrideTags": []}])
def test_nonsense_is_a_problem_and_no_fault(document: Any) -> None:
    assert document_problems(document)


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (body(sourceAccountId=OTHER), "$.sourceAccountId"),
        (body(targetAccountId=SOURCE), "$.targetAccountId"),
        (body(assets=[arn(region="eu-west-1")]), "$.assets[0]"),
        (body(tenantId="finance"), "$.tenantId"),
    ],
)
def test_what_is_not_configured_is_named(document: dict[str, Any], path: str) -> None:
    assert [problem.path for problem in account_problems(document, SOURCES, TARGETS)] == [path]
