"""The handler behind the state Prepare File."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from file_transfer import prepare_file
from file_transfer.errors import Throttled
from tests.unit.file_transfer.content.world import WORKFLOW, World
from tests.unit.given import definition
from tests.unit.moto_tables import put

TARGETS = [{"id": "s3", "overwrite": "newest-wins"}]


class Tables:
    """The client that the handler itself uses."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb


@pytest.fixture
def world(dynamodb: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    """A workflow that takes PDF alone, and the handler with fakes."""
    made = World(dynamodb)
    put(dynamodb, "WorkflowDefinition", definition(workflowId=WORKFLOW, rules='{"type": {"allowed": ["pdf"]}}'))
    monkeypatch.setenv("WORK_BUCKET", "work")
    monkeypatch.setenv("QUEUE_URL", "https://sqs/queue")
    prepare_file.settings.cache_clear()
    monkeypatch.setattr(prepare_file, "clients", lambda: Tables(dynamodb))
    monkeypatch.setattr(prepare_file, "preparation", lambda: made.preparation)
    return made


def prepared(world: World, **changes: Any) -> dict[str, Any]:
    """The answer for a file that is no PDF."""
    transfer = world.arrive("a.pdf", b"%PDF-1.7" if changes.pop("pdf", False) else b"text", **changes)
    return prepare_file.handler({"transfer": transfer, "targets": TARGETS, "executionId": "e"}, None)


def test_the_definition_of_now_decides(world: World) -> None:
    assert prepared(world, pdf=True)["targets"] == TARGETS
    answer = prepared(world)
    assert (answer["action"], answer["status"], answer["reason"]) == ("REVIEW", "REJECTED", "TYPE_NOT_ALLOWED")


def test_a_definition_that_is_gone_or_broken_goes_to_a_person(world: World, dynamodb: Any) -> None:
    answer = prepared(world, workflowId="gone")
    assert (answer["action"], answer["status"], answer["reason"]) == ("REVIEW", "FAILED", "UNKNOWN_WORKFLOW")
    put(dynamodb, "WorkflowDefinition", definition(workflowId=WORKFLOW, rules={"type": {}}))
    answer = prepared(world)
    assert (answer["action"], answer["reason"]) == ("REVIEW", "INVALID_DEFINITION")
    assert "$.rules.type.allowed" in answer["message"]


def test_a_throttled_table_is_an_error_that_is_retried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        def get_item(self, **_: Any) -> None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetItem")

    monkeypatch.setattr(prepare_file, "clients", lambda: Tables(Busy()))
    with pytest.raises(Throttled):
        prepared(world)
