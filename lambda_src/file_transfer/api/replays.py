"""Endpoints of replays of many transfers."""

from __future__ import annotations

from collections import Counter

from file_transfer.api import views
from file_transfer.api.keys import FAILURE, RecordKey, no_record, read_key
from file_transfer.api.listing import bounds
from file_transfer.api.services import Services
from file_transfer.api.terms import OPERATE, VIEW
from file_transfer.replays.orders import replay_id_of
from file_transfer.replays.replay import ATTRIBUTES, COMPLETED, INDEXES, Filter
from file_transfer.replays.selection import select
from file_transfer.replays.store import new_replay
from shared.api.answers import Answer
from shared.api.paging import Item
from shared.api.problems import ApiProblem, conflict, invalid, not_found
from shared.api.requests import Request
from shared.clock import stamp
from shared.schemas import Problem

#: A preview looks at so many pages of failures, and shows so many of them.
MOST_PAGES, SHOWN = 10, 20


def start(request: Request, services: Services) -> Answer:
    """Asks for a replay; the same Idempotency-Key asks once."""
    actor, key = request.principal.actor, request.idempotency_key()
    wanted = _wanted(request, services, OPERATE)
    now = services.clock()
    item = new_replay(replay_id_of(actor, key, now), wanted, request.body, actor, now)
    created, met = services.replays.create(item)
    if not created:
        if met["filter"] != item["filter"]:
            raise conflict("IDEMPOTENCY_CONFLICT", "this Idempotency-Key was used for another replay")
        item = met
    if item["status"] != COMPLETED:
        services.turns.send([{"replayId": item["replayId"]}])
    return Answer(views.replay(item), 202, headers={"location": f"/replays/{item['replayId']}"})


def preview(request: Request, services: Services) -> Answer:
    """How many failures a replay would take, of which reasons, and the first of them."""
    wanted = _wanted(request, services, VIEW)
    found: list[Item] = []
    position, looked = None, 0
    for _ in range(MOST_PAGES):
        selected = select(services.asker, services.settings.failure_table, wanted, position)
        found += selected.items
        looked += len(selected.items) + selected.left
        position = selected.position
        if position is None:
            break
    reasons = Counter(item["failureReason"] for item in found)
    return Answer(
        {
            "count": len(found),
            "looked": looked,
            "complete": position is None,
            "reasons": dict(sorted(reasons.items())),
            "items": [views.failure(item) for item in found[:SHOWN]],
        }
    )


def get_replay(request: Request, services: Services) -> Answer:
    """Of one's own customers, or of all for whoever sees all."""
    replay_id = request.path["replayId"]
    item, customers = services.replays.get(replay_id), services.customers(request.principal)
    if item is None or not (customers is None or set(item["selection"].get("customers", ["*"])) <= customers):
        raise not_found(f"replay {replay_id}")
    return Answer(views.replay(item))


def _wanted(request: Request, services: Services, permission: str) -> Filter:
    """The filter of a body, within the customers for whom the principal has the permission. Raises ApiProblem."""
    body, access = request.body, services.access
    if "customerId" in body:
        missing = not_found(f"customer {body['customerId']}")
        access.require(request.principal, body["customerId"], missing, permission)
    fields = {name: body[name] for name in ATTRIBUTES if name in body}
    keys = tuple(_keys(request, services, permission))
    if not keys and not set(fields) & set(INDEXES):
        raise invalid([Problem("$", f"name transferKeys or one of {', '.join(INDEXES)}")])
    low, high = bounds(body, "$")
    return Filter(
        fields=fields,
        since=low,
        until=min(high, stamp(services.clock())),
        keys=keys,
        include_replayed=body.get("includeReplayed", False),
        confirmed=body.get("confirmed", False),
        customers=access.owners(request.principal, permission),
    )


def _keys(request: Request, services: Services, permission: str) -> list[RecordKey]:
    keys, found = [], []
    for place, text in enumerate(request.body.get("transferKeys", [])):
        try:
            key = read_key(text, FAILURE)
            services.access.require(request.principal, key.owner, no_record(FAILURE), permission)
            keys.append(key)
        except ApiProblem as problem:
            found.append(Problem(f"$.transferKeys[{place}]", problem.detail))
    if found:
        raise invalid(found)
    return keys
