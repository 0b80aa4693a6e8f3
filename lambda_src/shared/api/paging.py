"""Pages of lists: what an endpoint answers, and how one is filled where the index knows less than the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from shared.api.problems import invalid
from shared.clock import parse
from shared.schemas import Problem

#: One request asks an index so often at most: a page may come out short, or empty, and still name the next one.
MOST_QUERIES = 10
LEAST_ASKED = 25
DATE_LENGTH = 10

Item = dict[str, Any]
Position = Mapping[str, Any]


class FetchedPage(Protocol):
    """What a store answers; `cursor` is None on the last page."""

    @property
    def items(self) -> Sequence[Item]: ...
    @property
    def cursor(self) -> Position | None: ...


@dataclass(frozen=True)
class Listing:
    """Items in the order of the list; `position` is where the next page begins, None on the last."""

    items: list[Item]
    position: Position | None = None


def filtered(
    fetch: Callable[[int, Position | None], FetchedPage],
    takes: Callable[[Item], bool],
    position_of: Callable[[Item], Position],
    limit: int,
    position: Position | None,
) -> Listing:
    """A page of what `takes` admits. `position_of` an item is what the index needs to go on after it."""
    found: list[Item] = []
    cursor = position
    for _ in range(MOST_QUERIES):
        page = fetch(max(limit, LEAST_ASKED), cursor)
        for item in page.items:
            if takes(item):
                found.append(item)
            if len(found) == limit:
                is_last = page.cursor is None and item is page.items[-1]
                return Listing(found, None if is_last else position_of(item))
        cursor = page.cursor
        if cursor is None:
            return Listing(found)
    return Listing(found, cursor)


def page_of(items: list[Item], cursor: str | None = None) -> Item:
    """The body of a page."""
    return {"items": items, **({"nextCursor": cursor} if cursor else {})}


def query_moment(name: str, text: str, place: str = "$query") -> datetime:
    """A time that a query (or a body, `$`) names, as a moment or a day. Raises ApiProblem 400."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if len(text) == DATE_LENGTH else parse(text)
    except (ValueError, OverflowError) as error:
        raise invalid([Problem(f"{place}.{name}", "must look like 2026-01-02T03:04:05Z or 2026-01-02")]) from error
