"""Definitions: what is refused and where, how one is found, who owns a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from file_transfer.errors import Rejection
from file_transfer.settings import SftpTarget, WatchedBucket
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.definition import ancestors, customer_of, read_definition, validate_definition
from file_transfer.workflows.lookup import WorkflowLookup
from tests.unit.given import KEY, LANDING, SETTINGS, definition
from tests.unit.moto_tables import put

BANK = {"type": "CONNECTOR", "uri": "sftp-connector://bank/in/"}
PULL = {"connector": "bank", "directory": "/out"}
EXAMPLES = sorted((Path(__file__).parents[3] / "schemas" / "examples" / "workflows").glob("*.json"))


def arrival(key: str = KEY, **changes: Any) -> Arrival:
    return Arrival(LANDING, key, "S3", "2025-06-28T22:00:00.000000Z", **changes)


def test_the_example_is_valid() -> None:
    assert validate_definition(definition(), SETTINGS.sftp_targets, SETTINGS.watched) == []


def test_there_is_an_example_of_each_workflow_of_the_brief() -> None:
    assert sorted(path.stem for path in EXAMPLES) == [
        "copy-s3-to-s3",
        "copy-s3-to-sftp",
        "copy-sftp-to-s3",
        "copy-sftp-to-s3-and-sftp",
        "copy-sftp-to-sftp",
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_shipped_examples_are_valid(path: Path) -> None:
    example = json.loads(path.read_text(encoding="utf-8"))
    watched = WatchedBucket("sftp-landing-zone", ("from-sftp/", "from-s3/"))
    assert validate_definition(example, {"partner": SftpTarget("partner-sftp-backend")}, watched) == []
    assert example["workflowId"] == path.stem


def test_the_briefs_own_definition_is_valid() -> None:
    # Given the item of the brief, as it stands there
    item = {
        "PK": "WORKFLOW#copy-sftp-to-s3",
        "workflowId": "copy-sftp-to-s3",
        "sourceType": "SFTP",
        "targetType": "S3",
        "sourcePrefix": "from-sftp/",
        "target": {"bucket": "s3://archive-bucket/", "pathPattern": "customerId/YYYY/MM/"},
        "validationRegex": "^client[a-zA-Z]+_transactions_\\d{4}-\\d{2}-\\d{2}\\.csv$",
        "maxRetries": 3,
        "stepFunctionArn": "arn:aws:states:us-west-2:123456789012:stateMachine:copy-sftp-to-s3-sm",
        "enabled": True,
        "tags": {"business": "finance", "region": "west"},
        "createdAt": "2025-06-01T10:00:00Z",
        "updatedAt": "2025-06-28T10:00:00Z",
    }
    # Then it can be used
    assert validate_definition(item) == []
    (rule,) = read_definition(item).targets
    assert (rule.id, rule.uri, rule.path_pattern) == ("s3", "s3://archive-bucket/", "customerId/YYYY/MM/")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"maxRetries": "3"}, "$.maxRetries"),
        ({"workflowId": "bad id"}, "$.workflowId"),
        ({"sourcePrefix": "/absolute/"}, "$.sourcePrefix"),
        ({"sourcePrefix": "no-slash"}, "$.sourcePrefix"),
        ({"targets": {}}, "$.targets"),
        ({"targets": {"s3": {"uri": "https://x/"}}}, "$.targets.s3.uri"),
        ({"targets": {"s3": {"uri": "s3://b/"}, "S3!": {"uri": "s3://b/"}}}, "$.targets"),
        ({"targetType": "S3"}, "$.targetType"),
        ({"targets": {"s3": {"type": "SFTP", "uri": "s3://b/"}}, "targetType": "S3"}, "$.targets.s3.type"),
        ({"targets": {"s3": {"uri": "s3://b/fixed.csv"}}, "targetType": "S3"}, "$.targets.s3"),
        ({"targets": {"s3": {"uri": "s3://b/../x/"}}, "targetType": "S3"}, "$.targets.s3"),
        ({"targets": {"s3": {"uri": f"s3://{LANDING}/from-s3/"}}, "targetType": "S3"}, "$.targets.s3"),
        ({"targets": {"x": {"uri": "sftp://stranger/"}}, "targetType": "SFTP"}, "$.targets.x"),
        ({"validationRegex": r"^(a)\1$"}, "$.validationRegex"),
        ({"notify": ["MAYBE"]}, "$.notify[0]"),
        ({"customerId": "a#b"}, "$.customerId"),
        ({"surprise": 1}, "$.surprise"),
        ({"targets": {"bank": {**BANK, "overwrite": "never"}}, "targetType": "CONNECTOR"}, "$.targets.bank.overwrite"),
        ({"targets": {"bank": {**BANK, "overwrite": "fail"}}, "targetType": "CONNECTOR"}, "$.targets.bank.overwrite"),
        ({"pull": {**PULL, "namePattern": r"^(a)\1$"}}, "$.pull.namePattern"),
        ({"pull": PULL, "sourcePrefix": None}, "$.pull.landingPrefix"),
    ],
)
def test_each_problem_names_its_field(changes: dict[str, Any], path: str) -> None:
    found = validate_definition(definition(**changes), SETTINGS.sftp_targets, SETTINGS.watched)
    assert [problem.path for problem in found] == [path]


@pytest.mark.parametrize(
    ("uris", "together"),
    [
        (["s3://b/in/", "sftp-connector://bank/in/"], "S3_CONNECTOR"),
        (["sftp-connector://bank/in/"], "CONNECTOR"),
        (["sftp-connector://bank/in/", "sftp://partner/in/", "s3://b/in/"], "S3_SFTP_CONNECTOR"),
    ],
)
def test_the_target_type_names_all_kinds_in_one_order(uris: list[str], together: str) -> None:
    targets = {f"t{number}": {"uri": uri} for number, uri in enumerate(uris)}
    assert validate_definition(definition(targets=targets, targetType=together), SETTINGS.sftp_targets) == []
    (problem,) = validate_definition(definition(targets=targets, targetType="SFTP"), SETTINGS.sftp_targets)
    assert (problem.path, problem.message) == ("$.targetType", f"the targets are {together}")


def test_a_target_of_a_connector_is_never_a_loop() -> None:
    # Given a connector that is called like the landing bucket
    targets = {"bank": {"type": "CONNECTOR", "uri": f"sftp-connector://{LANDING}/from-sftp/bankpacific/"}}
    assert validate_definition(definition(targets=targets, targetType="CONNECTOR")) == []


class TestSections:
    """Parts of a definition that are maps, or text where nobody can build nested maps."""

    RULES = {"size": {"minBytes": 1, "maxBytes": 10}}

    @pytest.mark.parametrize("stored", [RULES, json.dumps(RULES)], ids=["map", "text"])
    def test_are_read_from_either_form(self, stored: Any) -> None:
        workflow = read_definition(definition(rules=stored))
        assert (workflow.rules, workflow.processing, workflow.needs_preparation) == (self.RULES, {}, False)

    def test_name_the_field_in_either_form(self) -> None:
        broken = {"size": {"minBytes": -1}}
        for stored in (broken, json.dumps(broken)):
            assert [each.path for each in validate_definition(definition(rules=stored))] == ["$.rules.size.minBytes"]

    def test_that_are_no_json_are_refused(self) -> None:
        (problem,) = validate_definition(definition(processing="{"))
        assert (problem.path, problem.message.startswith("is not JSON")) == ("$.processing", True)
        with pytest.raises(Rejection, match="INVALID_DEFINITION|is not JSON"):
            read_definition(definition(processing="{"))

    @pytest.mark.parametrize("section", [{"rules": {"type": {"allowed": ["csv"]}}}, {"processing": {"unzip": {}}}])
    def test_that_look_into_files_come_before_the_copies(self, section: dict[str, Any]) -> None:
        assert read_definition(definition(**section)).needs_preparation

    def test_are_refused_for_what_no_schema_can_say(self) -> None:
        (problem,) = validate_definition(definition(rules={"size": {"minBytes": 2, "maxBytes": 1}}))
        assert problem.path == "$.rules.size"

    def test_a_user_of_sftp_has_a_name(self) -> None:
        found = validate_definition(definition(sftpUser={"publicKeys": []}))
        assert "$.sftpUserName" in [each.path for each in found]


def test_a_target_in_the_definitions_own_source_is_a_loop_without_any_environment() -> None:
    looping = definition(targets={"s3": {"uri": f"s3://{LANDING}/from-sftp/bankpacific/out/"}}, targetType="S3")
    assert [problem.path for problem in validate_definition(looping)] == ["$.targets.s3"]


@pytest.mark.parametrize(
    ("changes", "key", "expected"),
    [
        ({}, KEY, "bankpacific"),
        ({"customerId": None}, KEY, "bankpacific"),
        ({"customerId": None, "sourcePrefix": "from-sftp/"}, "from-sftp/clientX/a.csv", "clientX"),
        ({"customerId": None, "sourcePrefix": "from-sftp/"}, "from-sftp/a#b/a.csv", "unknown"),
        ({"customerId": None, "sourcePrefix": "from-sftp/"}, "from-sftp//a.csv", "unknown"),
    ],
)
def test_the_owner_comes_from_the_definition_or_the_path(changes: dict[str, Any], key: str, expected: str) -> None:
    assert customer_of(read_definition(definition(**changes)), arrival(key)) == expected


def test_ancestors_are_longest_first() -> None:
    assert ancestors("a/b/c.csv") == ["a/b/", "a/"]
    assert ancestors("c.csv") == []
    assert ancestors("/c.csv") == []


class CountingClient:
    """Counts the reads of a DynamoDB client."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb
        self.reads = 0

    def __getattr__(self, name: str) -> Any:
        self.reads += 1
        return getattr(self._dynamodb, name)


