"""A job and the attempts of its steps, one item each.

Times are text as shared.clock.stamp writes it. Only JOB items carry `kind` JOB; besides them only an alert that has not
been sent carries `status`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.records.record import Part, Record, part
from quicksight_migration.records.statuses import (
    DONE,
    MIGRATION,
    NO_APPROVAL,
    ORDER,
    JobStatus,
    StepName,
    StepStatus,
    TargetState,
)

#: What an option is when a job does not name it; a stored payload has all of them.
OPTION_DEFAULTS: Mapping[str, Any] = {
    "includeAllDependencies": True,
    "includePermissions": False,
    "includeTags": True,
    "includeFolderMemberships": False,
    "strictValidation": True,
    "conflictPolicy": "FAIL",
    "failureAction": "ROLLBACK",
    "backup": True,
    "planOnly": False,
}


@dataclass(frozen=True, kw_only=True)
class Failure(Part):
    """Why a step or a job failed. `details` is JSON."""

    code: str
    message: str = ""
    details: Any = None


@dataclass(frozen=True, kw_only=True)
class Asked(Part):
    """Who asked for something, and when."""

    by: str
    at: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Approval(Part):
    """The decision on one plan. It is stored before the machine hears of it."""

    decision: str
    by: str
    at: str
    plan_hash: str
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Waiting(Part):
    """What the job waits for: its turn (SLOT) at a step, or a decision (APPROVAL)."""

    kind: str
    step: str
    since: str


@dataclass(frozen=True, kw_only=True)
class Job(Record):
    """The job itself. `run_number` grows with each retry; `revision` with each transition."""

    kind: str = "JOB"
    status: str = JobStatus.PENDING
    type: str = MIGRATION
    created_at: str = ""
    updated_at: str = ""
    ended_at: str | None = None
    initiated_by: str = ""
    description: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    source_account_id: str = ""
    source_region: str = ""
    target_account_id: str = ""
    target_region: str = ""
    tenant_id: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    approval_mode: str = NO_APPROVAL
    current_step: str | None = None
    waiting: Waiting | None = part(Waiting)
    plan_hash: str | None = None
    plan_key: str | None = None
    approval: Approval | None = part(Approval)
    cancel_requested: Asked | None = part(Asked)
    failed_step: str | None = None
    error: Failure | None = part(Failure)
    target_state: str = TargetState.UNTOUCHED
    results: Mapping[str, Any] = field(default_factory=dict)
    logs_location: str | None = None
    execution_arn: str | None = None
    restore_of: str | None = None
    retry_count: int = 0
    retry_key: str | None = None  # hash of the Idempotency-Key of the last retry
    run_number: int = 1

    @property
    def sort_key(self) -> str:
        return "JOB"

    @property
    def run_name(self) -> str:
        """Name of the state machine execution of this run."""
        return f"{self.job_id}-r{self.run_number}"

    @property
    def run_input(self) -> Mapping[str, Any]:
        """What the machine is told: the records hold everything else."""
        return {"jobId": self.job_id, "runNumber": self.run_number}

    @property
    def options(self) -> Mapping[str, Any]:
        """All options, named or not."""
        return {**OPTION_DEFAULTS, **self.payload.get("options", {})}


@dataclass(frozen=True, kw_only=True)
class StepRun(Record):
    """One attempt of a step. Revisions are the job's: they tell what came before what, whatever clocks say.

    `replan`: the attempt ended since the target was not as planned, and the plan is to be made anew. `output` is at
    most 30 KB.
    """

    step: str
    attempt: int = 1
    run_number: int = 1
    step_status: str = StepStatus.RUNNING
    started_at: str = ""
    started_revision: int = 0
    ended_at: str | None = None
    ended_revision: int = 0
    output: Mapping[str, Any] = field(default_factory=dict)
    error: Failure | None = part(Failure)
    target_state: str | None = None
    replan: bool = False

    @property
    def sort_key(self) -> str:
        return f"STEP#{ORDER.index(StepName(self.step)) + 1:02d}#{self.step}#A{self.attempt:02d}"

    @property
    def is_done(self) -> bool:
        """True when it did what it had to do."""
        return self.step_status in DONE

    @property
    def is_left_out(self) -> bool:
        """True for a step that the job did not want: it was never begun."""
        return self.step_status == StepStatus.SKIPPED and self.started_revision == self.ended_revision
