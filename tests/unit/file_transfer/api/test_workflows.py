"""Definitions over the API: checked for this environment, versioned, and never with a password's hash."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer.workflows.definition import read_definition
from shared.schemas import problems
from tests.unit.file_transfer.api.world import CUSTOMER, World, paths
from tests.unit.given import ARCHIVE, LANDING, definition
from tests.unit.moto_tables import put

SCHEMA = "file-transfer-api#/$defs"
ID = "copy-sftp-to-s3-and-sftp"
HASH = "$argon2id$v=19$m=65536,t=3,p=4$" + "A" * 22 + "$" + "B" * 43
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def body(**changes: Any) -> dict[str, Any]:
    """A definition as it is sent."""
    return {name: value for name, value in definition(**changes).items() if name != "PK"}


def with_user(**user: Any) -> dict[str, Any]:
    return body(sftpUserName="bankpacific", sftpUser={"passwordHash": HASH, "publicKeys": [KEY], **user})


def test_a_definition_is_stored_read_replaced_and_deleted(world: World) -> None:
    # Given a definition that is created
    created = world.ask("POST", "/workflows", body())
    assert created.status == 201 and created.headers["location"] == f"/workflows/{ID}"
    assert (created.headers["etag"], created.body["version"], created.body["updatedBy"]) == ('"1"', 1, "user:ada")
    assert problems(f"{SCHEMA}/workflow", created.body) == []
    assert world.ask("POST", "/workflows", body()).status == 409
    # When it is replaced
    replaced = world.ask("PUT", f"/workflows/{ID}", body(enabled=False), headers={"if-match": '"1"'})
    assert (replaced.status, replaced.body["version"]) == (200, 2)
    assert replaced.body["createdAt"] == created.body["createdAt"]
    # Then whoever read it before is told so
    for method, sent in (("PUT", body()), ("DELETE", None)):
        answer = world.ask(method, f"/workflows/{ID}", sent, headers={"if-match": '"1"'})
        assert (answer.status, answer.body["code"], answer.body["currentVersion"]) == (409, "STALE_VERSION", 2)
        assert world.ask(method, f"/workflows/{ID}", sent).status == 428
    shown = world.ask("GET", f"/workflows/{ID}").body
    assert shown["definition"] == body(enabled=False)
    assert world.ask("DELETE", f"/workflows/{ID}", headers={"if-match": '"2"'}).status == 204
    assert world.ask("GET", f"/workflows/{ID}").status == 404
    assert world.ask("PUT", f"/workflows/{ID}", body(), headers={"if-match": '"2"'}).status == 404


def test_what_the_api_stores_is_what_the_intake_reads(world: World) -> None:
    rules = {"size": {"minBytes": 1}}
    world.ask("POST", "/workflows", body(rules=rules, maxRetries=5))
    (found,) = world.services.workflows.of_prefix("from-sftp/bankpacific/").items
    workflow = read_definition(found)

    assert (workflow.id, workflow.max_retries, workflow.rules) == (ID, 5, rules)
    assert found["kind"] == "WORKFLOW"


def test_a_definition_that_somebody_stored_by_hand_has_the_first_version(world: World) -> None:
    item = {**definition(rules='{"size": {"maxBytes": 9}}'), "kind": "WORKFLOW"}
    put(world.dynamodb, "WorkflowDefinition", item)
    shown = world.ask("GET", f"/workflows/{ID}")

    assert shown.headers["etag"] == '"1"' and shown.body["definition"]["rules"] == {"size": {"maxBytes": 9}}
    replaced = world.ask("PUT", f"/workflows/{ID}", shown.body["definition"], headers={"if-match": '"1"'})
    assert replaced.body["version"] == 2


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"sourceType": "FTP"}, "$.sourceType"),
        ({"colour": "red"}, "$.colour"),
        ({"validationRegex": "("}, "$.validationRegex"),
        ({"version": 7}, "$.version"),
        ({"targets": {"s3": {"uri": f"s3://{LANDING}/from-sftp/"}}, "targetType": "S3"}, "$.targets.s3"),
        ({"targets": {"x": {"uri": "sftp://nobody/"}}, "targetType": "SFTP"}, "$.targets.x"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_stored(world: World, changes: dict[str, Any], path: str) -> None:
    for answer in (
        world.ask("POST", "/workflows", body(**changes)),
        world.ask("POST", "/workflows/validate", body(**changes), "[ft-view]"),
    ):
        told = answer.body["errors"]
        assert [each["path"] for each in told] == [path]
    assert world.items("/workflows") == []


def test_a_definition_is_validated_against_its_neighbours(world: World) -> None:
    world.workflow(workflowId="neighbour")
    world.workflow(workflowId="disabled", enabled=False)
    world.workflow(workflowId="elsewhere", sourceBucket="another-bucket")
    answer = world.ask("POST", "/workflows/validate", body())

    assert answer.body == {"valid": True, "errors": [], "sameSource": ["neighbour"]}
    assert world.ask("POST", "/workflows/validate", {}).body["valid"] is False
    assert world.ask("POST", "/workflows/validate", []).status == 400
    assert world.ask("POST", "/workflows", []).status == 400


def test_a_password_is_never_shown_and_not_lost(world: World) -> None:
    # Given a definition whose user has a password
    created = world.ask("POST", "/workflows", with_user())
    assert created.body["hasPassword"] is True and "argon2" not in created.text
    shown = world.ask("GET", f"/workflows/{ID}")
    assert "argon2" not in shown.text + world.ask("GET", "/workflows").text
    # When it is sent back as it was shown
    replaced = world.ask("PUT", f"/workflows/{ID}", shown.body["definition"], headers={"if-match": '"1"'})
    # Then the password is still there, until it is to be forgotten or the user is another
    assert replaced.body["hasPassword"] is True
    assert world.services.workflows.get(ID)["sftpUser"]["passwordHash"] == HASH
    other = {**shown.body["definition"], "sftpUserName": "somebody"}
    assert world.ask("PUT", f"/workflows/{ID}", other, headers={"if-match": '"2"'}).body["hasPassword"] is False
    world.ask("PUT", f"/workflows/{ID}", with_user(), headers={"if-match": '"3"'})
    forgotten = world.ask(
        "PUT",
        f"/workflows/{ID}",
        shown.body["definition"],
        headers={"if-match": '"4"'},
        query={"forgetPassword": "true"},
    )
    assert forgotten.body["hasPassword"] is False


def test_sections_that_are_no_json_are_not_shown_as_they_stand(world: World) -> None:
    put(
        world.dynamodb, "WorkflowDefinition", {**definition(sftpUser=f'{{"passwordHash": "{HASH}"'), "kind": "WORKFLOW"}
    )

    assert "argon2" not in world.ask("GET", f"/workflows/{ID}").text


def test_definitions_are_listed_by_id_and_for_their_own_customer(world: World) -> None:
    for name in ("c", "a", "b"):
        world.workflow(workflowId=name, customerId=CUSTOMER if name == "a" else "acme")
    world.workflow(workflowId="everybody", customerId=None)

    assert [each["workflowId"] for each in world.items("/workflows")] == ["a", "b", "c", "everybody"]
    assert all(problems(f"{SCHEMA}/workflowSummary", each) == [] for each in world.items("/workflows"))
    assert [each["workflowId"] for each in world.items("/workflows", "[ft-bank]")] == ["a"]
    assert world.ask("GET", "/workflows/b", groups="[ft-bank]").status == 404


def test_definitions_are_changed_by_whoever_may_configure_for_all(world: World) -> None:
    world.workflow()
    match = {"if-match": '"1"'}
    for groups in ("[ft-view]", "[ft-operate]", "[ft-bank]"):
        assert world.ask("POST", "/workflows", body(workflowId="x"), groups).status == 403
        assert world.ask("PUT", f"/workflows/{ID}", body(), groups, headers=match).status == 403
        assert world.ask("DELETE", f"/workflows/{ID}", groups=groups, headers=match).status == 403
    assert paths(world.ask("PUT", f"/workflows/{ID}", body(workflowId="x"), headers=match)) == ["$.workflowId"]
    assert world.services.workflows.get(ID)["targets"]["s3"]["uri"] == f"s3://{ARCHIVE}/"
