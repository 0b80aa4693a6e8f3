"""ImportAssets, the step: one look at its attempt, and what to answer when not even that is possible."""

from __future__ import annotations

from dataclasses import replace

from quicksight_migration.bundles.earlier_attempts import state_before
from quicksight_migration.bundles.following import MOST_ERRORS, progress_of
from quicksight_migration.bundles.import_attempt import Importing
from quicksight_migration.bundles.keys import IMPORT, bundle_job_id
from quicksight_migration.records.statuses import TargetState
from quicksight_migration.worker import WAIT, Answer, Task, failed_by
from quicksight_migration.worker_tools import WorkerTools
from shared.errors import TowpathError


def import_assets(tools: WorkerTools, task: Task) -> Answer:
    """Output: {"imports": [{"chunk", "bundleJobId"}], "warnings": […], "deleted": n}. FAILED names the target state."""
    try:
        job = tools.job(task.job_id)
        plan, _ = tools.plan(job)
        return Importing(tools, task, job, plan, tools.target(job.job)).advance()
    except TowpathError as error:
        return _stuck(tools, task, error)


def _stuck(tools: WorkerTools, task: Task, error: TowpathError) -> Answer:
    """An import goes on whether we may look or not: what stands in the way may pass, and only then it is given up."""
    progress = progress_of(task.progress)
    if progress.errors < MOST_ERRORS and (error.retriable or progress.phase):
        answer = tools.pauses.later(replace(progress, errors=progress.errors + 1), task.step, str(error))
        return answer if answer["state"] == WAIT else {**answer, "targetState": TargetState.UNKNOWN}
    return failed_by(error, TargetState.UNKNOWN if progress.phase else _state_of_first(tools, task))


def _state_of_first(tools: WorkerTools, task: Task) -> str:
    """The target when an attempt fails that may have died once without telling of what it had started."""
    try:
        job = tools.job(task.job_id)
        jobs = tools.imports(tools.target(job.job), task.job_id)
        chunks = [each.chunk for each in tools.stored_plan(job).bundles]
        begun = any(jobs.knows(bundle_job_id(task.job_id, IMPORT, task.attempt, chunk)) for chunk in chunks)
    except TowpathError:
        begun = True
    return TargetState.UNKNOWN if begun else state_before(job, task.attempt)
