"""Which step comes next: one pure function of the job and of the attempts of its steps.

So a retry needs no logic of its own: it begins another run, and what has succeeded stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from quicksight_migration.records.beside import EXPORT, IMPORT, slot_key
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.statuses import (
    DONE,
    NO_APPROVAL,
    ORDER,
    RESTORE,
    Decision,
    StepName,
    StepStatus,
    TargetState,
)

#: What the machine does when no step is left.
FINALIZE = "Finalize"
#: Member of Preflight's output: names of steps whose recorded outputs are not there any more.
GONE = "gone"
#: Plans of one run that a target may overtake before somebody has to look into who keeps changing it.
MOST_REPLANS = 3
#: What these steps made was taken over by ImportAssets: once that has succeeded, nobody misses it.
TAKEN_OVER = frozenset({StepName.EXPORT_ASSETS, StepName.UPLOAD_ASSETS, StepName.PLAN_IMPORT})
RESTORE_HAS_NOT = frozenset({StepName.EXPORT_ASSETS, StepName.UPLOAD_ASSETS})
PLAN_ONLY_HAS = frozenset(ORDER[: ORDER.index(StepName.PLAN_IMPORT) + 1])


def next_step(job: Job, steps: Sequence[StepRun]) -> str:
    """The first step that is not settled, or FINALIZE.

    Preflight is run anew in each run. Any other step is settled when its last attempt succeeded (or found nothing to
    do), after the last success of every step before it, and its output is still there.
    """
    after = 0
    gone = _gone(job, steps)
    for step in ORDER:
        run = last_attempt(steps, step)
        if not is_needed(job, step):
            continue
        if run is None or not run.is_done:
            return step
        if step == StepName.PREFLIGHT:
            if run.run_number != job.run_number:
                return step
            continue
        if run.ended_revision <= after or step in gone or _is_overtaken(job, run, steps):
            return step
        after = run.ended_revision
    return FINALIZE


def is_needed(job: Job, step: str) -> bool:
    """False for a step that this job leaves out, whatever happens."""
    if job.options["planOnly"] and step not in PLAN_ONLY_HAS:
        return False
    if step in RESTORE_HAS_NOT:
        return job.type != RESTORE
    if step == StepName.WAIT_FOR_APPROVAL:
        return job.approval_mode != NO_APPROVAL
    return step != StepName.BACKUP_TARGET or bool(job.options["backup"])


def last_attempt(steps: Iterable[StepRun], step: str) -> StepRun | None:
    """The newest attempt of a step."""
    return max((run for run in steps if run.step == step), key=lambda run: run.attempt, default=None)


def last_success(steps: Iterable[StepRun], step: str) -> StepRun | None:
    """The newest attempt of a step that succeeded, or found nothing to do."""
    return last_attempt((run for run in steps if run.is_done), step)


def output_of(steps: Iterable[StepRun], step: str) -> Mapping[str, Any]:
    """What the newest successful attempt of a step has left; empty when there is none."""
    run = last_success(steps, step)
    return run.output if run else {}


def running(steps: Iterable[StepRun]) -> StepRun | None:
    """The attempt that is under way."""
    return next((run for run in steps if run.step_status == StepStatus.RUNNING), None)


def replans(job: Job, steps: Iterable[StepRun]) -> int:
    """How often this run has gone back to PlanImport."""
    return sum(1 for run in steps if run.replan and run.run_number == job.run_number)


def slot_line_of(job: Job, step: str) -> str | None:
    """Key of the line that a step has to stand in, None for a step that needs no slot."""
    if step == StepName.EXPORT_ASSETS:
        return slot_key(job.source_account_id, job.source_region, EXPORT)
    if step == StepName.BACKUP_TARGET:
        return slot_key(job.target_account_id, job.target_region, EXPORT)
    if step == StepName.IMPORT_ASSETS:
        return slot_key(job.target_account_id, job.target_region, IMPORT)
    return None


def slot_lines_of(job: Job) -> list[str]:
    """Keys of all lines that the job may stand in."""
    return sorted({line for step in ORDER if (line := slot_line_of(job, step))})


def original_backup(steps: Sequence[StepRun]) -> StepRun | None:
    """The backup of what the target was before the job first touched it: what a restore brings back."""
    touched = [
        run.started_revision
        for run in steps
        if run.step == StepName.IMPORT_ASSETS and run.target_state not in (None, TargetState.UNTOUCHED)
    ]
    first = min(touched, default=None)
    before = [run for run in steps if (first is None or run.ended_revision <= first) and not run.is_left_out]
    return last_success(before, StepName.BACKUP_TARGET)


def _gone(job: Job, steps: Sequence[StepRun]) -> frozenset[str]:
    """Steps whose outputs Preflight of this run has missed, unless they have been made anew since."""
    preflight = last_attempt(steps, StepName.PREFLIGHT)
    if preflight is None or preflight.run_number != job.run_number:
        return frozenset()
    imported = last_attempt(steps, StepName.IMPORT_ASSETS)
    kept = TAKEN_OVER if imported is not None and imported.is_done else frozenset()
    missed = set(preflight.output.get(GONE, ())) - kept
    made = {step: last_success(steps, step) for step in missed}
    return frozenset(step for step, run in made.items() if run and run.ended_revision < preflight.ended_revision)


def _is_overtaken(job: Job, run: StepRun, steps: Sequence[StepRun]) -> bool:
    """True for a plan that somebody found stale since, and for an approval of another plan than the job's."""
    if run.step == StepName.PLAN_IMPORT:
        return any(other.replan and other.ended_revision > run.ended_revision for other in steps)
    if run.step == StepName.WAIT_FOR_APPROVAL and run.step_status in DONE:
        approval = job.approval
        return approval is None or approval.decision != Decision.APPROVED or approval.plan_hash != job.plan_hash
    return False
