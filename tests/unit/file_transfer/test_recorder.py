"""The recorder on moto's tables: each record once and a chain that holds, however the stream delivers."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from file_transfer import record_status
from file_transfer.notifications.notifier import Notifier
from file_transfer.records import audit
from file_transfer.records.recorder import Recorder
from shared.dynamodb import from_item
from shared.errors import Transient
from shared.schemas import problems
from tests.unit.fake_sns import FakeSns
from tests.unit.fake_tables import FakeTables
from tests.unit.file_transfer import history
from tests.unit.given import NOW, SETTINGS, TickingClock

AUDIT, INDEX, FAILURE = "FileTransferAuditLog", "CustomerFileIndex", "TransferFailureQueue"
NOTIFICATION = "TransferNotificationLog"


class World:
    """The tables behind the stream and a topic."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.sns = FakeSns()
        self.clock = TickingClock()
        self.recorder = Recorder(SETTINGS, dynamodb, Notifier(SETTINGS, dynamodb, self.sns), self.clock)

    def rows(self, table: str) -> list[dict[str, Any]]:
        items = [from_item(item) for item in self.dynamodb.scan(TableName=table)["Items"]]
        return sorted(items, key=lambda item: str(item["SK"]))

    def record(self, changes: list[history.Change]) -> None:
        for old, new in changes:
            self.recorder.record(old, new, NOW)


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


def test_a_delivered_file_leaves_one_record_of_each_kind(world: World) -> None:
    # Given a file that reached both targets
    changes = history.success()
    # When its changes are recorded
    world.record(changes)
    # Then the trail is one record, chained to the transfer's id
    (trail,) = world.rows(AUDIT)
    assert [each["eventType"] for each in trail["events"]] == [
        "UPLOAD_RECEIVED",
        "VALIDATED",
        "COPY_TO_S3",
        "COPY_TO_SFTP",
        "SUCCESS",
    ]
    assert audit.broken_links([trail]) == []
    # And there is a row for the customer, a notification and no failure
    (row,) = world.rows(INDEX)
    assert (row["PK"], row["status"]) == ("CUSTOMER#bankpacific", "SUCCESS")
    assert row["targetSummary"]["s3"].startswith("SUCCEEDED s3://archive-bucket-secure/bankpacific/2025/06/")
    assert world.rows(FAILURE) == []
    (note,) = world.rows(NOTIFICATION)
    assert (note["status"], note["messageId"], note["retryCount"]) == ("SENT", "id-1", 0)
    # And all are as their schemas say
    assert problems("audit-record", trail) + problems("index-item", row) + problems("notification-record", note) == []
    message = json.loads(world.sns.published[0]["Message"])
    assert problems("notification-payload", message) == []
    assert message["text"].startswith("✅ File `bankpacific_transactions_2025-06-28.csv` successfully transferred")


def test_a_troubled_transfer_has_all_of_it_in_its_trail(world: World) -> None:
    world.record(history.troubled())
    trail = world.rows(AUDIT)
    assert [[each["eventType"] for each in record["events"]] for record in trail] == [
        ["UPLOAD_RECEIVED", "DUPLICATE_DROPPED"],
        ["VALIDATED", "COPY_TO_S3", "COPY_TO_SFTP", "RETRY"],
        ["LEASE_TAKEN_OVER", "COPY_TO_SFTP", "SUCCESS"],
        ["DUPLICATE_DROPPED"],
    ]
    assert audit.broken_links(trail) == []
    (row,) = world.rows(INDEX)
    assert (row["status"], row["retryCount"]) == ("SUCCESS", 1)
    assert len(world.sns.published) == 1


def test_a_failure_waits_for_somebody(world: World) -> None:
    world.record(history.failure())
    (failure,) = world.rows(FAILURE)
    assert (failure["status"], failure["failureReason"], failure["lastStatus"]) == (
        "PARTIAL",
        "PERMISSION_DENIED",
        "IN_PROGRESS",
    )
    assert failure["targets"] == {"sftp": "PERMISSION_DENIED"}
    assert problems("failure-record", failure) == []
    assert "❌" in json.loads(world.sns.published[0]["Message"])["text"]


def test_a_rejected_file_was_never_validated(world: World) -> None:
    world.record(history.rejected())
    (trail,) = world.rows(AUDIT)
    assert [each["eventType"] for each in trail["events"]] == ["UPLOAD_RECEIVED", "REJECTED"]
    assert problems("audit-record", trail) == []
    assert world.rows(FAILURE)[0]["failureReason"] == "EMPTY_FILE"


