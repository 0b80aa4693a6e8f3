"""Log Success: the status item, the customer's index and the audit log."""

from __future__ import annotations

from typing import Any

from records import audit, now, set_status, status_key, table


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    set_status(event, "SUCCESS", event["retryCount"])
    day = event["timestamp"][:10]
    table("CustomerFileIndex").put_item(
        Item={
            "PK": f"CUSTOMER#{event['customerId']}",
            "SK": f"DATE#{day}#{event['fileName']}",
            "fileId": status_key(event)["PK"],
            "fileName": event["fileName"],
            "customerId": event["customerId"],
            "status": "SUCCESS",
            "workflowId": event["workflowId"],
            "targetSummary": event["targets"],
            "retryCount": event["retryCount"],
            "timestamp": now(),
        }
    )
    audit(event, "SUCCESS", "SUCCESS", "File successfully transferred to all targets")
    return event
