"""Lists of jobs out of the indexes: the narrowest index is asked, what it does not know is sorted out afterwards."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from quicksight_migration.records.record import Index, Item
from quicksight_migration.records.store import ACCOUNT_INDEX, STATUS_INDEX, TIME_INDEX, Store
from shared.api.paging import Listing, Position, filtered, query_moment
from shared.api.problems import invalid
from shared.clock import stamp
from shared.records import Page
from shared.schemas import Problem

JOB_RECORD = "JOB"
#: Filters that are equal to a field.
FIELDS = ("status", "sourceAccountId", "targetAccountId", "tenantId")
FIRST, LAST = "0", "9"


@dataclass(frozen=True)
class Wanted:
    """What a list is to hold. `tenants` None: of all tenants."""

    fields: Mapping[str, str]
    between: tuple[str, str] | None = None
    tenants: Collection[str] | None = None

    @property
    def index(self) -> tuple[Index, str]:
        """The index to ask, and for what."""
        if "status" in self.fields:
            return STATUS_INDEX, self.fields["status"]
        if "targetAccountId" in self.fields:
            return ACCOUNT_INDEX, self.fields["targetAccountId"]
        return TIME_INDEX, JOB_RECORD

    @property
    def scope(self) -> str:
        """Names the list in its cursors."""
        tenants = "*" if self.tenants is None else ",".join(sorted(self.tenants))
        return f"jobs {sorted(self.fields.items())} {self.between} {tenants}"

    def takes(self, item: Item) -> bool:
        """True for what belongs on the list; indexes by account and status hold other records too."""
        return (
            item["record"] == JOB_RECORD
            and all(item.get(name) == value for name, value in self.fields.items())
            and (self.tenants is None or item.get("tenantId", "") in self.tenants)
        )


def wanted_by(query: Mapping[str, Any], tenants: Collection[str] | None) -> Wanted:
    """What a query asks for. Raises ApiProblem 400."""
    fields = {name: query[name] for name in FIELDS if name in query}
    if "from" not in query and "to" not in query:
        return Wanted(fields, None, tenants)
    low = stamp(query_moment("from", query["from"])) if "from" in query else FIRST
    high = stamp(query_moment("to", query["to"]) - timedelta(microseconds=1)) if "to" in query else LAST
    if low > high:
        raise invalid([Problem("$query.to", "must be after `from`")])
    return Wanted(fields, (low, high), tenants)


def jobs(store: Store, wanted: Wanted, limit: int, position: Position | None) -> Listing:
    """A page of jobs, the latest first."""
    index, value = wanted.index

    def fetch(most: int, cursor: Position | None) -> Page:
        return store.page(index, value, limit=most, cursor=cursor, between=wanted.between)

    return filtered(fetch, wanted.takes, lambda item: _position(item, index), limit, position)


def _position(item: Item, index: Index) -> Position:
    """What the index needs to go on after an item."""
    return {name: item[name] for name in ("jobId", "record", index.partition, index.sort)}
