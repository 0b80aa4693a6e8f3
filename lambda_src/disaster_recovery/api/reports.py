"""Endpoints of reports: readiness, inventory, forecast, evidence."""

from __future__ import annotations

from typing import Any

from disaster_recovery.api.services import Services
from disaster_recovery.plans.plan import RecoveryPlan, parse_plan
from disaster_recovery.plans.plan_facts import FactsReader
from disaster_recovery.plans.plan_resolution import Resolution
from disaster_recovery.records.transitions import known
from shared.api.answers import Answer
from shared.api.problems import ApiProblem
from shared.api.requests import Request
from shared.side_by_side import side_by_side

#: Servers that one worker of an export looks at.
EXPORTED_TOGETHER = 25

Item = dict[str, Any]


def readiness(request: Request, services: Services) -> Answer:
    """Whether the plan would work now, server by server."""
    item = services.catalog.plans.get(request.path["planId"])
    return Answer(readiness_report(services, item, request.query["type"]))


def readiness_report(services: Services, item: Item, execution_type: str) -> Item:
    """The report on a stored plan; what is wrong with the plan itself comes first. `refusal`: why not to start it."""
    from disaster_recovery.reports.readiness import assess, refusal  # noqa: PLC0415  (only reports need it)

    resolution = services.catalog.check(item["document"])
    plan = parse_plan(item["document"])
    report = assess(_reader(services, plan).inspection(plan, resolution))
    broken = [
        {"check": "PLAN", "level": "BLOCKER", "message": str(each), "path": each.path} for each in resolution.problems
    ]
    counts = {**report["counts"], "blockers": report["counts"]["blockers"] + len(broken)}
    findings = [*broken, *report["findings"]]
    why_not = str(resolution.problems[0]) if broken else refusal(report, execution_type)
    shown = {**report, "ready": report["ready"] and not broken, "findings": findings, "counts": counts}
    named = {"planId": item["planId"], "planVersion": item["version"], "type": execution_type}
    return {**named, **shown, "mayStart": not why_not, **({"refusal": why_not} if why_not else {})}


def inventory(request: Request, services: Services) -> Answer:
    """The plan's servers, points in time and quotas, for a rehearsal elsewhere."""
    from disaster_recovery.drs.inventory import Exporter  # noqa: PLC0415

    _, plan, resolution = _plan(request, services)
    place, quotas, now = services.home.of(plan.account), services.quotas(plan.account), services.clock()
    exporter = Exporter(services.drs(plan.account), place.account_id, place.region)
    ids = sorted({each.server.source_server_id for members in resolution.members.values() for each in members})
    parts = [ids[start : start + EXPORTED_TOGETHER] for start in range(0, len(ids), EXPORTED_TOGETHER)]
    exported = side_by_side(lambda part: exporter.export(quotas, now, part), parts)
    servers = [server for part in exported for server in part["servers"]]
    return Answer({**exported[0], "servers": servers})


def forecast(request: Request, services: Services) -> Answer:
    """What a run would take: nothing is started."""
    from disaster_recovery.reports.forecast import forecast as forecast_of  # noqa: PLC0415

    item, plan, resolution = _plan(request, services)
    question = _reader(services, plan).question(plan, resolution, request.query["seed"])
    return Answer({"planId": item["planId"], "planVersion": item["version"], **forecast_of(question)})


def evidence(request: Request, services: Services) -> Answer:
    """The evidence pack as data, or as a page."""
    from disaster_recovery.reports.evidence_records import evidence_of  # noqa: PLC0415  (only reports need it)

    execution = known(services.store, request.path["executionId"])
    pack = evidence_of(services.store, execution, services.clock())
    if request.query["format"] == "json":
        return Answer(pack)
    from disaster_recovery.reports.evidence_html import render  # noqa: PLC0415

    headers = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return Answer(render(pack), media_type="text/html; charset=utf-8", headers=headers)


def _plan(request: Request, services: Services) -> tuple[Item, RecoveryPlan, Resolution]:
    """The stored plan with its servers. Raises ApiProblem 409 when it cannot be run as it stands."""
    item = services.catalog.plans.get(request.path["planId"])
    resolution = services.catalog.check(item["document"])
    if resolution.problems:
        raise ApiProblem(409, "PLAN_INVALID", "the plan cannot be run as it stands", errors=resolution.problems)
    return item, parse_plan(item["document"]), resolution


def _reader(services: Services, plan: RecoveryPlan) -> FactsReader:
    account = plan.account
    place = services.home.of(account)
    return FactsReader(services.drs(account), lambda: services.quotas(account), services.store, place, services.clock())
