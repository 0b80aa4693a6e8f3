"""Items of three tables as flat rows, which have the columns that Glue was told of."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from file_transfer.analytics.rows import CHANNEL_REVISIONS, failure_row, moment, notification_row, transfer_row
from file_transfer.notifications import notification
from file_transfer.notifications.delivery_log import new_record
from file_transfer.records import views
from tests.athena import columns
from tests.unit.file_transfer.history import AT, claimed_item, failure, troubled

TOPIC = "arn:aws:sns:us-east-1:123456789012:topic"
INCIDENT = {
    "kind": "towpath.incident",
    "notificationId": "0123456789abcdef-MISSED",
    "status": "MISSED",
    "customerId": "bankpacific",
    "workflowId": "wf",
    "expectationId": "nightly",
    "dueAt": "2026-03-02T08:00:00.000000Z",
    "timestamp": "2026-03-02T08:05:00.000000Z",
}


def ended(**changes: Any) -> dict[str, Any]:
    """A transfer of two targets, one of which was not reached."""
    return {**failure()[-1][1], **changes}


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("file_transfer_status", transfer_row(ended())),
        ("transfer_failure_queue", failure_row(views.failure_item({}, ended()) or {})),
        ("transfer_notification_log", notification_row(notification.log_item(ended(), TOPIC, "SENT", 0, "ok", "m"))),
    ],
)
def test_a_row_has_the_columns_of_its_table_with_values_of_their_types(table: str, row: dict[str, Any]) -> None:
    told = columns(table)
    assert list(row) == list(told)
    for name, value in row.items():
        if value is None:
            continue
        assert isinstance(value, int if told[name] == "bigint" else str), name
        if told[name] == "timestamp":
            assert datetime.strptime(value, "%Y-%m-%d %H:%M:%S.%f")


def test_a_transfer_tells_how_long_it_took_and_how_far_it_came() -> None:
    # Given a transfer that arrived at 22:01:30 and ended at 22:02:04 with one target of two
    row = transfer_row(ended(replays=2, takeovers=[AT[1]])) or {}

    assert (row["arrivedat"], row["finishedat"]) == ("2025-06-28 22:01:30.000", "2025-06-28 22:02:04.000")
    assert row["durationmillis"] == 34_000
    assert (row["targetcount"], row["targetsreached"]) == (2, 1)
    assert (row["replays"], row["takeovers"], row["duplicates"]) == (2, 1, 0)
    assert row["filesizebytes"] == 4352176


def test_a_transfer_at_work_is_no_row_and_one_that_waits_has_no_end() -> None:
    # Given the life of a transfer with a retry and a worker that died
    rows = [transfer_row(new) for _, new in troubled()]

    # Then only what it settled as is a row, and the last one is the newest
    told = [(row["status"], row["revision"]) for row in rows if row]
    assert told == [("RETRYING", 2), ("SUCCESS", 3), ("SUCCESS", 4)]
    assert transfer_row(claimed_item()) is None
    # And what has not ended has taken no time yet
    waiting = next(row for row in rows if row)
    assert (waiting["finishedat"], waiting["durationmillis"]) == (None, None)


def test_nothing_takes_less_than_no_time() -> None:
    # Given an end in the second of the arrival, which S3 rounds
    item = ended(timestamp="2025-06-28T22:01:29.700000Z")

    assert (transfer_row(item) or {})["durationmillis"] == 0


def test_tries_of_a_notification_are_rows_of_one_id_that_grow() -> None:
    # Given what the recorder noted of a topic, and then what a worker did of it on demand
    first = notification.log_item(ended(), TOPIC, "RETRYING", 0, "throttled", "")
    second = notification.log_item(ended(), TOPIC, "FAILED", 4, "throttled", "")
    sent = {**second, "status": "SENT", "attempt": 1, "retryCount": 0}

    rows = [notification_row(each) or {} for each in (first, second, sent)]

    assert len({row["id"] for row in rows}) == 1
    assert [row["revision"] for row in rows] == [1, 5, CHANNEL_REVISIONS + 1]
    assert rows[0]["channel"] == "sns"
    assert (rows[0]["kind"], rows[0]["event"]) == ("transfer", "PARTIAL")
    assert notification_row({**sent, "leaseUntil": AT[50]}) is None


def test_an_incident_tells_of_its_window() -> None:
    record = new_record(INCIDENT, {"id": "sns", "type": "SNS", "target": TOPIC}, None)
    row = notification_row({**record, "status": "SENT", "response": "ok", "retryCount": 0, "attempt": 1}) or {}

    assert (row["kind"], row["event"], row["expectationid"]) == ("incident", "MISSED", "nightly")
    assert row["dueat"] == "2026-03-02 08:00:00.000"
    assert row["filename"] == "expectation:nightly"


def test_a_transfer_s_announcement_over_a_channel_is_of_the_same_kind_as_the_topic_s() -> None:
    record = new_record(notification.payload(ended()), {"id": "erp", "type": "WEBHOOK", "target": "https://x"}, None)
    row = notification_row({**record, "status": "SENT", "response": "ok", "retryCount": 0, "attempt": 1}) or {}

    assert (row["kind"], row["event"], row["channel"]) == ("transfer", "PARTIAL", "erp")
    assert "payload" not in json.dumps(row)


def test_a_replay_is_a_change_of_the_failure() -> None:
    item = views.failure_item({}, ended()) or {}
    replayed = {**item, "revision": 3, "replayedAt": AT[50], "replayedBy": "ann", "replayId": "r"}

    before, after = failure_row(item), failure_row(replayed)

    assert before["id"] == after["id"]
    assert before["revision"] < after["revision"]
    assert (before["replayedat"], after["replayedat"]) == (None, moment(AT[50]))
    assert before["targetsmissed"] == 1
