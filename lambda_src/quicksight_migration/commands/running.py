"""What people do to a job: each command is one transition, stored before the machine hears of it.

Permissions and tenants are looked at by the API before. Every command raises NotFound for an unknown job and WrongState
when the job is not where it makes sense. A command that is repeated by whoever gave it answers the job as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from quicksight_migration.commands.starting import Starter
from quicksight_migration.errors import IdempotencyConflict, WrongState
from quicksight_migration.machine.actions import follow
from quicksight_migration.machine.draft import Draft
from quicksight_migration.machine.tools import Tools
from quicksight_migration.machine.transitions import Told, known, transit
from quicksight_migration.machine.waking import deliver
from quicksight_migration.records.beside import Request, request_key
from quicksight_migration.records.job import Asked, Job
from quicksight_migration.records.statuses import RETRYABLE, TERMINAL_STATUSES, Decision, JobStatus
from shared.canonical import canonical_json, sha256_hex


@dataclass(frozen=True)
class Runner:
    """Cancels jobs and runs them again."""

    tools: Tools
    starter: Starter

    def cancel(self, actor: str, job_id: str, reason: str = "") -> Job:
        """Begins nothing more. A bundle job cannot be stopped: CANCELLING lasts until the one that runs has ended."""

        def decide(draft: Draft) -> Told | None:
            job = draft.job
            if job.cancel_requested:
                return None
            if job.status in TERMINAL_STATUSES:
                raise WrongState(f"the job is {job.status}")
            asked = Asked(by=actor, at=draft.now, reason=reason or None)
            draft.change(cancel_requested=asked, status=JobStatus.CANCELLING)
            return Told("CANCEL_REQUESTED", {"reason": reason} if reason else {}, actor)

        outcome = transit(self.tools, job_id, decide)
        deliver(self.tools, job_id)
        follow(self.tools, outcome)
        return outcome.view.job

    def retry(self, actor: str, job_id: str, key: str = "") -> Job:
        """Runs a job again that failed, was cancelled, was rejected or needs attention: from the step that is not done.

        Raises IdempotencyConflict when the key was used for something else.
        """
        request = self._claim(actor, job_id, key)
        name = request.partition if request else ""

        def decide(draft: Draft) -> Told | None:
            job = draft.job
            if name and job.retry_key == sha256_hex(name):
                return None
            if job.status not in RETRYABLE:
                raise WrongState(f"the job is {job.status}: only one that has failed, or was stopped, is run again")
            _begin_again(draft, sha256_hex(name) if name else None)
            return Told("JOB_RETRIED", {"runNumber": draft.job.run_number}, actor)

        claimed = request and self.tools.store.request(name)
        outcome = transit(self.tools, job_id, decide, *([request] if request and not claimed else []))
        self.tools.store.keep(job_id)
        return self.starter.run(outcome.view.job)

    def _claim(self, actor: str, job_id: str, key: str) -> Request | None:
        if not key:
            return None
        known(self.tools, job_id)
        request_id, body_hash = request_key(actor, key), sha256_hex(canonical_json(["RETRY", job_id]))
        found = self.tools.store.request(request_id)
        if found and found.body_hash != body_hash:
            raise IdempotencyConflict("this Idempotency-Key was used for another request")
        return Request(job_id=request_id, target_job_id=job_id, body_hash=body_hash)


def _begin_again(draft: Draft, retry_key: str | None) -> None:
    """The next run. What steps have done stays; only a plan that was approved is still approved."""
    job = draft.job
    approved = job.approval is not None and job.approval.decision == Decision.APPROVED
    draft.change(
        status=JobStatus.PENDING,
        run_number=job.run_number + 1,
        retry_count=job.retry_count + 1,
        retry_key=retry_key,
        ended_at=None,
        current_step=None,
        waiting=None,
        failed_step=None,
        error=None,
        cancel_requested=None,
        execution_arn=None,
        approval=job.approval if approved else None,
    )
