"""The steps of a judgement in words. Pure."""

from __future__ import annotations

from typing import Any

from file_transfer.api.settings import ApiSettings
from file_transfer.intake.judgement import Case
from file_transfer.intake.source import Source
from file_transfer.intake.taking import IGNORED_ENDINGS
from file_transfer.records.identity import file_name
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.definition import Workflow
from file_transfer.workflows.targets import Target

PASSED, FAILED, NOT_REACHED = "PASSED", "FAILED", "NOT_REACHED"
TRANSFER, PREPARE, REJECT, IGNORE = "TRANSFER", "PREPARE", "REJECT", "IGNORE"
COPY, PARTS, MACHINE, CONNECTOR = "COPY", "PARTS", "LARGE_FILE_MACHINE", "CONNECTOR"
#: Which step a rejection belongs to; what is not named here breaks a rule of the file.
STEP_OF = {
    "UNKNOWN_WORKFLOW": "source",
    "INVALID_DEFINITION": "source",
    "WORKFLOW_DISABLED": "workflow",
    "AMBIGUOUS_WORKFLOW": "workflow",
    "LOOP_GUARD": "targets",
    "INVALID_KEY": "targets",
}
STEPS = ("name", "source", "workflow", "customer", "rules", "targets")
#: What is done when the target holds another object, by the policy.
IF_IT_EXISTS = {
    "newest-wins": "is replaced, unless it is a copy of a later arrival",
    "never": "stays: the target is skipped",
    "versioned-name": "stays: the name has the transfer's id in it, so that it is another object",
    "fail": "stays: the target fails, TARGET_EXISTS",
}

View = dict[str, Any]


def explained(arrival: Arrival, source: Source, case: Case, found: list[Workflow], settings: ApiSettings) -> View:
    """The judgement with the way to it. `found`: the definitions that may take the file."""
    name = file_name(arrival.key)
    view: View = {"bucket": arrival.bucket, "key": arrival.key, "fileName": name, "sizeBytes": source.size}
    if arrival.key.endswith(IGNORED_ENDINGS):
        detail = "a folder, or an upload under its temporary name: the rename to the final name is the arrival"
        return {**view, "outcome": IGNORE, "steps": _steps({"name": detail}, "name"), "targets": []}
    details = _details(arrival, source, case, found, settings)
    failing = _failing(case, found)
    if case.rejection:
        details[failing] = case.rejection.message
    known = {"customerId": case.customer_id} if case.customer_id != "unknown" else {}
    if case.workflow:
        known["workflowId"] = case.workflow.id
    targets = [_target(each, source, settings) for each in case.targets]
    view |= {**known, "outcome": _outcome(case), "steps": _steps(details, failing), "targets": targets}
    if case.rejection:
        why = case.rejection
        view["rejection"] = {"status": why.settle_as, "reason": why.reason, "message": why.message}
    return view


def _outcome(case: Case) -> str:
    if case.rejection:
        return REJECT
    return PREPARE if case.workflow and case.workflow.needs_preparation else TRANSFER


def _failing(case: Case, found: list[Workflow]) -> str:
    """The step that the rejection belongs to, or an empty text."""
    if case.rejection is None:
        return ""
    if not found:
        return "source"
    if case.rejection.reason == "VALIDATION_FAILED":
        return "customer" if case.customer_id == "unknown" else "workflow"
    step = STEP_OF.get(case.rejection.reason, "rules")
    return "targets" if step == "source" else step  # a definition that could be read, and asks for what is not there


def _details(
    arrival: Arrival, source: Source, case: Case, found: list[Workflow], settings: ApiSettings
) -> dict[str, str]:
    watched = settings.watched.watches(arrival.bucket, arrival.key)
    start = "an arrival here starts a transfer" if watched else "nothing tells of arrivals here: it takes a message"
    how = "the message names it" if arrival.workflow_id else "the longest source prefix above the key"
    prefix = found[0].source_prefix if found else ""
    chosen = case.workflow.id if case.workflow else ""
    return {
        "name": f"not a temporary name; {start}",
        "source": f"{how}: {prefix!r}, of {', '.join(each.id for each in found)}",
        "workflow": "; ".join(_verdict(each, file_name(arrival.key), chosen) for each in found),
        "customer": _owner(case, arrival),
        "rules": _rules(case, source),
        "targets": f"{len(case.targets)} target(s), none of them where files arrive",
    }


def _verdict(workflow: Workflow, name: str, chosen: str) -> str:
    if not workflow.enabled:
        return f"{workflow.id} is disabled"
    if not workflow.accepts(name):
        return f"{workflow.id} does not take the name ({workflow.validation_regex})"
    return f"{workflow.id} takes it" if workflow.id == chosen else f"{workflow.id} would take it"


def _owner(case: Case, arrival: Arrival) -> str:
    if case.workflow and case.workflow.customer_id:
        return f"{case.customer_id}: the definition names it"
    return f"{case.customer_id}: {'the message names it' if arrival.customer_id else 'a folder of the key names it'}"


def _rules(case: Case, source: Source) -> str:
    told = f"{source.size} bytes are within the limits"
    if case.workflow is None:
        return told
    names = [f"rules.{each}" for each in case.workflow.rules] + [
        f"processing.{each}" for each in case.workflow.processing
    ]
    if not case.workflow.needs_preparation:
        return f"{told}{'; ' + ', '.join(names) + ' hold' if names else ''}"
    return f"{told}; its content is looked at once it is there: {', '.join(names)}"


def _target(target: Target, source: Source, settings: ApiSettings) -> View:
    how = COPY
    if target.type == "CONNECTOR":
        how = CONNECTOR
    elif source.size > settings.large_file_bytes:
        how = MACHINE
    elif source.size > settings.copy_object_bytes:
        how = PARTS
    return {
        "id": target.id,
        "type": target.type,
        "uri": target.uri,
        "bucket": target.bucket,
        "key": target.key,
        "overwrite": target.overwrite,
        "delivery": how,
        "existing": IF_IT_EXISTS.get(target.overwrite, ""),
    }


def _steps(details: dict[str, str], failing: str) -> list[View]:
    """Every step in order; those after the failing one are not reached."""
    steps: list[View] = []
    verdict = PASSED
    for name in STEPS:
        if verdict == FAILED:
            verdict = NOT_REACHED
        if name == failing:
            verdict = FAILED
        detail = {} if verdict == NOT_REACHED else {"detail": details.get(name, "")}
        steps.append({"step": name, "verdict": verdict, **detail})
    return steps
