"""Bundle jobs that come to be in the accounts: each once, with a slot, and for a job that may have it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from local_cloud.quicksight.jobs import ENDED
from local_cloud.virtual.migration.places import BUNDLE_BUCKET
from local_cloud.virtual.migration.quicksight_account import QuickSightAccount
from local_cloud.virtual.migration.system import VirtualMigration
from quicksight_migration.records.job import Job
from quicksight_migration.records.statuses import TERMINAL_STATUSES, StepName, TargetState
from shared.clock import parse
from tests.properties.quicksight_migration.pictures import LOOK_SECONDS, Pictures

#: `<jobId>-<kind>-<attempt>-c<chunk>`: by this everybody knows a bundle job.
BUNDLE_JOB = re.compile(r"(job-[2-7a-z]{20})-(export|backup|import|restore)-(\d+)-c(\d+)")
STEPS = {"export": StepName.EXPORT_ASSETS, "backup": StepName.BACKUP_TARGET}


@dataclass
class Starts:
    """`lines` are the lines for slots as they are; `broken` gets what was not kept."""

    cloud: VirtualMigration
    pictures: Pictures
    lines: Mapping[str, Mapping[str, Any]]
    broken: list[str]
    seen: set[tuple[str, str, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        for account in self.cloud.accounts.values():
            account.observers.append(partial(self._observe, account))

    def running(self, job_id: str) -> list[str]:
        """Imports of a job that may still change the target."""
        jobs = self.cloud.target.simulator.state.imports.values()
        return [each["id"] for each in jobs if each["id"].startswith(job_id) and each["status"] not in ENDED]

    def _observe(self, account: QuickSightAccount) -> None:
        state = account.simulator.state
        for kind, table, check in (
            ("EXPORT", state.exports, self._exported),
            ("IMPORT", state.imports, self._imported),
        ):
            for record in reversed(table.values()):
                key = (account.id + kind, record["id"], record["number"])
                if key in self.seen:
                    break
                self.seen.add(key)
                self._started(record, check)

    def _started(self, record: Mapping[str, Any], check: Callable[[Job, re.Match[str]], None]) -> None:
        identifier = record["id"]
        found = BUNDLE_JOB.fullmatch(identifier)
        if found is None:
            return  # somebody else's
        if record["starts"] > 1:
            self.broken.append(f"{identifier} was started {record['starts']} times")
        job = self.cloud.peek.job(found[1])
        if job is None:
            self.broken.append(f"{identifier} was started for no job")
        elif job.status in TERMINAL_STATUSES:
            if job.target_state != TargetState.UNKNOWN:
                self.broken.append(f"{identifier} was started for a job that is {job.status}, {job.target_state}")
        else:
            self._holds_a_slot(job, found)
            check(job, found)

    def _holds_a_slot(self, job: Job, found: re.Match[str]) -> None:
        owner = f"{job.job_id}#{STEPS.get(found[2], StepName.IMPORT_ASSETS)}"
        if not any(owner in line.get("holders", {}) for line in self.lines.values()):
            self.broken.append(f"{found[0]} was started without a slot")

    def _exported(self, job: Job, found: re.Match[str]) -> None:
        if found[2] == "export" and job.type == "RESTORE":
            self.broken.append(f"{found[0]} was started for a restore")

    def _imported(self, job: Job, found: re.Match[str]) -> None:
        """Somebody has approved this very plan, where that is wanted; and what it says of the target is still true."""
        self.pictures.begins(job)
        if found[2] == "restore":
            return
        if job.approval_mode != "NONE":
            approval = job.approval
            if approval is None or approval.decision != "APPROVED" or approval.plan_hash != job.plan_hash:
                self.broken.append(f"{found[0]} was started without an approval of plan {job.plan_hash}")
        if job.plan_key is None:
            self.broken.append(f"{found[0]} was started without a plan")
        elif found[4] == "1":
            self._plan_holds(job.plan_key, found[0])

    def _plan_holds(self, plan_key: str, identifier: str) -> None:
        plan = json.loads(self.cloud.buckets.read(BUNDLE_BUCKET, plan_key))
        made = self.cloud.kernel.seconds_at(parse(plan["createdAt"]))
        for key, at in self.pictures.edits:
            if made < at < self.cloud.kernel.now - LOOK_SECONDS and key in self.pictures.keys_of(plan):
                self.broken.append(f"{identifier} was started although {key} had changed since the plan")
