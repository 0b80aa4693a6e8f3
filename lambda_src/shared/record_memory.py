"""Records in memory, and in a JSON file when given one: for a run without a table, and for rehearsals.

The file is replaced as a whole after each write, so that a run that is killed can be taken up where it was. One process
at a time may use it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from shared.canonical import canonical_json
from shared.records import MAX_WRITES, Cursor, Index, Item, Key, Page, Record, checked_cursor


class RecordMemory:
    """Promises what RecordTable does. `path` None keeps everything in memory.

    `PROJECTED` are the attributes that the indexes show besides their keys.
    """

    PARTITION: str
    PROJECTED: frozenset[str] = frozenset()

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._partitions: dict[str, dict[str, Item]] = defaultdict(dict)
        if path is not None and path.exists():
            for item in json.loads(path.read_text(encoding="utf-8")):
                self._partitions[item[self.PARTITION]][item["record"]] = item

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """The items that exist."""
        found = {key: self._stored(key) for key in keys}
        return {key: dict(item) for key, item in found.items() if item}

    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        """Items of a partition whose sort key begins with the prefix and is greater than `after`, in order."""
        there = self._partitions.get(partition, {})
        return [dict(there[record]) for record in sorted(there) if record.startswith(prefix) and record > after]

    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        """All of up to 100 or none: False when one of them is not at the revision it was read with."""
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
            self._partitions[record.partition][record.sort_key] = deepcopy(record.to_item())
        self._keep()
        return True

    def expire(self, partition: str) -> bool:
        """Nothing expires here."""
        return False

    def keep(self, partition: str) -> bool:
        """Nothing expires here."""
        return False

    def page(  # noqa: PLR0913  (as RecordTable)
        self,
        index: Index,
        value: str,
        *,
        limit: int = 100,
        cursor: Cursor | None = None,
        newest_first: bool = True,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """A page of what would be in the index."""
        names = (self.PARTITION, "record", *index[1:])

        def order(item: Mapping[str, Any]) -> tuple[str, ...]:
            return item[index.sort], item[self.PARTITION], item["record"]

        found = [each for each in self.items() if each.get(index.partition) == value and index.sort in each]
        if between is not None:
            found = [item for item in found if between[0] <= item[index.sort] <= between[1]]
        found.sort(key=order, reverse=newest_first)
        if cursor is not None:
            last = order(checked_cursor(cursor, index, self.PARTITION, value))
            found = [item for item in found if (order(item) < last if newest_first else order(item) > last)]
        shown = {*names, *self.PROJECTED}
        page = [{name: item[name] for name in item if name in shown} for item in found[:limit]]
        more = len(found) > limit
        return Page(tuple(page), {name: page[-1][name] for name in names} if more else None)

    def items(self) -> list[Item]:
        """Everything, in key order; not to be changed."""
        return [there[record] for _, there in sorted(self._partitions.items()) for record in sorted(there)]

    def _stored(self, key: Key) -> Item:
        return self._partitions.get(key.partition, {}).get(key.record, {})

    def _keep(self) -> None:
        if self._path is None:
            return
        beside = self._path.with_name(f"{self._path.name}.new")
        beside.write_text(canonical_json(self.items()), encoding="utf-8")
        beside.replace(self._path)
