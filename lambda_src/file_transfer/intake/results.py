"""What Validate Input answers: one action the state machine routes on, and what it needs for it.

COPY the targets given; PREPARE the file first, then copy; CLOSE: all deliveries have ended, choose the outcome from
`results`; WAIT `delaySeconds`; REVIEW: a person must look, and the status item (if there is one) is claimed for
settling; NOTED: an outcome is on record, nothing else is due; DROP a duplicate; IGNORE what is no file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.errors import Rejection
from file_transfer.intake.messages import Delivery
from file_transfer.intake.new_item import DEFAULT_OVERWRITE, DEFAULT_RETRIES
from file_transfer.intake.source import Source
from file_transfer.records import claim, deliveries, identity
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
    """The transfer is ours: COPY what is left, CLOSE it, or REVIEW if it was judged so or its workers keep dying."""
    transfer = transfer_of(item, source)
    unfinished = "PARTIAL" if transfer["delivered"] else "FAILED"
    if "review" in item:
        review = item["review"]
        return _review(delivery, transfer, review["status"], review["reason"], review["message"])
    if deliveries.is_closable(item):
        return _answer("CLOSE", delivery, transfer) | {"results": deliveries.results_of(item)}
    if exhausted:
        message = f"{len(item['takeovers'])} workers died or ran out of time at this transfer"
        return _review(delivery, transfer, unfinished, "ATTEMPTS_EXHAUSTED", message)
    try:
        action = "PREPARE" if item.get("prepare") else "COPY"
        return _answer(action, delivery, transfer) | {"targets": _targets(item, settings)}
    except Rejection as rejection:
        return _review(delivery, transfer, unfinished, rejection.reason, rejection.message)


def waiting(delivery: Delivery, item: Mapping[str, Any], delay_seconds: int) -> Result:
    """What the message is about is not due yet: the retry, or the end of the worker it met."""
    message = f"next attempt at {item['nextAttemptAt']}" if "nextAttemptAt" in item else "somebody is at work on it"
    answer = _answer("WAIT", delivery, transfer_of(item), "NOT_DUE", message)
    return answer | {"delaySeconds": delay_seconds}


def dropped(delivery: Delivery, item: Mapping[str, Any]) -> Result:
    """The transfer is settled, or somebody is at work on it."""
    return _answer("DROP", delivery, transfer_of(item), "DUPLICATE", f"the transfer is {item['status']}")


def noted(delivery: Delivery, item: Mapping[str, Any], message: str) -> Result:
    """An outcome is on record, and the transfer does not wait for this one alone."""
    return _answer("NOTED", delivery, transfer_of(item), "OUTCOME", message)


def nothing_to_do(delivery: Delivery, reason: str, message: str) -> Result:
    """The message is about no transfer that it could change."""
    return _answer("DROP", delivery, None, reason, message)


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
        "round": deliveries.round_of(item),
        "delivered": claim.count(targets, "SUCCEEDED", "SKIPPED"),
        "succeeded": claim.count(targets, "SUCCEEDED"),
    }
    if "parentId" in metadata:
        transfer["parentId"] = metadata["parentId"]
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
    return [_target(item, each, settings) for each in claim.remaining(item["targets"])]


def _target(item: Mapping[str, Any], target_id: str, settings: Settings) -> dict[str, Any]:
    record = item["targets"][target_id]
    located = locate(
        target_id,
        full_uri(item["target"][target_id], item["fileName"]),
        record.get("overwrite", DEFAULT_OVERWRITE),
        settings.sftp_targets,
        record["attempts"],
    )
    if record["state"] == deliveries.STARTED:
        in_flight = {"state": record["state"], "kind": record["kind"], "operation": record["operation"]}
        return located.as_payload() | in_flight
    return located.as_payload() | {"operation": deliveries.operation_of(item, target_id)}


def _answer(
    action: str, delivery: Delivery, transfer: dict[str, Any] | None, reason: str = "", message: str = ""
) -> Result:
    answer: Result = {"action": action, "messageId": delivery.message_id}
    if reason:
        answer |= {"reason": reason, "message": message}
    if transfer:
        answer["transfer"] = transfer
    return answer
