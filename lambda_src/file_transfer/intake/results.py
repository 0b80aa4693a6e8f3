"""What Validate Input answers: one action the state machine routes on, and what it needs for it.

COPY the targets given; WAIT `delaySeconds`; REVIEW: a person must look, and the status item (if there is one) is
claimed for settling; DROP a duplicate; IGNORE what is no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.errors import Rejection
from file_transfer.intake.messages import Delivery
from file_transfer.intake.source import Source
from file_transfer.records import claim, identity
from file_transfer.records.new_item import DEFAULT_OVERWRITE, DEFAULT_RETRIES
from file_transfer.settings import Settings
from file_transfer.workflows.targets import full_uri, locate

Result = dict[str, Any]


def claimed(
    delivery: Delivery,
    item: Mapping[str, Any],
    settings: Settings,
    source: Source | None = None,
    *,
    exhausted: bool = False,
) -> Result:
    """The transfer is ours: COPY what is left, or REVIEW if it was judged so or its workers keep dying."""
    transfer = transfer_of(item, source)
    unfinished = "PARTIAL" if transfer["delivered"] else "FAILED"
    if "review" in item:
        review = item["review"]
        return _review(delivery, transfer, review["status"], review["reason"], review["message"])
    if exhausted:
        message = f"{len(item['takeovers'])} workers died or ran out of time at this transfer"
        return _review(delivery, transfer, unfinished, "ATTEMPTS_EXHAUSTED", message)
    try:
        return _answer("COPY", delivery, transfer) | {"targets": _targets(item, settings)}
    except Rejection as rejection:
        return _review(delivery, transfer, unfinished, rejection.reason, rejection.message)


def waiting(delivery: Delivery, item: Mapping[str, Any], delay_seconds: int) -> Result:
    """The retry is not due yet."""
    answer = _answer("WAIT", delivery, transfer_of(item), "NOT_DUE", f"next attempt at {item.get('nextAttemptAt')}")
    return answer | {"delaySeconds": delay_seconds}


def dropped(delivery: Delivery, item: Mapping[str, Any]) -> Result:
    """The transfer is settled, or somebody is at work on it."""
    return _answer("DROP", delivery, transfer_of(item), "DUPLICATE", f"the transfer is {item['status']}")


def ignored(delivery: Delivery, key: str) -> Result:
    """Not a file: a folder marker or an upload under its temporary name."""
    return _answer("IGNORE", delivery, None, "NOT_A_FILE", key)


def unreadable(delivery: Delivery, message: str) -> Result:
    """A message nobody can act on; the state machine passes the raw record on to a person."""
    return _answer("REVIEW", delivery, None, "UNREADABLE_MESSAGE", message) | {"status": "UNREADABLE"}


def transfer_of(item: Mapping[str, Any], source: Source | None = None) -> dict[str, Any]:
    """The transfer as the other states see it. All values are strings, whole numbers or maps of strings."""
    targets = item["targets"]
    metadata = item["metadata"]
    arrived_at = identity.arrival_of(item["SK"])
    transfer = {
        "pk": item["PK"],
        "sk": item["SK"],
        "id": identity.id_of(item["SK"]),
        "bucket": item["sourceBucket"],
        "key": item["sourceKey"],
        "versionId": item.get("versionId", ""),
        "etag": item.get("etag", ""),
        "sizeBytes": metadata.get("fileSizeBytes", 0),
        "customerId": item["customerId"],
        "fileName": item["fileName"],
        "workflowId": item["workflowId"],
        "attempt": item["attempt"],
        "retryCount": item["retryCount"],
        "maxRetries": item.get("maxRetries", DEFAULT_RETRIES),
        "arrivedAt": arrived_at,
        "date": arrived_at[:10],
        "shard": identity.shard(identity.id_of(item["SK"])),
        "delivered": claim.count(targets, "SUCCEEDED", "SKIPPED"),
        "succeeded": claim.count(targets, "SUCCEEDED"),
    }
    if source:
        transfer["sequencer"] = source.sequencer
        transfer["contentType"] = source.content_type
        transfer["headers"] = dict(source.headers)
        transfer["userMetadata"] = dict(source.user_metadata)
        transfer["checksum"] = source.checksum
    return transfer


def _review(delivery: Delivery, transfer: dict[str, Any], status: str, reason: str, message: str) -> Result:
    return _answer("REVIEW", delivery, transfer, reason, message) | {"status": status, "targets": []}


def _targets(item: Mapping[str, Any], settings: Settings) -> list[dict[str, Any]]:
    records = item["targets"]
    return [
        locate(
            each,
            full_uri(item["target"][each], item["fileName"]),
            records[each].get("overwrite", DEFAULT_OVERWRITE),
            settings.sftp_targets,
            records[each]["attempts"],
        ).as_payload()
        for each in claim.remaining(records)
    ]


def _answer(
    action: str, delivery: Delivery, transfer: dict[str, Any] | None, reason: str = "", message: str = ""
) -> Result:
    answer: Result = {"action": action, "messageId": delivery.message_id}
    if reason:
        answer |= {"reason": reason, "message": message}
    if transfer:
        answer["transfer"] = transfer
    return answer
