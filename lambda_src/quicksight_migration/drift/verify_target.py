"""VerifyTarget: what was imported is looked at, asset by asset, and written down for later comparisons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from quicksight_migration import worker
from quicksight_migration.assets.inventory import Found, fingerprints
from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.bundles.keys import document_key
from quicksight_migration.drift.manifest import Manifest, Migrated
from quicksight_migration.drift.verification import (
    BUSY,
    TOLD,
    WRONG,
    Verdict,
    is_ours,
    results_of,
    shortened,
    verdicts_of,
)
from quicksight_migration.planning.plan import Action, Plan
from quicksight_migration.planning.plan_check import place_of
from quicksight_migration.records.job import StepRun
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import StepName
from quicksight_migration.worker import Answer, Task
from quicksight_migration.worker_tools import WorkerTools
from shared.errors import NotFound

#: Dashboards and analyses take a moment to be built: looks at what is not ready, and seconds between them.
LOOKS, PAUSE_SECONDS = 20, 15
MOST_TOLD = 50


def verify_target(tools: WorkerTools, task: Task) -> Answer:
    """The step VerifyTarget.

    Output: {"results": {"assets" ≤ 100, "resultsKey"}, "manifestKey", "verifyKey", "counts", "warnings"}.
    """
    reading = tools.job(task.job_id)
    plan, _ = tools.plan(reading)
    session = tools.target(reading.job)
    place = place_of(session)
    found = fingerprints(session.quicksight, place, [item.target for item in plan.items if is_ours(item)])
    verdicts = verdicts_of(plan, found, bool(reading.options["strictValidation"]))
    looks = int(task.progress.get("looks", 0)) + 1
    if any(each.state == BUSY for each in verdicts) and looks < LOOKS:
        return worker.wait(PAUSE_SECONDS, {"looks": looks})
    counts = dict(sorted(Counter(each.state for each in verdicts).items()))
    document = {"jobId": task.job_id, "counts": counts, "assets": [each.document() for each in verdicts]}
    verify_key = tools.bucket.put_json(document_key(task.job_id, "verify", task.attempt), document)
    wrong = [each for each in verdicts if each.state in WRONG or each.state == BUSY]
    if wrong:
        return _failed(wrong)
    results = results_of(plan, place)
    results_key = tools.bucket.put_json(document_key(task.job_id, "results", task.attempt), {"assets": results})
    manifest = manifest_of(plan, found, source_fingerprints(tools, reading))
    manifest_key = tools.bucket.put_json(document_key(task.job_id, "manifest", task.attempt), manifest.document())
    return worker.succeeded(
        {
            "results": {"assets": shortened(results), "resultsKey": results_key},
            "manifestKey": manifest_key,
            "verifyKey": verify_key,
            "counts": counts,
            "warnings": [f"{each.item.target} {each.detail}" for each in verdicts if each.state in TOLD][:10],
        }
    )


def manifest_of(plan: Plan, found: Mapping[Asset, Found | None], sources: Mapping[Asset, str]) -> Manifest:
    """What the job left in the target, as it was found there."""
    migrated = [
        Migrated(item.asset, item.target, item.name, there.fingerprint, sources.get(item.asset))
        for item in plan.items
        if item.action in (Action.CREATE, Action.UPDATE, Action.UNCHANGED)
        and (there := found.get(item.target)) is not None
    ]
    deleted = [item.target for item in plan.items if item.action is Action.DELETE]
    return Manifest(plan.job_id, plan.source, plan.target, migrated, deleted)


def source_fingerprints(tools: WorkerTools, reading: JobReading) -> dict[Asset, str]:
    """The source as Preflight found it before the export that was imported; empty when that is gone, or for a restore.

    What was changed between the two is called changed by a later comparison, which is the careful side to err on.
    """
    exported = reading.succeeded(StepName.EXPORT_ASSETS)
    key = _preflight_before(reading, exported) if exported else None
    if not key:
        return {}
    try:
        document = tools.bucket.get_json(key)
    except NotFound:
        return {}
    return {Asset(AssetType(each["assetType"]), each["assetId"]): each["fingerprint"] for each in document["assets"]}


def _preflight_before(reading: JobReading, exported: StepRun) -> str | None:
    before = [
        run
        for run in reading.attempts(StepName.PREFLIGHT)
        if run.is_done and run.ended_revision <= exported.started_revision
    ]
    found: Any = before[-1].output.get("preflightKey") if before else None
    return str(found) if found else None


def _failed(wrong: Sequence[Verdict]) -> Answer:
    first = wrong[0]
    details = [each.document() for each in wrong[:MOST_TOLD]]
    message = f"{len(wrong)} assets are not as imported, the first: {first.item.target} {first.detail}"
    return worker.failed("VERIFICATION_FAILED", message, details)
