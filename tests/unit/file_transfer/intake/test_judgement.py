"""What is promised is there: add-ons, names after processing, members of archives."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from file_transfer.settings import AddOns
from tests.unit.file_transfer.intake.async_world import AsyncWorld
from tests.unit.file_transfer.intake_world import World
from tests.unit.given import ARCHIVE, SETTINGS, definition
from tests.unit.moto_tables import put

WORK, PARENT = "work-bucket", "0123456789abcdef"
S3_ONLY: dict[str, Any] = {"targets": {"s3": {"uri": f"s3://{ARCHIVE}/in/"}}, "targetType": "S3"}
CONNECTOR: dict[str, Any] = {"targets": {"bank": {"uri": "sftp-connector://bank/in/"}}, "targetType": "CONNECTOR"}
OPENED: dict[str, Any] = {**S3_ONLY, "rules": {"type": {"allowed": ["csv"]}}}
SECRET = "arn:aws:secretsmanager:us-east-1:000000000000:secret:key-AbCdEf"


@pytest.fixture
def world(dynamodb: Any) -> AsyncWorld:
    return AsyncWorld(dynamodb)


@pytest.mark.parametrize(
    ("changes", "add_ons", "action"),
    [
        (CONNECTOR, AddOns(content=True), "REVIEW"),
        (CONNECTOR, AddOns(connectors=True), "COPY"),
        (OPENED, AddOns(connectors=True), "REVIEW"),
        (OPENED, AddOns(content=True), "PREPARE"),
    ],
)
def test_what_no_module_is_there_for_is_refused(
    dynamodb: Any, changes: dict[str, Any], add_ons: AddOns, action: str
) -> None:
    world = World(dynamodb, replace(SETTINGS, add_ons=add_ons))
    put(dynamodb, "WorkflowDefinition", definition(**changes))
    answer = world.take(world.upload())
    assert answer["action"] == action
    assert action != "REVIEW" or answer["reason"] == "INVALID_DEFINITION"


def test_channels_of_its_own_are_noted_for_the_recorder(world: AsyncWorld) -> None:
    channels = {"hook": {"type": "WEBHOOK", "url": "https://partner.example/hook", "secretArn": SECRET}}
    world.define(notifications={"channels": channels})
    world.take(world.upload())
    assert world.item()["channels"] is True


def test_a_target_is_named_as_the_file_is_after_processing(world: AsyncWorld) -> None:
    # Given files that are decrypted
    world.define(**S3_ONLY, processing={"decrypt": {"keySecretArn": SECRET}}, validationRegex=None)
    # When one arrives
    answer = world.take(world.upload("from-sftp/bankpacific/orders.csv.pgp"))
    # Then its target has the name without the ending, and the transfer that of the source
    assert [each["key"] for each in answer["targets"]] == ["in/orders.csv"]
    assert answer["transfer"]["fileName"] == "orders.csv.pgp"


def test_rules_on_names_and_sizes_come_before_the_claim(world: AsyncWorld) -> None:
    world.define(**S3_ONLY, rules={"size": {"maxBytes": 3}})
    answer = world.take(world.upload(body=b"four"))
    assert (answer["action"], answer["reason"]) == ("REVIEW", "SIZE_NOT_ALLOWED")


class TestMembers:
    """Members of an archive, which its own transfer has put into the work bucket."""

    @staticmethod
    def member(world: AsyncWorld, key: str, **changes: Any) -> dict[str, Any]:
        version = world.s3.put(WORK, key, b"content")
        message = {"bucket": WORK, "key": key, "versionId": version.version_id, "triggeredBy": "Archive"}
        return {**message, "workflowId": "copy-sftp-to-s3-and-sftp", "parentId": PARENT, **changes}

    def test_are_delivered_by_the_archive_s_workflow_whatever_they_are_called(self, world: AsyncWorld) -> None:
        world.define(**S3_ONLY, processing={"unzip": {}})
        answer = world.take(self.member(world, f"unpacked/{PARENT}/a/b.txt", customerId="bankpacific"))
        assert (answer["action"], answer["transfer"]["parentId"]) == ("PREPARE", PARENT)
        assert [each["key"] for each in answer["targets"]] == ["in/b.txt"]
        assert world.item()["metadata"]["parentId"] == PARENT

    def test_of_other_places_are_not_below_the_workflow_s_source(self, world: AsyncWorld) -> None:
        world.define(**S3_ONLY, processing={"unzip": {}})
        answer = world.take(self.member(world, "unpacked/ffffffffffffffff/b.txt"))
        assert (answer["action"], answer["reason"]) == ("REVIEW", "VALIDATION_FAILED")

    def test_name_their_workflow(self, world: AsyncWorld) -> None:
        message = self.member(world, f"unpacked/{PARENT}/b.txt")
        del message["workflowId"]
        assert world.take(message)["reason"] == "UNREADABLE_MESSAGE"
