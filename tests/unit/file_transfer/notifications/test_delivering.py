"""Orders on moto's tables: one record each, one worker at a time, and an end whatever happens."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.dynamodb.models import dynamodb_backends

from file_transfer.notifications import notification, orders
from file_transfer.notifications.channels import SNS, Channel
from file_transfer.notifications.delivering import Deliverer
from file_transfer.notifications.delivery_log import DeliveryLog, Ending
from file_transfer.notifications.digests import DigestStore, digest_payload
from file_transfer.notifications.settings import NotificationSettings
from shared.dynamodb import from_item, to_item
from shared.errors import ValidationFailed
from shared.schemas import problems
from tests.unit.file_transfer import history
from tests.unit.given import TickingClock
from tests.unit.moto_tables import create_tables

LOG = "TransferNotificationLog"
SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:file-transfer/channels/x"
SETTINGS = NotificationSettings(
    queue_url="orders", topic_arn="arn:aws:sns:us-east-1:111122223333:notify", max_attempts=3, lease_seconds=60
)
ERP = {"type": "WEBHOOK", "url": "https://erp.example/in", "secretArn": SECRET, "events": ["SUCCESS", "FAILED"]}


class Died(Exception):
    """The worker is gone."""


class FakeSender:
    """Endings in turn, then SENT; None is a worker that dies after it has sent."""

    def __init__(self) -> None:
        self.endings: list[Ending | None] = []
        self.sent: list[tuple[Channel, Mapping[str, Any]]] = []

    def send(self, channel: Channel, notification: Mapping[str, Any], _now: object) -> Ending:
        self.sent.append((channel, notification))
        ending = self.endings.pop(0) if self.endings else Ending("SENT", "HTTP 200")
        if ending is None:
            raise Died
        return ending


class FakeQueue:
    """Messages that were sent."""

    def __init__(self) -> None:
        self.bodies: list[str] = []

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        assert QueueUrl == "orders"
        self.bodies.append(MessageBody)


class World:
    """A workflow with channels, and who tells them."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.sender, self.queue, self.clock = FakeSender(), FakeQueue(), TickingClock()
        sender: Any = self.sender
        self.deliverer = Deliverer(
            SETTINGS,
            dynamodb,
            self.queue,
            sender,
            DeliveryLog(dynamodb, LOG, SETTINGS.lease_seconds),
            DigestStore(dynamodb, "FileTransferControl"),
            self.clock,
            Random(1),
        )
        self.item = history.success()[-1][1]
        self.order = orders.transfer_order(self.item)

    def define(self, channels: Mapping[str, Any], *, as_text: bool = True) -> None:
        section: Any = {"channels": channels}
        item = {
            "PK": f"WORKFLOW#{self.item['workflowId']}",
            "notifications": json.dumps(section) if as_text else section,
        }
        self.dynamodb.put_item(TableName="WorkflowDefinition", Item=to_item(item))

    def records(self) -> list[dict[str, Any]]:
        found = [from_item(item) for item in self.dynamodb.scan(TableName=LOG)["Items"]]
        for each in found:
            assert problems("notification-record", each) == []
        return found


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


@pytest.mark.parametrize("as_text", [True, False])
def test_one_channel_is_told_at_once(world: World, as_text: bool) -> None:
    world.define({"erp": ERP}, as_text=as_text)
    # When an order is carried out, twice
    assert [world.deliverer.carry_out(world.order) for _ in range(2)] == [0, 0]
    # Then it was told once, and the log has one record of it
    assert len(world.sender.sent) == 1
    (record,) = world.records()
    assert (record["status"], record["retryCount"], record["type"]) == ("SENT", 0, "WEBHOOK")
    assert json.loads(record["payload"]) == json.loads(world.order)["notification"]
    assert "leaseUntil" not in record


def test_several_channels_get_an_order_each(world: World) -> None:
    # Given channels of which one does not want it, one is off, and one is for another customer
    quiet = {**ERP, "events": ["FAILED"]}
    other = {**ERP, "customers": ["somebody-else"]}
    own = {**ERP, "customers": [world.item["customerId"], "x"]}
    world.define({"a": ERP, "b": own, "quiet": quiet, "off": {**ERP, "enabled": False}, "other": other})
    # When the order is carried out
    assert world.deliverer.carry_out(world.order) == 0
    # Then there is an order for each of the two that do
    assert [orders.read_order(body).channel for body in world.queue.bodies] == ["a", "b"]
    for body in world.queue.bodies:
        assert world.deliverer.carry_out(body) == 0
    assert {record["channel"] for record in world.records()} == {"a", "b"}


