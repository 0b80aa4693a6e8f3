"""What the functions share: their tables, and the line each of them adds to the audit log."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import boto3

dynamodb = boto3.resource("dynamodb")


def table(name: str) -> Any:
    """A table by the brief's name; ours are in the same account, so these carry a prefix."""
    return dynamodb.Table(os.environ["TABLE_PREFIX"] + name)


def now() -> str:
    return datetime.now(UTC).isoformat()


def audit(message: dict[str, Any], event_type: str, status: str, text: str) -> None:
    """One event in a file's life; the brief's key is the file name and the time alone."""
    table("FileTransferAuditLog").put_item(
        Item={
            "PK": f"FILE#{message['fileName']}",
            "SK": f"TS#{now()}",
            "eventType": event_type,
            "status": status,
            "retryCount": int(message.get("retryCount", 0)),
            "workflowId": message["workflowId"],
            "customerId": message["customerId"],
            "stepFunctionId": message.get("executionId", "-"),
            "message": text,
            "metadata": {"region": os.environ["AWS_REGION"]},
        }
    )


def status_key(message: dict[str, Any]) -> dict[str, str]:
    """Key of the file's item in FileTransferStatus."""
    return {"PK": f"FILE#{message['customerId']}#{message['fileName']}", "SK": f"TS#{message['timestamp']}"}


def set_status(message: dict[str, Any], status: str, retries: int) -> None:
    """Moves the status item on; each of the three indexes has a copy of it that changes too."""
    table("FileTransferStatus").update_item(
        Key=status_key(message),
        UpdateExpression="SET #status = :status, retryCount = :retries",
        ExpressionAttributeNames={"#status": "status"},
        ExpressionAttributeValues={":status": status, ":retries": retries},
    )
