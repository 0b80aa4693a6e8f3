"""The schemas themselves, and how they are found and used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from shared import schemas

FOLDER = Path(__file__).parents[3] / "schemas"
NAMES = sorted(path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.schema.json"))


def test_there_is_a_schema_for_every_message_and_record() -> None:
    assert NAMES == [
        "audit-record",
        "canonical-message",
        "connector-order",
        "connector-transfer",
        "delivery-input",
        "digest-payload",
        "disaster-recovery-api",
        "drift-report",
        "drs-inventory",
        "execution-commands",
        "expectation-item",
        "failure-record",
        "file-transfer-api",
        "incident-payload",
        "index-item",
        "migration-job",
        "migration-notification",
        "migration-plan",
        "notification-order",
        "notification-payload",
        "notification-record",
        "outcome-message",
        "protection-group",
        "protection-group-preview",
        "quicksight-account",
        "quicksight-migration-api",
        "recovery-notification",
        "recovery-plan",
        "replay-message",
        "retry-message",
        "review-message",
        "s3-event",
        "start-execution",
        "start-migration-job",
        "states-event",
        "status-item",
        "sweep-place",
        "transfer-event",
        "workflow-definition",
        "workflow-expectations",
        "workflow-notifications",
        "workflow-processing",
        "workflow-pull",
        "workflow-rules",
        "workflow-sftp-user",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_schema_of_its_draft_and_says_what_it_is(name: str) -> None:
    schema = schemas.load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(f"/{name}.schema.json")
    assert schema["title"] and schema["description"]


def test_a_packaged_schema_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a package with its own copy beside the code
    (tmp_path / "s3-event.schema.json").write_text(json.dumps({"const": 1}), encoding="utf-8")
    monkeypatch.setattr(schemas, "FOLDERS", (tmp_path, FOLDER))
    schemas.load.cache_clear()
    # Then that is used
    try:
        assert schemas.load("s3-event") == {"const": 1}
    finally:
        schemas.load.cache_clear()


def test_a_missing_schema_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="nothing-such"):
        schemas.load("nothing-such")


def test_paths_are_readable() -> None:
    assert schemas.path_text(["a", 2, "detail-type", "odd name"]) == "$.a[2].detail-type['odd name']"


def test_the_branch_that_came_closest_speaks() -> None:
    # Given a definition whose short target has a wrong URI in one field
    item = {"workflowId": "w", "sourceType": "S3", "target": {"bucket": "s3://ok/", "pathPattern": 7}}
    # Then the problem is that field, not "is valid under none of the given schemas"
    assert [problem.path for problem in schemas.problems("workflow-definition", item)] == ["$.target.pathPattern"]


def test_a_long_value_does_not_flood_the_message() -> None:
    (problem,) = schemas.problems(
        "retry-message", {"kind": "towpath.retry", "pk": "x" * 5000, "sk": "TS#", "attempt": 1}
    )
    assert problem.path == "$.pk"
    assert len(problem.message) < 400


def test_a_secret_is_not_repeated() -> None:
    # Given a hash of another kind than is asked for
    user = {"passwordHash": "$2b$12$abcdefghijklmnopqrstuv"}

    # Then its rule is named, and its value is not
    assert [str(each) for each in schemas.problems("workflow-sftp-user", user)] == [
        "$.passwordHash: breaks the rule 'pattern'"
    ]


def test_a_definition_is_a_schema_of_its_own() -> None:
    assert schemas.problems("execution-commands#/$defs/skipWave", {"waveNumber": 1}) == []
    (problem,) = schemas.problems("execution-commands#/$defs/skipWave", {"waveNumber": 0})
    assert problem.path == "$.waveNumber"


def test_a_reference_may_lead_into_another_file() -> None:
    # Given an account, which the group's schema takes from the plan's
    group = {"name": "g", "selection": {}, "account": {"accountId": "1", "region": "eu-west-1"}}
    assert [problem.path for problem in schemas.problems("protection-group", group)] == ["$.account.accountId"]


def test_what_is_missing_or_unknown_is_itself_the_place() -> None:
    group = {
        "selection": {"odd name": 1},
        "account": {"accountId": "1" * 12, "region": "eu-west-1", "externalId": "ab"},
    }
    assert [str(problem) for problem in schemas.problems("protection-group", group)] == [
        "$.account.roleArn: is required: 'roleArn' is a dependency of 'externalId'",
        "$.name: is required",
        "$.selection['odd name']: is not a known field",
    ]


@pytest.mark.parametrize("text", ["rp-aaaaaaaaaaaaaaaaaaaa\n", "rp-aaaaaaaaaaaaaaaaaaa", "rp-aaaaaaaaaaaaaaaaaaa٣"])
def test_patterns_end_where_the_text_ends_and_know_ascii_only(text: str) -> None:
    body = {"planId": text, "type": "DRILL"}
    assert [problem.path for problem in schemas.problems("start-execution", body)] == ["$.planId"]
