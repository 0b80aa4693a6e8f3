"""Who is told what about a settled transfer, and what the log says of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.records import identity
from file_transfer.records.claim import RETRYING
from file_transfer.workflows.targets import full_uri
from shared.sns import publication, subject_of

Image = Mapping[str, Any]

CHANNEL = "sns"
SENT, FAILED, AGAIN = "SENT", "FAILED", "RETRYING"
RESPONSE_LENGTH = 300


def is_wanted(new: Image) -> bool:
    """Terminal outcomes, or those the definition names."""
    return new["status"] != RETRYING and ("notify" not in new or new["status"] in new["notify"])


def text(new: Image) -> str:
    """One line for people."""
    name, customer = new["fileName"], new["customerId"]
    if new["status"] == "SUCCESS":
        return f"✅ File `{name}` successfully transferred for customer {customer}."
    if new["status"] == "SUPERSEDED":
        return f"File `{name}` of customer {customer} was not copied: its targets hold a newer version."
    retries = int(new["retryCount"])
    after = f" after {retries + 1} attempts" if retries else ""
    why = new.get("errorMessage") or new.get("failureReason") or "unknown reason"
    kind = {"PARTIAL": "reached only some targets", "REJECTED": "was rejected"}.get(new["status"], "failed")
    return f"❌ Transfer of file `{name}` for customer {customer} {kind}{after}: {why}"


def payload(new: Image) -> dict[str, Any]:
    """The message, as schemas/notification-payload.schema.json describes it."""
    own_id = identity.id_of(new["SK"])
    targets = {}
    for each, record in new["targets"].items():
        why = record.get("error") or record.get("reason")
        targets[each] = {"uri": full_uri(new["target"][each], new["fileName"]), "state": record["state"]} | (
            {"reason": why} if why else {}
        )
    message = {
        "kind": "towpath.notification",
        "notificationId": f"{own_id}-{new['revision']}",
        "status": new["status"],
        "text": text(new),
        "transferId": own_id,
        "fileName": new["fileName"],
        "customerId": new["customerId"],
        "workflowId": new["workflowId"],
        "bucket": new["sourceBucket"],
        "key": new["sourceKey"],
        "versionId": new.get("versionId"),
        "targets": targets,
        "retryCount": new["retryCount"],
        "failureReason": new.get("failureReason"),
        "errorMessage": new.get("errorMessage"),
        "timestamp": new["timestamp"],
        "fileSizeBytes": new["metadata"].get("fileSizeBytes"),
    }
    return {name: value for name, value in message.items() if value is not None}


def publish_arguments(new: Image, topic_arn: str) -> dict[str, Any]:
    """Arguments of Publish. Attributes let subscribers filter by customer, workflow and status."""
    attributes = {name: str(new[name]) for name in ("status", "workflowId", "customerId")}
    subject = subject_of(f"{new['status']}: {new['fileName']}")
    return publication(topic_arn, subject, payload(new), attributes)


def log_key(new: Image) -> dict[str, str]:
    """Key of the log entry: one per settle and channel."""
    pk, sk = identity.notification_key(
        new["customerId"], new["fileName"], new["timestamp"], identity.id_of(new["SK"]), CHANNEL
    )
    return {"PK": pk, "SK": sk}


def log_item(new: Image, topic_arn: str, status: str, retries: int, response: str, message_id: str) -> dict[str, Any]:
    """The log entry after a try: SENT, RETRYING (it will be tried again) or FAILED (it will not)."""
    item = {
        **log_key(new),
        "fileName": new["fileName"],
        "customerId": new["customerId"],
        "status": status,
        "type": "SNS",
        "target": topic_arn,
        "messageId": message_id or None,
        "response": response[:RESPONSE_LENGTH],
        "retryCount": retries,
        "workflowId": new["workflowId"],
        "timestamp": new["timestamp"],
        "statusTimestamp": f"{status}#{new['timestamp']}",
        "failedDate": new["timestamp"][:10] if status == FAILED else None,
        "metadata": {"transferStatus": new["status"]},
        "expiresAt": new.get("expiresAt"),
    }
    return {name: value for name, value in item.items() if value is not None}
