"""The store in memory, and in a JSON file when it is given one: for the break-glass command and for rehearsals."""

from __future__ import annotations

from disaster_recovery.records.store import STATUS_INDEX, StatusPage, Store
from shared.record_memory import RecordMemory
from shared.records import Cursor


class FileStore(RecordMemory, Store):
    """`path` None keeps everything in memory."""

    PARTITION = "executionId"
    PROJECTED = frozenset({"planId", "planName", "type", "endedAt", "currentWave", "waveCount", "updatedAt"})

    def by_status(
        self, status: str, *, limit: int = 100, cursor: Cursor | None = None, newest_first: bool = True
    ) -> StatusPage:
        return self.page(STATUS_INDEX, status, limit=limit, cursor=cursor, newest_first=newest_first)
