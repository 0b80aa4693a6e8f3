"""What the API shows of records: named fields only, so that nothing internal gets out by being added to a record.

The fields are those of schemas/file-transfer-api.schema.json; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from file_transfer.api.keys import write_key
from file_transfer.records.identity import arrival_of, id_of
from file_transfer.workflows.targets import full_uri

View = dict[str, Any]

SUMMARY = (
    "customerId", "fileName", "status", "workflowId", "retryCount", "nextAttemptAt", "failureReason", "errorMessage",
)  # fmt: skip
TRANSFER = (
    *SUMMARY, "attempt", "revision", "maxRetries", "executionId", "leaseUntil", "duplicates", "takeovers", "replays",
    "lastReplay", "replayedAt", "replayedBy", "replayedAs", "replayOf", "awaitingSince",
)  # fmt: skip
TARGET = (
    "state", "attempts", "etag", "checksum", "versionId", "overwrite", "reason", "error", "message", "kind",
    "operation", "transferId", "bytes", "at",
)  # fmt: skip
METADATA = {"fileSizeBytes": "sizeBytes", "triggeredBy": "triggeredBy", "uploadedBy": "uploadedBy"}
AUDIT = ("eventType", "status", "timestamp", "message", "events", "previousHash", "hash")
FAILURE = (
    "customerId", "fileName", "status", "failureReason", "errorMessage", "workflowId", "retryCount", "timestamp",
    "lastStatus", "targets", "replayedAt", "replayId", "replayedBy",
)  # fmt: skip
NOTIFICATION = (
    "customerId", "fileName", "workflowId", "status", "type", "channel", "target", "retryCount", "timestamp",
    "response", "messageId", "resentAt", "resentBy",
)  # fmt: skip
WINDOW = (
    "workflowId", "expectationId", "customerId", "status", "startAt", "dueAt", "missedAt", "timeZone", "criteria",
    "found", "revision", "acknowledgedAt", "acknowledgedBy", "acknowledgement",
)  # fmt: skip
REPLAY = ("status", "startedBy", "startedAt", "updatedAt", "endedAt", "filter", "counts", "errorMessage")


def only(item: Mapping[str, Any], fields: Iterable[str]) -> View:
    """The fields that the item has, without empty ones."""
    return {name: item[name] for name in fields if item.get(name, "") not in ("", None)}


def transfer_summary(item: Mapping[str, Any]) -> View:
    """A transfer in a list, from its status item or the customer's row of it."""
    key = {"PK": item["fileId"], "SK": item["statusKey"]} if "statusKey" in item else item
    return {**_names(key), **only(item, SUMMARY), **_at(item)}


def transfer(item: Mapping[str, Any]) -> View:
    """A transfer with its targets, from its status item."""
    targets = [
        {"id": each, "uri": full_uri(item["target"].get(each, ""), item["fileName"]), **only(record, TARGET)}
        for each, record in sorted(item["targets"].items())
    ]
    told = {name: item["metadata"][own] for own, name in METADATA.items() if own in item["metadata"]}
    view = {**_names(item), **only(item, TRANSFER), **_at(item), **told, "targets": targets}
    return {**view, "source": _source(item["sourceBucket"], item["sourceKey"], item)}


def audit_record(item: Mapping[str, Any]) -> View:
    """A recorded change of a transfer."""
    return {"revision": int(item["SK"].rpartition("#")[2]), **only(item, AUDIT)}


def failure(item: Mapping[str, Any]) -> View:
    """A failure record."""
    execution = {"executionId": item["stepFunctionId"]} if item.get("stepFunctionId") else {}
    return {**_names(item), **only(item, FAILURE), **execution, "source": _source(item["bucket"], item["key"], item)}


def notification(item: Mapping[str, Any]) -> View:
    """An entry of the notification log."""
    return {"notificationKey": write_key(item), **only(item, NOTIFICATION)}


def window(item: Mapping[str, Any]) -> View:
    """A window of an expectation."""
    return {"expectationKey": write_key(item), **only(item, WINDOW)}


def replay(item: Mapping[str, Any]) -> View:
    """A replay of many transfers."""
    return {"replayId": item["replayId"], **only(item, REPLAY)}


def _names(item: Mapping[str, Any]) -> View:
    sort_key = str(item["SK"])
    return {"transferKey": write_key(item), "transferId": id_of(sort_key), "arrivedAt": arrival_of(sort_key)}


def _at(item: Mapping[str, Any]) -> View:
    return {"updatedAt": item["timestamp"]} if item.get("timestamp") else {}


def _source(bucket: str, key: str, item: Mapping[str, Any]) -> View:
    return {"bucket": bucket, "key": key, **only(item, ("versionId", "etag"))}
