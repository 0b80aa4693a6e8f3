"""What workers work with: made once for a worker, with the time that is left of the invocation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from quicksight_migration.accounts.sessions import Accounts, AccountSession
from quicksight_migration.bundles.bundle_jobs import BundleJobs, exports, imports
from quicksight_migration.bundles.download import OpenUrl, open_url
from quicksight_migration.bundles.following import Following, Pauses
from quicksight_migration.bundles.staging import Staging
from quicksight_migration.bundles.starts import Starts
from quicksight_migration.bundles.storage import Bucket
from quicksight_migration.planning.plan import Plan, read_plan
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.records.job import Job
from quicksight_migration.records.reader import JobReading, ReadsJobs, read_job
from quicksight_migration.settings import Settings, read_settings
from shared.clients import LazyClient, client
from shared.clock import Clock, utc_now
from shared.errors import TowpathError

#: One part of an upload goes in one call.
S3_READ_SECONDS = 60
#: Left of an invocation for its answer.
RESERVE_SECONDS = 20.0


class PlanChanged(TowpathError):
    """The stored plan is not the one that was made, and perhaps approved."""


class Cancelled(TowpathError):
    """Somebody asked to cancel the job before anything was begun; the updater knows the code."""


def go_ahead(job: JobReading) -> None:
    """Right before something is started that cannot be aborted. Raises Cancelled."""
    asked = job.job.cancel_requested
    if asked is not None:
        raise Cancelled(f"{asked.by} has asked to cancel the job")


@dataclass(frozen=True)
class WorkerTools:
    """`bucket` is the bundle bucket; `remaining` the seconds until the invocation ends."""

    settings: Settings
    store: ReadsJobs
    accounts: Accounts
    bucket: Bucket
    clock: Clock = utc_now
    open_url: OpenUrl = open_url
    remaining: Callable[[], float] = lambda: float("inf")

    def job(self, job_id: str) -> JobReading:
        """The job and its steps, as they are stored now. Raises NotFound."""
        return read_job(self.store, job_id)

    def source(self, job: Job) -> AccountSession:
        """The job's source account."""
        return self.accounts.source(job.source_account_id, job.job_id)

    def target(self, job: Job) -> AccountSession:
        """The job's target account."""
        return self.accounts.target(job.target_account_id, job.job_id)

    def plan(self, job: JobReading) -> tuple[Plan, str]:
        """The job's plan and its key. Raises PlanChanged when it is not the one whose hash the job has."""
        plan, key = self.stored_plan(job), job.job.plan_key or ""
        if plan.plan_hash != job.job.plan_hash:
            raise PlanChanged(f"{key} has the hash {plan.plan_hash}, the job {job.job.plan_hash}")
        return plan, key

    def stored_plan(self, job: JobReading) -> Plan:
        """What lies where the job's plan was stored. Raises NotFound."""
        return read_plan(self.bucket.get_json(job.job.plan_key or ""))

    def staging(self, session: AccountSession) -> Staging:
        """From the bundle bucket into the staging bucket of a target account."""
        account = session.account
        return Staging(self.bucket, Bucket(session.s3, account.staging_bucket, account.staging_key_arn))

    def exports(self, session: AccountSession, job_id: str) -> BundleJobs:
        """Exports of an account for a job."""
        return exports(session, Starts(self.bucket, job_id, self.clock))

    def imports(self, session: AccountSession, job_id: str) -> BundleJobs:
        """Imports into an account for a job."""
        return imports(session, Starts(self.bucket, job_id, self.clock))

    @property
    def pauses(self) -> Pauses:
        """Between two looks at a bundle job."""
        return Pauses(self.clock, self.settings.poll_seconds, self.settings.step_limit_seconds)

    def following(self, jobs: BundleJobs) -> Following:
        """Follows bundle jobs of an account."""
        return Following(jobs, self.pauses)

    @property
    def is_short_of_time(self) -> bool:
        """True when nothing long should be begun any more in this invocation."""
        return self.remaining() < RESERVE_SECONDS

    def within(self, context: Any) -> WorkerTools:
        """The tools of one invocation; `context` is Lambda's."""
        return replace(self, remaining=lambda: context.get_remaining_time_in_millis() / 1000)


def make_worker_tools(settings: Settings, make: Callable[..., Any] = client, clock: Clock = utc_now) -> WorkerTools:
    """Tools over boto3 clients, with the worker's credentials and endpoints. `make` is as shared.clients.client."""
    return WorkerTools(
        settings=settings,
        store=DynamoStore(LazyClient(lambda: make("dynamodb")), settings.jobs_table, clock=clock),
        accounts=Accounts(settings.source_accounts, settings.target_accounts, make, clock),
        bucket=Bucket(LazyClient(lambda: make("s3", S3_READ_SECONDS)), settings.bundle_bucket, settings.bundle_key_arn),
        clock=clock,
    )


@cache
def worker_tools() -> WorkerTools:
    """Made with the first invocation and kept while the worker lives."""
    return make_worker_tools(read_settings())
