"""The table TransferExpectation: one item a window; every write is conditional, every question a Query or a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from file_transfer.expectations.windows import partition
from shared.clock import stamp
from shared.conditional import put_if, update_if
from shared.dynamodb import from_item, to_item
from shared.errors import LostRace, NotFound, WrongState

Item = dict[str, Any]

OPEN, MET, LATE, MET_LATE, MISSED, EXCEEDED = "OPEN", "MET", "LATE", "MET_LATE", "MISSED", "EXCEEDED"
#: Windows with an incident: something was expected and was otherwise.
INCIDENTS = frozenset({LATE, MET_LATE, MISSED, EXCEEDED})
NOTE_LENGTH = 500


class ExpectationStore:
    """Windows of expectations. `dynamodb` is a low-level boto3 client."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def open(self, item: Item) -> bool:
        """Adds a window; False if it is there already."""
        added, _ = put_if(self._dynamodb, self._table, item, "attribute_not_exists(PK)")
        return added

    def replace(self, item: Mapping[str, Any], seen_revision: int) -> bool:
        """Puts a window as it is now, if nobody has changed it since it was read; False otherwise."""
        replaced, _ = put_if(self._dynamodb, self._table, item, "revision = :revision", {":revision": seen_revision})
        return replaced

    def get(self, pk: str, sk: str) -> Item | None:
        """A window by its key."""
        answer = self._dynamodb.get_item(TableName=self._table, Key=to_item({"PK": pk, "SK": sk}), ConsistentRead=True)
        return from_item(answer["Item"]) if "Item" in answer else None

    def of_expectation(self, workflow_id: str, expectation_id: str, limit: int | None = None) -> Iterator[Item]:
        """Windows of one expectation, newest first."""
        return self._query("PK", partition(workflow_id, expectation_id), limit=limit)

    def of_customer(self, customer_id: str, since: str = "", limit: int | None = None) -> Iterator[Item]:
        """Windows of a customer that are due at or after `since` (fixed-width UTC), newest first."""
        return self._query("customerId", customer_id, "CustomerIndex", since, limit)

    def with_status(self, status: str, since: str = "", limit: int | None = None) -> Iterator[Item]:
        """Windows of all customers with a status that are due at or after `since`, newest first."""
        return self._query("status", status, "StatusIndex", since, limit)

    def acknowledge(self, pk: str, sk: str, by: str, note: str, now: datetime) -> Item:
        """Notes that somebody has seen to an incident; who was first stays.

        Returns the window. Raises NotFound, WrongState (there is no incident) or LostRace.
        """
        item = self.get(pk, sk)
        if item is None:
            raise NotFound(f"there is no window {sk} of {pk}")
        if item["status"] not in INCIDENTS:
            raise WrongState(f"the window is {item['status']}: there is nothing to acknowledge")
        if "acknowledgedAt" in item:
            return item
        done, now_there = update_if(
            self._dynamodb,
            self._table,
            {"PK": pk, "SK": sk},
            "SET acknowledgedAt = :now, acknowledgedBy = :by, acknowledgement = :note, #revision = #revision + :one",
            "#revision = :seen",
            {":now": stamp(now), ":by": by, ":note": note[:NOTE_LENGTH], ":one": 1, ":seen": item["revision"]},
            {"#revision": "revision"},
        )
        if not done:
            raise LostRace("the window changed at the same moment: try again")
        return now_there

    def _query(
        self, attribute: str, value: str, index: str = "", since: str = "", limit: int | None = None
    ) -> Iterator[Item]:
        request: dict[str, Any] = {
            "TableName": self._table,
            "KeyConditionExpression": "#key = :key",
            "ExpressionAttributeNames": {"#key": attribute},
            "ExpressionAttributeValues": {":key": {"S": value}},
            "ScanIndexForward": False,
        }
        if index:
            request["IndexName"] = index
        if since:
            request["KeyConditionExpression"] += " AND dueAt >= :since"
            request["ExpressionAttributeValues"][":since"] = {"S": since}
        if limit is not None:
            request["Limit"] = limit
        given = 0
        while True:
            page = self._dynamodb.query(**request)
            for typed in page["Items"]:
                yield from_item(typed)
                given += 1
                if given == limit:
                    return
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]
