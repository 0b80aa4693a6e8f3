"""The tables in moto, so that condition and update expressions meet a real parser."""

from __future__ import annotations

from typing import Any

from shared.dynamodb import to_item

INDEXES = {
    "FileTransferStatus": {
        "WorkflowStatusIndex": ("workflowStatus", "timestamp"),
        "DateStatusIndex": ("dateStatus", "timestamp"),
        "CustomerIndex": ("attentionCustomerId", "timestamp"),
    },
    "CustomerFileIndex": {},
    "WorkflowDefinition": {
        "SourcePrefixIndex": ("sourcePrefix", None),
        "KindIndex": ("kind", "workflowId"),
        "SftpUserIndex": ("sftpUserName", None),
    },
    "FileTransferAuditLog": {},
    "TransferFailureQueue": {
        "FailureByCustomer": ("customerId", "timestamp"),
        "FailureByWorkflow": ("workflowId", "timestamp"),
        "FailureByReason": ("failureReason", "timestamp"),
    },
    "TransferNotificationLog": {
        "NotificationCustomerIndex": ("customerId", "statusTimestamp"),
        "FailedNotificationIndex": ("failedDate", "timestamp"),
    },
    "FileTransferControl": {},
    "TransferExpectation": {"StatusIndex": ("status", "dueAt"), "CustomerIndex": ("customerId", "dueAt")},
}


def create_tables(dynamodb: Any) -> None:
    """Keys as in the design: PK and SK everywhere but in WorkflowDefinition."""
    for table, indexes in INDEXES.items():
        keys = ["PK"] if table == "WorkflowDefinition" else ["PK", "SK"]
        names = {*keys, *(name for index in indexes.values() for name in index if name)}
        request: dict[str, Any] = {
            "TableName": table,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": _schema(*keys),
            "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in sorted(names)],
        }
        if indexes:
            request["GlobalSecondaryIndexes"] = [
                {
                    "IndexName": index,
                    "KeySchema": _schema(*filter(None, attributes)),
                    "Projection": {"ProjectionType": "ALL"},
                }
                for index, attributes in indexes.items()
            ]
        dynamodb.create_table(**request)


def put(dynamodb: Any, table: str, *items: dict[str, Any]) -> None:
    """Items as they are, unconditionally."""
    for item in items:
        dynamodb.put_item(TableName=table, Item=to_item(item))


def _schema(hash_key: str, range_key: str = "") -> list[dict[str, str]]:
    ranges = [{"AttributeName": range_key, "KeyType": "RANGE"}] if range_key else []
    return [{"AttributeName": hash_key, "KeyType": "HASH"}, *ranges]
