"""Rounds on moto's tables: windows are opened once, announced once, acknowledged once; any round may die."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from file_transfer.expectations.arrivals import Arrivals
from file_transfer.expectations.checking import Checker
from file_transfer.expectations.store import ExpectationStore
from file_transfer.notifications.orders import read_order
from file_transfer.notifications.settings import NotificationSettings
from file_transfer.records import identity
from file_transfer.workflows import patterns
from shared.clock import stamp
from shared.dynamodb import to_item
from shared.errors import NotFound, Transient, WrongState
from tests.unit.given import TickingClock

START = datetime(2026, 3, 2, 6, tzinfo=UTC)
SETTINGS = NotificationSettings(queue_url="orders", topic_arn="arn:topic", grace_seconds=120)


class FakeQueue:
    """Orders; the next `refusals` are refused."""

    def __init__(self) -> None:
        self.orders: list[Any] = []
        self.refusals = 0

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        if self.refusals:
            self.refusals -= 1
            raise ConnectionError("no queue")
        self.orders.append((QueueUrl, read_order(MessageBody)))


class World:
    """Definitions, files that come, and rounds; the clock begins an hour before the window."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb, self.queue = dynamodb, FakeQueue()
        self.clock = TickingClock(START - timedelta(hours=1))
        self.store = ExpectationStore(dynamodb, "TransferExpectation")
        arrivals = Arrivals(dynamodb, "FileTransferStatus")
        self.checker = Checker(SETTINGS, dynamodb, self.queue, self.store, arrivals, patterns.matches)
        self.numbers = iter(range(1000))

    def define(self, workflow_id: str = "wf", **expectation: Any) -> None:
        section = {"daily": {"from": "06:00", "by": "08:00", **expectation}}
        item = {"PK": f"WORKFLOW#{workflow_id}", "kind": "WORKFLOW", "workflowId": workflow_id, "customerId": "bank"}
        self.dynamodb.put_item(
            TableName="WorkflowDefinition", Item=to_item({**item, "expectations": json.dumps(section)})
        )

    def file(self, name: str, minutes: float, status: str = "SUCCESS", size: int = 10, delivered: float = 0) -> None:
        arrived = stamp(START + timedelta(minutes=minutes))
        own_id = f"{next(self.numbers):016x}"
        key = identity.status_key("bank", name, arrived, own_id)
        item = {
            "PK": key.pk,
            "SK": key.sk,
            "fileName": name,
            "customerId": "bank",
            "metadata": {"fileSizeBytes": size},
            "timestamp": stamp(START + timedelta(minutes=minutes + delivered)),
            "workflowStatus": f"wf#{status}#{identity.shard(own_id)}",
        }
        self.dynamodb.put_item(TableName="FileTransferStatus", Item=to_item(item))

    def round(self, minutes: float | None = None) -> dict[str, int]:
        if minutes is not None:
            self.clock.now = START + timedelta(minutes=minutes)
        return self.checker.round(self.clock())

    def window(self) -> dict[str, Any]:
        (found,) = self.store.of_expectation("wf", "daily")
        return found


@pytest.fixture
def world(dynamodb: Any) -> World:
    found = World(dynamodb)
    found.define()
    found.round()
    return found


def test_a_window_is_opened_once_when_it_begins(world: World) -> None:
    assert list(world.store.of_expectation("wf", "daily")) == []
    assert world.round(0)["opened"] == 1
    assert world.round(1)["opened"] == 0
    assert world.window()["status"] == "OPEN"


def test_what_begins_before_it_is_known_is_not_expected(dynamodb: Any) -> None:
    # Given a definition that is written when its window has begun
    world = World(dynamodb)
    world.round(10)
    world.define()
    # Then the window of that day is nobody's
    assert world.round(15)["opened"] == 0


def test_files_are_counted_by_status_time_and_size(world: World) -> None:
    world.define(count={"min": 2}, size={"minBytes": 5})
    world.round(0)
    world.file("before.csv", -1, delivered=5)
    world.file("small.csv", 5, size=1)
    world.file("failed.csv", 6, status="FAILED")
    world.file("kept.csv", 7, status="SUPERSEDED")
    world.round(20)
    assert world.window()["found"] == {"count": 1, "bytes": 10, "unfit": 1, "files": ["kept.csv"]}
    world.file("good.csv", 8)
    world.round(21)
    assert world.window()["status"] == "MET"


