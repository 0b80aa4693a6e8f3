"""A person decides on a plan: on that very plan, by its hash, and only while the target is as the plan found it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from quicksight_migration.errors import PlanStale, SecondPersonRequired, WrongState
from quicksight_migration.machine.actions import follow
from quicksight_migration.machine.draft import Draft
from quicksight_migration.machine.tools import Tools
from quicksight_migration.machine.transitions import Told, known, transit
from quicksight_migration.machine.waking import deliver
from quicksight_migration.records.job import Approval, Job
from quicksight_migration.records.statuses import SECOND_PERSON, Decision, JobStatus, StepName

#: Compares the target with the job's plan: {"drifted": bool, "changes": [...]}. Raises the taxonomy's errors.
CheckPlan = Callable[[str], Mapping[str, Any]]


@dataclass(frozen=True)
class Approver:
    """Decisions are stored before the machine hears of them; one that is lost is sent again by the reconciler."""

    tools: Tools
    check_plan: CheckPlan

    def approve(self, actor: str, job_id: str, plan_hash: str, comment: str = "") -> Job:
        """Raises PlanStale when the hash is not that of the job's plan, or when the target has changed since: then the
        job makes a new plan, which waits for approval again. SecondPersonRequired for whoever started the job.
        """
        job = known(self.tools, job_id).job
        if _is_repeated(job, Decision.APPROVED, actor, plan_hash):
            deliver(self.tools, job_id)
            return job
        _must_match(job, actor, plan_hash)
        checked = self.check_plan(job_id)
        if checked.get("drifted"):
            self._decide(Decision.REPLAN, actor, job_id, plan_hash, comment)
            message = "the target has changed since the plan was made: a new plan is being made"
            raise PlanStale(message, plan_hash, list(checked.get("changes", ())))
        return self._decide(Decision.APPROVED, actor, job_id, plan_hash, comment)

    def reject(self, actor: str, job_id: str, comment: str = "") -> Job:
        """The job ends REJECTED; nothing was changed in the target."""
        job = known(self.tools, job_id).job
        if _is_repeated(job, Decision.REJECTED, actor, job.plan_hash):
            deliver(self.tools, job_id)
            return job
        return self._decide(Decision.REJECTED, actor, job_id, None, comment)

    def _decide(self, decision: Decision, actor: str, job_id: str, plan_hash: str | None, comment: str) -> Job:
        def decide(draft: Draft) -> Told:
            job = draft.job
            _must_wait(job)
            if plan_hash is not None:
                _must_match(job, actor, plan_hash)
            approval = Approval(
                decision=decision,
                by=actor,
                at=draft.now,
                plan_hash=job.plan_hash or "",
                comment=comment or None,
            )
            draft.change(approval=approval, status=JobStatus.RUNNING, waiting=None)
            detail = {"planHash": approval.plan_hash, **({"comment": comment} if comment else {})}
            return Told(f"PLAN_{decision}", detail, actor)

        outcome = transit(self.tools, job_id, decide)
        deliver(self.tools, job_id)
        follow(self.tools, outcome)
        return outcome.view.job


def _must_wait(job: Job) -> None:
    if job.status != JobStatus.WAITING_FOR_APPROVAL or job.current_step != StepName.WAIT_FOR_APPROVAL or job.approval:
        raise WrongState(f"the job is {job.status}: it waits for no decision")


def _must_match(job: Job, actor: str, plan_hash: str) -> None:
    _must_wait(job)
    if job.approval_mode == SECOND_PERSON and actor == job.initiated_by:
        raise SecondPersonRequired("whoever started the job may not approve its plan")
    if plan_hash != job.plan_hash:
        raise PlanStale("the job has another plan by now: read it before you approve it", job.plan_hash or "")


def _is_repeated(job: Job, decision: Decision, actor: str, plan_hash: str | None) -> bool:
    """True for a decision that the same person has made already."""
    made = job.approval
    return made is not None and (made.decision, made.by, made.plan_hash) == (decision, actor, plan_hash)
