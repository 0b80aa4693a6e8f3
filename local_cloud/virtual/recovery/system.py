"""The disaster recovery system in the virtual cloud: the real machine and functions, a simulated DRS.

cloud = VirtualRecovery(inventory, seed=1)
execution = cloud.start(plan_document)
cloud.run(hours=6)
cloud.peek.execution(execution.execution_id)
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from disaster_recovery.commands.restarting import Restarter
from disaster_recovery.commands.running import Commands
from disaster_recovery.commands.starting import Starter
from disaster_recovery.commands.termination_requests import TerminationRequests
from disaster_recovery.records.execution import DRILL, Execution
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.statuses import TERMINAL_STATUSES
from disaster_recovery.records.store import Store
from local_cloud.drs.engine import LAUNCH_RESULT, Event
from local_cloud.drs.state import Fidelity
from local_cloud.virtual.clouds import VirtualCloud
from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.kernel import START
from local_cloud.virtual.machines import Machine, render
from local_cloud.virtual.people import Person
from local_cloud.virtual.queues import Queue
from local_cloud.virtual.recovery.catalogs import catalog_of
from local_cloud.virtual.recovery.drs_account import AccountQuotas, DrsAccount
from local_cloud.virtual.recovery.handlers import FINDER, NAME, ORCHESTRATION, POLLER, Handlers
from local_cloud.virtual.recovery.stores import WatchedStore
from local_cloud.virtual.sandboxes import without_locks

DEFINITION = Path(__file__).parents[3] / "asl" / "drs_recovery.asl.json"
ACCOUNT, REGION = "123456789012", "eu-west-1"
MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{NAME}"
QUEUE_ARN = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{NAME}-wake"
# As modules/drs-orchestration sets them; variables of the module's defaults.
MACHINE_VALUES = {
    "orchestration_function_arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{NAME}-orchestration",
    "orchestration_timeout_seconds": 120,
    "heartbeat_seconds": 900,
    "cancel_limit_seconds": 86_400,
}
TIMEOUTS = {ORCHESTRATION: 120, FINDER: 60, POLLER: 120}
TICK_SECONDS = 60.0
EVENT_SECONDS = (0.2, 2.0)


@dataclass(frozen=True)
class Options:
    """`store` defaults to memory, `definition` to the machine of asl/; `start` is the time of day at the beginning.

    `wire` sends calls of DRS through botocore's serialiser and retries.
    """

    store: Store | None = None
    fidelity: Fidelity = "observed"
    definition: Mapping[str, Any] | None = None
    start: datetime = START
    wire: bool = False


class VirtualRecovery(VirtualCloud):
    """One account with the system in it. `started` lists execution ids in the order in which they were started."""

    def __init__(
        self,
        inventory: Mapping[str, Any],
        *,
        seed: int = 0,
        groups: Mapping[str, Mapping[str, Any]] | None = None,
        faults: Sequence[CallFault] = (),
        options: Options | None = None,
    ) -> None:
        without_locks("disaster_recovery", "shared")
        self.options = chosen = options or Options()
        super().__init__(seed, faults, chosen.start)
        self.peek = chosen.store or FileStore()
        self.store = WatchedStore(self.peek, self.traffic)
        self.account = DrsAccount(self.kernel, inventory, seed=seed, fidelity=chosen.fidelity, events=self._event)
        self.queue = Queue(self.kernel, self.functions, FINDER, QUEUE_ARN)
        machine = dict(chosen.definition or render(DEFINITION, MACHINE_VALUES))
        self.machine = Machine(self.kernel, self.functions, machine, MACHINE_ARN)
        self.handlers = Handlers(self)
        self.catalog = catalog_of(self.account, inventory, groups or {}, self.kernel.utc)
        self.started: list[str] = []
        for name, timeout in TIMEOUTS.items():
            self.functions.add(name, self.handlers.maker(name), timeout)
        self.every(TICK_SECONDS, FINDER)

    @property
    def quotas(self) -> AccountQuotas:
        return AccountQuotas(self.account)

    # --- what people do

    def start(self, plan: Mapping[str, Any], execution_type: str = DRILL, *, key: str = "") -> Execution:
        """Starts a plan by its document. Raises what Starter.start raises."""
        identifier = f"rp-{plan['name']}"
        self.catalog.put_plan(identifier, plan)
        execution = self.starter.start(Person(), identifier, execution_type, confirm=plan["name"], key=key)
        if execution.execution_id not in self.started:
            self.started.append(execution.execution_id)
        return execution

    @property
    def starter(self) -> Starter:
        machine = self.handlers.tools().machine
        return Starter(self.store, self.catalog, machine, self.kernel.utc, lambda _now: self.random_id("ex-"))

    @property
    def commands(self) -> Commands:
        tools = self.handlers.tools()
        return Commands(self.store, tools.machine, tools.wake, self.kernel.utc)

    @property
    def restarter(self) -> Restarter:
        return Restarter(self.store, self.handlers.tools().machine, self.kernel.utc)

    @property
    def terminations(self) -> TerminationRequests:
        return TerminationRequests(self.store, self.handlers.tools().wake, self.kernel.utc)

    def is_over(self) -> bool:
        """Every execution that was started has ended, and its machine with it."""
        return all(run.outcome is not None for run in self.machine.runs.values()) and all(
            execution is not None and execution.status in TERMINAL_STATUSES
            for execution in (self.peek.execution(identifier) for identifier in self.started)
        )

    # --- what happens by itself

    def _event(self, event: Event) -> None:
        """EventBridge delivers launch results to the wake queue, at some moment within seconds."""
        if event["detail-type"] == LAUNCH_RESULT:
            delay = self.kernel.random.uniform(*EVENT_SECONDS)
            self.kernel.after(delay, lambda: self._deliver(event))

    def _deliver(self, event: Event) -> None:
        self.queue.send(json.dumps(event))
