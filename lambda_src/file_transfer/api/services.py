"""What the endpoints work with, made with the first request and kept while the worker lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from file_transfer.api.draft_lookup import DraftLookup
from file_transfer.api.keys import FAILURE, NOTIFICATION, TRANSFER, RecordKey, no_record, read_key
from file_transfer.api.letter_queue import LetterQueue
from file_transfer.api.settings import ApiSettings
from file_transfer.expectations.store import ExpectationStore
from file_transfer.replays.letters import LetterJudge
from file_transfer.replays.store import ReplayStore
from file_transfer.workflows.catalog import WorkflowCatalog
from shared.api.access import VIEW, Access
from shared.api.answers import Answer
from shared.api.cursors import Cursors
from shared.api.paging import Item, Listing, Position, page_of
from shared.api.principals import Principal
from shared.api.problems import forbidden
from shared.api.requests import Request
from shared.clock import Clock
from shared.questions import Asker
from shared.sqs import Queue

#: Where the path has the key of a kind of record.
PLACEHOLDERS = {TRANSFER: "transferKey", FAILURE: "transferKey", NOTIFICATION: "notificationKey"}


@dataclass(frozen=True)
class Services:
    """`lookup` finds definitions, with a draft in place of a stored one.

    Queues: `intake`; `orders` of notifications, None where nobody delivers them; `turns` of replays.
    """

    settings: ApiSettings
    asker: Asker
    access: Access
    cursors: Cursors
    workflows: WorkflowCatalog
    replays: ReplayStore
    windows: ExpectationStore
    letters: LetterQueue
    letter_judge: LetterJudge
    intake: Queue
    orders: Queue | None
    turns: Queue
    lookup: Callable[[Item | None], DraftLookup]
    clock: Clock

    def key_for(self, request: Request, kind: str, *permissions: str) -> RecordKey:
        """The key in the path. Raises ApiProblem 404 for what is not seen, 403 for what one may only look at."""
        key = read_key(request.path[PLACEHOLDERS[kind]], kind)
        self.access.require(request.principal, key.owner, no_record(kind), *(permissions or (VIEW,)))
        return key

    def record_for(self, request: Request, kind: str, table: str, *permissions: str) -> Item:
        """The record that the path names. Raises as key_for does."""
        key = self.key_for(request, kind, *permissions)
        item = self.asker.get(table, {"PK": key.pk, "SK": key.sk})
        if item is None:
            raise no_record(kind)
        return item

    def customers(self, principal: Principal) -> frozenset[str] | None:
        """Customers whose things the principal sees; None: of all."""
        return self.access.owners(principal, VIEW)

    def require_all(self, principal: Principal, *permissions: str) -> None:
        """Raises ApiProblem 403 for whoever has the permission for some customers only."""
        if self.access.owners(principal, *permissions) is not None:
            raise forbidden(permissions)

    def page(
        self,
        request: Request,
        scope: str,
        fetch: Callable[[int, Position | None], Listing],
        view: Callable[[Item], Item],
    ) -> Answer:
        """The answer with a page of a list. `scope` names the list in its cursors, for this principal's customers."""
        customers = self.customers(request.principal)
        bound = f"{scope} {'*' if customers is None else sorted(customers)}"
        cursor = request.query.get("cursor")
        listing = fetch(request.query["limit"], self.cursors.read(bound, cursor) if cursor else None)
        following = self.cursors.write(bound, listing.position) if listing.position else None
        return Answer(page_of([view(item) for item in listing.items], following))
