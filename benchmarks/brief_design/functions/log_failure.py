"""Log Failure: what the machine ends in when a step raised; no benchmark may ever get here."""

from __future__ import annotations

from typing import Any

from records import now, table


def handler(event: dict[str, Any] | list[dict[str, Any]], _context: object) -> None:
    name = event["fileName"] if isinstance(event, dict) else event[0]["messageId"]
    table("TransferFailureQueue").put_item(
        Item={"PK": f"FAILURE#{name}", "SK": f"TS#{now()}", "customerId": "unknown", "timestamp": now()}
    )
