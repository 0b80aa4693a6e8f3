"""PlanImport: what the import will do to each asset of the target, before anybody is asked or anything is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quicksight_migration import worker
from quicksight_migration.assets.inventory import fingerprints
from quicksight_migration.assets.types import Asset, AssetType, Place
from quicksight_migration.bundles.keys import document_key
from quicksight_migration.permissions.grants import grants_of
from quicksight_migration.permissions.grants_before import grants_before
from quicksight_migration.planning.comparing import Comparing
from quicksight_migration.planning.items import absence_problems, conflict_problems, item_warnings
from quicksight_migration.planning.override_rules import entry_problems, missing_overrides
from quicksight_migration.planning.plan import Action, BundleFile, ConflictPolicy, Item, Plan, read_plan
from quicksight_migration.planning.plan_check import drifted, place_of
from quicksight_migration.planning.restore import created_by, deletions
from quicksight_migration.planning.slow_checks import remembered
from quicksight_migration.records.job import Job
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import RESTORE, StepName
from quicksight_migration.worker import Answer, Task
from quicksight_migration.worker_tools import WorkerTools
from shared.clock import stamp
from shared.errors import NotFound, WrongState
from shared.redaction import redacted

#: Problems that the answer holds; the plan in S3 has all.
MOST_TOLD = 50


def plan_import(tools: WorkerTools, task: Task) -> Answer:
    """The step PlanImport: the stored plan's key and hash, or FAILED PLAN_INVALID with what is wrong with it."""
    reading = tools.job(task.job_id)
    make = _plan_of_restore if reading.job.type == RESTORE else _plan_of_migration
    plan = make(tools, task, reading)
    document = plan.document()
    key = tools.bucket.put_json(document_key(task.job_id, "plan", task.attempt), document)
    if plan.errors:
        more = f" and {len(plan.errors) - 1} more" if len(plan.errors) > 1 else ""
        details = [{"path": each.path, "message": each.message} for each in plan.errors[:MOST_TOLD]]
        return worker.failed("PLAN_INVALID", f"{plan.errors[0]}{more}", details)
    return worker.succeeded(
        {
            "planKey": key,
            "planHash": plan.plan_hash,
            "counts": plan.counts,
            "changes": plan.changes(),
            "warnings": list(plan.warnings[:MOST_TOLD]),
        }
    )


def check_plan(tools: WorkerTools, job_id: str) -> dict[str, Any]:
    """{"drifted", "changes", "planHash"}: whether the target is still as the job's plan found it.

    Raises NotFound for an unknown job, WrongState for one without a plan.
    """
    reading = tools.job(job_id)
    key = reading.job.plan_key or reading.output(StepName.PLAN_IMPORT).get("planKey")
    if not key:
        raise WrongState(f"{job_id} has no plan yet")

    def compare() -> dict[str, Any]:
        plan = stored_plan(tools, str(key))
        changes = drifted(plan, tools.target(reading.job))
        return {"drifted": bool(changes), "changes": changes[:MOST_TOLD], "planHash": plan.plan_hash}

    return dict(remembered(tools, str(key), compare))


def stored_plan(tools: WorkerTools, key: str) -> Plan:
    """The plan under a key of the bundle bucket. Raises NotFound."""
    return read_plan(tools.bucket.get_json(key))


def _plan_of_migration(tools: WorkerTools, task: Task, reading: JobReading) -> Plan:
    job, payload = reading.job, reading.job.payload
    session = tools.target(job)
    source, target = Place(job.source_account_id, job.source_region), place_of(session)
    files = _files(reading.output(StepName.UPLOAD_ASSETS))
    policy, prefix = ConflictPolicy(reading.options["conflictPolicy"]), str(reading.options.get("prefix") or "")
    overrides = payload.get("overrides") or {}
    comparing = Comparing(tools.bucket, session.quicksight, source, target, policy, prefix, overrides)
    compared = comparing.compare(files)
    errors = entry_problems(overrides, compared.contents)
    if source != target:
        existing = {item.asset for item in compared.items if item.current_fingerprint is not None}
        skipped = {item.asset for item in compared.items if item.action is Action.SKIP}
        errors += missing_overrides(overrides, compared.contents, existing, skipped)
    errors += conflict_problems(compared.items, policy)
    errors += absence_problems(compared.held, compared.items, compared.absent)
    return Plan(
        **_head(tools, task, job),
        source=source,
        target=target,
        bundles=files,
        conflict_policy=policy,
        prefix=prefix,
        items=tuple(compared.items),
        overrides=redacted(overrides),
        permissions=tuple(grants_of(payload.get("permissions") or (), compared.items)),
        warnings=tuple(item_warnings(compared.held, compared.items)),
        errors=tuple(errors),
    )


def _plan_of_restore(tools: WorkerTools, task: Task, reading: JobReading) -> Plan:
    """The bundles are backups of the target itself, so nothing is overridden and everything may be updated."""
    session = tools.target(reading.job)
    target = place_of(session)
    undone = tools.job(str(reading.job.restore_of))
    backup = undone.original_backup()
    files = _files(backup.output if backup else {})
    compared = Comparing(tools.bucket, session.quicksight, target, target, ConflictPolicy.UPDATE).compare(files)
    created = created_by(_plans_of(tools, undone))
    found = fingerprints(session.quicksight, target, created)
    deleted, warnings = deletions(created, _verified(tools, undone), found, list(compared.held.assets))
    return Plan(
        **_head(tools, task, reading.job),
        source=target,
        target=target,
        bundles=files,
        conflict_policy=ConflictPolicy.UPDATE,
        items=(*compared.items, *deleted),
        permissions=tuple(grants_before(tools.bucket, [each.key for each in files], _given_back(compared.items))),
        errors=tuple(absence_problems(compared.held, compared.items, compared.absent)),
        warnings=(*item_warnings(compared.held, compared.items), *warnings),
    )


def _given_back(items: Sequence[Item]) -> frozenset[Asset]:
    """Assets that a restore leaves as they were in its backup."""
    return frozenset(item.target for item in items if item.action in (Action.CREATE, Action.UPDATE, Action.UNCHANGED))


def _head(tools: WorkerTools, task: Task, job: Job) -> dict[str, Any]:
    return {"job_id": job.job_id, "attempt": task.attempt, "created_at": stamp(tools.clock())}


def _files(output: Mapping[str, Any]) -> tuple[BundleFile, ...]:
    """The bundles that a step has recorded, numbered in the order to import them in."""
    named = output.get("bundles") or ()
    return tuple(
        BundleFile(number, str(each["key"]), str(each["sha256"])) for number, each in enumerate(named, start=1)
    )


def _plans_of(tools: WorkerTools, undone: JobReading) -> list[Plan]:
    """Every plan of a job that can still be read, oldest first."""
    found = []
    for run in undone.attempts(StepName.PLAN_IMPORT):
        if run.is_done and run.output.get("planKey"):
            try:
                found.append(stored_plan(tools, str(run.output["planKey"])))
            except NotFound:
                continue
    return found


def _verified(tools: WorkerTools, undone: JobReading) -> dict[Asset, str]:
    """Fingerprints of the target as the job found them when it had imported."""
    key = undone.output(StepName.VERIFY_TARGET).get("manifestKey")
    if not key:
        return {}
    try:
        manifest = tools.bucket.get_json(str(key))
    except NotFound:
        return {}
    return {
        Asset(AssetType(each["assetType"]), each["targetAssetId"]): each["targetFingerprint"]
        for each in manifest["assets"]
    }
