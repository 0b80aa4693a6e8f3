"""PlanImport: what the import will do to each asset of the target, before anybody is asked or anything is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quicksight_migration import worker
from quicksight_migration.assets.bundle_file import Bundle, read_bundle
from quicksight_migration.assets.inventory import describe
from quicksight_migration.assets.types import Asset, AssetType, Place
from quicksight_migration.bundles.keys import document_key
from quicksight_migration.permissions.grants import grants_of
from quicksight_migration.planning.items import Held, conflict_problems, held_by, items_of
from quicksight_migration.planning.new_content import new_contents
from quicksight_migration.planning.override_rules import entry_problems, missing_overrides
from quicksight_migration.planning.plan import Action, BundleFile, ConflictPolicy, Item, Plan, read_plan
from quicksight_migration.planning.plan_check import drifted
from quicksight_migration.planning.restore import created_by, deletions
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
    plan = stored_plan(tools, str(key))
    changes = drifted(plan, tools.target(reading.job))
    return {"drifted": bool(changes), "changes": changes[:MOST_TOLD], "planHash": plan.plan_hash}


def stored_plan(tools: WorkerTools, key: str) -> Plan:
    """The plan under a key of the bundle bucket. Raises NotFound."""
    return read_plan(tools.bucket.get_json(key))


def _plan_of_migration(tools: WorkerTools, task: Task, reading: JobReading) -> Plan:
    job, payload = reading.job, reading.job.payload
    source, session = Place(job.source_account_id, job.source_region), tools.target(job)
    target = Place(session.account_id, session.account.region)
    files = _files(reading.output(StepName.UPLOAD_ASSETS))
    bundles = _read(tools, files)
    held = held_by(bundles)
    policy, prefix = ConflictPolicy(reading.options["conflictPolicy"]), str(reading.options.get("prefix") or "")
    overrides = payload.get("overrides") or {}
    found = describe(session.quicksight, target, [asset.prefixed(prefix) for asset in held.assets])
    contents = new_contents(held.assets, overrides, (source, target), prefix)
    items = items_of(held, contents, found, policy, prefix)
    existing = {item.asset for item in items if item.current_fingerprint is not None}
    skipped = {item.asset for item in items if item.action is Action.SKIP}
    errors = entry_problems(overrides, contents)
    if source != target:
        errors += missing_overrides(overrides, contents, existing, skipped)
    errors += conflict_problems(items, policy)
    return Plan(
        **_head(tools, task, job),
        source=source,
        target=target,
        bundles=files,
        conflict_policy=policy,
        prefix=prefix,
        items=tuple(items),
        overrides=redacted(overrides),
        permissions=tuple(grants_of(payload.get("permissions") or (), items)),
        warnings=tuple(_warnings(bundles, held, items)),
        errors=tuple(errors),
    )


def _plan_of_restore(tools: WorkerTools, task: Task, reading: JobReading) -> Plan:
    """The bundles are backups of the target itself, so nothing is overridden and everything may be updated."""
    session = tools.target(reading.job)
    target = Place(session.account_id, session.account.region)
    undone = tools.job(str(reading.job.restore_of))
    backup = undone.original_backup()
    files = _files(backup.output if backup else {})
    bundles = _read(tools, files)
    held = held_by(bundles)
    created = created_by(_plans_of(tools, undone))
    found = describe(session.quicksight, target, [*held.assets, *created])
    contents = new_contents(held.assets, {}, (target,))
    items = items_of(held, contents, found, ConflictPolicy.UPDATE)
    deleted, warnings = deletions(created, _verified(tools, undone), found, list(held.assets))
    return Plan(
        **_head(tools, task, reading.job),
        source=target,
        target=target,
        bundles=files,
        conflict_policy=ConflictPolicy.UPDATE,
        items=(*items, *deleted),
        warnings=(*_warnings(bundles, held, items), *warnings),
    )


def _head(tools: WorkerTools, task: Task, job: Job) -> dict[str, Any]:
    return {"job_id": job.job_id, "attempt": task.attempt, "created_at": stamp(tools.clock())}


def _files(output: Mapping[str, Any]) -> tuple[BundleFile, ...]:
    """The bundles that a step has recorded, numbered in the order to import them in."""
    named = output.get("bundles") or ()
    return tuple(
        BundleFile(number, str(each["key"]), str(each["sha256"])) for number, each in enumerate(named, start=1)
    )


def _read(tools: WorkerTools, files: Sequence[BundleFile]) -> dict[int, Bundle]:
    found = {}
    for file in files:
        with tools.bucket.open(file.key) as opened:
            found[file.chunk] = read_bundle(opened)
    return found


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


def _warnings(bundles: Mapping[int, Bundle], held: Held, items: Sequence[Item]) -> list[str]:
    others = sorted({name for bundle in bundles.values() for name in bundle.others})
    found = [f"the bundle holds {name}, which is imported but not compared" for name in others]
    gone = {item.asset for item in items if item.action is Action.SKIP}
    for asset, each in held.assets.items():
        if asset not in gone and each.dependencies & gone:
            kept = ", ".join(sorted(str(needed) for needed in each.dependencies & gone))
            found.append(f"{asset} will use {kept} as it is in the target")
    return found
