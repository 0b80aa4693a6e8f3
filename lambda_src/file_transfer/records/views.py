"""The rows other tables hold of a settled transfer: CustomerFileIndex and TransferFailureQueue. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.records import identity
from file_transfer.records.claim import REPLAYABLE
from file_transfer.records.deliveries import DELIVERED_STATES

Image = Mapping[str, Any]


def index_item(new: Image) -> dict[str, Any]:
    """The customer's row of this transfer; written if its revision is newer than the row's."""
    arrival, own_id = identity.arrival_of(new["SK"]), identity.id_of(new["SK"])
    pk, sk = identity.index_key(new["customerId"], new["fileName"], arrival, own_id)
    return _present(
        {
            "PK": pk,
            "SK": sk,
            "fileId": new["PK"],
            "statusKey": new["SK"],
            "fileName": new["fileName"],
            "customerId": new["customerId"],
            "status": new["status"],
            "workflowId": new["workflowId"],
            "targetSummary": target_summary(new),
            "retryCount": new["retryCount"],
            "timestamp": new["timestamp"],
            "errorMessage": new.get("errorMessage"),
            "revision": new["revision"],
            "expiresAt": new.get("expiresAt"),
        }
    )


def target_summary(new: Image) -> dict[str, str]:
    """Target id → `SUCCEEDED s3://bucket/key`."""
    return {each: f"{record['state']} {new['target'][each]}" for each, record in new["targets"].items()}


def failure_key(new: Image) -> dict[str, str]:
    """Key of a transfer's failure record."""
    return {"PK": identity.failure_partition(new["customerId"], new["fileName"]), "SK": new["SK"]}


def failure_item(old: Image, new: Image) -> dict[str, Any] | None:
    """The failure record of a transfer that ended short of its targets, else None."""
    if new["status"] not in REPLAYABLE:
        return None
    reason = new.get("failureReason", "UNKNOWN")
    missed = {
        each: record.get("error", record["state"])
        for each, record in new["targets"].items()
        if record["state"] not in DELIVERED_STATES
    }
    return _present(
        {
            **failure_key(new),
            "fileId": new["PK"],
            "fileName": new["fileName"],
            "customerId": new["customerId"],
            "status": new["status"],
            "lastStatus": old.get("status"),
            "workflowId": new["workflowId"],
            "retryCount": new["retryCount"],
            "errorMessage": new.get("errorMessage") or reason,
            "failureReason": reason,
            "reason": reason,
            "stepFunctionId": new.get("executionId"),
            "timestamp": new["timestamp"],
            "bucket": new["sourceBucket"],
            "key": new["sourceKey"],
            "versionId": new.get("versionId"),
            "targets": missed,
            "metadata": new["metadata"],
            "revision": new["revision"],
            "expiresAt": new.get("expiresAt"),
        }
    )


def _present(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if value is not None}
