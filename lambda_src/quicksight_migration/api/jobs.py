"""Endpoints that read jobs."""

from __future__ import annotations

from typing import Any

from quicksight_migration.api import views
from quicksight_migration.api.listing import jobs, wanted_by
from quicksight_migration.api.services import Services, no_job
from shared.api.access import VIEW
from shared.api.answers import Answer
from shared.api.paging import page_of
from shared.api.problems import not_found
from shared.api.requests import Request


def list_jobs(request: Request, services: Services) -> Answer:
    """The latest first, as far as the principal sees their tenants."""
    wanted = wanted_by(request.query, services.access.owners(request.principal, VIEW))
    cursor = request.query.get("cursor")
    position = services.cursors.read(wanted.scope, cursor) if cursor else None
    listing = jobs(services.store, wanted, request.query["limit"], position)
    following = services.cursors.write(wanted.scope, listing.position) if listing.position else None
    return Answer(page_of([views.job_summary(item) for item in listing.items], following))


def get_job(request: Request, services: Services) -> Answer:
    """A job and every attempt of its steps, in the order in which they began."""
    view = services.store.view(request.path["jobId"])
    if view is None or not services.access.sees(request.principal, view.job.tenant_id):
        raise no_job(request.path["jobId"])
    steps = sorted(view.steps, key=lambda run: (run.started_revision, run.sort_key))
    return Answer({**views.job(view.job.to_item()), "steps": [views.step(run.to_item()) for run in steps]})


def get_plan(request: Request, services: Services) -> Answer:
    """The plan that the job goes by now, with a page of its items."""
    job = services.visible_job(request.principal, request.path["jobId"])
    if not job.plan_key or not job.plan_hash:
        raise not_found(f"a plan of job {job.job_id}")
    scope = f"plan {job.job_id} {job.plan_hash}"
    cursor, limit = request.query.get("cursor"), request.query["limit"]
    start = services.cursors.read(scope, cursor)["start"] if cursor else 0
    plan: dict[str, Any] = services.documents.get_json(job.plan_key)
    items = plan["items"]
    following = services.cursors.write(scope, {"start": start + limit}) if len(items) > start + limit else None
    shown = {**plan, "items": items[start : start + limit]}
    more = {"nextCursor": following} if following else {}
    return Answer({"jobId": job.job_id, "planHash": job.plan_hash, "plan": shown, **more})


def get_audit(request: Request, services: Services) -> Answer:
    """The earliest first."""
    job = services.visible_job(request.principal, request.path["jobId"])
    scope = f"audit {job.job_id}"
    cursor, limit = request.query.get("cursor"), request.query["limit"]
    after = services.cursors.read(scope, cursor)["after"] if cursor else 0
    entries = services.store.audit(job.job_id, after)
    following = services.cursors.write(scope, {"after": entries[limit - 1].number}) if len(entries) > limit else None
    return Answer(page_of([views.audit_entry(entry.to_item()) for entry in entries[:limit]], following))
