"""Batches of streams as calls to Firehose: what it refuses comes again, and nothing else stops the rest."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from file_transfer import export_analytics
from file_transfer.analytics.exporting import MOST_BYTES, MOST_RECORDS, TRIES, Exporter, Line, calls
from file_transfer.analytics.settings import AnalyticsSettings
from shared.dynamodb import to_item
from shared.errors import Throttled

SETTINGS = AnalyticsSettings(status_delivery="transfers", notification_delivery="n", failure_delivery="f")
STREAM = "arn:aws:dynamodb:us-east-1:123456789012:table/{}/stream/2026-01-01T00:00:00.000"


class Delivery:
    """A delivery stream that refuses records of some ids so often, or whole calls."""

    def __init__(self, refuse: dict[str, int] | None = None, errors: Sequence[bool] = ()) -> None:
        self.refuse = dict(refuse or {})
        self.errors = list(errors)
        self.accepted: list[str] = []
        self.asked: list[tuple[str, int]] = []

    def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:  # noqa: N803
        self.asked.append((DeliveryStreamName, len(Records)))
        if self.errors and self.errors.pop(0):
            answer: Any = {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
            raise ClientError(answer, "PutRecordBatch")
        responses = [self._answer(json.loads(record["Data"])["id"]) for record in Records]
        return {"FailedPutCount": sum("ErrorCode" in each for each in responses), "RequestResponses": responses}

    def _answer(self, row_id: str) -> dict[str, str]:
        if self.refuse.get(row_id, 0):
            self.refuse[row_id] -= 1
            return {"ErrorCode": "ServiceUnavailableException", "ErrorMessage": "Slow down."}
        self.accepted.append(row_id)
        return {"RecordId": row_id}


def change(number: int, table: str = "FileTransferStatus", **attributes: Any) -> dict[str, Any]:
    """A change of transfer t<number>."""
    item = {
        "PK": f"FILE#c#f{number}.csv",
        "SK": f"TS#2026-03-01T20:00:00.000000Z#t{number}",
        "fileName": f"f{number}.csv",
        "customerId": "c",
        "workflowId": "wf",
        "status": "SUCCESS",
        "timestamp": "2026-03-01T20:00:05.000000Z",
        "retryCount": 0,
        "attempt": 1,
        "revision": 1,
        "targets": {},
        "metadata": {},
    } | attributes
    image = {"Keys": to_item({"PK": item["PK"], "SK": item["SK"]}), "NewImage": to_item(item)}
    return {"eventSourceARN": STREAM.format(table), "dynamodb": {**image, "SequenceNumber": str(number)}}


def test_records_that_were_refused_are_sent_again_alone() -> None:
    # Given a stream that refuses two records of three once
    delivery = Delivery({"t1": 1, "t3": 1})
    # When three changes are exported
    failed = Exporter(delivery, SETTINGS).export([change(number) for number in (1, 2, 3)])
    # Then each row is accepted once, and nothing has to come again
    assert failed == []
    assert sorted(delivery.accepted) == ["t1", "t2", "t3"]
    assert delivery.asked == [("transfers", 3), ("transfers", 2)]


def test_what_stays_refused_comes_again_with_the_stream() -> None:
    delivery = Delivery({"t2": TRIES})
    assert Exporter(delivery, SETTINGS).export([change(number) for number in (1, 2, 3)]) == ["2"]
    assert sorted(delivery.accepted) == ["t1", "t3"]


def test_a_call_that_fails_after_others_fails_for_its_records_alone() -> None:
    # Given more changes than a call takes, and a second call that is throttled
    delivery = Delivery(errors=[False, True])
    failed = Exporter(delivery, SETTINGS).export([change(number) for number in range(MOST_RECORDS + 2)])
    assert failed == ["500", "501"]
    assert len(delivery.accepted) == MOST_RECORDS


def test_a_retry_of_refused_records_that_fails_keeps_what_was_accepted() -> None:
    delivery = Delivery({"t1": 1}, errors=[False, True])
    assert Exporter(delivery, SETTINGS).export([change(1), change(2)]) == ["1"]
    assert delivery.accepted == ["t2"]


def test_a_first_call_that_fails_is_an_error_of_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter = Exporter(Delivery(errors=[True]), SETTINGS)
    monkeypatch.setattr(export_analytics, "exporter", lambda: exporter)
    with pytest.raises(Throttled, match="export of rows"):
        export_analytics.handler({"Records": [change(1)]}, None)


def test_a_change_that_makes_no_row_is_told_and_takes_no_others_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a change whose item is not what the table should have
    delivery = Delivery()
    monkeypatch.setattr(export_analytics, "exporter", lambda: Exporter(delivery, SETTINGS))
    records = [change(1), change(2, SK="nonsense"), change(3)]
    # When the batch is exported
    answer = export_analytics.handler({"Records": records}, None)
    # Then the others are rows, and it comes again until its queue has it
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert delivery.accepted == ["t1", "t3"]


def test_removed_items_and_transfers_at_work_are_no_rows() -> None:
    delivery = Delivery()
    removed = change(1)
    del removed["dynamodb"]["NewImage"]
    assert Exporter(delivery, SETTINGS).export([removed, change(2, status="IN_PROGRESS")]) == []
    assert delivery.asked == []


def test_a_stream_of_another_table_is_refused() -> None:
    with pytest.raises(ValueError, match="Elsewhere"):
        Exporter(Delivery(), SETTINGS).export([change(1, "Elsewhere")])


def test_a_call_takes_so_many_records_and_bytes() -> None:
    small = [Line(str(number), b"x") for number in range(2 * MOST_RECORDS + 1)]
    assert [len(call) for call in calls(small)] == [MOST_RECORDS, MOST_RECORDS, 1]
    big = [Line(str(number), b"x" * (MOST_BYTES // 2)) for number in range(3)]
    assert [len(call) for call in calls(big)] == [2, 1]
    assert list(calls([])) == []


def test_a_row_is_one_line_without_what_is_not_known() -> None:
    taken: list[bytes] = []

    class Taking(Delivery):
        def put_record_batch(self, DeliveryStreamName: str, Records: list[dict[str, bytes]]) -> dict[str, Any]:  # noqa: N803
            taken.extend(record["Data"] for record in Records)
            return super().put_record_batch(DeliveryStreamName, Records)

    Exporter(Taking(), SETTINGS).export([change(1, fileName="a\nb é.csv")])
    assert taken[0].count(b"\n") == 1
    assert taken[0].endswith(b"\n")
    row = json.loads(taken[0])
    assert row["filename"] == "a\nb é.csv"
    assert "failurereason" not in row
