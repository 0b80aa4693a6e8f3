"""Endpoints of failure records."""

from __future__ import annotations

from file_transfer.api import views
from file_transfer.api.keys import FAILURE
from file_transfer.api.listing import YES, bounds
from file_transfer.api.services import Services
from file_transfer.replays.replay import ATTRIBUTES, INDEXES
from shared.api.answers import Answer
from shared.api.paging import Item, Listing, Position
from shared.api.problems import invalid
from shared.api.requests import Request
from shared.questions import Question
from shared.schemas import Problem


def list_failures(request: Request, services: Services) -> Answer:
    """The latest first."""
    query, customers = request.query, services.customers(request.principal)
    name = next((each for each in INDEXES if each in query), None)
    if name is None:
        raise invalid([Problem("$query", f"name one of {', '.join(INDEXES)}")])
    between = bounds(query)
    table = services.settings.failure_table
    question = Question(table, ATTRIBUTES[name], query[name], INDEXES[name], "timestamp", between=between)

    def takes(item: Item) -> bool:
        return (
            (customers is None or item["customerId"] in customers)
            and all(item.get(ATTRIBUTES[each]) == query[each] for each in ATTRIBUTES if each in query)
            and ("replayed" not in query or ("replayedAt" in item) == (query["replayed"] == YES))
        )

    def fetch(limit: int, position: Position | None) -> Listing:
        return services.asker.listing(question, takes, limit, position)

    filters = sorted((each, query[each]) for each in (*ATTRIBUTES, "replayed") if each in query)
    return services.page(request, f"failures {filters} {between}", fetch, views.failure)


def get_failure(request: Request, services: Services) -> Answer:
    """One failure record."""
    return Answer(views.failure(services.record_for(request, FAILURE, services.settings.failure_table)))
