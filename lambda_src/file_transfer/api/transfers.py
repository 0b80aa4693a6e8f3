"""Endpoints of transfers."""

from __future__ import annotations

from typing import Any

from file_transfer.api import views
from file_transfer.api.keys import TRANSFER
from file_transfer.api.listing import Wanted, wanted_by
from file_transfer.api.services import Services
from file_transfer.api.terms import FAILURE_STATUSES, OPERATE
from file_transfer.replays.orders import replay_id_of, replay_order, retry_order
from shared.api.answers import Answer
from shared.api.paging import Listing, Position
from shared.api.problems import conflict
from shared.api.requests import Request
from shared.questions import Question

HELD = "HELD"


def list_transfers(request: Request, services: Services) -> Answer:
    """The latest first; of a customer, days backwards and names within a day."""
    wanted = wanted_by(request.query, services.settings, services.customers(request.principal))

    def fetch(limit: int, position: Position | None) -> Listing:
        return _fetched(services, wanted, limit, position, request.query)

    return services.page(request, wanted.scope, fetch, views.transfer_summary)


def get_transfer(request: Request, services: Services) -> Answer:
    """One transfer, as it is now."""
    return Answer(views.transfer(services.record_for(request, TRANSFER, services.settings.status_table)))


def get_audit(request: Request, services: Services) -> Answer:
    """The earliest first. A transfer whose item has expired still has its trail."""
    key = services.key_for(request, TRANSFER)
    between = (f"{key.sk}#", f"{key.sk}#~")
    question = Question(services.settings.audit_table, "PK", key.pk, between=between, newest_first=False)

    def fetch(limit: int, position: Position | None) -> Listing:
        return services.asker.listing(question, lambda _: True, limit, position)

    return services.page(request, f"audit {key}", fetch, views.audit_record)


def retry(request: Request, services: Services) -> Answer:
    """What has ended short of its targets is replayed; what waits for its group is looked at now."""
    item = services.record_for(request, TRANSFER, services.settings.status_table, OPERATE)
    actor, status = request.principal.actor, item["status"]
    view = {"transferKey": request.path["transferKey"], "status": status}
    if status == HELD:
        services.intake.send([retry_order(item)])
        return Answer(view, 202)
    if status not in FAILURE_STATUSES:
        due = f"; its next attempt is due {item['nextAttemptAt']}" if item.get("nextAttemptAt") else ""
        raise conflict("WRONG_STATE", f"the transfer is {status}{due}")
    replay_id = replay_id_of(actor, request.idempotency_key(), services.clock())
    confirmed = bool(request.body.get("confirmed"))
    services.intake.send([replay_order(item["PK"], item["SK"], replay_id, actor, confirmed)])
    return Answer({**view, "replayId": replay_id}, 202)


def _fetched(services: Services, wanted: Wanted, limit: int, position: Position | None, query: Any) -> Listing:
    """A page with whole items: an index may know no more than keys, and lags behind."""
    asker = services.asker
    if len(wanted.questions) == 1:
        listing = asker.listing(wanted.questions[0], wanted.takes, limit, position)
    else:
        listing = asker.merged(wanted.questions, wanted.takes, limit, position)
    if wanted.whole:
        return listing
    found = asker.all_of(services.settings.status_table, listing.items)
    return Listing([item for item in found if wanted.takes(item)], listing.position)