def test_arrivals_count_where_deliveries_do_not_matter(world: World) -> None:
    world.define(counts="ARRIVED")
    world.round(0)
    world.file("rejected.csv", 3, status="REJECTED")
    world.round(4)
    assert world.window()["status"] == "OPEN"
    world.file("failed.csv", 5, status="FAILED", delivered=200)
    world.round(300)
    assert world.window()["status"] == "MET"


def test_a_delivery_counts_when_it_is_done(world: World) -> None:
    world.round(0)
    world.file("slow.csv", 100, delivered=40)
    world.round(150)
    assert world.window()["status"] == "MET_LATE"


def test_many_files_are_read_in_batches(world: World) -> None:
    world.define(count={"min": 130})
    world.round(0)
    for number in range(130):
        world.file(f"{number}.csv", 1)
    world.round(5)
    assert (world.window()["status"], len(world.window()["found"]["files"])) == ("MET", 20)


def test_an_incident_is_announced_to_the_topic_and_the_channels_and_then_no_more(world: World) -> None:
    world.round(0)
    assert world.round(125)["announced"] == 1
    assert world.round(126)["announced"] == 0
    # Then there are two orders with the same notification
    (_, first), (_, second) = world.queue.orders
    assert (first.channel, second.channel) == ("", "sns")
    assert first.notification == second.notification
    assert first.notification["status"] == "LATE"
    assert "announce" not in world.window()


def test_an_announcement_that_cannot_be_ordered_is_made_in_the_next_round(world: World) -> None:
    world.round(0)
    world.queue.refusals = 1
    with pytest.raises(Transient, match="1 windows"):
        world.round(200)
    assert world.window()["status"] == "MISSED"
    assert world.round(201)["announced"] == 1
    assert {order.notification["status"] for _, order in world.queue.orders} == {"MISSED"}


def test_one_window_that_cannot_be_judged_keeps_nobody_else_s_from_it(world: World) -> None:
    world.define("other")
    world.round(0)
    broken = next(world.store.of_expectation("wf", "daily"))
    broken["criteria"]["namePattern"] = "("
    assert world.store.replace({**broken, "revision": 2}, 1)
    world.file("a.csv", 1)
    with pytest.raises(Transient):
        world.round(125)
    (other,) = world.store.of_expectation("other", "daily")
    assert other["status"] == "LATE"


def test_an_incident_is_acknowledged_by_the_first(world: World) -> None:
    world.round(0)
    key = world.window()["PK"], world.window()["SK"]
    with pytest.raises(WrongState):
        world.store.acknowledge(*key, "ann", "", world.clock())
    with pytest.raises(NotFound):
        world.store.acknowledge(key[0], "WINDOW#none", "ann", "", world.clock())
    world.round(125)
    assert world.store.acknowledge(*key, "ann", "calling", world.clock())["acknowledgedBy"] == "ann"
    assert world.store.acknowledge(*key, "bob", "", world.clock())["acknowledgedBy"] == "ann"
    # And judging goes on after it
    world.round(200)
    assert (world.window()["status"], world.window()["acknowledgedBy"]) == ("MISSED", "ann")


def test_after_a_long_break_old_windows_are_left_alone(world: World) -> None:
    world.clock.now = START + timedelta(days=10)
    # Two days at most: the windows of the tenth and the ninth day after
    assert world.round()["opened"] == 2


def test_lists_are_by_customer_and_status_newest_first(world: World) -> None:
    for day in range(3):
        world.round(day * 1440)
    found = list(world.store.of_customer("bank"))
    assert [each["dueAt"] for each in found] == sorted((each["dueAt"] for each in found), reverse=True)
    assert len(found) == 3
    assert [each["SK"] for each in world.store.of_customer("bank", limit=1)] == [found[0]["SK"]]
    assert list(world.store.with_status("MISSED", since=found[1]["dueAt"])) == [found[1]]
