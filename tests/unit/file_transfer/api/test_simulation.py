"""Where a file would go, and why: the intake's own judgement, with the way to it."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer.api.simulation_steps import IF_IT_EXISTS, STEP_OF, STEPS
from shared.schemas import load, problems
from tests.unit.file_transfer.api.world import CUSTOMER, World, paths
from tests.unit.given import KEY, LANDING, definition

SCHEMA = "file-transfer-api#/$defs/simulation"


def simulated(world: World, **asked: Any) -> dict[str, Any]:
    """The answer for the bank's file, which keeps to the schema."""
    answer = world.ask("POST", "/workflows/simulate", {"key": KEY, **asked}, "[ft-view]")
    assert answer.status == 200, answer.body
    assert problems(SCHEMA, answer.body) == []
    found: dict[str, Any] = answer.body
    return found


def failing(found: dict[str, Any]) -> list[str]:
    return [each["step"] for each in found["steps"] if each["verdict"] == "FAILED"]


def draft(**changes: Any) -> dict[str, Any]:
    return {name: value for name, value in definition(**changes).items() if name != "PK"}


def test_a_good_file_goes_to_its_targets(world: World) -> None:
    world.workflow()
    found = simulated(world, sizeBytes=500, arrivedAt="2025-06-28T22:00:00Z")

    assert (found["outcome"], found["customerId"], found["workflowId"]) == (
        "TRANSFER",
        CUSTOMER,
        definition()["workflowId"],
    )
    assert [each["step"] for each in found["steps"]] == list(STEPS)
    assert {each["verdict"] for each in found["steps"]} == {"PASSED"}
    assert {each["id"]: (each["uri"].partition("/bank")[0], each["delivery"]) for each in found["targets"]} == {
        "s3": ("s3://archive-bucket-secure", "COPY"),
        "sftp": ("sftp://partner", "COPY"),
    }
    assert found["targets"][0]["key"].startswith("bankpacific/2025/06/")
    assert found["targets"][1]["key"].startswith("home/bankpacific/")


@pytest.mark.parametrize(
    ("size", "delivery"), [(1000, "COPY"), (1001, "PARTS"), (10_000, "PARTS"), (10_001, "LARGE_FILE_MACHINE")]
)
def test_how_a_file_is_copied_depends_on_its_size(world: World, size: int, delivery: str) -> None:
    world.workflow()
    assert {each["delivery"] for each in simulated(world, sizeBytes=size)["targets"]} == {delivery}


def test_connectors_take_what_goes_to_a_partner_s_server(world: World) -> None:
    targets = {"c": {"uri": "sftp-connector://partner/in/"}}
    world.workflow(targets=targets, targetType="CONNECTOR")
    assert [each["delivery"] for each in simulated(world)["targets"]] == ["CONNECTOR"]


@pytest.mark.parametrize(
    ("changes", "asked", "reason", "step"),
    [
        ({"sourcePrefix": "elsewhere/"}, {}, "UNKNOWN_WORKFLOW", "source"),
        ({"enabled": False}, {}, "WORKFLOW_DISABLED", "workflow"),
        ({"validationRegex": "^x"}, {}, "VALIDATION_FAILED", "workflow"),
        (
            {"customerId": None, "sourcePrefix": "from-sftp/"},
            {"key": "from-sftp/a#b/x.csv"},
            "VALIDATION_FAILED",
            "customer",
        ),
        ({}, {"sizeBytes": 0}, "EMPTY_FILE", "rules"),
        ({}, {"sizeBytes": 100_001}, "FILE_TOO_LARGE", "rules"),
        ({"rules": {"size": {"maxBytes": 9}}}, {"sizeBytes": 10}, "SIZE_NOT_ALLOWED", "rules"),
        ({}, {"workflowId": "nobody"}, "UNKNOWN_WORKFLOW", "source"),
        ({}, {"targets": {"s3": f"s3://{LANDING}/from-s3/"}}, "LOOP_GUARD", "targets"),
        ({}, {"targets": {"s3": "s3://bucket/../x"}}, "INVALID_KEY", "targets"),
    ],
)
def test_a_rejection_names_its_step(
    world: World, changes: dict[str, Any], asked: dict[str, Any], reason: str, step: str
) -> None:
    if changes.get("customerId", "") is None:
        changes = {**changes, "validationRegex": None}
    world.workflow(**changes)
    found = simulated(world, **asked)

    assert (found["outcome"], found["rejection"]["reason"], failing(found)) == ("REJECT", reason, [step])
    places = [each["verdict"] for each in found["steps"]]
    assert places == sorted(places, key=["PASSED", "FAILED", "NOT_REACHED"].index)
    assert found["targets"] == []


def test_of_several_definitions_each_says_what_it_makes_of_the_name(world: World) -> None:
    world.workflow(workflowId="balances", validationRegex="_balances_")
    world.workflow(workflowId="transactions", validationRegex="_transactions_")
    world.workflow(workflowId="old", enabled=False)
    found = simulated(world)
    detail = next(each["detail"] for each in found["steps"] if each["step"] == "workflow")

    assert found["workflowId"] == "transactions"
    assert "balances does not take the name (_balances_)" in detail
    assert "transactions takes it" in detail and "old is disabled" in detail


