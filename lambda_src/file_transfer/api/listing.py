"""Which index a list of transfers comes from, and what is sorted out afterwards."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from file_transfer.api.keys import owner_of
from file_transfer.api.settings import ApiSettings
from file_transfer.api.terms import TRANSFER_STATUSES
from file_transfer.records.identity import SHARDS, arrival_of, file_partition, key_part
from shared.api.paging import Item, query_moment
from shared.api.problems import invalid
from shared.clock import stamp
from shared.questions import Question
from shared.schemas import Problem

#: Between these is every text that begins with a digit.
FIRST, LAST = "0", "9~"
HINT = "name a customerId, a date, or a workflowId with a status"
YES = "true"


@dataclass(frozen=True)
class Wanted:
    """What a list is to hold. `questions` are asked together; `whole`: their items are those that are shown."""

    questions: tuple[Question, ...]
    takes: Callable[[Item], bool]
    whole: bool
    scope: str


def wanted_by(query: Mapping[str, Any], settings: ApiSettings, customers: Collection[str] | None) -> Wanted:
    """What a query asks for, as far as the principal sees the customers. Raises ApiProblem 400."""
    low, high = bounds(query)
    questions, whole = _questions(query, settings, low, high)

    def takes(item: Item) -> bool:
        owner = item.get("customerId") or owner_of(item["PK"])
        arrival = arrival_of(item.get("statusKey") or item["SK"])
        return (
            (customers is None or owner in customers)
            and ("customerId" not in query or owner == query["customerId"])
            and low <= arrival <= high
            and all(name not in item or item[name] == query[name] for name in ("workflowId", "status") if name in query)
        )

    scope = f"transfers {sorted((name, each) for name, each in query.items() if name not in ('limit', 'cursor'))}"
    return Wanted(questions, takes, whole, scope)


def bounds(query: Mapping[str, Any], place: str = "$query") -> tuple[str, str]:
    """The first and last moment that `from` and `to` admit, fixed width. Raises ApiProblem 400."""
    low = stamp(query_moment("from", query["from"], place)) if "from" in query else FIRST
    high = stamp(query_moment("to", query["to"], place) - timedelta(microseconds=1)) if "to" in query else LAST
    if low > high:
        raise invalid([Problem(f"{place}.to", "must be after `from`")])
    return low, high


def day_of(query: Mapping[str, Any]) -> str:
    """The day that a query names. Raises ApiProblem 400."""
    try:
        return date.fromisoformat(query["date"]).isoformat()
    except ValueError as error:
        raise invalid([Problem("$query.date", "must look like 2026-01-02")]) from error


def _questions(
    query: Mapping[str, Any], settings: ApiSettings, low: str, high: str
) -> tuple[tuple[Question, ...], bool]:
    """The questions, and whether they give whole items."""
    customer, status = query.get("customerId"), query.get("status")
    table = settings.status_table
    if "fileName" in query and not customer:
        raise invalid([Problem("$query.fileName", "goes with a customerId")])
    if customer and "fileName" in query:
        return (Question(table, "PK", file_partition(customer, query["fileName"])),), True
    if customer and query.get("attention") == YES:
        return (Question(table, "attentionCustomerId", customer, "CustomerIndex", "timestamp"),), False
    if customer:
        return (_of_customer(query, settings, customer, low, high),), True
    if "date" in query:
        day = day_of(query)
        values = [f"{day}#{each}" for each in ((status,) if status else TRANSFER_STATUSES)]
        return _sharded(table, "DateStatusIndex", "dateStatus", values), False
    if "workflowId" in query and status:
        return _sharded(table, "WorkflowStatusIndex", "workflowStatus", [f"{query['workflowId']}#{status}"]), False
    raise invalid([Problem("$query", HINT)])


def _of_customer(query: Mapping[str, Any], settings: ApiSettings, customer: str, low: str, high: str) -> Question:
    """The customer's rows, by day of arrival and within a day by name."""
    first, last = low[:10], high[:10]
    if "date" in query:
        first = last = day_of(query)
    between = (f"DATE#{first}", f"DATE#{last}#\U0010ffff")
    return Question(settings.index_table, "PK", f"CUSTOMER#{key_part(customer)}", between=between)


def _sharded(table: str, index: str, attribute: str, values: list[str]) -> tuple[Question, ...]:
    return tuple(
        Question(table, attribute, f"{value}#{shard}", index, "timestamp")
        for value in values
        for shard in range(SHARDS)
    )
