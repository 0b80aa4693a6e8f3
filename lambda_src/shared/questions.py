"""Questions to the tables, a page at a time: each is a Query by key or by an index, none reads a whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.api.paging import LEAST_ASKED, MOST_QUERIES, Item, Listing, Position, filtered
from shared.batch_reads import read_batches
from shared.dynamodb import from_item, to_item
from shared.side_by_side import side_by_side

TABLE_KEY = ("PK", "SK")

#: Place of an item in the order of its index.
Moment = tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """The items of a partition, of a table or of an index. `between` bounds the sort key, both ends included."""

    table: str
    attribute: str
    value: str
    index: str = ""
    sort: str = "SK"
    between: tuple[str, str] | None = None
    newest_first: bool = True
    table_key: tuple[str, ...] = TABLE_KEY

    @property
    def scope(self) -> str:
        """Names the question in its cursors."""
        return f"{self.table} {self.index} {self.value} {self.between} {self.newest_first}"

    def position(self, item: Item) -> Position:
        """What DynamoDB needs to go on after an item."""
        return {name: item[name] for name in dict.fromkeys((*self.table_key, self.attribute, self.sort))}


@dataclass(frozen=True)
class Answered:
    """A page of a question; `cursor` is None on the last."""

    items: list[Item]
    cursor: Position | None = None


class Asker:
    """Asks with a low-level boto3 client."""

    def __init__(self, dynamodb: Any) -> None:
        self._dynamodb = dynamodb

    def page(self, question: Question, limit: int | None = None, position: Position | None = None) -> Answered:
        """One Query; without a limit as much as one answer holds. Items as plain values."""
        names, values = {"#key": question.attribute}, {":key": question.value}
        condition = "#key = :key"
        if question.between:
            names["#sort"] = question.sort
            values |= {":low": question.between[0], ":high": question.between[1]}
            condition += " AND #sort BETWEEN :low AND :high"
        request: dict[str, Any] = {
            "TableName": question.table,
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": to_item(values),
            "ScanIndexForward": not question.newest_first,
        }
        if limit is not None:
            request["Limit"] = limit
        if question.index:
            request["IndexName"] = question.index
        if position:
            request["ExclusiveStartKey"] = to_item(position)
        answer = self._dynamodb.query(**request)
        last = answer.get("LastEvaluatedKey")
        return Answered([from_item(item) for item in answer["Items"]], from_item(last) if last else None)

    def every(self, question: Question, limit: int | None = None) -> Iterator[Item]:
        """All items of a question, or the first so many, a page at a time as they are taken."""
        given = 0
        cursor: Position | None = None
        while True:
            page = self.page(question, limit, cursor)
            for item in page.items:
                yield item
                given += 1
                if given == limit:
                    return
            cursor = page.cursor
            if cursor is None:
                return

    def listing(
        self, question: Question, takes: Callable[[Item], bool], limit: int, position: Position | None
    ) -> Listing:
        """A page of those that `takes` admits."""
        return filtered(
            lambda most, cursor: self.page(question, most, cursor), takes, question.position, limit, position
        )

    def merged(
        self, questions: Sequence[Question], takes: Callable[[Item], bool], limit: int, position: Position | None
    ) -> Listing:
        """A page out of several partitions of an index, the latest first.

        The position is a place in the order, not in any of the partitions: that of the last item that was told, or that
        to which all partitions were looked through, where much of them is not admitted.
        """
        until = tuple(str(part) for part in position["until"]) if position else ()

        def of(question: Question) -> tuple[list[Item], Moment]:
            """What a partition has, and how far it was looked through; nothing stands for its end."""
            found: list[Item] = []
            cursor: Position | None = None
            bounded = _until(question, until[0]) if until else question
            for _ in range(MOST_QUERIES):
                page = self.page(bounded, max(limit, LEAST_ASKED), cursor)
                found += [item for item in page.items if takes(item) and (not until or _moment(item, question) < until)]
                cursor = page.cursor
                if cursor is None:
                    return found, ()
                if len(found) >= limit:
                    break
            return found, _moment(page.items[-1], question)

        answers = side_by_side(of, questions, many=2)
        first, floor = questions[0], max(reached for _, reached in answers)
        told = [item for items, _ in answers for item in items if _moment(item, first) >= floor]
        shown = sorted(told, key=lambda item: _moment(item, first), reverse=True)[:limit]
        if len(shown) == limit and (len(told) > limit or floor):
            floor = _moment(shown[-1], first)
        return Listing(shown, {"until": list(floor)} if floor else None)

    def get(self, table: str, key: Mapping[str, str]) -> Item | None:
        """An item by its key, as it is now."""
        answer = self._dynamodb.get_item(TableName=table, Key=to_item(key), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def all_of(self, table: str, keys: Sequence[Item]) -> list[Item]:
        """The items that these keys (items of an index, say) stand for, in their order, without those that are gone.

        Raises Throttled when DynamoDB keeps leaving keys unread.
        """
        wanted = [{name: key[name] for name in TABLE_KEY} for key in keys]
        batches = read_batches(self._dynamodb, table, wanted)
        found = {(item["PK"], item["SK"]): item for batch in batches for item in batch}
        return [found[each["PK"], each["SK"]] for each in wanted if (each["PK"], each["SK"]) in found]


def _until(question: Question, moment: str) -> Question:
    low, high = question.between or ("0", moment)
    return replace(question, between=(low, min(high, moment)))


def _moment(item: Item, question: Question) -> Moment:
    return (str(item[question.sort]), *(str(item[name]) for name in question.table_key))
