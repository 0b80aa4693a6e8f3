"""Endpoints of windows in which files are expected."""

from __future__ import annotations

from file_transfer.api import views
from file_transfer.api.keys import EXPECTATION, no_record, read_key
from file_transfer.api.listing import YES, bounds
from file_transfer.api.services import Services
from file_transfer.api.terms import OPERATE
from shared.api.answers import Answer
from shared.api.paging import Item, Listing, Position
from shared.api.problems import invalid
from shared.api.requests import Request
from shared.questions import Question
from shared.schemas import Problem


def list_expectations(request: Request, services: Services) -> Answer:
    """By when they are due, the latest first."""
    query, customers = request.query, services.customers(request.principal)
    table, between = services.settings.expectation_table, bounds(query)
    if "customerId" in query:
        question = Question(table, "customerId", query["customerId"], "CustomerIndex", "dueAt", between=between)
    elif "status" in query:
        question = Question(table, "status", query["status"], "StatusIndex", "dueAt", between=between)
    else:
        raise invalid([Problem("$query", "name a customerId or a status")])

    def takes(item: Item) -> bool:
        return (
            (customers is None or item["customerId"] in customers)
            and all(item[name] == query[name] for name in ("customerId", "status") if name in query)
            and ("unacknowledged" not in query or ("acknowledgedAt" not in item) == (query["unacknowledged"] == YES))
        )

    def fetch(limit: int, position: Position | None) -> Listing:
        return services.asker.listing(question, takes, limit, position)

    filters = [query.get(name) for name in ("customerId", "status", "unacknowledged")]
    return services.page(request, f"expectations {filters} {between}", fetch, views.window)


def acknowledge(request: Request, services: Services) -> Answer:
    """Who was first stays."""
    key = read_key(request.path["expectationKey"], EXPECTATION)
    item = services.windows.get(key.pk, key.sk)
    if item is None:
        raise no_record(EXPECTATION)
    services.access.require(request.principal, item["customerId"], no_record(EXPECTATION), OPERATE)
    comment, actor = request.body.get("comment", ""), request.principal.actor
    return Answer(views.window(services.windows.acknowledge(key.pk, key.sk, actor, comment, services.clock())))