def test_temporary_names_are_ignored(world: World) -> None:
    world.workflow()
    found = simulated(world, key="from-sftp/bankpacific/x.csv.filepart")
    assert (found["outcome"], failing(found)) == ("IGNORE", ["name"])


def test_content_is_looked_at_later(world: World) -> None:
    world.workflow(rules={"csv": {"header": ["a"]}})
    found = simulated(world)
    detail = next(each["detail"] for each in found["steps"] if each["step"] == "rules")
    assert found["outcome"] == "PREPARE" and "rules.csv" in detail


def test_a_draft_stands_in_place_of_the_stored_definition(world: World) -> None:
    # Given a stored definition, and a draft of it that takes other files
    world.workflow()
    other = "from-sftp/bankpacific/new.csv"
    assert simulated(world, key=other)["outcome"] == "REJECT"
    found = simulated(world, key=other, definition=draft(validationRegex=r"\.csv$"))
    # Then the draft is asked, and nothing is stored
    assert found["outcome"] == "TRANSFER"
    assert world.ask("GET", f"/workflows/{found['workflowId']}").body["definition"] == draft()
    # And a new definition of another prefix leaves the stored one alone
    new = draft(workflowId="new", sourcePrefix="from-sftp/acme/", customerId="acme", validationRegex=None)
    assert simulated(world, key="from-sftp/acme/x.csv", definition=new)["workflowId"] == "new"
    assert simulated(world, definition=new)["workflowId"] == definition()["workflowId"]
    refused = world.ask("POST", "/workflows/simulate", {"key": KEY, "definition": {"workflowId": "x"}})
    assert refused.status == 400 and all(path.startswith("$.definition") for path in paths(refused))


def test_nobody_learns_of_the_files_of_others(world: World) -> None:
    world.workflow()
    world.workflow(workflowId="theirs", sourcePrefix="from-sftp/acme/", customerId="acme", validationRegex=None)
    mine = world.ask("POST", "/workflows/simulate", {"key": KEY}, "[ft-bank]")
    theirs = world.ask("POST", "/workflows/simulate", {"key": "from-sftp/acme/x.csv"}, "[ft-bank]")
    nobodys = world.ask("POST", "/workflows/simulate", {"key": "from-sftp/none/x.csv"}, "[ft-bank]")

    assert mine.status == 200 and theirs.status == 404 and theirs.text == nobodys.text


@pytest.mark.parametrize(
    "asked",
    [
        # It names their definition, or one that there is not
        {"workflowId": "theirs", "customerId": CUSTOMER},
        {"workflowId": "nobodys", "customerId": CUSTOMER},
        # It says that a file of theirs, or of nobody, is one's own
        {"key": "from-sftp/acme/x.csv", "customerId": CUSTOMER},
        {"key": "from-sftp/none/x.csv", "customerId": CUSTOMER},
        # Their definition cannot be read
        {"key": "from-sftp/broken/x.csv", "customerId": CUSTOMER},
        # A draft of one's own beside theirs
        {
            "key": "from-sftp/acme/x.csv",
            "definition": {**draft(workflowId="a", sourcePrefix="from-sftp/acme/"), "validationRegex": "x"},
        },
    ],
)
def test_nobody_learns_of_the_definitions_of_others(world: World, asked: dict[str, Any]) -> None:
    their = {"customerId": "acme", "validationRegex": "x"}
    world.workflow()
    world.workflow(**their, workflowId="theirs", sourcePrefix="from-sftp/acme/")
    world.workflow(**their, workflowId="broken", sourcePrefix="from-sftp/broken/", targetType="nonsense")
    answer = world.ask("POST", "/workflows/simulate", {"key": KEY, **asked}, "[ft-bank]")
    nothing = world.ask("POST", "/workflows/simulate", {"key": "from-sftp/none/x.csv"}, "[ft-bank]")
    assert (answer.status, answer.text) == (404, nothing.text)


def test_what_others_take_of_the_same_source_is_not_told(world: World) -> None:
    # Given definitions of two customers with one prefix, told apart by names
    world.workflow()
    world.workflow(workflowId="theirs", customerId="acme", validationRegex="_secret_")
    # Then whoever sees one customer is told of that one's, and whoever sees all of both
    mine = world.ask("POST", "/workflows/simulate", {"key": KEY}, "[ft-bank]")
    assert (mine.status, mine.body["outcome"]) == (200, "TRANSFER")
    assert "theirs" not in mine.text and "_secret_" not in mine.text
    assert "theirs does not take the name (_secret_)" in world.ask("POST", "/workflows/simulate", {"key": KEY}).text


def test_a_simulation_writes_nothing(world: World) -> None:
    world.workflow()
    before = world.dynamodb.describe_table(TableName="FileTransferStatus")["Table"]["ItemCount"]
    simulated(world)
    assert world.sqs.queues == {}
    assert world.dynamodb.describe_table(TableName="FileTransferStatus")["Table"]["ItemCount"] == before


def test_every_policy_and_step_is_explained() -> None:
    policies = load("workflow-definition")["properties"]["targets"]["additionalProperties"]["properties"]["overwrite"]
    assert set(IF_IT_EXISTS) == set(policies["enum"])
    assert set(STEP_OF.values()) <= set(STEPS)
