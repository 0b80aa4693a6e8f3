"""What a run of the virtual cloud has to keep to, watched while it runs and checked at its end."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local_cloud.virtual.migration.places import BUNDLE_BUCKET
from local_cloud.virtual.migration.system import VirtualMigration
from quicksight_migration.api import views
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.order import original_backup
from quicksight_migration.records.statuses import (
    MIGRATION,
    ORDER,
    RESTORE,
    TERMINAL_STATUSES,
    JobStatus,
    StepName,
    TargetState,
)
from shared.dynamodb import from_item
from tests.properties.quicksight_migration.pictures import Pictures
from tests.properties.quicksight_migration.starts import Starts

SLOTS = 5
TOUCHED = (TargetState.MIGRATED, TargetState.UNKNOWN)
SECRETS = ("secret-ASIAVIRTUAL", "session-ASIAVIRTUAL", "token=", "X-Amz-Signature", "X-Amz-Security-Token")


@dataclass
class Promises:
    """`broken` collects what was not kept, in words."""

    cloud: VirtualMigration
    broken: list[str] = field(default_factory=list)
    ended: dict[str, Job] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    lines: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    runs: dict[str, dict[str, StepRun]] = field(default_factory=lambda: defaultdict(dict))

    def __post_init__(self) -> None:
        self.pictures = Pictures(self.cloud)
        self.starts = Starts(self.cloud, self.pictures, self.lines, self.broken)
        self.cloud.tables.watchers.append(self._written)

    # --- while it runs

    def _written(self, operation: str, request: Mapping[str, Any]) -> None:
        for entry in request.get("TransactItems", [{"Put": request}]):
            typed = entry.get("Put", {}).get("Item")
            if typed is not None:
                self._record_written(from_item(typed))

    def _record_written(self, item: dict[str, Any]) -> None:
        record = item["record"]
        if record == "SLOT":
            self._line_written(item)
        elif record == "JOB":
            self._job_written(Job.from_item(item))
        elif record.startswith("STEP#"):
            self._step_written(StepRun.from_item(item))
        elif record.startswith("TOKEN#"):
            self.tokens |= {item.get("token", "")} - {""}

    def _line_written(self, item: Mapping[str, Any]) -> None:
        """Never more than five at once; whoever was first in line is the first to get on."""
        key = item["jobId"]
        before, self.lines[key] = self.lines.get(key, {}), item
        holders = item.get("holders", {})
        if len(holders) > SLOTS:
            self.broken.append(f"{len(holders)} hold slots of {key}")
        waited = [each["owner"] for each in before.get("queue", ())]
        still = {each["owner"] for each in item.get("queue", ())}
        for owner in holders.keys() - before.get("holders", {}).keys():
            ahead = waited[: waited.index(owner)] if owner in waited else waited
            passed = [each for each in ahead if each in still]
            if passed:
                self.broken.append(f"{owner} was let in before {passed} in {key}")

    def _job_written(self, job: Job) -> None:
        if job.status in TERMINAL_STATUSES and job.job_id not in self.ended:
            self.ended[job.job_id] = job
            self.pictures.after(job)
            running = self.starts.running(job.job_id)
            if running and job.target_state != TargetState.UNKNOWN:
                self.broken.append(f"{job.job_id} is {job.status}, {job.target_state} while {running} still run")
        elif job.status not in TERMINAL_STATUSES and job.job_id in self.ended:
            before = self.ended.pop(job.job_id)
            if job.run_number != before.run_number + 1 or job.retry_count != before.retry_count + 1:
                self.broken.append(f"{job.job_id} was {before.status} and is {job.status} without a retry")

    def _step_written(self, run: StepRun) -> None:
        """A step that has succeeded is not begun again, unless something that it builds on was made anew."""
        known = self.runs[run.job_id]
        if run.sort_key not in known and run.step != StepName.PREFLIGHT:
            before = [each for each in known.values() if each.step == run.step]
            if any(each.step_status == "RUNNING" for each in before):
                self.broken.append(f"{run.sort_key} of {run.job_id} began while another attempt ran")
            last = max(before, key=lambda each: each.attempt, default=None)
            if last is not None and last.is_done and not self._is_overtaken(last):
                self.broken.append(f"{run.sort_key} of {run.job_id} repeats what had succeeded")
        known[run.sort_key] = run
        job = self.cloud.peek.job(run.job_id)
        if run.step == StepName.UPDATE_PERMISSIONS and run.step_status == "RUNNING" and job is not None:
            self.pictures.begins(job)

    def _is_overtaken(self, done: StepRun) -> bool:
        """True when a step before it succeeded later, the plan was found stale, or what it had made is gone."""
        mine = ORDER.index(StepName(done.step))
        for other in self.runs[done.job_id].values():
            later = other.ended_revision > done.ended_revision
            if later and other.step == StepName.PREFLIGHT and done.step in other.output.get("gone", ()):
                return True
            if later and other.replan and mine >= ORDER.index(StepName.PLAN_IMPORT):
                return True
            if later and other.is_done and 0 < ORDER.index(StepName(other.step)) < mine:
                return True
        return False

    # --- at its end

    def at_the_end(self) -> list[str]:
        """Everything that was not kept."""
        for run in self.cloud.machine.runs.values():
            if run.outcome is None:
                self.broken.append(f"{run.execution.name} still runs")
        for identifier in self.cloud.job_ids():
            self._check_job(identifier)
        for key, line in self.lines.items():
            if line.get("holders") or line.get("queue"):
                self.broken.append(f"{key} is held by {list(line.get('holders', {}))}, awaited by {line.get('queue')}")
        self._check_secrets()
        self.broken += self.pictures.lies()
        return self.broken

    def unrestored(self, also_completed: bool = False) -> list[str]:
        """Jobs that need attention, or have migrated something, and have a backup that nobody has restored yet."""
        jobs = [job for each in self.cloud.job_ids() if (job := self.cloud.peek.job(each)) is not None]
        restored = {job.restore_of for job in jobs if job.type == RESTORE and job.target_state == TargetState.RESTORED}
        return [
            job.job_id
            for job in jobs
            if (job.status == JobStatus.NEEDS_ATTENTION or (also_completed and job.target_state in TOUCHED))
            and job.type == MIGRATION
            and job.job_id not in restored
            and original_backup(self.cloud.peek.steps(job.job_id)) is not None
        ]

    def _check_job(self, identifier: str) -> None:
        job = self.cloud.peek.job(identifier)
        if job is None or job.status not in TERMINAL_STATUSES:
            self.broken.append(f"{identifier} is {job.status if job else 'gone'} for ever")
            return
        if job.status == JobStatus.CANCELLED and job.cancel_requested is None:
            self.broken.append(f"{identifier} is CANCELLED and nobody asked for it")
        settled = job.options["failureAction"] == "ROLLBACK" and job.status != JobStatus.NEEDS_ATTENTION
        if settled and job.target_state == TargetState.UNKNOWN:
            self.broken.append(f"{identifier} is {job.status} and nobody knows what it left of the target")
        for run in self.cloud.peek.steps(identifier):
            if run.step_status == "RUNNING":
                self.broken.append(f"{run.sort_key} of {identifier} is RUNNING for ever")

    def _check_secrets(self) -> None:
        """No task token but in its record; no credential and no presigned URL anywhere."""
        items = [item for item in self.cloud.items() if not item["record"].startswith("TOKEN#")]
        stored = [json.dumps(item, default=str) for item in items]
        files = [self.cloud.buckets.read(BUNDLE_BUCKET, key).decode("latin-1") for key in self._documents()]
        history = [json.dumps(run.events, default=str) for run in self.cloud.machine.runs.values()]
        answers = [
            self._answer(item) for item in items if item["record"] == "JOB" or item["record"].startswith("STEP#")
        ]
        for place, texts in (("table", stored), ("bucket", files), ("history", history), ("answers", answers)):
            found = {secret for secret in SECRETS for text in texts if secret in text}
            self.broken += [f"{secret} is in the {place}" for secret in found]
        for place, texts in (
            ("table", stored),
            ("bucket", files),
            ("alerts", self.cloud.notifications),
            ("answers", answers),
        ):
            if any(token in text for token in self.tokens for text in texts):
                self.broken.append(f"a task token is in the {place}")

    def _answer(self, item: dict[str, Any]) -> str:
        return json.dumps(views.job(item) if item["record"] == "JOB" else views.step(item), default=str)

    def _documents(self) -> list[str]:
        return [key for key in self.cloud.buckets.keys(BUNDLE_BUCKET) if key.endswith(".json")]
