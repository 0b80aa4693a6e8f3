"""Where a job goes from here: the next step begins, the job stands in line for it, or nothing more is begun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quicksight_migration.machine.draft import Draft
from quicksight_migration.records.job import Waiting
from quicksight_migration.records.order import FINALIZE, is_needed, last_attempt, next_step, running, slot_line_of
from quicksight_migration.records.statuses import (
    ORDER,
    TERMINAL_STATUSES,
    JobStatus,
    StepName,
    StepStatus,
)
from quicksight_migration.records.store import View

WAIT_FOR_SLOT, CANCELLED, REJECTED, FAILED = "WaitForSlot", "Cancelled", "Rejected", "Failed"
SLOT, APPROVAL = "SLOT", "APPROVAL"
#: The machine's state for a job that is over.
ENDS = {
    JobStatus.COMPLETED: FINALIZE,
    JobStatus.CANCELLED: CANCELLED,
    JobStatus.REJECTED: REJECTED,
    JobStatus.FAILED: FAILED,
    JobStatus.NEEDS_ATTENTION: FAILED,
}


def go_on(draft: Draft) -> None:
    """Begins what is next, unless an attempt is under way, the job is over or somebody asked to cancel it."""
    job = draft.job
    if draft.running or job.cancel_requested or job.status in TERMINAL_STATUSES:
        return
    step = next_step(job, draft.steps)
    _leave_out(draft, step)
    if step == FINALIZE:
        draft.change(current_step=None, waiting=None)
        return
    line = slot_line_of(job, step)
    if line and not draft.take_slot(line, step):
        if not job.waiting or (job.waiting.kind, job.waiting.step) != (SLOT, step):
            draft.change(current_step=step, waiting=Waiting(kind=SLOT, step=step, since=draft.now))
        return
    draft.begin(step)
    draft.change(current_step=step, waiting=None, status=JobStatus.RUNNING)
    if step == StepName.WAIT_FOR_APPROVAL:
        waiting = Waiting(kind=APPROVAL, step=step, since=draft.now)
        draft.change(status=JobStatus.WAITING_FOR_APPROVAL, waiting=waiting, approval=None)


def _leave_out(draft: Draft, step: str) -> None:
    """Steps before the next one that the job does not want, once each."""
    before = ORDER if step == FINALIZE else ORDER[: ORDER.index(StepName(step))]
    for each in before:
        if not is_needed(draft.job, each) and last_attempt(draft.steps, each) is None:
            draft.begin(each, StepStatus.SKIPPED)


def answer_of(view: View) -> dict[str, Any]:
    """What the machine is told: {"next": state, "step", "attempt"}. Says the same as long as nothing is written."""
    job, run = view.job, running(view.steps)
    if job.status in TERMINAL_STATUSES:
        return _state(ENDS[JobStatus(job.status)])
    if job.cancel_requested and (run is None or run.step == StepName.WAIT_FOR_APPROVAL):
        return _state(CANCELLED)
    if run is not None:
        return {"next": str(run.step), "step": str(run.step), "attempt": run.attempt}
    if job.waiting:
        last = last_attempt(view.steps, job.waiting.step)
        return {"next": WAIT_FOR_SLOT, "step": job.waiting.step, "attempt": last.attempt + 1 if last else 1}
    return _state(FINALIZE)


def begun(draft: Draft) -> Mapping[str, Any]:
    """What the audit says of where the job has gone."""
    run = draft.running
    if run is not None:
        return {"next": str(run.step), "attempt": run.attempt}
    return {"next": WAIT_FOR_SLOT if draft.job.waiting else FINALIZE}


def _state(name: str) -> dict[str, Any]:
    return {"next": name, "step": name, "attempt": 1}
