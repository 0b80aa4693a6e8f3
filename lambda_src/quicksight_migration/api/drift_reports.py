"""Endpoints of drift reports."""

from __future__ import annotations

from typing import Any

from quicksight_migration.api import views
from quicksight_migration.api.services import Services
from quicksight_migration.api.terms import APPROVE, MIGRATE
from quicksight_migration.records.beside import DRIFT, DriftReport
from quicksight_migration.records.record import Cursor, Item, changed
from quicksight_migration.records.statuses import ReportState
from quicksight_migration.records.store import TIME_INDEX
from shared.api.answers import Answer
from shared.api.paging import page_of
from shared.api.principals import Principal
from shared.api.problems import ApiProblem, forbidden, invalid, not_found
from shared.api.requests import Request
from shared.clock import stamp
from shared.ids import new_id
from shared.schemas import Problem

#: One request asks the index so often at most.
MOST_QUERIES = 10


def start(request: Request, services: Services) -> Answer:
    """Asks for a report: of everything, of some accounts, or of what one job has migrated."""
    asked = _asked(request, services)
    now = services.clock()
    report = DriftReport(
        job_id=new_id("drift", now),
        created_at=stamp(now),
        initiated_by=request.principal.actor,
        source_account_id=asked.get("sourceAccountId"),
        target_account_id=asked.get("targetAccountId"),
        compared_job_id=asked.get("jobId"),
    )
    services.store.save_or_lose(report)
    try:
        services.invoke(services.settings.drift_function_name, {"reportId": report.job_id, **asked})
    except Exception:
        services.store.save(changed(report, report_state=ReportState.FAILED, error="the report could not be asked for"))
        raise
    return Answer(views.drift_report(report.to_item()), 202, headers={"location": f"/drift-reports/{report.job_id}"})


def list_reports(request: Request, services: Services) -> Answer:
    """The latest first."""
    scope = "drift-reports"
    cursor, limit = request.query.get("cursor"), request.query["limit"]
    position: Cursor | None = services.cursors.read(scope, cursor) if cursor else None
    found: list[views.View] = []
    for _ in range(MOST_QUERIES):
        page = services.store.page(TIME_INDEX, DRIFT, limit=limit - len(found), cursor=position)
        found += [views.drift_report(item) for item in page.items if _sees(services, request.principal, item)]
        position = page.cursor
        if position is None or len(found) == limit:
            break
    return Answer(page_of(found, services.cursors.write(scope, position) if position else None))


def get_report(request: Request, services: Services) -> Answer:
    """One report, with its assets when it is made."""
    report = services.store.drift_report(request.path["reportId"])
    item = report.to_item() if report else {}
    if report is None or not _sees(services, request.principal, item):
        raise not_found(f"drift report {request.path['reportId']}")
    made = {"report": services.documents.get_json(report.report_key)} if report.report_key else {}
    return Answer({**views.drift_report(item), **made})


def _asked(request: Request, services: Services) -> dict[str, Any]:
    """The members of the body, and the target account that a job implies. Raises ApiProblem 400 or 403."""
    asked = dict(request.body)
    if "jobId" in asked:
        asked |= _of_job(request, services, asked)
    settings = services.settings
    found = [
        Problem(f"$.{name}", "is not an account that is configured")
        for name, known in (
            ("sourceAccountId", settings.source_accounts),
            ("targetAccountId", settings.target_accounts),
        )
        if name in asked and not (asked[name] in known and _may_see(services, request, known[asked[name]].tenant_id))
    ]
    if "targetAccountId" not in asked and services.limited(request.principal):
        found.append(Problem("$.targetAccountId", "is required for whoever does not see all tenants"))
    if found:
        raise invalid(found)
    target = settings.target_accounts.get(asked.get("targetAccountId", ""))
    if not services.access.may(request.principal, target.tenant_id if target else "", MIGRATE, APPROVE):
        raise forbidden((MIGRATE, APPROVE))
    return asked


def _of_job(request: Request, services: Services, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        job = services.visible_job(request.principal, asked["jobId"])
    except ApiProblem as error:
        raise invalid([Problem("$.jobId", error.detail)]) from error
    of_job = {"sourceAccountId": job.source_account_id, "targetAccountId": job.target_account_id}
    wrong = [
        Problem(f"$.{name}", "is not that of the job")
        for name in of_job
        if asked.get(name, of_job[name]) != of_job[name]
    ]
    if wrong:
        raise invalid(wrong)
    return of_job


def _may_see(services: Services, request: Request, tenant_id: str) -> bool:
    return not tenant_id or services.access.sees(request.principal, tenant_id)


def _sees(services: Services, principal: Principal, item: Item) -> bool:
    """A report on one target account is seen by whoever sees its tenant, one on several by whoever sees all."""
    target = services.settings.target_accounts.get(item.get("targetAccountId", ""))
    if target is None:
        return not services.limited(principal)
    return services.access.sees(principal, target.tenant_id)