@given(st.lists(st.integers(0, 6), min_size=7, max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_order_of_deliveries_leaves_each_record_once(deliveries: list[int]) -> None:
    # Given tables without records
    world = World(FakeTables())
    changes = history.troubled()
    # When changes are delivered in any order and number; those that cannot be recorded yet come again later
    for number in deliveries:
        old, new = changes[number]
        try:
            world.recorder.record(old, new, NOW)
        except Transient:
            continue
    world.record(changes)
    # Then the trail is whole, and nothing is there twice
    trail = world.rows(AUDIT)
    assert [int(record["SK"].rsplit("#", 1)[-1]) for record in trail] == [1, 2, 3, 4]
    assert audit.broken_links(trail) == []
    assert [row["status"] for row in world.rows(INDEX)] == ["SUCCESS"]
    assert len(world.sns.published) == 1


def test_a_record_waits_for_the_one_before_and_not_for_ever(world: World) -> None:
    # Given a change whose predecessor was never recorded
    old, new = history.troubled()[-1]
    # Then it is refused while that may still come
    with pytest.raises(Transient):
        world.recorder.record(old, new, NOW)
    # And recorded with a gap, which a verifier finds, when it is lost
    world.clock.forward(timedelta(minutes=16).total_seconds())
    world.recorder.record(old, new, NOW)
    (record,) = world.rows(AUDIT)
    assert record["previousHash"] == "GAP"
    assert len(audit.broken_links([record])) == 2


def test_a_changed_record_breaks_the_chain(world: World) -> None:
    world.record(history.troubled())
    trail = world.rows(AUDIT)
    trail[1]["retryCount"] = 7
    assert audit.broken_links(trail) == [f"{trail[1]['SK']}: was changed"]


def test_a_topic_that_fails_is_tried_again_and_given_up(world: World) -> None:
    # Given a topic that is down
    world.sns.refusals = 99
    old, new = history.success()[-1]
    statuses = []
    # When the change is delivered again and again
    for _ in range(SETTINGS.notification_max_attempts + 1):
        recorded = world.recorder.record(old, new, NOW)
        statuses.append((recorded.notification, world.rows(NOTIFICATION)[0]["retryCount"]))
    # Then the log shows each try, and the last is final
    assert statuses == [
        ("RETRYING", 0),
        ("RETRYING", 1),
        ("RETRYING", 2),
        ("RETRYING", 3),
        ("FAILED", 4),
        ("FAILED", 4),
    ]
    (note,) = world.rows(NOTIFICATION)
    assert note["failedDate"] == "2025-06-28"
    assert problems("notification-record", note) == []
    # And the file is on record as delivered all the same
    assert world.rows(INDEX)[0]["status"] == "SUCCESS"


def test_only_wanted_outcomes_are_notified(world: World) -> None:
    first = history.claimed_item(notify=["FAILED"])
    done = history.settled(first, "SUCCESS", history.AT[9], [history.copied("s3", history.AT[7])])
    world.record([({}, first), (first, done)])
    assert world.sns.published == []


class TestHandler:
    """The handler around it: partial batch responses and metrics."""

    @pytest.fixture(autouse=True)
    def _recorder(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(record_status, "recorder", lambda: world.recorder)

    def test_a_batch_is_recorded_and_counted_once(self, world: World, capsys: pytest.CaptureFixture[str]) -> None:
        # Given the same batch twice
        records = history.stream_records(history.troubled())
        answers = [record_status.handler({"Records": records}, None) for _ in range(2)]
        # Then nothing fails, and each outcome is one metric
        assert answers == [{"batchItemFailures": []}] * 2
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
        assert [line["status"] for line in lines] == ["RETRYING", "SUCCESS"]
        assert lines[1]["FileTransferSuccess"] == [1.0]
        # by a workflow that has no metrics of its own, and by no customer
        assert lines[1]["workflowId"] == "other"
        assert "customerId" not in json.dumps(lines)

    def test_a_workflow_of_the_stack_has_metrics_of_its_own(
        self, world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        named = replace(world.recorder.settings, metric_workflows=frozenset({"copy-sftp-to-s3-and-sftp"}))
        monkeypatch.setattr(record_status, "recorder", lambda: replace(world.recorder, settings=named))
        record_status.handler({"Records": history.stream_records(history.success())}, None)
        (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
        assert line["workflowId"] == "copy-sftp-to-s3-and-sftp"

    def test_a_record_that_fails_holds_back_only_its_own_item(self, world: World) -> None:
        # Given an item whose first record is lost, beside another
        broken = [history.stream_records(history.troubled())[each] for each in (2, 5)]
        fine = history.stream_records(history.failure())
        for record in fine:
            record["dynamodb"]["SequenceNumber"] += "0"
            record["dynamodb"]["Keys"]["SK"] = {"S": "another"}
        # When they come in one batch
        answer = record_status.handler({"Records": [*broken, *fine]}, None)
        # Then those of the first item come again, the other is recorded
        assert answer == {"batchItemFailures": [{"itemIdentifier": "1002"}, {"itemIdentifier": "1005"}]}
        assert len(world.rows(AUDIT)) == 1

    def test_an_item_that_expires_is_nothing_to_record(self, world: World) -> None:
        (record,) = history.stream_records(history.success()[-1:])
        record["eventName"] = "REMOVE"
        del record["dynamodb"]["NewImage"]
        assert record_status.handler({"Records": [record]}, None) == {"batchItemFailures": []}
        assert world.rows(AUDIT) == []

    def test_a_notification_to_be_tried_again_brings_the_record_back(self, world: World) -> None:
        world.sns.refusals = 1
        records = history.stream_records(history.success())
        assert record_status.handler({"Records": records}, None) == {"batchItemFailures": [{"itemIdentifier": "1001"}]}
        assert record_status.handler({"Records": records[1:]}, None) == {"batchItemFailures": []}
        assert world.rows(NOTIFICATION)[0]["status"] == "SENT"
