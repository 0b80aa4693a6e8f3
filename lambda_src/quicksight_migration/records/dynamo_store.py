"""The store over DynamoDB."""

from __future__ import annotations

from quicksight_migration.records.store import Store
from shared.record_table import RecordTable


class DynamoStore(RecordTable, Store):
    """The table biops-job-runs; records expire `retention_days` after their job, 0 = never."""

    PARTITION = "jobId"
    ALONE = frozenset({"REQUEST", "REPORT"})
