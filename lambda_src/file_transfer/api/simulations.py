"""Where a file would go, and why: the intake's own rules, asked about a file that need not exist."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from file_transfer.api.draft_lookup import DraftLookup
from file_transfer.api.secrets import with_password_of
from file_transfer.api.services import Services
from file_transfer.api.simulation_steps import explained
from file_transfer.errors import Rejection
from file_transfer.intake.judgement import Case, Judge
from file_transfer.intake.source import Source
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.catalog import definition_of, partition
from file_transfer.workflows.definition import Workflow, validate_definition
from shared.api.answers import Answer
from shared.api.paging import Item
from shared.api.problems import invalid, not_found
from shared.api.requests import Request
from shared.clock import parse, stamp
from shared.errors import NotFound
from shared.schemas import Problem

DEFAULT_BYTES = 1024
VERSION = "simulated"


def simulate(request: Request, services: Services) -> Answer:
    """The answer of the intake for such a file, step by step. Nothing is written, moved or read of the file."""
    body = request.body
    arrival, source = _asked(body, services)
    lookup = services.lookup(_draft(body, services))
    case = Judge(services.settings.of_intake(), lookup).judge(arrival, source)
    customers = services.customers(request.principal)
    if customers is not None:
        _require_sight(case, lookup, customers)
    return Answer(explained(arrival, source, case, _candidates(arrival, lookup, customers), services.settings))


def _candidates(arrival: Arrival, lookup: DraftLookup, customers: Collection[str] | None) -> list[Workflow]:
    """The definitions that may take the file, as far as they are told of."""
    try:
        found = lookup.resolve(arrival)
    except Rejection:
        return []
    return [each for each in found if customers is None or not each.customer_id or each.customer_id in customers]


def _asked(body: Mapping[str, Any], services: Services) -> tuple[Arrival, Source]:
    settings = services.settings
    try:
        at = stamp(parse(body["arrivedAt"])) if "arrivedAt" in body else stamp(services.clock())
    except ValueError as error:
        raise invalid([Problem("$.arrivedAt", "must look like 2026-01-02T03:04:05Z")]) from error
    arrival = Arrival(
        bucket=body.get("bucket") or settings.watched.bucket,
        key=body["key"],
        triggered_by="Simulation",
        occurred_at=at,
        version_id=VERSION,
        source_type=body.get("sourceType"),
        workflow_id=body.get("workflowId"),
        customer_id=body.get("customerId"),
        targets=dict(body.get("targets", {})),
    )
    return arrival, Source(VERSION, "", at, int(body.get("sizeBytes", DEFAULT_BYTES)))


def _draft(body: Mapping[str, Any], services: Services) -> Item | None:
    """A definition that is not stored yet, in place of the stored one of its id. Raises ApiProblem 400."""
    if "definition" not in body:
        return None
    given = body["definition"]
    definition = definition_of(given)
    try:
        definition = with_password_of(definition_of(services.workflows.get(str(given.get("workflowId")))), definition)
    except NotFound:
        pass
    found = validate_definition(definition, services.settings.sftp_targets, services.settings.watched)
    if found:
        raise invalid([Problem(f"$.definition{each.path.removeprefix('$')}", each.message) for each in found])
    return {**definition, "PK": partition(definition["workflowId"])}


def _require_sight(case: Case, lookup: DraftLookup, customers: Collection[str]) -> None:
    """Whoever sees some customers only learns nothing about the files and definitions of others.

    A rejection may be about a definition that was met, or say that there is none.
    """
    reason = case.rejection.reason if case.rejection else ""
    tells = reason == "UNKNOWN_WORKFLOW" or (reason and lookup.met_others(customers))
    if case.customer_id not in customers or tells:
        raise not_found("a customer of yours that such a file belongs to")
