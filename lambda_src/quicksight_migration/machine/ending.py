"""The ends of a job: its last status follows from how the run ended and from what is left of the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quicksight_migration.machine.draft import Draft
from quicksight_migration.machine.transitions import MACHINE, Told
from quicksight_migration.records.beside import Manifest
from quicksight_migration.records.job import Failure, StepRun
from quicksight_migration.records.order import FINALIZE, next_step, output_of
from quicksight_migration.records.statuses import (
    RESTORE,
    TERMINAL_STATUSES,
    JobStatus,
    StepName,
    StepStatus,
    TargetState,
)

#: A worker's word for "somebody asked to cancel before I began anything".
CANCELLED_CODE = "CANCELLED"
#: An import that could not put back what it had changed.
ROLLBACK_ERROR = "ROLLBACK_ERROR"
RESULT_STEPS = (StepName.VERIFY_TARGET, StepName.UPDATE_PERMISSIONS, StepName.IMPORT_ASSETS)


def end_failed(draft: Draft, error: Failure, target_state: str | None = None, actor: str = MACHINE) -> Told:
    """The attempt under way fails and the job with it: FAILED, or CANCELLED if that was asked for.

    An import that fails without a word about the target may have done anything.
    """
    run = draft.running
    status = StepStatus.CANCELLED if _gave_way(draft, error) else StepStatus.FAILED
    if run is not None:
        if run.step == StepName.IMPORT_ASSETS and target_state is None and status == StepStatus.FAILED:
            target_state = TargetState.UNKNOWN
        draft.end(run, status, error=error, target_state=target_state)
    note_target(draft, target_state)
    failed_step = run.step if run else draft.job.current_step
    if draft.job.cancel_requested:
        draft.change(error=None if status == StepStatus.CANCELLED else error)
        return end(draft, JobStatus.CANCELLED, actor=actor)
    draft.change(error=error, failed_step=failed_step)
    return end(draft, JobStatus.FAILED, actor=actor)


def end_cancelled(draft: Draft, actor: str = MACHINE) -> Told:
    """Nothing runs any more of a job that somebody asked to cancel."""
    if draft.running:
        draft.end(draft.running, StepStatus.CANCELLED)
    return end(draft, JobStatus.CANCELLED, actor=actor)


def end_rejected(draft: Draft, run: StepRun, decision: str, actor: str, comment: str | None) -> Told:
    """A person has rejected the plan, or nobody has decided in time."""
    message = comment or ("nobody decided in time" if decision == "EXPIRED" else "the plan was rejected")
    error = Failure(code=decision, message=message)
    draft.end(run, StepStatus.FAILED, error=error)
    draft.change(error=error, failed_step=run.step)
    return end(draft, JobStatus.REJECTED, actor=actor)


def end_completed(draft: Draft) -> Told | None:
    """Every step is settled. None when one is not."""
    job = draft.job
    if next_step(job, draft.steps) != FINALIZE or draft.running:
        return None
    draft.change(results=results_of(draft.steps))
    return end(draft, JobStatus.COMPLETED)


def end(draft: Draft, status: str, actor: str = MACHINE) -> Told:
    """The last status. A target that nobody knows the state of needs attention, whatever else happened."""
    job = draft.job
    unknown = job.target_state == TargetState.UNKNOWN and job.options["failureAction"] != "DO_NOTHING"
    broken = job.error is not None and job.error.code == ROLLBACK_ERROR
    if status != JobStatus.COMPLETED and (unknown or broken):
        status = JobStatus.NEEDS_ATTENTION
        draft.change(target_state=TargetState.UNKNOWN)
    draft.change(status=status, ended_at=draft.now, current_step=None, waiting=None)
    draft.leave_lines()
    detail: dict[str, Any] = {"status": str(status), "targetState": str(draft.job.target_state)}
    if draft.job.failed_step:
        detail["failedStep"] = draft.job.failed_step
    if draft.job.error:
        detail["error"] = {"code": draft.job.error.code, "message": draft.job.error.message}
    return Told(f"JOB_{status}", detail, actor, alert=_message(draft, str(status)))


def is_over(draft: Draft) -> bool:
    """True for a job that nothing happens to any more, until it is retried."""
    return draft.job.status in TERMINAL_STATUSES


def note_target(draft: Draft, target_state: str | None) -> None:
    """What is known of the target now. That an attempt left it alone does not undo what an earlier one did."""
    if target_state and target_state != TargetState.UNTOUCHED:
        draft.change(target_state=target_state)


def imported_state(draft: Draft) -> str:
    """What a successful import has made of the target."""
    return TargetState.RESTORED if draft.job.type == RESTORE else TargetState.MIGRATED


def results_of(steps: tuple[StepRun, ...]) -> Mapping[str, Any]:
    """What was imported, as the last step that tells of it says."""
    told = (output_of(steps, step).get("results") for step in RESULT_STEPS)
    return next((dict(each) for each in told if each), {})


def manifest_of(draft: Draft) -> Manifest | None:
    """Where the fingerprints of what was migrated lie, for a completed migration."""
    key = output_of(draft.steps, StepName.VERIFY_TARGET).get("manifestKey")
    if not key:
        return None
    return Manifest(
        job_id=draft.job.job_id,
        manifest_key=str(key),
        target_account_id=draft.job.target_account_id,
        source_account_id=draft.job.source_account_id,
        completed_at=draft.now,
    )


def _gave_way(draft: Draft, error: Failure) -> bool:
    return draft.job.cancel_requested is not None and error.code == CANCELLED_CODE


def _message(draft: Draft, status: str) -> str:
    job = draft.job
    at = f" at {job.failed_step}" if job.failed_step else ""
    why = f": {job.error.code}" if job.error else ""
    return f"{status}{at}{why}; the target is {str(job.target_state).lower()}"
