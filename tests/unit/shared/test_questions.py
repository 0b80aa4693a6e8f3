"""Pages out of several partitions: in order, each item once, and with a bound on what one page may cost."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from shared.api.paging import LEAST_ASKED, MOST_QUERIES
from shared.dynamodb import from_item, to_item
from shared.questions import Asker, Item, Question

PARTITIONS = 4


class Index:
    """An index by `part`, sorted by `at`; counts its queries."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self.queries = 0
        self._lock = threading.Lock()

    def query(self, **request: Any) -> dict[str, Any]:
        with self._lock:
            self.queries += 1
        values = from_item(request["ExpressionAttributeValues"])
        found = [item for item in self.items if item["part"] == values[":key"]]
        if ":low" in values:
            found = [item for item in found if values[":low"] <= item["at"] <= values[":high"]]
        found = sorted(found, key=_order, reverse=not request["ScanIndexForward"])
        if "ExclusiveStartKey" in request:
            start = _order(from_item(request["ExclusiveStartKey"]))
            found = [item for item in found if _order(item) < start]
        page, rest = found[: request["Limit"]], found[request["Limit"] :]
        last = {"LastEvaluatedKey": to_item(page[-1])} if rest else {}
        return {"Items": [to_item(item) for item in page], **last}


def _order(item: Item) -> tuple[str, str, str]:
    return item["at"], item["PK"], item["SK"]


def items(many: int, mine: int = 1) -> list[Item]:
    """Spread over the partitions, two of one time; every `mine`-th is mine."""
    return [
        {
            "PK": "me" if number % mine == 0 else "you",
            "SK": f"{number:05}",
            "at": f"{number // 2:05}",
            "part": f"P{number % PARTITIONS}",
        }
        for number in range(many)
    ]


QUESTIONS = [Question("T", "part", f"P{number}", "I", "at") for number in range(PARTITIONS)]


def all_pages(index: Index, limit: int) -> tuple[list[Item], int]:
    """Everything of mine, and the most queries of a page."""
    found: list[Item] = []
    position, most = None, 0
    for _ in range(10_000):
        before = index.queries
        page = Asker(index).merged(QUESTIONS, lambda item: item["PK"] == "me", limit, position)
        most = max(most, index.queries - before)
        assert len(page.items) <= limit
        found += page.items
        position = page.position
        if position is None:
            return found, most
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("limit", [1, 2, 7, 200])
@pytest.mark.parametrize("mine", [1, 3, 50])
def test_every_item_comes_once_and_in_order(mine: int, limit: int) -> None:
    index = Index(items(150, mine))
    found, _ = all_pages(index, limit)
    wanted = [item for item in index.items if item["PK"] == "me"]
    assert found == sorted(wanted, key=_order, reverse=True)


def test_a_page_costs_no_more_however_little_is_mine() -> None:
    index = Index(items(PARTITIONS * LEAST_ASKED * MOST_QUERIES * 3, 2999))
    found, most = all_pages(index, 2)
    assert len(found) == 2
    assert most <= PARTITIONS * MOST_QUERIES
