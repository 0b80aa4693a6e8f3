"""The kinds of message the queue may hold, and the normal forms behind them.

An S3 event, a Transfer Family event and a canonical message all say that an object has arrived; others name a
transfer that is already known (transfer_messages). Everything else is unreadable and goes to a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from file_transfer.intake.body import UnreadableMessage, check, json_object
from file_transfer.intake.transfer_messages import Known, Retry, read_known
from file_transfer.workflows.arrival import Arrival, bare_etag
from shared.clock import parse, stamp

__all__ = [
    "Delivery",
    "Retry",
    "UnreadableMessage",
    "read_body",
    "read_delivery",
    "read_record",
]

UPLOAD_FAILED = "SFTP Server File Upload Failed"


@dataclass(frozen=True)
class Delivery:
    """What SQS says about the message itself. `receives` counts from 1."""

    message_id: str
    receives: int
    sent_at: str


def read_record(record: Mapping[str, Any], now: datetime) -> tuple[Delivery, Arrival | Known]:
    """The delivery and the normal form of one SQS record of the pipe. Raises UnreadableMessage."""
    delivery = read_delivery(record, now)
    return delivery, read_body(record.get("body"), delivery.sent_at)


def read_delivery(record: Mapping[str, Any], now: datetime) -> Delivery:
    """Never fails: what is missing is taken as a first receive, now."""
    attributes = record.get("attributes") or {}
    sent = str(attributes.get("SentTimestamp", ""))
    sent_at = stamp(datetime.fromtimestamp(int(sent) / 1000, UTC)) if sent.isdigit() else stamp(now)
    receives = str(attributes.get("ApproximateReceiveCount", "1"))
    return Delivery(str(record.get("messageId", "")), int(receives) if receives.isdigit() else 1, sent_at)


def read_body(body: object, sent_at: str) -> Arrival | Known:
    """Raises UnreadableMessage with the path of the first bad fields."""
    message = json_object(body)
    known = read_known(message)
    if known:
        return known
    if message.get("source") == "aws.s3":
        check("s3-event", message)
        return _from_s3(message, sent_at)
    if message.get("source") == "aws.transfer":
        check("transfer-event", message)
        return _from_transfer(message, sent_at)
    check("canonical-message", message)
    return _from_canonical(message, sent_at)


def _from_s3(message: Mapping[str, Any], sent_at: str) -> Arrival:
    detail = message["detail"]
    thing = detail["object"]
    return Arrival(
        bucket=detail["bucket"]["name"],
        key=thing["key"],
        triggered_by="S3",
        occurred_at=_moment(message.get("time"), sent_at),
        version_id=thing.get("version-id"),
        etag=bare_etag(thing.get("etag")),
        sequencer=thing.get("sequencer"),
    )


def _from_transfer(message: Mapping[str, Any], sent_at: str) -> Arrival:
    detail = message["detail"]
    bucket, key = detail["file-path"][1:].split("/", 1)
    failed = message["detail-type"] == UPLOAD_FAILED or detail.get("status-code") == "FAILED"
    occurred_at = _moment(message.get("time"), sent_at)
    return Arrival(
        bucket=bucket,
        key=key,
        triggered_by="SFTP",
        occurred_at=occurred_at,
        etag=bare_etag(detail.get("etag")),
        source_type="SFTP",
        failure_code=_failure_code(detail.get("failure-code")) if failed else None,
        session_id=detail.get("session-id"),
        user=detail.get("username"),
        finished_at=_moment(detail.get("end-timestamp"), occurred_at),
        size=detail.get("bytes"),
    )


def _from_canonical(message: Mapping[str, Any], sent_at: str) -> Arrival:
    targets = dict(message.get("targets", {}))
    if "target" in message:
        targets = {message["target"].split(":", 1)[0]: message["target"]}
    return Arrival(
        bucket=message["bucket"],
        key=message["key"],
        triggered_by=message.get("triggeredBy", "Message"),
        occurred_at=sent_at,
        version_id=message.get("versionId"),
        etag=bare_etag(message.get("etag")),
        source_type=message.get("sourceType"),
        workflow_id=message.get("workflowId"),
        customer_id=message.get("customerId"),
        targets=targets,
        parent_id=message.get("parentId"),
        confirmed=message.get("confirmed", True),
    )


def _failure_code(code: str | None) -> str:
    """A code of ours: Transfer's own are UPPER_SNAKE already, whatever else comes is made so."""
    letters = "".join(each if each.isascii() and each.isalnum() else "_" for each in (code or "")).strip("_").upper()
    return letters if letters and letters[0].isalpha() else "UPLOAD_FAILED"


def _moment(text: str | None, otherwise: str) -> str:
    try:
        return stamp(parse(text)) if text else otherwise
    except ValueError:
        return otherwise
