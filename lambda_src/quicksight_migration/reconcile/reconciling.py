"""Makes up for what got lost: a start, an answer, an alert, a slot, the end of a machine or of a drift report.

All may be repeated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from quicksight_migration import notifications
from quicksight_migration.commands.starting import Starter
from quicksight_migration.errors import TowpathError
from quicksight_migration.machine import ending
from quicksight_migration.machine.actions import follow
from quicksight_migration.machine.draft import Draft
from quicksight_migration.machine.tools import Tools
from quicksight_migration.machine.transitions import Told, transit
from quicksight_migration.machine.waking import deliver, sweep_line, take_turn
from quicksight_migration.records import slots
from quicksight_migration.records.beside import ALERT_DUE, EXPORT, IMPORT, slot_key
from quicksight_migration.records.job import Failure, Job
from quicksight_migration.records.record import changed
from quicksight_migration.records.statuses import LIVE_STATUSES, TERMINAL_STATUSES, JobStatus, ReportState
from shared.clock import parse, stamp

RECONCILER = "reconciler"
#: Whoever creates a job starts its machine at once; after this the start is taken for lost.
START_GRACE = timedelta(seconds=30)
#: Three invocations of 15 minutes at most make a report; after this nobody does. The ticks of a day are many.
REPORT_GRACE, REPORTS_LOOKED_AT = timedelta(hours=1), timedelta(days=1)
RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})
RUN_NAME = re.compile(r"(job-[a-z2-7]{20})-r[0-9]+")
AT_WORK = (JobStatus.RUNNING, JobStatus.CANCELLING)
FAILURES = (TowpathError, ClientError, BotoCoreError)


@dataclass(frozen=True)
class Reconciler:
    """Looks at every job that moves, every line for slots, every alert that has not been sent and every late report."""

    tools: Tools

    def sweep(self) -> int:
        """Everything. Returns how many jobs it looked at; raises the last error after all others were looked at."""
        failed: Exception | None = None
        moving = [item for status in LIVE_STATUSES for item in self._by_status(status)]
        jobs = sorted({str(item["jobId"]) for item in moving})
        self.tools.count("OldestRunningJobSeconds", self._oldest(moving))
        lines = sorted(self._lines())
        looks: list[tuple[Callable[[str], None], Sequence[str]]] = [
            (self.look_at, jobs),
            (self._sweep_line, lines),
            (self._flush, self._untold()),
            (self._end_report, self._late_reports()),
        ]
        for look, names in looks:
            for name in names:
                try:
                    look(name)
                except FAILURES as error:
                    self.tools.count("ReconcileFailed", 1)
                    failed = error
        if failed is not None:
            raise failed
        return len(jobs)

    def batch(self, records: Sequence[Mapping[str, Any]]) -> list[str]:
        """Looks at the jobs whose machines have ended. Returns ids of messages that have to come again."""
        again = []
        for record in records:
            job_id = job_of_event(record)
            try:
                if job_id:
                    self.look_at(job_id)
            except FAILURES:
                self.tools.count("ReconcileFailed", 1)
                again.append(str(record["messageId"]))
        return again

    def look_at(self, job_id: str) -> None:
        """One job against its machine. Raises what the machine raises when nobody knows how it stands."""
        job = self.tools.store.job(job_id)
        if job is None:
            return
        if job.status in TERMINAL_STATUSES:
            self._flush(job_id)
            return
        status = self.tools.machine.status(job)
        if status in RUNNING:
            take_turn(self.tools, job_id)
        elif status:
            self._end(job, status)
        elif self.tools.clock() - parse(job.updated_at) >= START_GRACE:
            self._never_started(job)

    def _never_started(self, job: Job) -> None:
        """A start that was lost. One that comes late finds a job that is over, or a run that has begun."""
        if job.status == JobStatus.PENDING:
            Starter(self.tools).run(job)
        else:
            self._end(job, "GONE" if job.execution_arn else "NEVER_STARTED")

    def _end(self, job: Job, machine_status: str) -> None:
        def decide(draft: Draft) -> Told | None:
            if ending.is_over(draft) or draft.job.run_number != job.run_number:
                return None
            if machine_status == "NEVER_STARTED":
                return ending.end_cancelled(draft, RECONCILER)
            message = f"the state machine ended ({machine_status}) before it had finished the record"
            return ending.end_failed(draft, Failure(code="MACHINE_ENDED", message=message), actor=RECONCILER)

        outcome = transit(self.tools, job.job_id, decide)
        if outcome.is_new:
            self.tools.count("MachinesEnded", 1)
        deliver(self.tools, job.job_id)
        follow(self.tools, outcome)

    def _end_report(self, report_id: str) -> None:
        """Whoever waits for the report may ask for another. One that is made after all is COMPLETED still."""
        report = self.tools.store.drift_report(report_id)
        if report is None or report.report_state != ReportState.RUNNING:
            return
        why = f"the report was not made within {REPORT_GRACE}"
        if self.tools.store.save(changed(report, report_state=ReportState.FAILED, error=why)):
            self.tools.count("ReportsLost", 1)

    def _late_reports(self) -> list[str]:
        now = self.tools.clock()
        reports = self.tools.store.reports_of(stamp(now - REPORTS_LOOKED_AT), stamp(now - REPORT_GRACE))
        return [str(item["jobId"]) for item in reports if item["reportState"] == ReportState.RUNNING]

    def _oldest(self, moving: Sequence[Mapping[str, Any]]) -> float:
        """Seconds since the last transition of the job that has been at one step for longest; 0 when none runs.

        A job that waits for a person may take as long as they like.
        """
        moved = [parse(str(item["updatedAt"])) for item in moving if item["status"] in AT_WORK]
        return (self.tools.clock() - min(moved)).total_seconds() if moved else 0

    def _untold(self) -> list[str]:
        return [str(item["jobId"]) for item in self._by_status(ALERT_DUE)]

    def _by_status(self, status: str) -> list[dict[str, Any]]:
        return self.tools.store.all_by_status(status)

    def _lines(self) -> list[str]:
        settings = self.tools.settings
        accounts = [*settings.source_accounts.values(), *settings.target_accounts.values()]
        found = {slot_key(each.account_id, each.region, EXPORT) for each in accounts}
        return [*found, *(slot_key(each.account_id, each.region, IMPORT) for each in settings.target_accounts.values())]

    def _sweep_line(self, key: str) -> None:
        limit = slots.limit_of(key, self.tools.settings.export_slots, self.tools.settings.import_slots)
        evicted = sweep_line(self.tools, key, limit)
        if evicted:
            self.tools.count("SlotsEvicted", evicted)

    def _flush(self, job_id: str) -> None:
        notifications.flush_quietly(self.tools, job_id)
        job = self.tools.store.job(job_id)
        if job is not None and job.status in TERMINAL_STATUSES:
            self.tools.store.expire(job_id)


def job_of_event(record: Mapping[str, Any]) -> str:
    """The job that an event of Step Functions in a message of a queue is about; empty for anything else."""
    try:
        body = json.loads(record["body"])
    except ValueError:
        return ""
    detail = body.get("detail") if isinstance(body, dict) else None
    found = RUN_NAME.fullmatch(str(detail.get("name"))) if isinstance(detail, dict) else None
    return found.group(1) if found else ""