def test_a_receiver_that_fails_is_tried_until_the_attempts_are_used_up(world: World) -> None:
    world.define({"erp": ERP})
    world.sender.endings = [Ending("RETRYING", "HTTP 503")] * 9
    waits = []
    # When the order comes again as often as it wants to
    while wait := world.deliverer.carry_out(world.order):
        waits.append(wait)
        (record,) = world.records()
        assert (record["status"], record["retryCount"]) == ("RETRYING", len(waits) - 1)
        world.clock.forward(wait)
    # Then that was twice, and it is FAILED
    (record,) = world.records()
    assert (len(waits), record["status"], record["retryCount"]) == (2, "FAILED", 2)
    assert record["failedDate"] == record["timestamp"][:10]
    assert len(world.sender.sent) == 3


def test_a_second_message_waits_for_the_first_one_s_retry(world: World) -> None:
    world.define({"erp": ERP})
    world.sender.endings = [Ending("RETRYING", "HTTP 503")]
    first = world.deliverer.carry_out(world.order)
    assert 0 < world.deliverer.carry_out(world.order) <= first
    assert len(world.sender.sent) == 1


def test_a_worker_that_dies_is_believed_until_its_lease_is_over(world: World) -> None:
    world.define({"erp": ERP})
    world.sender.endings = [None]
    with pytest.raises(Died):
        world.deliverer.carry_out(world.order)
    # When another one comes at once, it waits
    assert world.deliverer.carry_out(world.order) == SETTINGS.lease_seconds
    # When the lease is over, it tells again
    world.clock.forward(61)
    assert world.deliverer.carry_out(world.order) == 0
    (record,) = world.records()
    assert (record["status"], record["retryCount"], len(world.sender.sent)) == ("SENT", 1, 2)


def test_workers_that_always_die_come_to_an_end(world: World) -> None:
    world.define({"erp": ERP})
    world.sender.endings = [None] * 3
    for _ in range(3):
        with pytest.raises(Died):
            world.deliverer.carry_out(world.order)
        world.clock.forward(61)
    assert world.deliverer.carry_out(world.order) == 0
    (record,) = world.records()
    assert (record["status"], len(world.sender.sent)) == ("FAILED", 3)


def test_what_was_sent_is_sent_again_on_demand_and_once_a_wish(world: World) -> None:
    world.define({"erp": ERP})
    world.deliverer.carry_out(world.order)
    (record,) = world.records()
    wish = orders.resend_order(record["PK"], record["SK"], "wish-1", "ann")
    # When it is wished for, twice, and fails for good
    world.sender.endings = [Ending("FAILED", "HTTP 404")]
    assert [world.deliverer.carry_out(wish) for _ in range(2)] == [0, 0]
    (record,) = world.records()
    assert (record["status"], record["resendId"], record["resentBy"], record["retryCount"]) == (
        "FAILED",
        "wish-1",
        "ann",
        0,
    )
    assert len(world.sender.sent) == 2
    # When it is wished for again, with retries
    world.sender.endings = [Ending("RETRYING", "HTTP 503")]
    again = orders.resend_order(record["PK"], record["SK"], "wish-2", "bob")
    wait = world.deliverer.carry_out(again)
    (record,) = world.records()
    assert (wait > 0, record["status"], "failedDate" in record) == (True, "RETRYING", False)
    world.clock.forward(wait)
    assert world.deliverer.carry_out(again) == 0
    # Then it says the same as the first time
    (record,) = world.records()
    assert (record["status"], record["resendId"], record["retryCount"]) == ("SENT", "wish-2", 1)
    assert len({json.dumps(told) for _, told in world.sender.sent}) == 1


def topic_record(item: Mapping[str, Any]) -> dict[str, Any]:
    """What the recorder's own log says of the topic: it holds no payload."""
    return notification.log_item(item, SETTINGS.topic_arn, "FAILED", 4, "down", "")


def test_what_the_topic_was_told_is_read_off_the_transfer(world: World) -> None:
    record = topic_record(world.item)
    for table, item in ((LOG, record), ("FileTransferStatus", world.item)):
        world.dynamodb.put_item(TableName=table, Item=to_item(item))
    # When it is sent again
    assert world.deliverer.carry_out(orders.resend_order(record["PK"], record["SK"], "w", "ann")) == 0
    # Then the topic gets what the transfer says
    ((channel, told),) = world.sender.sent
    assert (channel.type, channel.address) == (SNS, SETTINGS.topic_arn)
    assert told == json.loads(world.order)["notification"]
    (found,) = world.records()
    assert (found["status"], "failedDate" in found) == ("SENT", False)


def test_another_version_that_settled_in_the_same_moment_is_not_told_instead(world: World) -> None:
    record = topic_record(world.item)
    other = {**world.item, "SK": world.item["SK"].rsplit("#", 1)[0] + "#0000000000000000", "versionId": "another"}
    for table, item in ((LOG, record), ("FileTransferStatus", other), ("FileTransferStatus", world.item)):
        world.dynamodb.put_item(TableName=table, Item=to_item(item))
    assert world.deliverer.carry_out(orders.resend_order(record["PK"], record["SK"], "w", "ann")) == 0
    ((_, told),) = world.sender.sent
    assert told == json.loads(world.order)["notification"]


