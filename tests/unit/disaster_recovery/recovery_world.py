"""An execution on the DRS simulator: real records, real calls, a clock that the test moves, a machine that listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.errors import QuotaUnreadable, StaleToken, Transient
from disaster_recovery.launch.wave_start import start_wave
from disaster_recovery.machine.finishing import Finisher
from disaster_recovery.machine.tokens import store_token
from disaster_recovery.machine.tools import ActionsOutcome, Tools
from disaster_recovery.plans.plan import parse_plan
from disaster_recovery.records.execution import Counts, Execution, FrozenPlan, Intent, Request, Server, Wave
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.history import Event, TaskToken, event_of
from disaster_recovery.records.record import changed
from disaster_recovery.records.store import Store
from disaster_recovery.settings import Settings
from disaster_recovery.watch.polling import TICK, poll
from local_cloud.aws_models.in_process import bind
from local_cloud.drs import ManualClock, Simulator
from local_cloud.drs.quotas import DEFAULTS
from shared.clock import stamp

ID = "ex-00000000000000000001"
HOUR = 3600


def server_id(number: int) -> str:
    return f"s-{number:017d}"


class Switch:
    """Lets one boto3 client serve all tests: making one takes longer than a test."""

    def __init__(self) -> None:
        self.simulator: Simulator | None = None
        self.calls: list[str] = []

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        assert self.simulator
        self.calls.append(operation)
        return self.simulator.call(operation, parameters, principal)


@cache
def client(switch: Switch) -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 1})
    made = boto3.client("drs", region_name="us-east-1", config=config)
    bind(made, switch)
    return made


SWITCH = Switch()


class FakeMachine:
    """What is sent to it. `broken` makes it unreachable, `deaf` loses the answer after it was taken."""

    def __init__(self) -> None:
        self.waiting: str | None = None
        self.answers: list[Any] = []
        self.heartbeats = 0
        self.state = "RUNNING"
        self.started: list[str] = []
        self.broken = self.deaf = False

    def start(self, execution: Execution) -> str:
        self.started.append(execution.run_name)
        self.state = "RUNNING"
        return "arn"

    def status(self, execution: Execution) -> str:
        self._reach()
        return self.state

    def succeed(self, token: str, output: Mapping[str, Any]) -> None:
        self._take(token, dict(output))

    def fail(self, token: str, error: str, cause: str) -> None:
        self._take(token, error)

    def heartbeat(self, token: str) -> None:
        self._reach()
        if token != self.waiting:
            raise StaleToken("nothing waits")
        self.heartbeats += 1

    def _take(self, token: str, answer: Any) -> None:
        self._reach()
        if token != self.waiting:
            raise StaleToken("nothing waits")
        self.waiting = None
        self.answers.append(answer)
        if self.deaf:
            raise Transient("the answer was lost on its way back")

    def _reach(self) -> None:
        if self.broken:
            raise Transient("the machine cannot be reached")


@dataclass
class World:
    """`waves` are lists of server numbers; what else the plan says of a wave is in `rules`, of all in `plan`."""

    waves: Sequence[Sequence[int]] = ((1, 2),)
    rules: Mapping[str, Any] = field(default_factory=dict)
    plan: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "DRILL"
    fidelity: Any = "observed"
    quotas: Mapping[str, int] = field(default_factory=dict)
    extra_servers: int = 2
    store: Store = field(default_factory=FileStore)

    def __post_init__(self) -> None:
        self.hands = ManualClock()
        self.events: list[dict[str, Any]] = []
        self.simulator = Simulator(self.hands, seed=3, fidelity=self.fidelity, events=self.events.append)
        count = max((number for wave in self.waves for number in wave), default=0) + self.extra_servers
        servers = [{"sourceServerID": server_id(n), "hostname": f"host-{n}"} for n in range(1, count + 1)]
        self.simulator.seed({"servers": servers, "quotas": {**DEFAULTS, **self.quotas}})
        SWITCH.simulator = self.simulator
        SWITCH.calls = []
        self.drs = Drs(client(SWITCH), client(SWITCH))
        self.machine = FakeMachine()
        self.wakes: list[tuple[str, int]] = []
        self.counted: dict[str, float] = {}
        self.notified: list[str] = []
        self.quotas_readable = True
        self.actions: list[ActionsOutcome] = []
        self.tools = Tools(
            store=self.store,
            drs=lambda _: self.drs,
            quotas=lambda _: self.read_quotas(),
            machine=self.machine,
            wake=lambda _id, reason, delay_seconds=0: self.wakes.append((reason, delay_seconds)),
            advance_actions=lambda *_: self.actions.pop(0),
            finish=Finisher(self.store, self.clock, self.count),
            notify=self._notify,
            count=self.count,
            clock=self.clock,
            settings=Settings(),
        )
        self._create()

    # --- what it is made of

    def clock(self) -> datetime:
        return self.hands.now()

    def count(self, name: str, value: float = 1) -> None:
        self.counted[name] = self.counted.get(name, 0) + value

    def read_quotas(self) -> Quotas:
        if not self.quotas_readable:
            raise QuotaUnreadable("no answer")
        now = self.simulator.state.quotas
        return Quotas(now["concurrentJobs"], now["serversPerJob"], now["serversInAllJobs"])

    def document(self) -> dict[str, Any]:
        waves = [
            {"name": f"wave-{number}", "servers": [{"sourceServerId": server_id(each)} for each in wave], **self.rules}
            for number, wave in enumerate(self.waves, start=1)
        ]
        return {"name": "shop", "waves": waves, **self.plan}

    def _create(self) -> None:
        now = stamp(self.clock())
        document = self.document()
        plan = parse_plan(document)
        execution = Execution(
            execution_id=ID,
            type=self.kind,
            plan_id="rp-1",
            plan_name="shop",
            started_at=now,
            updated_at=now,
            wave_count=len(self.waves),
        )
        servers = [
            Server(
                execution_id=ID,
                wave_number=wave.number,
                source_server_id=each.source_server_id,
                criticality=each.criticality,
                recovery_snapshot_id=each.recovery_snapshot_id,
            )
            for wave in plan.waves
            for each in wave.servers
        ]
        waves = [
            Wave(execution_id=ID, wave_number=wave.number, name=wave.name, counts=Counts(servers=len(wave.servers)))
            for wave in plan.waves
        ]
        frozen = FrozenPlan(execution_id=ID, document=document, plan_hash="hash")
        event = event_of(execution, "EXECUTION_STARTED", now, "started")
        assert self.store.create(execution, event, frozen, waves, servers)

    def _notify(self, execution: Execution, events: Sequence[Event]) -> None:
        self.notified += [event.kind for event in events]

    # --- what happens

    def start(self, wave_number: int = 1) -> dict[str, int]:
        """As the machine's state StartWave."""
        return start_wave(self.store, self.drs, self.read_quotas, self.clock, ID, wave_number, count=self.tools.count)

    def wait_for(self, kind: str = "WAVE", wave_number: int = 1, phase: str | None = None) -> str:
        """As a state of the machine that waits: its token is stored."""
        token = f"token-{len(self.machine.answers)}-{kind}-{stamp(self.clock())}"
        self.machine.waiting = token
        store_token(
            self.store, TaskToken(execution_id=ID, token=token, kind=kind, wave_number=wave_number, phase=phase)
        )
        return token

    def poll(self, reason: str = "EVENT") -> str:
        return poll(self.tools, ID, reason)

    def later(self, seconds: float) -> None:
        """Time passes, for DRS too."""
        self.hands.move(seconds)
        self.simulator.advance_to(self.clock())

    def run_to_the_end(self, seconds: int = 30, most: int = 400) -> Any:
        """Polls until the machine is answered; returns the answer."""
        before = len(self.machine.answers)
        for _ in range(most):
            self.poll(TICK)
            if len(self.machine.answers) > before:
                return self.machine.answers[-1]
            self.later(seconds)
        raise AssertionError("the machine was never answered")

    def cancel(self) -> None:
        execution = self.execution
        asked = Request(by="alice", at=stamp(self.clock()))
        assert self.store.save(changed(execution, cancel_requested=asked, status="CANCELLING"))

    def external_job(self, *numbers: int) -> str:
        """Somebody else starts a job with the console."""
        wanted = [{"sourceServerID": server_id(number)} for number in numbers]
        return str(self.simulator.call("StartRecovery", {"sourceServers": wanted})["job"]["jobID"])

    # --- what there is

    @property
    def execution(self) -> Execution:
        found = self.store.execution(ID)
        assert found
        return found

    def wave(self, number: int = 1) -> Wave:
        found = self.store.wave(ID, number)
        assert found
        return found

    def intents(self) -> list[Intent]:
        return self.store.intents(ID)

    def states(self, wave_number: int | None = None) -> list[str]:
        return [server.launch_status for server in self.store.servers(ID, wave_number)]

    def server(self, number: int) -> Server:
        return next(each for each in self.store.servers(ID) if each.source_server_id == server_id(number))

    def jobs(self) -> list[dict[str, Any]]:
        return list(self.simulator.call("DescribeJobs")["items"])

    def our_jobs(self) -> list[dict[str, Any]]:
        return [job for job in self.jobs() if job.get("tags")]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.store.events(ID)]

    def owners(self) -> set[str]:
        """Who holds locks of servers at the moment."""
        keys = [f"LOCK#own#us-east-1#{server.source_server_id}" for server in self.store.servers(ID)]
        return {str(lock.owner) for lock in self.store.locks(keys).values() if lock.owner}

    def server_id(self, number: int) -> str:
        return server_id(number)
