"""The table TransferExpectation: one item a window; every write is conditional, every question a Query or a key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from file_transfer.expectations.windows import partition
from shared.clock import stamp
from shared.conditional import put_if, update_if
from shared.errors import LostRace, NotFound, WrongState
from shared.questions import Asker, Question

Item = dict[str, Any]

OPEN, MET, LATE, MET_LATE, MISSED, EXCEEDED = "OPEN", "MET", "LATE", "MET_LATE", "MISSED", "EXCEEDED"
#: Windows with an incident: something was expected and was otherwise.
INCIDENTS = frozenset({LATE, MET_LATE, MISSED, EXCEEDED})
NOTE_LENGTH = 500
#: Behind every time.
FOREVER = "9~"


class ExpectationStore:
    """Windows of expectations. `dynamodb` is a low-level boto3 client."""

    def __init__(self, dynamodb: Any, table: str) -> None:
        self._dynamodb = dynamodb
        self._asker = Asker(dynamodb)
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
        return self._asker.get(self._table, {"PK": pk, "SK": sk})

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
        between = (since, FOREVER) if since else None
        sort = "dueAt" if index else "SK"
        return self._asker.every(Question(self._table, attribute, value, index, sort, between), limit)
