"""The functions around the logic: batches, what comes again, what is put aside; secrets; orders of the recorder."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from file_transfer import check_expectations, deliver_notifications, send_digests
from file_transfer.notifications.notifier import Notifier
from file_transfer.notifications.orders import read_order
from file_transfer.notifications.secret_texts import SecretTexts
from file_transfer.notifications.settings import NotificationSettings, read_settings
from shared.errors import PermissionDenied, ValidationFailed
from tests.unit.fake_sns import FakeSns
from tests.unit.fake_tables import FakeTables
from tests.unit.file_transfer import history
from tests.unit.given import SETTINGS

OWN = NotificationSettings(queue_url="orders", dead_letter_url="aside")


class FakeQueue:
    """What was sent and hidden; may refuse."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.hidden: list[tuple[str, int]] = []
        self.refuses = False

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        if self.refuses:
            raise ConnectionError("no queue")
        self.sent.append((QueueUrl, MessageBody))

    def change_message_visibility(self, QueueUrl: str, ReceiptHandle: str, VisibilityTimeout: int) -> None:  # noqa: N803
        if self.refuses:
            raise ConnectionError("no queue")
        assert QueueUrl == "orders"
        self.hidden.append((ReceiptHandle, VisibilityTimeout))


class FakeDeliverer:
    """Seconds by body, or what is raised."""

    def __init__(self, **fates: float | Exception) -> None:
        self.fates = fates

    def carry_out(self, body: str) -> float:
        fate = self.fates[body]
        if isinstance(fate, Exception):
            raise fate
        return fate


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> FakeQueue:
    found = FakeQueue()
    monkeypatch.setattr(deliver_notifications, "queue", lambda: found)
    monkeypatch.setattr(deliver_notifications, "settings", lambda: OWN)
    return found


def deliver(monkeypatch: pytest.MonkeyPatch, **fates: float | Exception) -> list[str]:
    monkeypatch.setattr(deliver_notifications, "deliverer", lambda: FakeDeliverer(**fates))
    records = [{"messageId": f"id-{body}", "receiptHandle": f"handle-{body}", "body": body} for body in fates]
    answer = deliver_notifications.handler({"Records": records}, None)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


def test_what_is_done_is_deleted_and_the_rest_comes_again(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = deliver(monkeypatch, done=0, later=12.3, much_later=99999, broken=RuntimeError("bug"))
    assert failed == ["id-later", "id-much_later", "id-broken"]
    assert sorted(queue.hidden) == [("handle-later", 13), ("handle-much_later", deliver_notifications.LONGEST_SECONDS)]


def test_what_nobody_can_carry_out_is_put_aside(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deliver(monkeypatch, strange=ValidationFailed("no order")) == []
    assert queue.sent == [("aside", "strange")]


def test_without_a_queue_everything_comes_again(queue: FakeQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.refuses = True
    assert deliver(monkeypatch, strange=ValidationFailed("no order"), later=1) == ["id-strange", "id-later"]


def test_functions_on_a_schedule_do_nothing_when_there_is_nothing(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ORDER_QUEUE_URL", "NOTIFICATION_TOPIC_ARN"):
        monkeypatch.setenv(name, "x")
    assert send_digests.handler({}, None) == {"ordered": 0}
    check_expectations.checker.cache_clear()
    assert check_expectations.handler({}, None) == {"opened": 0, "changed": 0, "announced": 0}


def test_settings_are_read() -> None:
    read = read_settings({"ALLOWED_NETWORKS": '["10.0.0.0/8"]', "MAX_ATTEMPTS": "3", "ORDER_QUEUE_URL": "q"})
    assert (read.allowed_networks, read.max_attempts, read.queue_url) == (("10.0.0.0/8",), 3, "q")
    assert read_settings({}) == NotificationSettings()


class FakeSecretsManager:
    """Values by stage; `calls` counts."""

    def __init__(self, code: str = "ResourceNotFoundException", **stages: str) -> None:
        self.stages, self.code, self.calls = stages, code, 0

    def get_secret_value(self, SecretId: str, VersionStage: str) -> dict[str, str]:  # noqa: N803
        self.calls += 1
        if VersionStage not in self.stages:
            raise ClientError({"Error": {"Code": self.code, "Message": SecretId}}, "GetSecretValue")
        return {"SecretString": self.stages[VersionStage]}


def test_a_secret_is_what_it_is_and_what_it_was() -> None:
    assert SecretTexts(FakeSecretsManager(AWSCURRENT="new", AWSPREVIOUS="old")).both("arn") == ["new", "old"]
    assert SecretTexts(FakeSecretsManager(AWSCURRENT="new", AWSPREVIOUS="new")).both("arn") == ["new"]
    assert SecretTexts(FakeSecretsManager(AWSCURRENT="new")).both("arn") == ["new"]


def test_a_secret_out_of_reach_says_so() -> None:
    with pytest.raises(PermissionDenied):
        SecretTexts(FakeSecretsManager("AccessDeniedException")).current("arn")
    # Also where only the value before is: to leave it out would break receivers that have not changed yet.
    with pytest.raises(PermissionDenied):
        SecretTexts(FakeSecretsManager("AccessDeniedException", AWSCURRENT="new")).current("arn")


def test_a_secret_is_remembered_for_a_minute() -> None:
    clock = iter([0.0, 59.0, 61.0])
    client = FakeSecretsManager(AWSCURRENT="a", AWSPREVIOUS="b")
    secrets = SecretTexts(client, lambda: next(clock))
    for _ in range(3):
        assert secrets.current("arn") == "a"
    assert client.calls == 4


@pytest.mark.parametrize(
    ("status", "channels", "orders"),
    [("SUCCESS", True, 1), ("FAILED", True, 1), ("RETRYING", True, 0), ("HELD", True, 0), ("SUCCESS", None, 0)],
)
def test_the_recorder_orders_the_ends_of_transfers_with_channels(
    status: str, channels: bool | None, orders: int
) -> None:
    # Given a change that ends a transfer, or does not
    new = {**history.success()[-1][1], "status": status}
    if channels:
        new["channels"] = channels
    queue = FakeQueue()
    tables: Any = FakeTables()
    with_queue = dataclasses.replace(SETTINGS, notification_queue_url="orders", notification_topic_arn="")
    # When it is announced
    Notifier(with_queue, tables, FakeSns(), queue).notify(new)
    # Then there is an order if somebody may want it
    assert len(queue.sent) == orders
    for url, body in queue.sent:
        assert (url, read_order(body).notification["fileName"]) == ("orders", new["fileName"])
        assert "target" not in json.loads(body)


def test_an_order_that_cannot_be_written_comes_again() -> None:
    new = {**history.success()[-1][1], "channels": True}
    queue = FakeQueue()
    queue.refuses = True
    tables: Any = FakeTables()
    sns = FakeSns()
    with_queue = dataclasses.replace(SETTINGS, notification_queue_url="orders")
    with pytest.raises(ConnectionError):
        Notifier(with_queue, tables, sns, queue).notify(new)
    assert sns.published == []


def test_with_the_add_on_off_no_queue_is_asked() -> None:
    new = {**history.success()[-1][1], "channels": True}
    tables: Any = FakeTables()
    assert Notifier(SETTINGS, tables, FakeSns()).notify(new) == "SENT"
