"""BackupTarget: what the import will overwrite or a restore will delete is exported from the target first.

A backup takes the very assets of the plan with their permissions and tags, not what they depend on. Assets with
errors are taken as they are: they are what has to be brought back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from quicksight_migration.bundles.exporting import FORMAT, follow_exports
from quicksight_migration.bundles.following import Progress, progress_of
from quicksight_migration.bundles.keys import BACKUP, bundle_job_id, bundle_key
from quicksight_migration.bundles.uploading import described, fetched
from quicksight_migration.planning.plan import Action, Plan
from quicksight_migration.records.reader import JobReading
from quicksight_migration.worker import Answer, Task, skipped, succeeded, wait
from quicksight_migration.worker_tools import WorkerTools, go_ahead

#: API Reference, StartAssetBundleExportJob: ResourceArns.
MOST_ARNS = 100


@dataclass(frozen=True)
class Part:
    """One backup bundle: its number, the chunk of the plan that overwrites its assets, their ARNs in the target."""

    number: int
    chunk: int
    arns: tuple[str, ...]


def backup_target(tools: WorkerTools, task: Task) -> Answer:
    """Output: {"planKey", "bundles": [{"number", "chunk", "bundleJobId", "key", "sha256", "size"}]}."""
    job = tools.job(task.job_id)
    plan, plan_key = tools.plan(job)
    parts = backup_parts(plan)
    if not parts:
        return skipped("nothing of the target is overwritten or deleted", {"planKey": plan_key, "bundles": []})
    jobs = tools.exports(tools.target(job.job), task.job_id)
    ids = [bundle_job_id(task.job_id, BACKUP, task.attempt, part.number) for part in parts]
    requests = [partial(_request, job, part) for part in parts]
    reached = follow_exports(tools.following(jobs), progress_of(task.progress), ids, requests)
    if not isinstance(reached, Progress):
        return reached
    bundles: list[dict[str, Any]] = []
    for part, bundle_job in zip(parts, ids, strict=True):
        if tools.is_short_of_time:
            return wait(1, reached.document())
        written = fetched(tools, jobs, bundle_job, bundle_key(task.job_id, BACKUP, task.attempt, part.number))
        bundles.append({"number": part.number, "chunk": part.chunk, "bundleJobId": bundle_job, **described(written)})
    return succeeded({"planKey": plan_key, "bundles": bundles})


def backup_parts(plan: Plan) -> list[Part]:
    """What is backed up, by the chunk that overwrites it, in bundles that an export can take."""
    parts: list[Part] = []
    for chunk in sorted({item.chunk for item in plan.items}):
        arns = [item.target.arn(plan.target) for item in plan.of_chunk(chunk, Action.UPDATE, Action.DELETE)]
        for start in range(0, len(arns), MOST_ARNS):
            parts.append(Part(len(parts) + 1, chunk, tuple(arns[start : start + MOST_ARNS])))
    return parts


def _request(job: JobReading, part: Part) -> dict[str, Any]:
    go_ahead(job)
    return {
        "ResourceArns": list(part.arns),
        "ExportFormat": FORMAT,
        "IncludeAllDependencies": False,
        "IncludePermissions": True,
        "IncludeTags": True,
        "IncludeFolderMemberships": False,
        "ValidationStrategy": {"StrictModeForAllResources": False},
    }


def backups_of(output: Mapping[str, Any], chunks: int) -> list[Mapping[str, Any]]:
    """The bundles of BackupTarget's output that belong to the first chunks, the last one first."""
    return [each for each in reversed(output.get("bundles", [])) if each["chunk"] <= chunks]
