"""The store of executions as calls of DynamoDB: each takes time and may fail, and what is written can be watched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from disaster_recovery.records.record import Item, Key
from disaster_recovery.records.store import StatusPage, Store
from local_cloud.virtual.traffic import Traffic
from shared.records import Cursor, Record

STORE = "dynamodb"
Watcher = Callable[[Sequence[Record]], None]


class WatchedStore(Store):
    """Any store with its calls in the traffic. `watchers` see what was committed, before the caller knows."""

    def __init__(self, inner: Store, traffic: Traffic) -> None:
        self._inner = inner
        self._traffic = traffic
        self.watchers: list[Watcher] = []

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        found: dict[Key, Item] = self._traffic.through(STORE, "BatchGetItem", {}, lambda: self._inner.read(keys))
        return found

    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        def work() -> list[Item]:
            return self._inner.query(partition, prefix, after)

        found: list[Item] = self._traffic.through(STORE, "Query", {"prefix": prefix}, work)
        return found

    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        def work() -> bool:
            written = self._inner.write(records, unchanged)
            if written:
                for watcher in self.watchers:
                    watcher(records)
            return written

        done: bool = self._traffic.through(STORE, "TransactWriteItems", {}, work)
        return done

    def by_status(
        self, status: str, *, limit: int = 100, cursor: Cursor | None = None, newest_first: bool = True
    ) -> StatusPage:
        def work() -> StatusPage:
            return self._inner.by_status(status, limit=limit, cursor=cursor, newest_first=newest_first)

        page: StatusPage = self._traffic.through(STORE, "Query", {"status": status}, work)
        return page
