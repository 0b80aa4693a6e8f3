"""The store in memory, and in a JSON file when it is given one: for the break-glass command and for rehearsals.

The file is replaced as a whole after each write, so that a run that is killed can be taken up where it was. One process
at a time may use it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path

from disaster_recovery.records.dynamo_store import CURSOR_KEYS, checked_cursor
from disaster_recovery.records.record import Item, Key, Record
from disaster_recovery.records.store import MAX_WRITES, Cursor, StatusPage, Store
from shared.canonical import canonical_json

PROJECTED = frozenset({*CURSOR_KEYS, "planId", "planName", "type", "endedAt", "currentWave", "waveCount", "updatedAt"})


class FileStore(Store):
    """`path` None keeps everything in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._partitions: dict[str, dict[str, Item]] = defaultdict(dict)
        if path is not None and path.exists():
            for item in json.loads(path.read_text(encoding="utf-8")):
                self._partitions[item["executionId"]][item["record"]] = item

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        found = {key: self._stored(key) for key in keys}
        return {key: dict(item) for key, item in found.items() if item}

    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        there = self._partitions.get(partition, {})
        return [dict(there[record]) for record in sorted(there) if record.startswith(prefix) and record > after]

    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        keys = {record.key for record in (*records, *unchanged)}
        if not keys or len(keys) != len(records) + len(unchanged) or len(keys) > MAX_WRITES:
            raise ValueError(f"a write takes 1 to {MAX_WRITES} different records")
        expected = [
            *((each.key, each.revision - 1) for each in records),
            *((each.key, each.revision) for each in unchanged),
        ]
        if any(int(self._stored(key).get("revision", 0)) != revision for key, revision in expected):
            return False
        for record in records:
            self._partitions[record.execution_id][record.sort_key] = deepcopy(record.to_item())
        self._keep()
        return True

    def by_status(
        self, status: str, *, limit: int = 100, cursor: Cursor | None = None, newest_first: bool = True
    ) -> StatusPage:
        found = sorted(
            (item for item in self.items() if item.get("status") == status and "startedAt" in item),
            key=_order,
            reverse=newest_first,
        )
        if cursor is not None:
            last = _order(checked_cursor(cursor, status))
            found = [item for item in found if (_order(item) < last if newest_first else _order(item) > last)]
        page = [{name: item[name] for name in PROJECTED if name in item} for item in found[:limit]]
        more = len(found) > limit
        return StatusPage(tuple(page), {name: page[-1][name] for name in CURSOR_KEYS} if more else None)

    def items(self) -> list[Item]:
        """Everything, in key order; not to be changed."""
        return [there[record] for _, there in sorted(self._partitions.items()) for record in sorted(there)]

    def _stored(self, key: Key) -> Item:
        return self._partitions.get(key.execution_id, {}).get(key.record, {})

    def _keep(self) -> None:
        if self._path is None:
            return
        beside = self._path.with_name(f"{self._path.name}.new")
        beside.write_text(canonical_json(self.items()), encoding="utf-8")
        beside.replace(self._path)


def _order(item: Item | dict[str, str]) -> tuple[str, str, str]:
    return item["startedAt"], item["executionId"], item["record"]
