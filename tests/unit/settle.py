"""What the state machine does to a status item after the copies, for tests that have no state machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from file_transfer.records.identity import shard
from shared.clock import parse, stamp
from shared.conditional import update_if
from shared.dynamodb import from_value


def settled(
    item: Mapping[str, Any], status: str, at: str, results: list[dict[str, Any]], error: tuple[str, str] | None = None
) -> dict[str, Any]:
    """The item after Log Success, Update Retry Count or Log Failure. `results` as the copy handler answers."""
    new = {name: value for name, value in item.items() if name not in ("leaseUntil", "leaseOwner", "nextAttemptAt")}
    own_id = item["SK"].rsplit("#", 1)[-1]
    targets = {**item["targets"], **{each["id"]: from_value(each["record"]) for each in results}}
    new |= {
        "status": status,
        "timestamp": at,
        "revision": item["revision"] + 1,
        "executionId": "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0",
        "workflowStatus": f"{item['workflowId']}#{status}#{shard(own_id)}",
        "dateStatus": f"{item['SK'][3:13]}#{status}#{shard(own_id)}",
        "targets": targets,
    }
    if status == "RETRYING":
        new |= {"retryCount": item["retryCount"] + 1, "nextAttemptAt": stamp(parse(at) + timedelta(seconds=5))}
    if error:
        new |= {"failureReason": error[0], "errorMessage": error[1], "attentionCustomerId": item["customerId"]}
    else:
        for name in ("failureReason", "errorMessage", "attentionCustomerId"):
            new.pop(name, None)
    return new


def settle_in_table(dynamodb: Any, transfer: Mapping[str, Any], status: str, at: str) -> bool:
    """The same as one conditional write, under the fence; False when the fence was lost."""
    held, _ = update_if(
        dynamodb,
        "FileTransferStatus",
        {"PK": transfer["pk"], "SK": transfer["sk"]},
        "SET #status = :status, #timestamp = :at, revision = revision + :one REMOVE leaseUntil, leaseOwner",
        "attempt = :attempt AND #status = :inProgress",
        {":status": status, ":at": at, ":one": 1, ":attempt": transfer["attempt"], ":inProgress": "IN_PROGRESS"},
        {"#status": "status", "#timestamp": "timestamp"},
    )
    return held


def failed(target_id: str, code: str, at: str, attempt: int = 1) -> dict[str, Any]:
    """The result of a target whose copy raised, as the state machine makes it."""
    entries = {"state": {"S": "FAILED"}, "attempts": {"N": str(attempt)}, "error": {"S": code}, "at": {"S": at}}
    return {"id": target_id, "state": "FAILED", "reason": code, "record": {"M": entries}}
