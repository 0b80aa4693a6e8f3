"""What people do while jobs run: one who decides on plans, and others who do something at some moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from local_cloud.virtual.migration.places import API
from local_cloud.virtual.migration.system import VirtualMigration
from quicksight_migration.records.job import Job
from quicksight_migration.records.statuses import RETRYABLE, JobStatus
from shared.dynamodb import from_item
from tests.properties.asking import asked
from tests.properties.quicksight_migration.promises import Promises
from tests.properties.quicksight_migration.schedules import APPROVE, NOTHING, Deed

ANN, BOB = "user:ann", "user:bob"
#: How often a client repeats a request that nobody answered; between two tries it waits so many seconds.
TRIES, PAUSE = 20, 5.0


class People:
    """`seen` is the plan that was first shown of each job: whoever approves later may still have it before them."""

    def __init__(self, cloud: VirtualMigration, promises: Promises, approver: tuple[str, int]) -> None:
        self.cloud, self.promises, self.approver = cloud, promises, approver
        self.jobs: list[str] = []
        self.seen: dict[str, str] = {}
        self.copies = self.rounds = self.deeds = 0
        cloud.tables.watchers.append(self._written)

    # --- the one who decides

    def _written(self, _operation: str, request: Mapping[str, Any]) -> None:
        for entry in request.get("TransactItems", ()):
            item = from_item(entry.get("Put", {}).get("Item", {}))
            if item.get("record") == "JOB" and item["status"] == JobStatus.WAITING_FOR_APPROVAL:
                self._shown(Job.from_item(item))

    def _shown(self, job: Job) -> None:
        plan_hash = job.plan_hash or ""
        self.seen.setdefault(job.job_id, plan_hash)
        what, seconds = self.approver
        if what != NOTHING:
            self.cloud.later(seconds, what, lambda: self._decide(what, job.job_id, plan_hash))

    def _decide(self, what: str, job_id: str, plan_hash: str) -> None:
        """Once more when nobody answers; what is refused is refused, a new plan is shown anew."""
        commands = self.cloud.commands
        for _ in range(TRIES):
            job = self.cloud.peek.job(job_id)
            if job is None or job.status != JobStatus.WAITING_FOR_APPROVAL or job.plan_hash != plan_hash:
                return
            if what == APPROVE:
                self.ask(lambda: commands.approve(BOB, job_id, plan_hash))
            else:
                self.ask(lambda: commands.reject(BOB, job_id))
            self.cloud.kernel.sleep(PAUSE)

    # --- those who do something at some moment

    def ask(self, work: Callable[[], object]) -> bool:
        """One request to the API."""
        return asked(self.cloud, API, work)

    def insist(self, work: Callable[[], object]) -> bool:
        """A request that is repeated with its Idempotency-Key until it is answered."""
        for _ in range(TRIES):
            if self.ask(work):
                return True
            self.cloud.kernel.sleep(PAUSE)
        return False

    def start(self, number: int, body: Mapping[str, Any]) -> None:
        """Starts a job as a client of the API does."""

        def work() -> None:
            job = self.cloud.start(body, ANN, key=f"start-{number}")
            if job.job_id not in self.jobs:
                self.jobs.append(job.job_id)

        if not self.insist(work):
            raise AssertionError(f"job {number} could not be started")

    def do(self, deed: Deed) -> None:
        """What does not fit at the moment is refused, as the API would refuse it. `deeds` counts what is done."""
        self._do(deed)
        self.deeds += 1

    def _do(self, deed: Deed) -> None:
        if deed.command in ("edit", "delete", "edit_source"):
            self._change(deed)
        elif deed.number < len(self.jobs):
            job_id = self.jobs[deed.number]
            self.ask(lambda: getattr(self, f"_{deed.command}")(job_id))

    def _cancel(self, job_id: str) -> None:
        self.cloud.commands.cancel(ANN, job_id)

    def _retry(self, job_id: str) -> None:
        self.cloud.commands.retry(ANN, job_id)

    def _approve(self, job_id: str) -> None:
        job = self.cloud.peek.job(job_id)
        self.cloud.commands.approve(BOB, job_id, (job and job.plan_hash) or "")

    def _approve_seen(self, job_id: str) -> None:
        """Of the plan that was first shown, which may be an old one."""
        self.cloud.commands.approve(BOB, job_id, self.seen.get(job_id, ""))

    def _reject(self, job_id: str) -> None:
        self.cloud.commands.reject(BOB, job_id)

    def _restore(self, job_id: str) -> None:
        self.cloud.commands.restore(ANN, job_id, key=f"restore-{job_id}")

    def _change(self, deed: Deed) -> None:
        """Somebody at the console changes a dashboard; one that is not there cannot be changed."""
        asset = f"sales-{deed.number}"
        account = self.cloud.source if deed.command == "edit_source" else self.cloud.target
        key = f"dashboard/{asset}"
        if key not in account.simulator.state.assets:
            return
        self.copies += 1
        if account is self.cloud.target:
            self.promises.pictures.edited(key)
        arn = account.simulator.state.arn(key)
        if deed.command == "delete":
            account.inject({"action": {"type": "delete_asset", "asset": arn}})
        else:
            account.inject({"action": {"type": "edit_asset", "asset": arn, "name": f"Edited {self.copies}"}})

    # --- those who come when it is over

    def retry_all(self) -> None:
        """Whatever did not complete is run again."""
        for job_id in self.cloud.job_ids():
            job = self.cloud.peek.job(job_id)
            if job is not None and job.status in RETRYABLE:
                self.insist(lambda job_id=job_id: self.cloud.commands.retry(ANN, job_id, f"again-{job_id}"))

    def restore(self, job_id: str) -> None:
        """Restores a job: by running its restore again, where there is one that failed."""
        self.rounds += 1
        jobs = [job for each in self.cloud.job_ids() if (job := self.cloud.peek.job(each)) is not None]
        last = next((job for job in reversed(jobs) if job.restore_of == job_id), None)
        key = f"{job_id}-{self.rounds}"
        if last is not None and last.status in RETRYABLE - {JobStatus.NEEDS_ATTENTION}:
            self.insist(partial(self.cloud.commands.retry, ANN, last.job_id, key))
        else:
            self.insist(partial(self.cloud.commands.restore, ANN, job_id, key=key))
