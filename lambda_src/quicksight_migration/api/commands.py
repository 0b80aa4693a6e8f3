"""Endpoints of what people do to jobs: who may, and where an input is wrong. What follows is the commands' business."""

from __future__ import annotations

from quicksight_migration.api import views
from quicksight_migration.api.job_validation import account_problems, document_problems, tenant_of
from quicksight_migration.api.services import Services, no_job
from quicksight_migration.api.terms import APPROVE, MIGRATE, RESTORE, STOP
from quicksight_migration.errors import SecondPersonRequired
from quicksight_migration.records.job import Job
from quicksight_migration.records.statuses import RESTORE as RESTORE_TYPE
from quicksight_migration.records.statuses import SECOND_PERSON
from shared.api.answers import Answer, created
from shared.api.principals import Principal
from shared.api.problems import ApiProblem, invalid
from shared.api.requests import Request
from shared.schemas import Problem


def start(request: Request, services: Services) -> Answer:
    """Starts a migration; the same Idempotency-Key starts it once."""
    settings, principal = services.settings, request.principal
    key = request.idempotency_key()
    found = document_problems(request.body)
    if not found:
        found = account_problems(request.body, settings.source_accounts, settings.target_accounts)
    if not found:
        found = _tenant_problems(request, services)
    if found:
        raise invalid(found)
    return _created(services.commands.start(principal.actor, request.body, key))


def restore(request: Request, services: Services) -> Answer:
    """Starts the job that takes another back; the same Idempotency-Key starts it once."""
    job = services.job_for(request.principal, request.path["jobId"], RESTORE)
    key = request.idempotency_key()
    return _created(services.commands.restore(request.principal.actor, job.job_id, request.body, key))


def retry(request: Request, services: Services) -> Answer:
    """Whoever may start such a job may run it again."""
    job = services.visible_job(request.principal, request.path["jobId"])
    services.access.require(request.principal, job.tenant_id, no_job(job.job_id), _starting(job))
    return _accepted(services.commands.retry(request.principal.actor, job.job_id, request.idempotency_key()))


def cancel(request: Request, services: Services) -> Answer:
    """Whoever may start, restore or approve may put an end to it."""
    job = services.job_for(request.principal, request.path["jobId"], *STOP)
    return _accepted(services.commands.cancel(request.principal.actor, job.job_id, request.body.get("reason", "")))


def approve(request: Request, services: Services) -> Answer:
    """Of the plan that was looked at, by its hash."""
    principal, body = request.principal, request.body
    job = services.job_for(principal, request.path["jobId"], APPROVE)
    if job.approval_mode == SECOND_PERSON:
        _must_be_another(principal, job)
    return _accepted(services.commands.approve(principal.actor, job.job_id, body["planHash"], body.get("comment", "")))


def reject(request: Request, services: Services) -> Answer:
    """Nothing is changed in the target."""
    job = services.job_for(request.principal, request.path["jobId"], APPROVE)
    return _accepted(services.commands.reject(request.principal.actor, job.job_id, request.body.get("comment", "")))


def _tenant_problems(request: Request, services: Services) -> list[Problem]:
    """Accounts of tenants for whom the principal may not migrate are as good as not configured."""
    body, access, principal = request.body, services.access, request.principal
    source = services.settings.source_accounts[body["sourceAccountId"]]
    target = services.settings.target_accounts[body["targetAccountId"]]
    found = [
        Problem(f"$.{name}", f"is not a {side} account that is configured")
        for name, side, account in (("sourceAccountId", "source", source), ("targetAccountId", "target", target))
        if account.tenant_id and not access.may(principal, account.tenant_id, MIGRATE)
    ]
    if not found and not access.may(principal, tenant_of(body, target), MIGRATE):
        found.append(Problem("$.tenantId", "must be a tenant that you may migrate for"))
    return found


def _must_be_another(principal: Principal, job: Job) -> None:
    """A person has a name in each kind of token; and what a direct invocation says of itself is not proven."""
    if not principal.names:
        raise ApiProblem(
            403, "IDENTITY_UNKNOWN", "this plan is approved by somebody who has signed in, with an id token"
        )
    if job.initiated_by in principal.names:
        raise SecondPersonRequired("whoever started the job may not approve its plan")


def _starting(job: Job) -> str:
    return RESTORE if job.type == RESTORE_TYPE else MIGRATE


def _created(job: Job) -> Answer:
    return created(views.job(job.to_item()), f"/jobs/{job.job_id}")


def _accepted(job: Job) -> Answer:
    return Answer(views.job(job.to_item()), 202)
