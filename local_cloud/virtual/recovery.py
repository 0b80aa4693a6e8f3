"""The disaster recovery system in the virtual cloud: the real machine and functions, a simulated DRS.

cloud = VirtualRecovery(inventory, seed=1)
execution = cloud.start(plan_document)
cloud.run(hours=6)
cloud.peek.execution(execution.execution_id)
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
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
from local_cloud.virtual.catalogs import catalog_of
from local_cloud.virtual.drs_account import AccountQuotas, DrsAccount
from local_cloud.virtual.faults import CallFault, CallFaults
from local_cloud.virtual.functions import Functions
from local_cloud.virtual.handlers import FINDER, NAME, ORCHESTRATION, POLLER, Handlers
from local_cloud.virtual.kernel import START, Kernel
from local_cloud.virtual.machines import Machine, render
from local_cloud.virtual.people import Person
from local_cloud.virtual.queues import Queue
from local_cloud.virtual.sandboxes import without_locks
from local_cloud.virtual.services import TopicApi
from local_cloud.virtual.stores import WatchedStore
from local_cloud.virtual.traffic import Traffic
from shared.clock import parse

DEFINITION = Path(__file__).parents[2] / "asl" / "drs_recovery.asl.json"
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
HOUR = 3600.0
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


class VirtualRecovery:
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
        without_locks()
        self.options = chosen = options or Options()
        self.kernel = Kernel(seed, chosen.start)
        self.traffic = Traffic(self.kernel)
        self.functions = Functions(self.kernel, self.traffic)
        self.topic = TopicApi()
        self.peek = chosen.store or FileStore()
        self.store = WatchedStore(self.peek, self.traffic)
        self.account = DrsAccount(self.kernel, inventory, seed=seed, fidelity=chosen.fidelity, events=self._event)
        self.queue = Queue(self.kernel, self.functions, FINDER, QUEUE_ARN)
        machine = dict(chosen.definition or render(DEFINITION, MACHINE_VALUES))
        self.machine = Machine(self.kernel, self.functions, machine, MACHINE_ARN)
        self.handlers = Handlers(self)
        self.catalog = catalog_of(self.account, inventory, groups or {}, self.kernel.utc)
        self.faults = CallFaults(self.traffic, faults)
        self.started: list[str] = []
        for name, timeout in TIMEOUTS.items():
            self.functions.add(name, self.handlers.maker(name), timeout)
        self._tick()

    @property
    def quotas(self) -> AccountQuotas:
        return AccountQuotas(self.account)

    @property
    def notifications(self) -> list[str]:
        """Texts that were published."""
        return [message["Message"] for message in self.topic.published]

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
        return Starter(self.store, self.catalog, machine, self.kernel.utc, self._new_id)

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

    def later(self, seconds: float, name: str, work: Callable[[], object]) -> None:
        """Somebody does something so many seconds from now."""
        self.kernel.spawn(name, work, after=seconds)

    # --- time

    def run(self, hours: float, finished: Callable[[], bool] | None = None) -> bool:
        """Lets so many hours pass, or fewer when it is finished: by default, when every execution has ended."""
        return self.kernel.run(self.kernel.now + hours * HOUR, finished or self.is_over)

    def seconds_at(self, text: str) -> float:
        """Virtual seconds of a stamp in a record."""
        return self.kernel.seconds_at(parse(text))

    def is_over(self) -> bool:
        """Every execution that was started has ended, and its machine with it."""
        return all(run.outcome is not None for run in self.machine.runs.values()) and all(
            execution is not None and execution.status in TERMINAL_STATUSES
            for execution in (self.peek.execution(identifier) for identifier in self.started)
        )

    def close(self) -> None:
        self.kernel.close()

    def __enter__(self) -> VirtualRecovery:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- what happens by itself

    def _tick(self) -> None:
        self.functions.invoke_later(FINDER, {"source": "aws.events", "detail-type": "Scheduled Event"})
        self.kernel.after(TICK_SECONDS, self._tick)

    def _event(self, event: Event) -> None:
        """EventBridge delivers launch results to the wake queue, at some moment within seconds."""
        if event["detail-type"] == LAUNCH_RESULT:
            delay = self.kernel.random.uniform(*EVENT_SECONDS)
            self.kernel.after(delay, lambda: self._deliver(event))

    def _deliver(self, event: Event) -> None:
        self.queue.send(json.dumps(event))

    def _new_id(self, _now: datetime) -> str:
        return "ex-" + base64.b32encode(self.kernel.random.randbytes(13)).decode().lower()[:20]
