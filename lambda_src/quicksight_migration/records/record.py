"""The records of the table biops-job-runs: their partition key is `jobId`."""

from __future__ import annotations

from dataclasses import dataclass

from shared import records
from shared.records import Cursor, Index, Item, Key, Page, Part, changed, part

__all__ = ["Cursor", "Index", "Item", "Key", "Page", "Part", "Record", "changed", "part"]


@dataclass(frozen=True, kw_only=True)
class Record(records.Record):
    """An item of the table."""

    job_id: str

    @property
    def partition(self) -> str:
        return self.job_id
