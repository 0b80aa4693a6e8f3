"""Preflight: everything that can be known to stand against a migration, before anything is exported or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from quicksight_migration import worker
from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.api.override_validation import override_problems, tag_problems
from quicksight_migration.assets.inventory import call, describe
from quicksight_migration.assets.types import Asset, AssetType, Place, parse_arn
from quicksight_migration.bundles.keys import document_key
from quicksight_migration.permissions.principals import unknown_principals
from quicksight_migration.planning.closure import Closure, chunks, read_closure, with_schedules
from quicksight_migration.planning.closure_checks import closure_problems, permission_problems
from quicksight_migration.planning.override_rules import (
    entry_problems,
    missing_overrides,
    target_vpc_connections,
    vpc_connection_of,
)
from quicksight_migration.planning.plan import ConflictPolicy
from quicksight_migration.planning.plan_check import place_of
from quicksight_migration.planning.recorded_outputs import gone_outputs
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import RESTORE, StepName
from quicksight_migration.worker import Answer, Task
from quicksight_migration.worker_tools import WorkerTools
from shared.clock import stamp
from shared.errors import NotFound
from shared.schemas import Problem

STANDARD = "STANDARD"
#: Problems and warnings that the answer holds; the document in S3 has all.
MOST_TOLD = 50
ENVIRONMENT = (AssetType.DATASOURCE, AssetType.VPC_CONNECTION)


@dataclass(frozen=True)
class _Target:
    """What of the target bears on a migration; assets by their ids in the source."""

    existing: frozenset[Asset]
    problems: list[Problem]


def preflight(tools: WorkerTools, task: Task) -> Answer:
    """The step Preflight: FAILED with every problem, or the chunks to export and what has to be done again."""
    reading = tools.job(task.job_id)
    job = reading.job
    target = tools.target(job)
    if job.type == RESTORE:
        return _restore(tools, task, reading, target)
    source = tools.source(job)
    for session in (source, target):
        if (refusal := _edition_refused(session)) is not None:
            return refusal
    closure, errors, warnings = _checked(reading, source, target)
    document = _document(closure, place_of(source), errors, warnings) | {
        "jobId": job.job_id,
        "attempt": task.attempt,
        "checkedAt": stamp(tools.clock()),
    }
    key = tools.bucket.put_json(document_key(job.job_id, "preflight", task.attempt), document)
    if errors:
        return _failed(errors)
    gone = gone_outputs(reading, tools.bucket, lambda export_id: _export_is_known(source, export_id))
    output = {
        "preflightKey": key,
        "chunks": len(document["chunks"]),
        "assets": len(closure.found),
        "warnings": warnings[:MOST_TOLD],
        "gone": gone,
    }
    return worker.succeeded(output)


def _checked(
    reading: JobReading, source: AccountSession, target: AccountSession
) -> tuple[Closure, list[Problem], list[str]]:
    options, payload, place = reading.options, reading.job.payload, place_of(source)
    requested = [parse_arn(arn)[0] for arn in payload["assets"]]
    complete = bool(options["includeAllDependencies"])
    closure = read_closure(source.quicksight, place, requested, complete)
    if complete:
        closure = with_schedules(closure, source.quicksight, place)
    overrides = payload.get("overrides") or {}
    errors, warnings = closure_problems(closure, bool(options["strictValidation"]))
    shape = [*override_problems(overrides, target.account_id), *tag_problems(payload.get("overrideTags") or {})]
    errors += shape
    if not shape:
        errors += _against_target(reading, closure, overrides, source, target)
    entries = payload.get("permissions") or ()
    principals = unknown_principals(target, (arn for entry in entries for arn in entry["principals"]))
    errors += permission_problems(entries, closure.found, principals)
    if options["includePermissions"] and source.account_id != target.account_id:
        warnings.append(
            "permissions of the source name its users and groups: an import fails where the target has none"
        )
    return closure, list(dict.fromkeys(errors)), warnings


def _against_target(
    reading: JobReading,
    closure: Closure,
    overrides: Mapping[str, Any],
    source: AccountSession,
    target: AccountSession,
) -> list[Problem]:
    """Overrides that are wrong or missing, and dependencies that neither come along nor are there."""
    contents = {asset: found.content for asset, found in closure.found.items()}
    errors = entry_problems(overrides, contents)
    facts = _target_facts(reading, closure, overrides, target)
    errors += facts.problems
    if place_of(source) != place_of(target):
        skips = reading.options["conflictPolicy"] == ConflictPolicy.SKIP
        errors += missing_overrides(overrides, contents, facts.existing, facts.existing if skips else ())
    return errors


def _target_facts(
    reading: JobReading, closure: Closure, overrides: Mapping[str, Any], target: AccountSession
) -> _Target:
    prefix = str(reading.options.get("prefix") or "")
    environment = {asset: asset.prefixed(prefix) for asset in closure.found if asset.type in ENVIRONMENT}
    outside = {needed: each for each in closure.found for needed in closure.needs(each)}
    absent = [
        asset for asset in outside if asset not in closure.found and not reading.options["includeAllDependencies"]
    ]
    arns = {
        path: vpc_connection_of(arn, target.account_id, target.account.region)
        for path, arn in target_vpc_connections(overrides)
    }
    wanted = {*environment.values(), *absent, *(asset for asset in arns.values() if asset is not None)}
    found = describe(target.quicksight, place_of(target), wanted)
    imported = {asset.prefixed(prefix) for asset in closure.found}
    problems = [
        Problem(path, "is not a VPC connection of the target")
        for path, asset in arns.items()
        if asset is None or (found[asset] is None and asset not in imported)
    ]
    problems += [
        Problem("$.options.includeAllDependencies", f"{outside[asset]} needs {asset}, which the target does not have")
        for asset in absent
        if found[asset] is None
    ]
    return _Target(frozenset(asset for asset, there in environment.items() if found[there] is not None), problems)


def _edition_refused(session: AccountSession) -> Answer | None:
    """FAILED for an account whose edition has no asset bundles. Raises the taxonomy's errors."""
    settings = call(session.quicksight, "describe_account_settings", AwsAccountId=session.account_id)
    edition = settings.get("AccountSettings", {}).get("Edition")
    if edition != STANDARD:
        return None
    return worker.failed(
        "EDITION_UNSUPPORTED", f"{session.account.name} ({session.account_id}) has the edition {edition}"
    )


