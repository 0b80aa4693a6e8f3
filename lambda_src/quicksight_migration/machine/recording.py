"""What the machine reports: a run begins, a step has ended, the run has come to its end. All may be repeated."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quicksight_migration.errors import ValidationFailed
from quicksight_migration.machine import ending
from quicksight_migration.machine.draft import Draft
from quicksight_migration.machine.failures import failure_of, plain
from quicksight_migration.machine.going_on import begun, go_on
from quicksight_migration.machine.transitions import Decide, Told
from quicksight_migration.records.job import Failure, StepRun
from quicksight_migration.records.order import MOST_REPLANS, replans
from quicksight_migration.records.statuses import Decision, JobStatus, StepName, StepStatus, TargetState
from shared.canonical import canonical_json

#: Of a step's output; what is bigger lies in S3.
OUTPUT_BYTES = 30_000
SUCCEEDED, SKIPPED, FAILED, REPLAN = "SUCCEEDED", "SKIPPED", "FAILED", "REPLAN"
DEADLINE = "deadline"


def run_started(run_number: int, execution_arn: str) -> Decide:
    """PENDING becomes RUNNING, and the first step begins."""

    def decide(draft: Draft) -> Told | None:
        job = draft.job
        if job.status != JobStatus.PENDING or job.run_number != run_number:
            return None
        draft.change(status=JobStatus.RUNNING, execution_arn=execution_arn, logs_location=logs_of(execution_arn))
        go_on(draft)
        return Told("RUN_STARTED", {"runNumber": run_number, **begun(draft)})

    return decide


def moved_on(draft: Draft) -> Told | None:
    """Takes a slot that has come free, and begins its step."""
    if ending.is_over(draft) or draft.job.status == JobStatus.PENDING:
        return None
    go_on(draft)
    return Told("STEP_STARTED" if draft.running else "SLOT_AWAITED", begun(draft))


def step_ended(step: str, attempt: int, result: Mapping[str, Any]) -> Decide:
    """Ends an attempt as its worker says and begins what is next. One that has ended already stays as it is."""

    def decide(draft: Draft) -> Told | None:
        run = _open_attempt(draft, step, attempt)
        if run is None:
            return None
        if step == StepName.WAIT_FOR_APPROVAL:
            return approval_settled(draft, run)
        state = str(result.get("state"))
        if state == REPLAN and replans(draft.job, draft.steps) < MOST_REPLANS:
            return _planned_again(draft, run, result)
        if state in (SUCCEEDED, SKIPPED):
            return _done(draft, run, state, result)
        return ending.end_failed(draft, _failure(state, result), target_of(result))

    return decide


def run_failed(step: str, attempt: int, failure: Failure, target_state: str | None) -> Decide:
    """The machine has given up. If another attempt is under way than the one that failed, its worker was never called:
    the machine did not hear that it had begun.
    """

    def decide(draft: Draft) -> Told | None:
        if ending.is_over(draft):
            return None
        run = draft.running
        if run is not None and (run.step, run.attempt) != (step, attempt):
            return ending.end_failed(draft, failure, target_state or TargetState.UNTOUCHED)
        return ending.end_failed(draft, failure, target_state)

    return decide


def run_completed(draft: Draft) -> Told | None:
    """COMPLETED when nothing is left to do; CANCELLED when that was asked for before."""
    if ending.is_over(draft):
        return None
    if draft.job.cancel_requested:
        return ending.end_cancelled(draft)
    told = ending.end_completed(draft)
    manifest = ending.manifest_of(draft) if told else None
    if manifest:
        draft.beside.append(manifest)
    return told


def run_cancelled(draft: Draft) -> Told | None:
    """CANCELLED, if somebody asked for it."""
    if ending.is_over(draft) or not draft.job.cancel_requested:
        return None
    return ending.end_cancelled(draft)


def approval_expired(draft: Draft) -> Told | None:
    """Nobody decided in time, or somebody did in the last moment: that counts."""
    run = draft.running
    if ending.is_over(draft) or run is None or run.step != StepName.WAIT_FOR_APPROVAL:
        return None
    if draft.job.approval is None and not draft.job.cancel_requested:
        return ending.end_rejected(draft, run, Decision.EXPIRED, DEADLINE, None)
    return approval_settled(draft, run)


def approval_settled(draft: Draft, run: StepRun) -> Told | None:
    """The stored decision takes effect. Raises ValidationFailed when the machine heard of one that nobody made."""
    approval = draft.job.approval
    if draft.job.cancel_requested:
        draft.end(run, StepStatus.CANCELLED)
        return _ended(draft, run, StepStatus.CANCELLED)
    if approval is None:
        raise ValidationFailed(f"nobody has decided on the plan of {draft.job.job_id}")
    output = {"decision": str(approval.decision), "by": approval.by, "planHash": approval.plan_hash}
    if approval.decision == Decision.REJECTED:
        return ending.end_rejected(draft, run, Decision.REJECTED, approval.by, approval.comment)
    if approval.decision == Decision.REPLAN:
        return _planned_again(draft, run, {"output": output})
    draft.end(run, StepStatus.SUCCEEDED, output=output)
    return _ended(draft, run, StepStatus.SUCCEEDED)


def logs_of(execution_arn: str) -> str | None:
    """The run in the console of Step Functions, which leads to its logs."""
    parts = execution_arn.split(":")
    if len(parts) < 7:  # noqa: PLR2004  (arn:aws:states:<region>:<account>:execution:<machine>:<run>)
        return None
    region = parts[3]
    return f"https://{region}.console.aws.amazon.com/states/home?region={region}#/v2/executions/details/{execution_arn}"


def _open_attempt(draft: Draft, step: str, attempt: int) -> StepRun | None:
    """The attempt if it is under way. Raises ValidationFailed for one that never was."""
    found = next((run for run in draft.steps if run.step == step and run.attempt == attempt), None)
    if found is None:
        raise ValidationFailed(f"{draft.job.job_id} has no attempt {attempt} of {step}")
    return found if found.step_status == StepStatus.RUNNING and not ending.is_over(draft) else None


def _planned_again(draft: Draft, run: StepRun, result: Mapping[str, Any]) -> Told:
    output = _output(result)
    error = Failure(code="TARGET_DRIFTED", message="the target is not as it was when the plan was made")
    draft.end(run, StepStatus.CANCELLED, output=output, error=error, replan=True)
    return _ended(draft, run, REPLAN)


def _done(draft: Draft, run: StepRun, state: str, result: Mapping[str, Any]) -> Told:
    output, target_state = _output(result), target_of(result)
    if run.step == StepName.IMPORT_ASSETS and state == SUCCEEDED:
        target_state = target_state or ending.imported_state(draft)
    if len(canonical_json(output)) > OUTPUT_BYTES:
        error = Failure(code="OUTPUT_TOO_LARGE", message=f"what {run.step} has left does not fit into a record")
        return ending.end_failed(draft, error, target_state)
    draft.end(run, StepStatus(state), output=output, target_state=target_state)
    ending.note_target(draft, target_state)
    if run.step == StepName.PLAN_IMPORT:
        draft.change(plan_hash=output.get("planHash"), plan_key=output.get("planKey"))
    return _ended(draft, run, state)


def _ended(draft: Draft, run: StepRun, how: str) -> Told:
    go_on(draft)
    detail = {"step": str(run.step), "stepAttempt": run.attempt, "ended": str(how), **begun(draft)}
    alert = ""
    if draft.job.status == JobStatus.WAITING_FOR_APPROVAL:
        alert = f"the plan {draft.job.plan_hash} waits for approval"
    return Told("STEP_ENDED", detail, alert=alert, about="APPROVAL_WANTED")


def _failure(state: str, result: Mapping[str, Any]) -> Failure:
    if state == REPLAN:
        message = f"the target was changed by others after each of {MOST_REPLANS + 1} plans"
        return Failure(code="TARGET_DRIFTED", message=message)
    if state != FAILED:
        return Failure(code="UNKNOWN_ANSWER", message=f"the worker answered {state!r}")
    return failure_of("", "", result)


def _output(result: Mapping[str, Any]) -> dict[str, Any]:
    return dict(plain(result.get("output") or {}))


def target_of(result: Mapping[str, Any]) -> str | None:
    """What a worker says that it has left of the target, None when it says nothing."""
    return str(result["targetState"]) if result.get("targetState") else None
