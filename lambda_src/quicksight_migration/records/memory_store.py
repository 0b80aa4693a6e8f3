"""The store in memory, for rehearsals and tests."""

from __future__ import annotations

from quicksight_migration.records.store import LISTED, Store
from shared.record_memory import RecordMemory


class MemoryStore(RecordMemory, Store):
    """Promises what DynamoStore does; a path keeps it in a file."""

    PARTITION = "jobId"
    PROJECTED = frozenset(LISTED)
