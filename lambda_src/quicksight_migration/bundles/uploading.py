"""UploadAssets: bundles of finished exports into the bundle bucket, in one stream each.

What is there already is not fetched again: an upload is whole or not at all.
"""

from __future__ import annotations

from typing import Any

from quicksight_migration.bundles.bundle_jobs import SUCCESSFUL, BundleJobs
from quicksight_migration.bundles.download import LinkExpired, download
from quicksight_migration.bundles.following import progress_of
from quicksight_migration.bundles.keys import EXPORT, bundle_key
from quicksight_migration.bundles.upload import Written
from quicksight_migration.records.statuses import RESTORE, StepName
from quicksight_migration.worker import Answer, Task, skipped, succeeded, wait
from quicksight_migration.worker_tools import WorkerTools
from shared.errors import NotFound, TowpathError, Transient

#: Addresses that are asked for in one invocation before the machine lets some time pass.
LINKS = 3


class ExportGone(TowpathError):
    """QuickSight does not have the export any more, and its bundle was never fetched."""


def upload_assets(tools: WorkerTools, task: Task) -> Answer:
    """Output: {"bundles": [{"chunk", "key", "sha256", "size"}]}. Raises ExportGone, and what S3 raises."""
    job = tools.job(task.job_id)
    if job.job.type == RESTORE:
        return skipped("a restore imports the backup of another job")
    exported = job.succeeded(StepName.EXPORT_ASSETS)
    if exported is None:
        raise NotFound("there is no export whose bundles could be fetched")
    jobs = tools.exports(tools.source(job.job), task.job_id)
    bundles: list[dict[str, Any]] = []
    for each in exported.output["exports"]:
        if tools.is_short_of_time:
            return wait(1, progress_of(task.progress).at(len(bundles) + 1).document())
        key = bundle_key(task.job_id, EXPORT, exported.attempt, each["chunk"])
        bundles.append({"chunk": each["chunk"], **described(fetched(tools, jobs, each["bundleJobId"], key))})
    return succeeded({"bundles": bundles})


def fetched(tools: WorkerTools, jobs: BundleJobs, bundle_job_id: str, key: str) -> Written:
    """The export's bundle in the bundle bucket, fetched unless it is there. Raises ExportGone, Transient."""
    if tools.bucket.size(key) is not None:
        return tools.bucket.digest(key)
    for _ in range(LINKS):
        found = jobs.look(bundle_job_id)
        if found is None or found.status != SUCCESSFUL:
            raise ExportGone(f"{bundle_job_id} is {found.status if found else 'not known'} to QuickSight")
        try:
            return tools.bucket.write(key, download(found.download_url, tools.open_url))
        except LinkExpired:
            continue
    raise Transient(f"the address of {bundle_job_id} had expired each of {LINKS} times")


def described(written: Written) -> dict[str, Any]:
    """As outputs of steps name a file."""
    return {"key": written.key, "sha256": written.sha256, "size": written.size}
