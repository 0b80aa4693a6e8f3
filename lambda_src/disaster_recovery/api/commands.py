"""Endpoints of the commands to executions: what a drill needs, what a recovery needs, and where an input is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from disaster_recovery.api import views
from disaster_recovery.api.services import Services
from disaster_recovery.api.terms import DRILL, RECOVER
from disaster_recovery.errors import PermissionDenied, PlanInvalid, ValidationFailed
from disaster_recovery.records.execution import RECOVERY, Execution
from disaster_recovery.records.transitions import known
from shared.api.answers import Answer, created
from shared.api.problems import ApiProblem, conflict, invalid
from shared.api.requests import Request
from shared.schemas import Problem


def start(request: Request, services: Services) -> Answer:
    """Starts a plan; the same Idempotency-Key starts it once."""
    body = request.body
    request.principal.require(_permission(body["type"]))
    key = request.idempotency_key()
    plan = services.catalog.plans.get(body["planId"])
    if body["type"] == RECOVERY and body.get("confirm") != plan["name"]:
        raise invalid([Problem("$.confirm", "a recovery has to be confirmed with the name of the plan")])
    if body.get("requireReadiness"):
        _must_be_ready(services, plan, body["type"])
    confirm = body.get("confirm", "")
    try:
        execution = services.starter.start(request.principal, body["planId"], body["type"], confirm=confirm, key=key)
    except PlanInvalid as error:
        raise ApiProblem(409, "PLAN_INVALID", "the plan cannot be run as it stands", errors=error.problems) from error
    return created(views.execution(execution), f"/executions/{execution.execution_id}")


def pause(request: Request, services: Services) -> Answer:
    """Before the next wave."""
    return _control(request, services, lambda it: services.commands.pause(request.principal, it))


def resume(request: Request, services: Services) -> Answer:
    """Answers a pause; who may do it and whether a comment is needed is the plan's to say."""
    comment, choice = request.body.get("comment", ""), request.body.get("next", "CONTINUE")
    return _control(
        request,
        services,
        lambda it: services.commands.resume(request.principal, it, comment=comment, choice=choice),
        "$.comment",
    )


def cancel(request: Request, services: Services) -> Answer:
    """Starts nothing more."""
    reason = request.body.get("reason", "")
    return _control(request, services, lambda it: services.commands.cancel(request.principal, it, reason=reason))


def retry_failed(request: Request, services: Services) -> Answer:
    """The failed servers, or actions, of the wave that the execution is paused at."""
    comment = request.body.get("comment", "")
    return _control(
        request,
        services,
        lambda it: services.commands.retry_failed(request.principal, it, comment=comment),
        "$.comment",
    )


def skip_wave(request: Request, services: Services) -> Answer:
    """A wave that has not begun, or the one that the execution is paused at."""
    number = request.body["waveNumber"]
    return _control(
        request,
        services,
        lambda it: services.commands.skip_wave(request.principal, it, number),
        "$.waveNumber",
    )


def restart(request: Request, services: Services) -> Answer:
    """From a wave on."""
    number = request.body.get("fromWave")
    return _control(
        request,
        services,
        lambda it: services.restarter.restart(request.principal, it, from_wave=number),
        "$.fromWave",
    )


def terminate_instances(request: Request, services: Services) -> Answer:
    """Those of our own jobs only; of a recovery, when its id is given once more."""
    confirm = request.body.get("confirm", "")
    execution = known(services.store, request.path["executionId"])
    if execution.type == RECOVERY and confirm != execution.execution_id:
        raise invalid([Problem("$.confirm", "has to be the id of the execution to terminate what a recovery launched")])
    termination = services.terminations.request(request.principal, execution.execution_id, confirm=confirm)
    return Answer(views.execution(known(services.store, execution.execution_id), termination), 202)


def _control(request: Request, services: Services, command: Callable[[str], Execution], path: str = "$") -> Answer:
    """Carries out a command of whoever may run executions of this type; `path` is what its refusals are about."""
    execution = known(services.store, request.path["executionId"])
    request.principal.require(_permission(execution.type))
    try:
        after = command(execution.execution_id)
    except PermissionDenied as error:
        raise ApiProblem(403, "FORBIDDEN", str(error)) from error
    except ValidationFailed as error:
        raise invalid([Problem(path, str(error))]) from error
    return Answer(views.execution(after), 202)


def _must_be_ready(services: Services, plan: dict[str, Any], execution_type: str) -> None:
    from disaster_recovery.api.reports import readiness_report  # noqa: PLC0415  (most starts do not ask for it)

    refusal = readiness_report(services, plan, execution_type).get("refusal")
    if refusal:
        raise conflict("NOT_READY", refusal)


def _permission(execution_type: str) -> str:
    return RECOVER if execution_type == RECOVERY else DRILL
