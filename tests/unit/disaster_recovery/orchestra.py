"""A run as the state machine leads it: executions started for real, actions of the handler, tokens that work once."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from disaster_recovery.commands.running import Commands
from disaster_recovery.commands.starting import Starter
from disaster_recovery.errors import NotFound
from disaster_recovery.orchestration import run
from disaster_recovery.plans.plan import parse_plan
from disaster_recovery.plans.resolved import ResolvedPlan, ResolvedServer
from disaster_recovery.records.execution import Execution, Pause
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import LaunchStatus
from disaster_recovery.wave_actions.runner import ActionRunner
from disaster_recovery.wave_actions.service import Progress, Task
from tests.unit.disaster_recovery.recovery_world import ID, World

PLAN = "rp-1"
TOKENED = frozenset({"wait_for_resume", "run_actions", "await_wave", "cancelling"})


@dataclass(frozen=True)
class Person:
    """Somebody who asks for something."""

    actor: str = "user:alice"
    groups: frozenset[str] = frozenset({"dr-recover"})
    direct: bool = False


ALICE, BOB = Person(), Person("user:bob", frozenset({"approvers"}))


class FakeService:
    """A service of actions: it answers what it is told to, in turn, the last answer for ever."""

    def __init__(self, *answers: Progress | BaseException) -> None:
        self.answers = list(answers) or [Progress("SUCCEEDED")]
        self.tasks: list[Task] = []

    def advance(self, task: Task) -> Progress:
        self.tasks.append(task)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class OnePlan:
    """A catalog with the world's plan."""

    world: World
    version: int = 3

    def resolve(self, plan_id: str) -> ResolvedPlan:
        if plan_id != PLAN:
            raise NotFound(f"there is no plan {plan_id}")
        document = self.world.document()
        servers = {
            wave.number: tuple(
                ResolvedServer(
                    each.source_server_id,
                    f"host-{each.source_server_id[-2:]}",
                    each.criticality,
                    each.recovery_snapshot_id,
                    {"copyTags": True, "ec2LaunchTemplateID": "lt-1"},
                    30,
                )
                for each in wave.servers
            )
            for wave in parse_plan(document).waves
        }
        return ResolvedPlan(plan_id, self.version, document, servers)


@dataclass
class Orchestra(World):
    """A world whose execution is started by the Starter and led by the handler's actions."""

    services: Mapping[str, FakeService] = field(default_factory=dict)

    def _create(self) -> None:
        self.tokens = (f"secret-{number}" for number in itertools.count(1))
        self.starter = Starter(self.store, OnePlan(self), self.machine, self.clock, lambda _: ID)
        self.commands = Commands(self.store, self.machine, self.tools.wake, self.clock)
        self.tools = replace(self.tools, advance_actions=ActionRunner(self.store, self.services, self.clock))
        self.starter.start(ALICE, PLAN, self.kind, confirm="shop")

    def act(self, action: str, wave_number: int | None = 1, **more: Any) -> dict[str, Any]:
        """One invocation by the machine; a task that waits gets a token."""
        event: dict[str, Any] = {"action": action, "executionId": ID, **more}
        if wave_number is not None:
            event["waveNumber"] = wave_number
        if action in TOKENED and "taskToken" not in event:
            self.machine.waiting = event["taskToken"] = next(self.tokens)
        return run(self.tools, event)

    def begin(self, wave_number: int = 1) -> dict[str, Any]:
        """The machine until the first thing that a wave wants."""
        self.act("validate_plan", None)
        self.act("initialize_execution", None)
        return self.act("prepare_wave", wave_number)

    def launch(self, wave_number: int = 1) -> Any:
        """A wave from its start until the machine is answered."""
        self.act("start_wave", wave_number)
        self.act("await_wave", wave_number)
        return self.run_to_the_end()

    def paused(self, wave_number: int = 1) -> Pause:
        """The machine waits for a decision."""
        self.act("wait_for_resume", wave_number)
        pause = self.execution.pause
        assert pause
        return pause

    def fail_servers(self, *numbers: int) -> None:
        """DRS fails to launch these, once."""
        for number in numbers:
            rule = {"server": self.server_id(number), "times": 1, "action": {"type": "fail"}, "phase": "LAUNCH"}
            self.simulator.inject(rule)

    def force(self, **changes: Any) -> Execution:
        """The execution as another part of the system has left it."""
        after = changed(self.execution, **changes)
        assert self.store.save(after)
        return after

    def launched(self) -> int:
        return self.states().count(LaunchStatus.LAUNCHED)
