"""Check Retry Count: the newest status item of the file tells how often it was tried."""

from __future__ import annotations

from typing import Any

from boto3.dynamodb.conditions import Key
from records import status_key, table


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    found = table("FileTransferStatus").query(
        KeyConditionExpression=Key("PK").eq(status_key(event)["PK"]), ScanIndexForward=False, Limit=1
    )
    return {**event, "retryCount": int(found["Items"][0]["retryCount"])}
