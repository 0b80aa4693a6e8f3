"""ExportAssets: one export a chunk of the job's assets, in the source account, one after another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from quicksight_migration.bundles.bundle_jobs import SUCCESSFUL, BundleJob
from quicksight_migration.bundles.following import Following, Progress, progress_of
from quicksight_migration.bundles.keys import EXPORT, bundle_job_id
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import RESTORE, StepName
from quicksight_migration.worker import Answer, Task, failed, skipped, succeeded
from quicksight_migration.worker_tools import WorkerTools, go_ahead

FORMAT = "QUICKSIGHT_JSON"
EXPORT_FAILED = "EXPORT_FAILED"
#: A step's output holds 30 KB.
MOST_WARNINGS = 50


def export_assets(tools: WorkerTools, task: Task) -> Answer:
    """Output: {"exports": [{"chunk", "bundleJobId"}], "warnings": [{"chunk", "arn", "message"}]}."""
    job = tools.job(task.job_id)
    if job.job.type == RESTORE:
        return skipped("a restore imports the backup of another job")
    chunks = _chunks(tools, job)
    following = tools.following(tools.exports(tools.source(job.job), task.job_id))
    ids = [bundle_job_id(task.job_id, EXPORT, task.attempt, chunk) for chunk in range(1, len(chunks) + 1)]
    requests = [partial(export_request, job, arns) for arns in chunks]
    reached = follow_exports(following, progress_of(task.progress), ids, requests)
    if not isinstance(reached, Progress):
        return reached
    exported = [{"chunk": chunk, "bundleJobId": each} for chunk, each in enumerate(ids, start=1)]
    return succeeded({"exports": exported, "warnings": warnings_of(following, ids)})


def follow_exports(
    following: Following, progress: Progress, ids: Sequence[str], requests: Sequence[Callable[[], Mapping[str, Any]]]
) -> Progress | Answer:
    """Exports one after another: where the step is when all have succeeded, else what the worker answers.

    `requests` make what each of `ids` is started with.
    """
    while progress.chunk <= len(ids):
        at = progress.chunk - 1
        found = following.follow(progress, ids[at], requests[at])
        if not isinstance(found, BundleJob):
            return found
        if found.status != SUCCESSFUL:
            return export_failed(found, progress.chunk)
        progress = progress.at(progress.chunk + 1)
    return progress


def _chunks(tools: WorkerTools, job: JobReading) -> Sequence[Sequence[str]]:
    """ARNs to export, at most 100 a chunk, as Preflight has split them."""
    chunks: Sequence[Sequence[str]] = tools.bucket.get_json(job.output(StepName.PREFLIGHT)["preflightKey"])["chunks"]
    return chunks


def export_request(job: JobReading, arns: Sequence[str]) -> dict[str, Any]:
    """Members of StartAssetBundleExportJob beside the ids. Raises Cancelled."""
    go_ahead(job)
    options = job.options
    return {
        "ResourceArns": list(arns),
        "ExportFormat": FORMAT,
        "IncludeAllDependencies": bool(options["includeAllDependencies"]),
        "IncludePermissions": bool(options["includePermissions"]),
        "IncludeTags": bool(options["includeTags"]),
        "IncludeFolderMemberships": bool(options["includeFolderMemberships"]),
        "ValidationStrategy": {"StrictModeForAllResources": bool(options["strictValidation"])},
    }


def export_failed(found: BundleJob, chunk: int) -> Answer:
    """FAILED, with what QuickSight says of the assets that could not be exported."""
    first = found.errors[0].get("message", "") if found.errors else "QuickSight does not say why"
    details = {"bundleJobId": found.bundle_job_id, "chunk": chunk, "errors": [dict(each) for each in found.errors]}
    return failed(EXPORT_FAILED, f"{len(found.errors)} errors, the first: {first}", details)


def warnings_of(following: Following, bundle_job_ids: Sequence[str]) -> list[dict[str, Any]]:
    """What QuickSight warns of, as far as its jobs can be looked at now."""
    told: list[dict[str, Any]] = []
    for chunk, bundle_job in enumerate(bundle_job_ids, start=1):
        found = following.jobs.look(bundle_job)
        told += [{"chunk": chunk, **each} for each in (found.warnings if found else ())]
    return told[:MOST_WARNINGS]
