"""Validate Input: reads the queue's record, checks names, opens the status item."""

from __future__ import annotations

import json
import re
from typing import Any

from records import audit, now, status_key, table

REQUIRED = ("bucket", "key", "workflowId", "customerId")


def handler(event: list[dict[str, Any]], _context: object) -> dict[str, Any]:
    """The pipe hands over an array, also for one record."""
    message: dict[str, Any] = json.loads(event[0]["body"])
    missing = [name for name in REQUIRED if not message.get(name)]
    if missing:
        raise ValueError(f"the message lacks {', '.join(missing)}")
    message["fileName"] = message["key"].rsplit("/", 1)[-1]
    if not re.fullmatch(r"[\w.-]+", message["fileName"]):
        raise ValueError(f"{message['fileName']} is not a valid file name")
    message["timestamp"] = now()
    audit(message, "UPLOAD_RECEIVED", "PENDING", "File landed in S3 via AWS Transfer Family")
    table("FileTransferStatus").put_item(
        Item={
            **status_key(message),
            "fileName": message["fileName"],
            "customerId": message["customerId"],
            "sourceBucket": message["bucket"],
            "target": message["targets"],
            "workflowId": message["workflowId"],
            "status": "PENDING",
            "retryCount": 0,
            "timestamp": message["timestamp"],
            "date": message["timestamp"][:10],
            "metadata": {"fileSizeBytes": message["size"], "triggeredBy": "EventBridge"},
        }
    )
    audit(message, "VALIDATED", "IN_PROGRESS", "File name and message are valid")
    return message
