"""Lists of executions out of the index by status: one status, or all of them merged by time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from disaster_recovery.records.record import Item
from disaster_recovery.records.statuses import ExecutionStatus
from disaster_recovery.records.store import Store

#: What the index needs to go on after an item.
KEYS = ("executionId", "record", "status", "startedAt")
Position = Mapping[str, Any]
Moment = tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """Items of the index, the latest first; `position` is where the next page begins, None on the last."""

    items: list[Item]
    position: Position | None = None


def one_status(store: Store, status: str, limit: int, position: Position | None) -> Listing:
    """Executions in one status."""
    page = store.by_status(status, limit=limit, cursor=position)
    return Listing(_executions(page.items), page.cursor)


def all_statuses(store: Store, limit: int, position: Position | None) -> Listing:
    """Executions in any status.

    The position holds the last item taken of each status, and of all: what moved to another status since then comes
    before that one, and is not told twice.
    """
    taken: dict[str, Position] = dict(position["taken"]) if position else {}
    until = tuple(position["until"]) if position else ()
    found, more = [], False
    for status in ExecutionStatus:
        items, has_more = _until(store, status, limit, taken.get(status), until)
        found += items
        more = more or has_more
    found.sort(key=_moment, reverse=True)
    shown = found[:limit]
    for item in shown:
        taken[item["status"]] = {name: item[name] for name in KEYS}
    more = more or len(found) > limit
    if not more or not shown:
        return Listing(shown)
    return Listing(shown, {"taken": taken, "until": list(_moment(shown[-1]))})


def _until(store: Store, status: str, limit: int, cursor: Position | None, until: Moment) -> tuple[list[Item], bool]:
    """The first page of a status that has executions from before that moment, and whether there may be more."""
    while True:
        page = store.by_status(status, limit=limit, cursor=cursor)
        found = [item for item in _executions(page.items) if not until or _moment(item) < until]
        if found or page.cursor is None:
            return found, page.cursor is not None
        cursor = page.cursor


def _moment(item: Item) -> Moment:
    return (item["startedAt"], item["executionId"])


def _executions(items: tuple[Item, ...]) -> list[Item]:
    return [item for item in items if item["record"] == "EXECUTION"]
