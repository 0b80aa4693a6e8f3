"""Endpoints of workflow definitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from file_transfer.api.listing import YES
from file_transfer.api.secrets import has_password, with_password_of, without_password
from file_transfer.api.services import Services
from file_transfer.api.terms import CONFIGURE
from file_transfer.workflows.catalog import MANAGED, OF_TABLE, definition_of, version_of
from file_transfer.workflows.definition import validate_definition
from shared.api.answers import Answer, created
from shared.api.paging import Item, Listing, Position
from shared.api.principals import Principal
from shared.api.problems import invalid, not_found
from shared.api.requests import Request
from shared.schemas import Problem

SUMMARY = ("description", "sourceType", "targetType", "sourceBucket", "sourcePrefix", "customerId", "sftpUserName")


def list_workflows(request: Request, services: Services) -> Answer:
    """By id; of whoever sees some customers only, those that are these customers' own."""

    def fetch(limit: int, position: Position | None) -> Listing:
        question = services.workflows.question()
        return services.asker.listing(question, lambda item: _sees(services, request.principal, item), limit, position)

    return services.page(request, "workflows", fetch, _summary)


def get_workflow(request: Request, services: Services) -> Answer:
    """One definition, with its version."""
    return _answer(_visible(request, services))


def create(request: Request, services: Services) -> Answer:
    """Stores a definition that could be used as it is."""
    services.require_all(request.principal, CONFIGURE)
    definition = _checked(request.body, services)
    item = services.workflows.create(definition, request.principal.actor)
    return created(_view(item), f"/workflows/{item['workflowId']}", version_of(item))


def replace(request: Request, services: Services) -> Answer:
    """The next version; a password that is not given is kept, unless it is to be forgotten."""
    services.require_all(request.principal, CONFIGURE)
    version, workflow_id = request.expected_version(), request.path["workflowId"]
    stored = services.workflows.get(workflow_id)
    body = request.body
    if isinstance(body, Mapping) and request.query.get("forgetPassword") != YES:
        body = with_password_of(definition_of(stored), body)
    definition = _checked(body, services)
    if definition["workflowId"] != workflow_id:
        raise invalid([Problem("$.workflowId", "is not that of the path")])
    return _answer(services.workflows.replace(definition, version, request.principal.actor))


def delete(request: Request, services: Services) -> Answer:
    """Files of its source are rejected from then on, as far as no other workflow takes them."""
    services.require_all(request.principal, CONFIGURE)
    services.workflows.delete(request.path["workflowId"], request.expected_version())
    return Answer(status=204)


def validate(request: Request, services: Services) -> Answer:
    """Everything that is wrong with a definition, and which others take files of the same source."""
    found = _problems(request.body, services)
    errors = [{"path": each.path, "message": each.message} for each in found]
    others = [] if found else _rivals(request.body, services, request.principal)
    return Answer({"valid": not errors, "errors": errors, "sameSource": others})


def _problems(body: Any, services: Services) -> list[Problem]:
    if not isinstance(body, dict):
        return [Problem("$", "must be an object")]
    settings = services.settings
    found = [Problem(f"$.{name}", "is set by the system") for name in (*OF_TABLE, *MANAGED) if name in body]
    return found or validate_definition(body, settings.sftp_targets, settings.watched)


def _checked(body: Any, services: Services) -> Item:
    """The definition. Raises ApiProblem 400 with everything that is wrong."""
    found = _problems(body, services)
    if found:
        raise invalid(found)
    return definition_of(body)


def _rivals(body: Mapping[str, Any], services: Services, principal: Principal) -> list[str]:
    """Ids of enabled definitions of the same source: names of files have to tell whose a file is."""
    if "sourcePrefix" not in body:
        return []
    stored = services.workflows.of_prefix(body["sourcePrefix"]).items
    return sorted(
        each["workflowId"]
        for each in stored
        if each["workflowId"] != body["workflowId"]
        and each.get("enabled", True)
        and (not {"sourceBucket"} <= set(each) & set(body) or each["sourceBucket"] == body["sourceBucket"])
        and _sees(services, principal, each)
    )


def _visible(request: Request, services: Services) -> Item:
    item: Item = services.workflows.get(request.path["workflowId"])
    if not _sees(services, request.principal, item):
        raise not_found(f"workflow {request.path['workflowId']}")
    return item


def _sees(services: Services, principal: Principal, item: Mapping[str, Any]) -> bool:
    """A definition for several customers is seen by whoever sees all of them."""
    customers = services.customers(principal)
    return customers is None or item.get("customerId") in customers


def _answer(item: Item) -> Answer:
    return Answer(_view(item), version=version_of(item))


def _view(item: Item) -> Item:
    definition = definition_of(item)
    managed: Item = {name: item[name] for name in MANAGED[1:] if name in item}
    return {
        "workflowId": item["workflowId"],
        "version": version_of(item),
        **managed,
        "hasPassword": has_password(definition),
        "definition": without_password(definition),
    }


def _summary(item: Item) -> Item:
    shown = {name: item[name] for name in (*SUMMARY, "updatedAt", "updatedBy") if name in item}
    named = {"workflowId": item["workflowId"], "version": version_of(item), "enabled": bool(item.get("enabled", True))}
    return {**named, **shown}
