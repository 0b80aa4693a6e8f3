"""Endpoints of recovery plans."""

from __future__ import annotations

from typing import Any

from disaster_recovery.api import views
from disaster_recovery.api.services import Services
from disaster_recovery.commands.starting import take_plan
from disaster_recovery.errors import WrongState
from disaster_recovery.plans.plan import parse_plan
from disaster_recovery.records.history import plan_lock
from shared.api.answers import Answer, created
from shared.api.paging import page_of
from shared.api.problems import conflict, stale
from shared.api.requests import Request
from shared.clock import stamp

SCOPE = "recovery-plans"
#: Who holds a plan's lock while it is deleted.
DELETER = "deleted"


def list_plans(request: Request, services: Services) -> Answer:
    """By name."""
    name, cursor = request.query.get("name", ""), request.query.get("cursor")
    scope = f"{SCOPE} {name}"
    after = services.cursors.read(scope, cursor) if cursor else None
    page = services.catalog.plans.page(request.query["limit"], after, name)
    following = services.cursors.write(scope, page.after) if page.after else None
    return Answer(page_of([views.plan_summary(item) for item in page.items], following))


def create_plan(request: Request, services: Services) -> Answer:
    """Stores a plan that could be started as it is."""
    item = services.catalog.create_plan(request.body, request.principal.actor)
    return created(views.plan(item), f"/recovery-plans/{item['planId']}", item["version"])


def validate(request: Request, services: Services) -> Answer:
    """Everything that is wrong with a plan, or the servers that it would take."""
    resolution = services.catalog.check(request.body)
    errors = [{"path": each.path, "message": each.message} for each in resolution.problems]
    if errors:
        return Answer({"valid": False, "errors": errors})
    plan = parse_plan(request.body)
    waves = [
        {"name": wave.name, "servers": members, "count": len(members)}
        for wave in plan.waves
        for members in [[views.selected(member) for member in resolution.members[wave.position]]]
    ]
    return Answer({"valid": True, "errors": [], "account": services.place(plan.account), "waves": waves})


def get_plan(request: Request, services: Services) -> Answer:
    """One plan."""
    return _answer(services.catalog.plans.get(request.path["planId"]))


def replace_plan(request: Request, services: Services) -> Answer:
    """The next version of a plan; a running execution has its own copy."""
    version, actor = request.expected_version(), request.principal.actor
    return _answer(services.catalog.replace_plan(request.path["planId"], version, request.body, actor))


def delete_plan(request: Request, services: Services) -> Answer:
    """Unless an execution of it is under way; none can start while it is being deleted."""
    plan_id, version = request.path["planId"], request.expected_version()
    current = services.catalog.plans.get(plan_id)["version"]
    if current != version:
        raise stale(current)
    try:
        take_plan(services.store, plan_id, DELETER, stamp(services.clock()))
    except WrongState as error:
        raise conflict("LIVE_EXECUTION", str(error)) from error
    try:
        services.catalog.plans.delete(plan_id, version)
    except Exception:
        services.store.release([plan_lock(plan_id)], owner=DELETER)
        raise
    return Answer(status=204)


def _answer(item: dict[str, Any]) -> Answer:
    return Answer(views.plan(item), version=item["version"])
