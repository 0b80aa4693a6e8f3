"""Notifications: in order, at least once, and never in the way of a recovery."""

from __future__ import annotations

import json

import pytest

from disaster_recovery.notifications import Notifier, flush, publish_arguments
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.history import Event, event_of
from disaster_recovery.records.record import changed
from shared.errors import Transient
from tests.unit.fake_sns import FakeSns

TOPIC = "arn:aws:sns:us-east-1:000000000000:notify"
RUN = Execution(execution_id="ex-1", plan_name="Käse & shop", type="DRILL", status="PAUSED")


def event(number: int, message: str = "waits") -> Event:
    return Event(
        execution_id="ex-1", number=number, at="2026-01-01T00:00:00.000000Z", kind="PAUSED", actor="a", message=message
    )


def told(sns: FakeSns) -> list[int]:
    return [json.loads(each["Message"])["number"] for each in sns.published]


def stored(count: int = 3) -> FileStore:
    store = FileStore()
    execution = RUN
    for number in range(1, count + 1):
        execution = changed(execution) if number > 1 else execution
        assert store.transition(
            execution, event_of(execution, "PAUSED", "2026-01-01T00:00:00.000000Z", f"step {number}")
        )
    return store


def test_a_message_says_what_happened_and_can_be_filtered() -> None:
    arguments = publish_arguments(RUN, event(7), TOPIC)
    assert arguments["Subject"] == "[DRILL] K?se & shop: waits"
    assert {name: each["StringValue"] for name, each in arguments["MessageAttributes"].items()} == {
        "kind": "PAUSED",
        "status": "PAUSED",
        "type": "DRILL",
        "planName": "Käse & shop",
    }
    message = json.loads(arguments["Message"])
    assert (message["executionId"], message["number"], message["message"]) == ("ex-1", 7, "waits")


def test_a_subject_is_what_sns_takes() -> None:
    subject = publish_arguments(RUN, event(1, "line\nbreak " + "x" * 200), TOPIC)["Subject"]
    assert len(subject) == 99 and subject.isascii() and "\n" not in subject


def test_every_event_is_published_once_in_order() -> None:
    store, sns = stored(), FakeSns()
    for _ in range(2):
        assert flush(store, Notifier(sns, TOPIC), "ex-1")
    assert told(sns) == [1, 2, 3]


def test_what_a_topic_refuses_comes_with_the_next_flush() -> None:
    store, sns = stored(), FakeSns()
    sns.refusals = 1
    assert not flush(store, Notifier(sns, TOPIC), "ex-1")
    assert flush(store, Notifier(sns, TOPIC), "ex-1")
    assert told(sns) == [1, 2, 3]


def test_without_a_topic_nothing_is_sent() -> None:
    sns = FakeSns()
    Notifier(sns, "")(RUN, [event(1)])
    assert sns.published == []


def test_a_refusal_is_one_of_the_taxonomy() -> None:
    sns = FakeSns()
    sns.refusals = 1
    with pytest.raises(Transient):
        Notifier(sns, TOPIC)(RUN, [event(1)])


def test_an_unknown_execution_has_nothing_to_tell() -> None:
    assert flush(FileStore(), Notifier(FakeSns(), TOPIC), "ex-none")
