"""Four kinds of message, one normal form, and errors that name the bad field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from file_transfer.intake.messages import Retry, UnreadableMessage, read_body, read_delivery
from file_transfer.workflows.arrival import Arrival
from tests.unit.given import KEY, LANDING, NOW, record, s3_event, transfer_event

SENT = "2025-06-28T22:01:34.123000Z"


def test_an_s3_event() -> None:
    assert read_body(json.dumps(s3_event()), SENT) == Arrival(
        bucket=LANDING,
        key=KEY,
        triggered_by="S3",
        occurred_at="2025-06-28T22:01:30.000000Z",
        version_id="v1",
        etag="e1",
        sequencer="0055AED6DCD90281E5",
    )


def test_a_transfer_event_names_bucket_and_key_in_one_path() -> None:
    message: Any = read_body(json.dumps(transfer_event("a/b c/d+e.csv", etag='"e1"', bytes=5)), SENT)
    assert (message.bucket, message.key, message.etag, message.size) == (LANDING, "a/b c/d+e.csv", "e1", 5)
    assert (message.source_type, message.failure_code, message.user) == ("SFTP", None, "bankpacific")


@pytest.mark.parametrize(("code", "expected"), [("PARTIAL_UPLOAD", "PARTIAL_UPLOAD"), ("", "UPLOAD_FAILED")])
def test_a_failed_upload_has_a_code(code: str, expected: str) -> None:
    event = transfer_event(failed="X")
    event["detail"]["failure-code"] = code
    message: Any = read_body(json.dumps(event), SENT)
    assert message.failure_code == expected


def test_the_briefs_message_with_several_targets() -> None:
    message: Any = read_body(
        {
            "bucket": "sftp-landing-zone",
            "key": "from-sftp/clientX/clientX_transactions_2025-06-28.csv",
            "workflowId": "copy-sftp-to-s3-and-sftp",
            "customerId": "clientX",
            "sourceType": "SFTP",
            "targetType": "S3_SFTP",
            "targets": {
                "s3": "s3://bank-archive-bucket/clientX/",
                "sftp": "sftp://aws-transfer-partner-server/clientX/",
            },
        },
        SENT,
    )
    assert dict(message.targets) == {
        "s3": "s3://bank-archive-bucket/clientX/",
        "sftp": "sftp://aws-transfer-partner-server/clientX/",
    }
    assert (message.occurred_at, message.customer_id) == (SENT, "clientX")


def test_a_retry() -> None:
    body = {"kind": "towpath.retry", "pk": "FILE#a#b", "sk": "TS#c#d", "attempt": 3, "retryCount": 2}
    assert read_body(json.dumps(body), SENT) == Retry("FILE#a#b", "TS#c#d", 3)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda event: event["detail"]["object"].pop("key"), "$.detail.object.key"),
        (lambda event: event["detail"]["object"].update(key=""), "$.detail.object.key"),
        (lambda event: event["detail"]["bucket"].update(name=7), "$.detail.bucket.name"),
        (lambda event: event["detail"]["object"].update(sequencer="xyz"), "$.detail.object.sequencer"),
        (lambda event: event.update({"detail-type": "Object Deleted"}), "$.detail-type"),
    ],
)
def test_an_error_names_the_path_of_the_field(change: Any, path: str) -> None:
    event = s3_event()
    change(event)
    with pytest.raises(UnreadableMessage, match=rf"not a valid s3-event: {path.replace('$', chr(92) + '$')}: "):
        read_body(json.dumps(event), SENT)


def test_a_message_with_both_target_and_targets_is_refused() -> None:
    with pytest.raises(UnreadableMessage):
        read_body({"bucket": "abc", "key": "k", "target": "s3://a/", "targets": {"s3": "s3://b/"}}, SENT)


def test_deeply_nested_json_is_unreadable_not_fatal() -> None:
    with pytest.raises(UnreadableMessage):
        read_body("[" * 100_000, SENT)


def test_a_record_without_attributes_is_a_first_delivery() -> None:
    delivery = read_delivery({"messageId": "m1"}, NOW)
    assert (delivery.message_id, delivery.receives, delivery.sent_at) == ("m1", 1, "2025-06-28T22:01:34.123456Z")
    assert read_delivery(record({}, "m2", 4), NOW).receives == 4
