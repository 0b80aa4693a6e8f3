"""Endpoints of notifications."""

from __future__ import annotations

from file_transfer.api import views
from file_transfer.api.keys import NOTIFICATION
from file_transfer.api.listing import day_of
from file_transfer.api.services import Services
from file_transfer.api.terms import OPERATE
from file_transfer.notifications.orders import resend_order
from file_transfer.records.identity import key_part
from shared.api.answers import Answer
from shared.api.paging import Item, Listing, Position
from shared.api.problems import conflict, invalid
from shared.api.requests import Request
from shared.ids import derived_id, new_id
from shared.questions import Question
from shared.schemas import Problem

HINT = "name a customerId, or a date for those that failed on it"


def list_notifications(request: Request, services: Services) -> Answer:
    """The latest first; all of a customer's by their status."""
    query, table = request.query, services.settings.notification_table
    customers = services.customers(request.principal)
    question, whole = _question(request, table)

    def takes(item: Item) -> bool:
        return (customers is None or item["customerId"] in customers) and (
            "status" not in query or item.get("status", query["status"]) == query["status"]
        )

    def fetch(limit: int, position: Position | None) -> Listing:
        listing = services.asker.listing(question, takes, limit, position)
        return listing if whole else Listing(services.asker.all_of(table, listing.items), listing.position)

    return services.page(request, f"notifications {query.get('status')} {question.scope}", fetch, views.notification)


def resend(request: Request, services: Services) -> Answer:
    """The same Idempotency-Key sends it once."""
    item = services.record_for(request, NOTIFICATION, services.settings.notification_table, OPERATE)
    if services.orders is None:
        raise conflict("NOT_INSTALLED", "nobody sends orders here: that takes the module file-transfer-notifications")
    actor, key = request.principal.actor, request.idempotency_key()
    wish = derived_id("resend", f"{actor} {key}") if key else new_id("resend", services.clock())
    services.orders.send_text(resend_order(item["PK"], item["SK"], wish, actor))
    return Answer({**views.notification(item), "resend": wish}, 202)


def _question(request: Request, table: str) -> tuple[Question, bool]:
    """The question, and whether it gives whole items."""
    query = request.query
    customer = query.get("customerId")
    if "fileName" in query:
        if not customer:
            raise invalid([Problem("$query.fileName", "goes with a customerId")])
        return Question(table, "PK", f"NOTIFY#{key_part(customer)}#{key_part(query['fileName'])}"), True
    if customer:
        status = query.get("status")
        between = (f"{status}#", f"{status}#~") if status else None
        index = "NotificationCustomerIndex"
        return Question(table, "customerId", customer, index, "statusTimestamp", between=between), False
    if "date" in query:
        return Question(table, "failedDate", day_of(query), "FailedNotificationIndex", "timestamp"), True
    raise invalid([Problem("$query", HINT)])