def test_what_the_transfer_does_not_say_any_more_cannot_be_repeated(world: World) -> None:
    record = topic_record(world.item)
    gone_on = {**world.item, "timestamp": "2027-01-01T00:00:00.000000Z"}
    for table, item in ((LOG, record), ("FileTransferStatus", gone_on)):
        world.dynamodb.put_item(TableName=table, Item=to_item(item))
    assert world.deliverer.carry_out(orders.resend_order(record["PK"], record["SK"], "w", "ann")) == 0
    (found,) = world.records()
    assert (found["status"], world.sender.sent) == ("FAILED", [])


def test_a_channel_that_is_gone_is_told_nothing(world: World) -> None:
    world.define({"erp": ERP})
    world.deliverer.carry_out(world.order)
    (record,) = world.records()
    world.define({"other": ERP})
    assert world.deliverer.carry_out(orders.resend_order(record["PK"], record["SK"], "w", "ann")) == 0
    assert world.deliverer.carry_out(orders.announcement(json.loads(world.order)["notification"], "gone")) == 0
    (record,) = world.records()
    assert (record["status"], len(world.sender.sent)) == ("FAILED", 1)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        '{"kind": "towpath.notification"}',
        '{"kind": "other", "pk": "NOTIFY#a", "sk": "TS#b", "resend": "x"}',
        '{"kind": "towpath.notification", "notification": {"kind": "towpath.notification"}}',
        '{"kind": "towpath.notification", "pk": "FILE#a", "sk": "TS#b", "resend": "x"}',
        '{"kind": "towpath.notification", "pk": "NOTIFY#a", "sk": "TS#b", "resend": "never-there"}',
    ],
)
def test_what_nobody_can_carry_out_is_refused(world: World, body: str) -> None:
    with pytest.raises(ValidationFailed):
        world.deliverer.carry_out(body)


def test_a_definition_that_is_broken_is_refused(world: World) -> None:
    world.define({"erp": {"type": "WEBHOOK"}})
    with pytest.raises(ValidationFailed, match="notifications"):
        world.deliverer.carry_out(world.order)


def test_a_digest_gathers_and_sends_nothing(world: World) -> None:
    world.define({"erp": {**ERP, "digest": {"every": "HOUR"}}})
    assert [world.deliverer.carry_out(world.order) for _ in range(2)] == [0, 0]
    assert (world.sender.sent, world.records()) == ([], [])
    # When the hour is over
    store = DigestStore(world.dynamodb, "FileTransferControl")
    assert list(store.due(world.clock())) == []
    world.clock.forward(3600)
    (due,) = store.due(world.clock())
    payload = digest_payload(due, store.entries(due))
    # Then one message tells of it, and nothing is due any more
    assert problems("digest-payload", payload) == []
    assert (payload["counts"], len(payload["entries"]), payload["customerId"]) == (
        {"SUCCESS": 1},
        1,
        world.item["customerId"],
    )
    store.done(due)
    assert list(store.due(world.clock())) == []
    assert world.deliverer.carry_out(orders.announcement(payload, due.channel)) == 0
    assert [told["kind"] for _, told in world.sender.sent] == ["towpath.digest"]
    (record,) = world.records()
    assert (record["fileName"], record["status"]) == ("digest:erp", "SENT")


outcomes = st.sampled_from(["SENT", "RETRYING", "FAILED", "dies"])


@settings(max_examples=15, deadline=None)
@given(
    outcomes=st.lists(outcomes, max_size=6),
    pauses=st.lists(st.sampled_from([0, 1, 30, 61, 5000]), min_size=10, max_size=10),
)
def test_however_messages_come_there_is_one_end_and_nothing_is_told_after_it(
    moto_client: Any, outcomes: list[str], pauses: list[int]
) -> None:
    # Given a receiver and workers with any fate, and messages that come at any time
    dynamodb_backends.reset()
    create_tables(moto_client)
    world = World(moto_client)
    world.define({"erp": ERP})
    world.sender.endings = [None if each == "dies" else Ending(each, "said") for each in outcomes]
    ended_after = None
    for pause in pauses:
        world.clock.forward(pause)
        before = len(world.sender.sent)
        try:
            world.deliverer.carry_out(world.order)
        except Died:
            pass
        (record,) = world.records()
        # Then nothing is told after the end
        if ended_after is not None:
            assert len(world.sender.sent) == ended_after
        elif record["status"] in ("SENT", "FAILED"):
            ended_after = len(world.sender.sent)
        assert len(world.sender.sent) - before <= 1
    # And nobody is told more often than allowed
    assert len(world.sender.sent) <= SETTINGS.max_attempts
