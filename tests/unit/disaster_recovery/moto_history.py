"""The table execution-history in moto, with its index by status."""

from __future__ import annotations

from typing import Any

TABLE = "execution-history"


def create_history_table(dynamodb: Any) -> None:
    """Keys and index as the module makes them."""
    projected = ["planId", "planName", "type", "endedAt", "currentWave", "waveCount", "updatedAt"]
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema("executionId", "record"),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("executionId", "record", "status", "startedAt")
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "StatusIndex",
                "KeySchema": _schema("status", "startedAt"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": projected},
            }
        ],
    )


def _schema(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [{"AttributeName": hash_key, "KeyType": "HASH"}, {"AttributeName": range_key, "KeyType": "RANGE"}]
