"""Events that do not come: connectors are asked, and what nobody will ever know is given up safely."""

from __future__ import annotations

import json
from typing import Any

import pytest

from file_transfer.connectors.events import OWN_SOURCE, own_event, read_event
from file_transfer.connectors.sends import FAILED, STARTED, SUCCEEDED
from tests.unit.file_transfer.connectors.test_fetching import FILE, list_folder, remembered, settle
from tests.unit.file_transfer.connectors.world import (
    ALIAS,
    CONNECTOR,
    EXCHANGE,
    LANDING,
    SETTINGS,
    World,
    lost,
    refusal,
)


def hear_all(world: World) -> None:
    """Everything that the watcher said into the queue of events."""
    for message in world.queues.of("events"):
        world.hearer.hear(message)


def result(world: World, operation: str, status: str, **more: str) -> dict[str, Any]:
    return {"FilePath": f"/{EXCHANGE}/{world.sent(operation).outbox}", "StatusCode": status, **more}


@pytest.mark.parametrize(("status", "state"), [("COMPLETED", SUCCEEDED), ("FAILED", FAILED)])
def test_a_connector_whose_event_was_lost_is_asked(world: World, status: str, state: str) -> None:
    order = world.order()
    world.send(order)
    world.transfer.results = [result(world, order["operation"], status, FailureCode="CONNECTION_ERROR")]
    # When it is time to look
    assert world.watcher.look_after() == 0
    world.wait(SETTINGS.look_seconds)
    assert world.watcher.look_after() == 1
    # Then it is heard as if the event had come, and not asked about at once again
    assert world.queues.of("events")[0]["source"] == OWN_SOURCE
    assert world.watcher.look_after() == 0
    hear_all(world)
    assert [each["state"] for each in world.queues.of("intake")] == [state]
    assert world.table.pending(ALIAS) == 0


def test_a_send_that_takes_long_is_waited_for(world: World) -> None:
    order = world.order()
    world.send(order)
    world.transfer.results = [result(world, order["operation"], "IN_PROGRESS")]
    for _ in range(3):
        world.wait(SETTINGS.look_seconds)
        assert world.watcher.look_after() == 0
    assert len(world.transfer.made("ListFileTransferResults")) == 3
    assert world.sent(order["operation"]).state == STARTED


def test_a_send_that_takes_too_long_is_given_up_and_cannot_happen_later(world: World) -> None:
    order = world.order()
    world.send(order)
    world.transfer.results = [result(world, order["operation"], "QUEUED")]
    world.wait(SETTINGS.timeout_seconds)
    world.watcher.look_after()
    hear_all(world)
    (outcome,) = world.queues.of("intake")
    assert (outcome["state"], outcome["reason"]) == (FAILED, "TIMEOUT")
    assert (EXCHANGE, world.sent(order["operation"]).outbox) not in world.bucket.objects


def test_a_start_that_nobody_heard_of_is_given_up_and_cannot_happen_later(world: World) -> None:
    order = world.order()
    world.transfer.says = [lost()]
    world.send(order)
    world.wait(SETTINGS.unconfirmed_seconds)
    world.watcher.look_after()
    assert world.transfer.made("ListFileTransferResults") == []
    assert (EXCHANGE, world.sent(order["operation"]).outbox) not in world.bucket.objects
    hear_all(world)
    assert [each["reason"] for each in world.queues.of("intake")] == ["TIMEOUT"]
    assert world.table.pending(ALIAS) == 0


def test_a_transfer_that_the_connector_does_not_know_any_more_is_given_up(world: World) -> None:
    order = world.order()
    world.send(order)
    world.wait(SETTINGS.look_seconds)
    world.transfer.says = [refusal("ResourceNotFoundException", operation="ListFileTransferResults")]
    assert world.watcher.look_after() == 1
    hear_all(world)
    assert [each["reason"] for each in world.queues.of("intake")] == ["TIMEOUT"]


def test_files_of_one_transfer_are_asked_about_once(world: World) -> None:
    orders = [world.order(number, f"in/{number}.csv") for number in (1, 2, 3)]
    world.send(*orders)
    world.transfer.results = [result(world, each["operation"], "COMPLETED") for each in orders]
    world.wait(SETTINGS.look_seconds)
    assert world.watcher.look_after() == len(orders)
    assert len(world.transfer.made("ListFileTransferResults")) == 1


def test_a_connector_that_cannot_be_asked_keeps_nobody_else_waiting(world: World) -> None:
    orders = [world.order(1, "in/1.csv"), world.order(2, "other/2.csv")]
    world.send(*orders)
    world.transfer.results = [result(world, each["operation"], "COMPLETED") for each in orders]
    world.wait(SETTINGS.look_seconds)
    world.transfer.says = [refusal("InternalServiceError", 500, "ListFileTransferResults")]
    assert world.watcher.look_after() == 1
    assert world.watcher.look_after() == 1


def test_a_line_that_nobody_moves_is_called(world: World) -> None:
    world.sender.accept(world.order())
    assert world.watcher.look_after() == 0
    assert world.queues.of("orders") == []
    world.wait(61)
    world.watcher.look_after()
    assert world.queues.of("orders") == [{"kind": "towpath.line", "connector": ALIAS}]


