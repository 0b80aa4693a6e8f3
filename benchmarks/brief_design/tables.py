"""The brief's tables and indexes, with its keys and its projections (ALL, as in its example)."""

from __future__ import annotations

from typing import Any

KEYS = ("PK", "SK")
# Table → index → (partition key, sort key).
TABLES: dict[str, dict[str, tuple[str, str]]] = {
    "FileTransferStatus": {
        "CustomerIndex": ("customerId", "timestamp"),
        "WorkflowStatusIndex": ("workflowId", "status"),
        "DateStatusIndex": ("date", "status"),
    },
    "CustomerFileIndex": {},
    "FileTransferAuditLog": {},
    "TransferFailureQueue": {"FailureByCustomer": ("customerId", "timestamp")},
    "TransferNotificationLog": {"NotificationCustomerIndex": ("customerId", "status")},
}


def create(dynamodb: Any, prefix: str) -> None:
    """Creates the tables; `dynamodb` is a boto3 client."""
    for name, indexes in TABLES.items():
        attributes = sorted({*KEYS, *(key for keys in indexes.values() for key in keys)})
        extra = {"GlobalSecondaryIndexes": [_index(index, keys) for index, keys in indexes.items()]} if indexes else {}
        dynamodb.create_table(
            TableName=prefix + name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=_schema(KEYS),
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in attributes],
            **extra,
        )


def _index(name: str, keys: tuple[str, str]) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _schema(keys), "Projection": {"ProjectionType": "ALL"}}


def _schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)]