def _restore(tools: WorkerTools, task: Task, reading: JobReading, target: AccountSession) -> Answer:
    """A restore exports nothing: what it needs are the backup and the plan of the job that it undoes."""
    if (refusal := _edition_refused(target)) is not None:
        return refusal
    undone = tools.job(str(reading.job.restore_of))
    backup = undone.original_backup()
    keys = [str(each["key"]) for each in (backup.output.get("bundles", ()) if backup else ())]
    planned = undone.output(StepName.PLAN_IMPORT).get("planKey")
    keys += [str(planned)] if planned else []
    missing = [key for key in keys if tools.bucket.size(key) is None]
    if missing or not planned:
        told = [Problem("$.restoreOf", f"{key} does not exist any more") for key in missing]
        return _failed(told or [Problem("$.restoreOf", "that job has no plan")])
    gone = gone_outputs(reading, tools.bucket, lambda _: True)
    return worker.succeeded({"chunks": 0, "assets": 0, "warnings": [], "gone": gone})


def _export_is_known(source: AccountSession, export_id: str) -> bool:
    arguments = {"AwsAccountId": source.account_id, "AssetBundleExportJobId": export_id}
    try:
        call(source.quicksight, "describe_asset_bundle_export_job", **arguments)
    except NotFound:
        return False
    return True


def _document(closure: Closure, place: Place, errors: Sequence[Problem], warnings: Sequence[str]) -> dict[str, Any]:
    assets = [
        {
            "assetType": str(asset.type),
            "assetId": asset.id,
            "name": found.name,
            "fingerprint": found.fingerprint,
            "requested": asset in closure.requested,
        }
        for asset, found in closure.found.items()
    ]
    return {
        "assets": assets,
        "chunks": [[asset.arn(place) for asset in chunk] for chunk in chunks(closure)],
        "errors": [{"path": each.path, "message": each.message} for each in errors],
        "warnings": list(warnings),
    }


def _failed(errors: Sequence[Problem]) -> Answer:
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    details = [{"path": each.path, "message": each.message} for each in errors[:MOST_TOLD]]
    return worker.failed("PREFLIGHT_FAILED", f"{errors[0]}{more}", details)
