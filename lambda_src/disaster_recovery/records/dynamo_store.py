"""The store over DynamoDB."""

from __future__ import annotations

from disaster_recovery.records.store import STATUS_INDEX, StatusPage, Store
from shared.record_table import RecordTable
from shared.records import Cursor


class DynamoStore(RecordTable, Store):
    """The table execution-history; records expire `retention_days` after their execution, 0 = never."""

    PARTITION = "executionId"
    ALONE = frozenset({"CLAIM", "OUTBOX"})

    def by_status(
        self, status: str, *, limit: int = 100, cursor: Cursor | None = None, newest_first: bool = True
    ) -> StatusPage:
        return self.page(STATUS_INDEX, status, limit=limit, cursor=cursor, newest_first=newest_first)
