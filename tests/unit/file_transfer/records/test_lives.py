"""What is recorded of deliveries that end later, of held files and of replays."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from file_transfer import record_status
from file_transfer.notifications.notifier import Notifier
from file_transfer.records import audit
from file_transfer.records.recorder import Recorder
from shared.dynamodb import from_item
from shared.schemas import problems
from tests.unit.fake_sns import FakeSns
from tests.unit.file_transfer import history
from tests.unit.file_transfer.records import lives
from tests.unit.given import NOW, SETTINGS, TickingClock

AUDIT, INDEX, FAILURE = "FileTransferAuditLog", "CustomerFileIndex", "TransferFailureQueue"


class Records:
    """The recorder on moto's tables."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.sns = FakeSns()
        self.recorder = Recorder(SETTINGS, dynamodb, Notifier(SETTINGS, dynamodb, self.sns), TickingClock())

    def rows(self, table: str) -> list[dict[str, Any]]:
        items = [from_item(item) for item in self.dynamodb.scan(TableName=table)["Items"]]
        return sorted(items, key=lambda item: str(item["SK"]))

    def record(self, changes: list[history.Change]) -> list[list[str]]:
        """The events of the audit records, each as its kind with its target."""
        for old, new in changes:
            self.recorder.record(old, new, NOW)
        trail = self.rows(AUDIT)
        assert audit.broken_links(trail) == []
        assert [problem for each in trail for problem in problems("audit-record", each)] == []
        return [
            [each["eventType"] + (f" {each['target']}" if "target" in each else "") for each in record["events"]]
            for record in trail
        ]


@pytest.fixture
def records(dynamodb: Any) -> Records:
    return Records(dynamodb)


def test_deliveries_are_told_when_they_start_and_when_they_end(records: Records) -> None:
    told = records.record(lives.delivered_later(records.dynamodb))
    assert told == [
        ["UPLOAD_RECEIVED", "VALIDATED", "DELIVERY_STARTED bank", "DELIVERY_STARTED clearing", "COPY_TO_S3 s3"],
        ["SEND_TO_CONNECTOR bank"],
        ["SEND_TO_CONNECTOR clearing"],
        ["PARTIAL"],
    ]
    assert records.rows(FAILURE)[0]["targets"] == {"clearing": "TRANSIENT"}


def test_a_second_start_is_told_as_such(records: Records) -> None:
    told = records.record(lives.started_again(records.dynamodb))
    assert told[1:] == [["LEASE_TAKEN_OVER"], ["DELIVERY_STARTED bank", "DELIVERY_STARTED clearing"]]
    assert {each["message"] for each in records.rows(AUDIT)[2]["events"]} == {"asked for again"}
    times = [event["at"] for record in records.rows(AUDIT) for event in record["events"]]
    assert times == sorted(times)


def test_a_held_file_is_no_outcome_yet(records: Records) -> None:
    changes = lives.held(records.dynamodb)
    told = records.record(changes[:2])
    # Given a file that is held, then its row says so, and nobody is notified
    assert told == [["UPLOAD_RECEIVED", "HELD"]]
    assert (records.rows(INDEX)[0]["status"], records.rows(FAILURE), records.sns.published) == ("HELD", [], [])
    # When it is released and delivered, then it was validated and somebody hears of it
    told = records.record(changes[2:])
    assert told[1] == ["VALIDATED", "COPY_TO_S3 s3", "COPY_TO_SFTP sftp", "SUCCESS"]
    assert (records.rows(INDEX)[0]["status"], len(records.sns.published)) == ("SUCCESS", 1)


def test_a_replay_is_told_and_marks_the_failure(records: Records) -> None:
    # Given a failure on record
    changes = lives.replayed(records.dynamodb)
    records.record(changes[:2])
    assert "replayedAt" not in records.rows(FAILURE)[0]
    # When it is replayed
    told = records.record(changes[2:])
    # Then the trail goes on, and the failure does not wait for anybody any more
    assert told[1:] == [["REPLAYED"], ["VALIDATED", "COPY_TO_S3 s3", "COPY_TO_SFTP sftp", "SUCCESS"]]
    assert records.rows(AUDIT)[1]["message"] == "replay-1 by anna@example.com"
    (failure,) = records.rows(FAILURE)
    assert (failure["replayId"], failure["replayedBy"], failure["status"]) == ("replay-1", "anna@example.com", "FAILED")
    assert problems("failure-record", failure) == []
    assert records.rows(INDEX)[0]["status"] == "SUCCESS"


def test_what_fails_again_waits_again(records: Records) -> None:
    records.record(lives.replayed(records.dynamodb, "FAILED"))
    (failure,) = records.rows(FAILURE)
    assert "replayedAt" not in failure
    assert failure["revision"] == 3


@pytest.mark.parametrize("life", [lives.delivered_later, lives.started_again, lives.held, lives.replayed])
def test_changes_that_are_delivered_again_leave_each_record_once(
    records: Records, life: Callable[[Any], list[history.Change]]
) -> None:
    # Given a life that was recorded
    changes = life(records.dynamodb)
    told = records.record(changes)
    before = {table: records.rows(table) for table in (AUDIT, INDEX, FAILURE)}
    # When the stream delivers all of it again, newest first
    assert records.record(changes[::-1]) == told
    # Then nothing is there twice, and nothing has gone back
    assert {table: records.rows(table) for table in before} == before


def test_held_files_are_counted_and_have_not_ended(
    records: Records, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(record_status, "recorder", lambda: records.recorder)
    changes = lives.held(records.dynamodb)
    record_status.handler({"Records": history.stream_records(changes[:2])}, None)
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert (line["FileTransferHeld"], "SecondsSinceArrival" in line) == ([1.0], False)


def test_a_replay_of_a_failure_that_has_expired_marks_nothing(records: Records) -> None:
    changes = lives.replayed(records.dynamodb)
    records.recorder.record(*changes[1], NOW)
    key = {name: {"S": value} for name, value in records.rows(FAILURE)[0].items() if name in ("PK", "SK")}
    records.dynamodb.delete_item(TableName=FAILURE, Key=key)
    records.recorder.record(*changes[2], NOW)
    assert records.rows(FAILURE) == []


def test_outcomes_that_are_noted_at_one_moment_are_told_in_the_order_of_their_writes(records: Records) -> None:
    # Given two outcomes, of which the second was stamped before the first was written
    changes = lives.delivered_later(records.dynamodb)
    noted = next(number for number, (_, new) in enumerate(changes) if new["targets"]["clearing"]["state"] == "FAILED")
    early = {**changes[noted][1]["targets"]["clearing"], "at": changes[0][1]["timestamp"]}
    late = [(old, {**new, "targets": {**new["targets"], "clearing": early}}) for old, new in changes[noted:]]
    # When they are recorded
    records.record([*changes[:noted], late[0]])
    # Then the trail keeps the order of time
    times = [event["at"] for record in records.rows(AUDIT) for event in record["events"]]
    assert times == sorted(times)
