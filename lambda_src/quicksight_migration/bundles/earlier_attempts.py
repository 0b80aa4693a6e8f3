"""What earlier attempts of an import have left: a bundle job cannot be aborted and may outlive its attempt."""

from __future__ import annotations

from quicksight_migration.bundles.backing_up import backup_parts
from quicksight_migration.bundles.bundle_jobs import BundleJobs
from quicksight_migration.bundles.keys import IMPORT, RESTORE, bundle_job_id
from quicksight_migration.planning.plan import Plan
from quicksight_migration.records.reader import JobReading
from quicksight_migration.records.statuses import StepName, TargetState

#: An attempt that ended so has nothing under way.
SETTLED = (TargetState.UNTOUCHED, TargetState.RESTORED, TargetState.MIGRATED)


def still_running(job: JobReading, attempt: int, plan: Plan, jobs: BundleJobs) -> str:
    """A bundle job of an earlier attempt that is under way or may be yet, "" when there is none."""
    chunks = [each.chunk for each in plan.bundles]
    parts = [each.number for each in backup_parts(plan)]
    for run in job.attempts(StepName.IMPORT_ASSETS):
        if run.attempt >= attempt or run.target_state in SETTLED or run.replan:
            continue
        ids = [bundle_job_id(run.job_id, IMPORT, run.attempt, chunk) for chunk in chunks]
        ids += [bundle_job_id(run.job_id, RESTORE, run.attempt, number) for number in parts]
        for each in ids:
            found = jobs.look(each)
            if (found and not found.is_over) or (found is None and jobs.starts.may_arrive(each)):
                return each
    return ""


def state_before(job: JobReading, attempt: int) -> str:
    """What the target was when this attempt began: an attempt that changes nothing leaves it at that."""
    before = [run.target_state for run in job.attempts(StepName.IMPORT_ASSETS) if run.attempt < attempt]
    known = [state for state in before if state not in (None, TargetState.UNTOUCHED)]
    return known[-1] or TargetState.UNTOUCHED if known else TargetState.UNTOUCHED
