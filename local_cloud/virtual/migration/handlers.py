"""The functions of the system as the virtual cloud runs them: the real logic over clients that lead into it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from local_cloud.quicksight import DownloadRefused
from local_cloud.virtual.functions import Handler
from local_cloud.virtual.migration import places
from local_cloud.virtual.migration.clients import MigrationClients
from quicksight_migration.accounts.facts import read_accounts
from quicksight_migration.bundles.backing_up import backup_target
from quicksight_migration.bundles.download import Refused
from quicksight_migration.bundles.exporting import export_assets
from quicksight_migration.bundles.importing import import_assets
from quicksight_migration.bundles.uploading import upload_assets
from quicksight_migration.commands.jobs import Commands, PlanFunction
from quicksight_migration.drift.verify_target import verify_target
from quicksight_migration.job_status_updater import run as carry_out
from quicksight_migration.machine.tools import Tools
from quicksight_migration.notifications import Notifier
from quicksight_migration.permissions.update_permissions import update_permissions
from quicksight_migration.planning.plan_import import check_plan, plan_import
from quicksight_migration.planning.preflight import preflight
from quicksight_migration.reconcile.reconciling import Reconciler
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.settings import Settings
from quicksight_migration.worker import Answer, Task, run
from quicksight_migration.worker_tools import WorkerTools, make_worker_tools
from shared.state_machine import StateMachine

if TYPE_CHECKING:
    from local_cloud.virtual.migration.system import VirtualMigration

Work = Callable[[WorkerTools, Task], Answer]
WORK: dict[str, Work] = {
    places.PREFLIGHT: preflight,
    places.EXPORT: export_assets,
    places.UPLOAD: upload_assets,
    places.PLAN: plan_import,
    places.BACKUP: backup_target,
    places.IMPORT: import_assets,
    places.PERMISSIONS: update_permissions,
    places.VERIFY: verify_target,
}


class Handlers:
    """Makes the handlers and what they work with. `metrics` sums what they counted."""

    def __init__(self, cloud: VirtualMigration) -> None:
        self._cloud = cloud
        self.metrics: Counter[str] = Counter()
        self.clients = MigrationClients(cloud)
        self.settings = _settings(cloud)

    def tools(self) -> Tools:
        """What the updater and the reconciler make at their cold start, and the API too."""
        make, clock = self.clients.make, self._cloud.kernel.utc
        return Tools(
            store=DynamoStore(make("dynamodb"), self.settings.jobs_table, clock=clock),
            machine=StateMachine(make("stepfunctions"), self.settings.state_machine_arn),
            publish=Notifier(make("sns"), self.settings.alert_topic_arn),
            count=self._count,
            clock=clock,
            settings=self.settings,
        )

    def commands(self) -> Commands:
        """What the API does."""
        plans = PlanFunction(self.clients.make("lambda", 25, 1), self.settings.plan_function_name)
        return Commands(self.tools(), plans, lambda _now: self._cloud.random_id("job-"))

    def worker_tools(self) -> WorkerTools:
        """What a worker makes at its cold start."""
        tools = make_worker_tools(self.settings, self.clients.make, self._cloud.kernel.utc)
        return replace(tools, open_url=self._open_url)

    def maker(self, name: str) -> Callable[[], Handler]:
        """What a cold start of a function does."""
        if name == places.UPDATER:
            return self._updater
        if name == places.RECONCILER:
            return self._reconciler
        return partial(self._worker, WORK[name])

    def _worker(self, work: Work) -> Handler:
        tools = self.worker_tools()

        def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
            mine = tools.within(context)
            if event.get("action") == "check":
                return check_plan(mine, event["jobId"])
            return run(event, lambda task: work(mine, task))

        return handler

    def _updater(self) -> Handler:
        tools = self.tools()
        return lambda event, _context: carry_out(tools, event)

    def _reconciler(self) -> Handler:
        reconciler = Reconciler(self.tools())

        def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
            if "Records" not in event:
                return {"jobs": reconciler.sweep()}
            return {"batchItemFailures": [{"itemIdentifier": each} for each in reconciler.batch(event["Records"])]}

        return handler

    def _open_url(self, url: str) -> AbstractContextManager[IO[bytes]]:
        """A GET of a bundle, as a call that may go wrong like any other."""
        try:
            opened: IO[bytes] = self._cloud.traffic.through(
                "download", "Get", {}, lambda: self._cloud.account_of(url).download(url)
            )
        except DownloadRefused as refused:
            raise Refused(refused.status) from None
        return opened

    def _count(self, name: str, value: float) -> None:
        self.metrics[name] += int(value)


def _settings(cloud: VirtualMigration) -> Settings:
    source = {"name": "dev", "region": places.REGION, "roleArn": places.SOURCE_ROLE, "externalId": "external-source"}
    target = {
        "name": "prod",
        "region": places.REGION,
        "roleArn": places.TARGET_ROLE,
        "externalId": "external-target",
        "stagingBucket": places.STAGING_BUCKET,
        "approval": cloud.options.approval,
    }
    return Settings(
        jobs_table=cloud.table,
        region=places.REGION,
        bundle_bucket=places.BUNDLE_BUCKET,
        source_accounts=read_accounts({places.SOURCE: source}, "SOURCE_ACCOUNTS"),
        target_accounts=read_accounts({places.TARGET: target}, "TARGET_ACCOUNTS"),
        state_machine_arn=places.MACHINE_ARN,
        plan_function_name=places.PLAN,
        alert_topic_arn=places.TOPIC_ARN,
    )
