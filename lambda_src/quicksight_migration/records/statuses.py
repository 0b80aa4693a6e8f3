"""The words that records use for where things stand."""

from __future__ import annotations

from enum import StrEnum


class JobStatus(StrEnum):
    """Status of a job."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    WAITING_FOR_APPROVAL = "WAITING_FOR_APPROVAL"
    CANCELLING = "CANCELLING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    REJECTED = "REJECTED"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"


class StepStatus(StrEnum):
    """Status of one attempt of a step."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


class StepName(StrEnum):
    """The steps of a migration, in their order, under the names of the machine's states."""

    PREFLIGHT = "Preflight"
    EXPORT_ASSETS = "ExportAssets"
    UPLOAD_ASSETS = "UploadAssets"
    PLAN_IMPORT = "PlanImport"
    WAIT_FOR_APPROVAL = "WaitForApproval"
    BACKUP_TARGET = "BackupTarget"
    IMPORT_ASSETS = "ImportAssets"
    UPDATE_PERMISSIONS = "UpdatePermissions"
    VERIFY_TARGET = "VerifyTarget"


class TargetState(StrEnum):
    """What a job has left of the target. UNKNOWN: a rollback failed, or an end was not seen."""

    UNTOUCHED = "UNTOUCHED"
    MIGRATED = "MIGRATED"
    RESTORED = "RESTORED"
    UNKNOWN = "UNKNOWN"


class Decision(StrEnum):
    """Answers to a plan that waits for approval. EXPIRED: nobody answered in time."""

    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    REPLAN = "REPLAN"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class ReportState(StrEnum):
    """State of a drift report."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


#: Types of jobs.
MIGRATION, RESTORE = "MIGRATION", "RESTORE"
#: What an approval wants (`approvalMode` of a job).
NO_APPROVAL, APPROVAL, SECOND_PERSON = "NONE", "REQUIRED", "SECOND_PERSON"
#: The later one asks for more.
APPROVAL_MODES = (NO_APPROVAL, APPROVAL, SECOND_PERSON)
ORDER = tuple(StepName)
TERMINAL_STATUSES = frozenset(
    {
        JobStatus.COMPLETED,
        JobStatus.FAILED,
        JobStatus.CANCELLED,
        JobStatus.REJECTED,
        JobStatus.NEEDS_ATTENTION,
    }
)
#: Statuses that a retry leads out of.
RETRYABLE = TERMINAL_STATUSES - {JobStatus.COMPLETED}
#: Statuses of a job that still moves.
LIVE_STATUSES = tuple(status for status in JobStatus if status not in TERMINAL_STATUSES)
#: An attempt that did what it had to do.
DONE = frozenset({StepStatus.SUCCEEDED, StepStatus.SKIPPED})