class TestLookup:
    def test_a_definition_is_remembered_and_then_read_again(self, dynamodb: Any) -> None:
        # Given a lookup that remembers for 30 seconds
        put(dynamodb, "WorkflowDefinition", definition())
        client, seconds = CountingClient(dynamodb), [0.0]
        lookup = WorkflowLookup(client, "WorkflowDefinition", 30, lambda: seconds[0])
        # When it is asked again within and after that time
        reads = []
        for now in (0.0, 29.0, 31.0):
            seconds[0] = now
            assert [each.id for each in lookup.resolve(arrival())] == ["copy-sftp-to-s3-and-sftp"]
            reads.append(client.reads)
        # Then the table is read twice
        assert reads == [1, 1, 2]

    def test_an_absence_is_forgotten_sooner(self, dynamodb: Any) -> None:
        # Given a prefix nobody has defined
        seconds = [0.0]
        lookup = WorkflowLookup(dynamodb, "WorkflowDefinition", 30, lambda: seconds[0])
        with pytest.raises(Rejection, match="no workflow has a sourcePrefix"):
            lookup.resolve(arrival())
        # When it is defined, and a few seconds have passed
        put(dynamodb, "WorkflowDefinition", definition())
        seconds[0] = 6.0
        # Then it is found
        assert lookup.resolve(arrival())[0].id == "copy-sftp-to-s3-and-sftp"

    def test_definitions_of_other_buckets_do_not_count(self, dynamodb: Any) -> None:
        put(dynamodb, "WorkflowDefinition", definition(sourceBucket="another-bucket"))
        lookup = WorkflowLookup(dynamodb, "WorkflowDefinition", 0)
        with pytest.raises(Rejection) as caught:
            lookup.resolve(arrival())
        assert caught.value.reason == "UNKNOWN_WORKFLOW"

    def test_a_message_cannot_borrow_the_workflow_of_another_source(self, dynamodb: Any) -> None:
        put(dynamodb, "WorkflowDefinition", definition())
        lookup = WorkflowLookup(dynamodb, "WorkflowDefinition", 0)
        with pytest.raises(Rejection) as caught:
            lookup.resolve(arrival("elsewhere/a.csv", workflow_id="copy-sftp-to-s3-and-sftp"))
        assert caught.value.reason == "VALIDATION_FAILED"