def test_a_fetch_whose_event_was_lost_lands(world: World) -> None:
    world.workflow()
    file = settle(world, FILE)
    world.bucket.objects[EXCHANGE, f"inbox/wf/{file.batch}/a.csv"] = b"abc"
    world.transfer.results = [{"FilePath": file.path, "StatusCode": "COMPLETED"}]
    world.wait(SETTINGS.look_seconds)
    world.watcher.look_after()
    hear_all(world)
    assert world.bucket.copies == [(LANDING, "from-bank/a.csv")]


@pytest.mark.parametrize(("is_there", "landed"), [(True, 1), (False, 0)])
def test_a_fetch_that_nobody_heard_of_is_looked_for(world: World, is_there: bool, landed: int) -> None:
    world.workflow()
    list_folder(world, FILE)
    world.wait(61)
    world.transfer.says = [None, lost()]
    list_folder(world, FILE)
    file = remembered(world)
    if is_there:
        world.bucket.objects[EXCHANGE, f"inbox/wf/{file.batch}/a.csv"] = b"abc"
    world.wait(SETTINGS.unconfirmed_seconds)
    world.watcher.look_after()
    hear_all(world)
    assert len(world.bucket.copies) == landed
    assert world.table.pending(ALIAS) == 0


def test_a_listing_whose_event_was_lost_is_worked_through(world: World) -> None:
    world.workflow(settleSeconds=0)
    world.watcher.begin_listings()
    key = str(world.pulls.listings("wf")["outputKey"])
    world.bucket.objects[EXCHANGE, key] = json.dumps({"files": [FILE]}).encode()
    # When the next one is due
    world.wait(300)
    world.watcher.begin_listings()
    hear_all(world)
    # Then
    assert len(world.transfer.made("StartFileTransfer")) == 1


def test_a_listing_that_wrote_nothing_is_nothing_to_go_by(world: World) -> None:
    world.workflow()
    world.watcher.begin_listings()
    world.wait(300)
    world.watcher.begin_listings()
    hear_all(world)
    assert world.transfer.made("StartFileTransfer") == []


def test_listings_begin_when_they_are_due(world: World) -> None:
    world.workflow(intervalMinutes=10)
    assert [world.watcher.begin_listings() for _ in range(2)] == [1, 0]
    (call,) = world.transfer.made("StartDirectoryListing")
    assert (call["ConnectorId"], call["RemoteDirectoryPath"], call["MaxItems"]) == (CONNECTOR, "/out", 10_000)
    world.wait(595)
    assert world.watcher.begin_listings() == 1
    # And at once when somebody asks
    world.wait(1)
    assert world.watcher.begin_listings("wf") == 1
    assert world.watcher.begin_listings("unknown") == 0


@pytest.mark.parametrize("pull", [{"connector": "nobody"}, {"afterwards": "MOVE"}])
def test_a_pull_that_cannot_work_does_not_keep_others_from_it(world: World, pull: dict[str, str]) -> None:
    world.workflow(**pull)
    assert world.watcher.begin_listings() == 0


def test_a_listing_that_cannot_be_begun_comes_with_the_next_round(world: World) -> None:
    world.workflow()
    world.transfer.says = [refusal("ThrottlingException", operation="StartDirectoryListing")]
    assert world.watcher.begin_listings() == 0
    world.wait(300)
    assert world.watcher.begin_listings() == 1


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"source": "aws.s3", "detail-type": "Object Created", "detail": {}},
        {"source": "aws.transfer", "detail-type": "SFTP Connector File Send Begun", "detail": {}},
        {"source": "aws.transfer", "detail-type": "SFTP Connector File Send Completed", "detail": None},
        own_event("File Send", True, {"connector-id": "c-ffffffffffffffff0"}),
        own_event("File Send", True, {"connector-id": CONNECTOR, "file-path": "/elsewhere/a.csv"}),
        own_event("File Send", True, {"connector-id": CONNECTOR, "file-path": f"/{EXCHANGE}/outbox/unknown/a.csv"}),
        own_event("File Retrieve", True, {"connector-id": CONNECTOR, "file-path": "/out/a.csv"}),
        own_event("Directory Listing", True, {"connector-id": CONNECTOR}),
    ],
)
def test_what_is_not_about_us_is_passed_over(world: World, message: dict[str, Any]) -> None:
    assert world.hearer.hear(message) == "known"
    assert world.queues.sent == []


@pytest.mark.parametrize("kind", ["Directory Listing", "Remote Move", "Remote Delete"])
def test_failures_that_only_people_can_mend_are_noted(world: World, kind: str) -> None:
    detail = {"connector-id": CONNECTOR, "failure-code": "PATH_NOT_FOUND", "failure-message": "no such folder"}
    assert world.hearer.hear(own_event(kind, False, detail)) == "noted"


def test_a_failed_fetch_names_the_folder_it_would_have_gone_to() -> None:
    event = read_event(
        own_event(
            "File Retrieve",
            False,
            {"file-path": "/out/a.csv", "local-directory-path": f"/{EXCHANGE}/inbox/wf/pull-1", "bytes": "many"},
        )
    )
    assert event is not None
    assert (event.pulled, event.size) == (("wf", "pull-1", "a.csv"), None)
