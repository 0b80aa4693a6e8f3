"""The QuickSight migration system in the virtual cloud: the real machine and functions, simulated accounts.

cloud = VirtualMigration(source, target, seed=1)
job = cloud.start(body)
cloud.run(hours=6)
cloud.peek.job(job.job_id)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from local_cloud.virtual.clients import plain
from local_cloud.virtual.clouds import VirtualCloud
from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.kernel import START
from local_cloud.virtual.machines import Machine, render
from local_cloud.virtual.migration import places
from local_cloud.virtual.migration.events import Fate, MachineEvents
from local_cloud.virtual.migration.handlers import Handlers
from local_cloud.virtual.migration.quicksight_account import QuickSightAccount
from local_cloud.virtual.queues import Queue
from local_cloud.virtual.s3 import Buckets
from local_cloud.virtual.sandboxes import without_locks, without_threads
from local_cloud.virtual.services import RolesApi
from local_cloud.virtual.tables import Tables
from quicksight_migration.commands.jobs import Commands
from quicksight_migration.records.dynamo_store import DynamoStore
from quicksight_migration.records.job import Job
from quicksight_migration.records.statuses import TERMINAL_STATUSES

Document = Mapping[str, Any]
KEYS = ("jobId", "record")
INDEXES = {
    "StatusIndex": ("status", "createdAt"),
    "AccountIndex": ("targetAccountId", "createdAt"),
    "TimeIndex": ("kind", "createdAt"),
}
DAY = 86_400


@dataclass(frozen=True)
class Options:
    """`fates` befall the events of machines that ended; `approval` is what the target asks for.

    `tick_seconds`: how often the reconciler looks; a run of weeks is faster when that is rarely.
    `wire` sends calls of QuickSight through botocore's serialiser and retries.
    """

    fates: Sequence[Fate] = ()
    approval: str = "NONE"
    approval_timeout_seconds: int = 7 * DAY
    tick_seconds: float = places.RECONCILE_SECONDS
    wire: bool = False
    start: datetime = START


class VirtualMigration(VirtualCloud):
    """Three accounts with the system in one of them. `peek` reads the table without being a call of anybody."""

    def __init__(
        self,
        source: Document,
        target: Document,
        *,
        seed: int = 0,
        faults: Sequence[CallFault] = (),
        options: Options | None = None,
    ) -> None:
        self.options = chosen = options or Options()
        super().__init__(seed, faults, chosen.start)
        self.tables, self.roles = Tables(), RolesApi(self.kernel)
        self.table = self.tables.create("biops-job-runs", KEYS, INDEXES)
        self.buckets = Buckets(self.kernel, {places.BUNDLE_BUCKET: places.TOOLS, places.STAGING_BUCKET: places.TARGET})
        self.source, self.target = (
            QuickSightAccount(self.kernel, self.buckets, document, seed) for document in (source, target)
        )
        self.accounts = {account.id: account for account in (self.source, self.target)}
        self.queue = Queue(self.kernel, self.functions, places.RECONCILER, places.QUEUE_ARN)
        definition = render(places.DEFINITION, places.machine_values(chosen.approval_timeout_seconds))
        self.machine = Machine(self.kernel, self.functions, definition, places.MACHINE_ARN)
        self.events = MachineEvents(self.kernel, self.queue, chosen.fates)
        self.machine.watchers.append(self.events.tell)
        self.statuses: dict[str, str] = {}
        self.tables.watchers.append(self._written)
        self.peek = DynamoStore(plain("dynamodb", self.tables), self.table, clock=self.kernel.utc)
        self.handlers = Handlers(self)
        without_locks("quicksight_migration", "shared")
        without_threads("quicksight_migration", "shared")
        for name, timeout in places.TIMEOUTS.items():
            self.functions.add(name, self.handlers.maker(name), timeout)
        self.every(chosen.tick_seconds, places.RECONCILER)

    @property
    def commands(self) -> Commands:
        """What people may do, as the API's functions do it."""
        return self.handlers.commands()

    def account_of(self, url: str) -> QuickSightAccount:
        """The account whose bundle an address leads to."""
        return self.accounts[urlsplit(url).netloc.partition(".")[0]]

    def start(self, body: Document, actor: str = "user:ann", key: str = "") -> Job:
        """Starts a job. Raises what Commands.start raises."""
        return self.commands.start(actor, body, key)

    def items(self) -> list[dict[str, Any]]:
        """Everything that is stored."""
        return self.tables.items(self.table)

    def job_ids(self) -> list[str]:
        """The jobs that there are, in the order in which they were stored."""
        return list(self.statuses)

    def is_over(self) -> bool:
        """Every job and its machine have ended."""
        return all(run.outcome is not None for run in self.machine.runs.values()) and all(
            status in TERMINAL_STATUSES for status in self.statuses.values()
        )

    def _written(self, _operation: str, request: Document) -> None:
        for entry in request.get("TransactItems", ()):
            item = entry.get("Put", {}).get("Item", {})
            if item.get("record") == {"S": "JOB"}:
                self.statuses[item["jobId"]["S"]] = item["status"]["S"]
