"""The records of the table execution-history: their partition key is `executionId`."""

from __future__ import annotations

from dataclasses import dataclass

from shared import records
from shared.records import Item, Key, Part, changed, part

__all__ = ["Item", "Key", "Part", "Record", "changed", "part"]


@dataclass(frozen=True, kw_only=True)
class Record(records.Record):
    """An item of the table."""

    execution_id: str

    @property
    def partition(self) -> str:
        return self.execution_id
