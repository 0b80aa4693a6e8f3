"""The table biops-job-runs in moto, with its indexes."""

from __future__ import annotations

from typing import Any

from quicksight_migration.records.store import ACCOUNT_INDEX, LISTED, STATUS_INDEX, TIME_INDEX

TABLE = "biops-job-runs"
INDEXES = (STATUS_INDEX, ACCOUNT_INDEX, TIME_INDEX)


def create_jobs_table(dynamodb: Any) -> None:
    """Keys and indexes as the module makes them."""
    names = sorted({"jobId", "record", *(name for index in INDEXES for name in index[1:])})
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema("jobId", "record"),
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index.name,
                "KeySchema": _schema(index.partition, index.sort),
                "Projection": {
                    "ProjectionType": "INCLUDE",
                    "NonKeyAttributes": [name for name in LISTED if name not in index],
                },
            }
            for index in INDEXES
        ],
    )


def _schema(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [{"AttributeName": hash_key, "KeyType": "HASH"}, {"AttributeName": range_key, "KeyType": "RANGE"}]
