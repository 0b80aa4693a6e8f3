"""Reads and writes of jobs, the same over DynamoDB and in memory.

A store brings primitives (read, query, write, page, expire, keep); everything else is written once, here.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from quicksight_migration.records.beside import (
    DRIFT,
    Alert,
    Audit,
    DriftReport,
    Manifest,
    Request,
    SlotLine,
    TaskToken,
)
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.record import Cursor, Index, Item, Key, Page, Record
from shared.record_store import RecordStore

STATUS_INDEX = Index("StatusIndex", "status", "createdAt")
ACCOUNT_INDEX = Index("AccountIndex", "targetAccountId", "createdAt")
TIME_INDEX = Index("TimeIndex", "kind", "createdAt")
#: What the indexes show of a job besides keys: what a list of jobs needs.
LISTED = (
    "status",
    "kind",
    "type",
    "createdAt",
    "updatedAt",
    "initiatedBy",
    "sourceAccountId",
    "targetAccountId",
    "tenantId",
    "currentStep",
    "failedStep",
    "targetState",
    "retryCount",
    "runNumber",
    "revision",
    "restoreOf",
    "description",
    "reportState",
    "counts",
    "completedAt",
)


@dataclass(frozen=True)
class View:
    """A job with all attempts of its steps, in order."""

    job: Job
    steps: tuple[StepRun, ...]


def in_order(steps: Iterable[StepRun]) -> list[StepRun]:
    """By step and attempt."""
    return sorted(steps, key=lambda run: (run.sort_key.rpartition("#")[0], run.attempt))


class Store(RecordStore):
    """The table biops-job-runs."""

    @abstractmethod
    def page(  # noqa: PLR0913  (a list has these parts)
        self,
        index: Index,
        value: str,
        *,
        limit: int = 100,
        cursor: Cursor | None = None,
        newest_first: bool = True,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """A page of an index, items with LISTED; `between` are the first and last `createdAt`. They lag behind.

        Raises ValueError for a foreign cursor.
        """

    @abstractmethod
    def expire(self, partition: str) -> bool:
        """Lets the records of a job that is over expire; False where records are kept for good. May be repeated."""

    @abstractmethod
    def keep(self, partition: str) -> bool:
        """Takes back an expiry: the job is run again. May be repeated."""

    # --- reads

    def job(self, job_id: str) -> Job | None:
        """The job, or None."""
        return self._one(Job, Key(job_id, "JOB"))

    def steps(self, job_id: str) -> list[StepRun]:
        """All attempts of all steps, by step and attempt."""
        return in_order(StepRun.from_item(item) for item in self.query(job_id, "STEP#"))

    def view(self, job_id: str) -> View | None:
        """The job with its steps, as they were at one revision."""
        job = self.job(job_id)
        while job is not None:
            steps = self.steps(job_id)
            if all(max(run.started_revision, run.ended_revision) <= job.revision for run in steps):
                return View(job, tuple(steps))
            job = self.job(job_id)
        return None

    def audit(self, job_id: str, after: int = 0) -> list[Audit]:
        """The audit trail, oldest first, from the number after."""
        return [Audit.from_item(item) for item in self.query(job_id, "AUDIT#", f"AUDIT#{after:06d}")]

    def token(self, job_id: str, kind: str) -> TaskToken | None:
        """What the machine waits for: kind APPROVAL or SLOT."""
        return self._one(TaskToken, Key(job_id, f"TOKEN#{kind}"))

    def request(self, key: str) -> Request | None:
        """What an Idempotency-Key was used for; see `request_key`."""
        return self._one(Request, Key(key, "REQUEST"))

    def slots(self, keys: Iterable[str]) -> dict[str, SlotLine]:
        """Lines by key; one that was never written is empty, at revision 0."""
        wanted = [Key(key, "SLOT") for key in keys]
        found = self.read(wanted) if wanted else {}
        return {
            key.partition: SlotLine.from_item(found[key])
            if key in found
            else SlotLine(job_id=key.partition, revision=0)
            for key in wanted
        }

    def alert(self, job_id: str) -> Alert | None:
        """What people are still to be told."""
        return self._one(Alert, Key(job_id, "ALERT"))

    def manifest(self, job_id: str) -> Manifest | None:
        """What a completed job has left in the target."""
        return self._one(Manifest, Key(job_id, "MANIFEST"))

    def drift_report(self, report_id: str) -> DriftReport | None:
        """A drift report, or None."""
        return self._one(DriftReport, Key(report_id, "REPORT"))

    def all_by_status(self, status: str) -> list[Item]:
        """Every item of the index with this status, oldest first."""
        return self._pages(STATUS_INDEX, status)

    def reports_of(self, since: str, until: str) -> list[Item]:
        """Drift reports that were made between the two times, oldest first, as an index shows them."""
        return self._pages(TIME_INDEX, DRIFT, (since, until))

    def _pages(self, index: Index, value: str, between: tuple[str, str] | None = None) -> list[Item]:
        found: list[Item] = []
        cursor: Cursor | None = None
        while True:
            page = self.page(index, value, cursor=cursor, newest_first=False, between=between)
            found += page.items
            cursor = page.cursor
            if cursor is None:
                return found

    # --- writes

    def transition(self, job: Job, audit: Audit, *others: Record) -> bool:
        """The new revision of a job, the audit entry that tells of it, and what changes with it."""
        if audit.number != job.revision or audit.job_id != job.job_id:
            raise ValueError("an audit entry bears the revision of the job it is written with")
        return self.write([job, audit, *others])
