"""One cloud under watch, and questions that several scenarios ask of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.errors import TowpathError
from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.recovery.system import VirtualRecovery
from tests.properties.disaster_recovery import plans
from tests.properties.disaster_recovery.promises import Promises
from tests.properties.disaster_recovery.runs import items_of

#: The finder looks once a minute; a poll and the start of the next wave take seconds.
WITHIN_SECONDS = 90.0


class Trial:
    """A cloud with its promises; `check` adds what a scenario expects beyond them."""

    def __init__(self, servers: int = 6, faults: tuple[CallFault, ...] = (), **more: Any) -> None:
        quotas, options = more.get("quotas", {}), more.get("options")
        self.cloud = VirtualRecovery(plans.inventory(servers, **quotas), seed=7, faults=faults, options=options)
        self.promises = Promises(self.cloud, lambda: items_of(self.cloud.peek))
        self.found: list[str] = []
        for rule in more.get("injections", ()):
            self.cloud.account.inject(rule)

    def start(self, plan: Mapping[str, Any]) -> str:
        return self.cloud.start(plan).execution_id

    def person(self, minutes: float, work: Callable[[], object]) -> None:
        """Somebody does something; what is refused is refused."""

        def act() -> None:
            try:
                work()
            except (TowpathError, BotoCoreError, ClientError) as error:
                self.found.append(f"refused: {error}")

        self.cloud.later(60 * minutes, "person", act)

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.found.append(otherwise)

    def ended(self, *statuses: str, hours: float = 12) -> list[str]:
        """Runs to the end; the executions must have come to these statuses."""
        with self.cloud:
            self.cloud.run(hours=hours)
            found = [self.cloud.peek.execution(each) for each in self.cloud.started]
            self.check([str(each.status) if each else "" for each in found] == list(statuses), f"ended as {found}")
            self.cloud.run(hours=0.2, finished=lambda: False)
            return [*self.found, *self.promises.at_the_end()]

    def status(self, execution_id: str) -> str:
        execution = self.cloud.peek.execution(execution_id)
        return str(execution.status) if execution else ""


def waits(trial: Trial, execution_id: str, at_most: float = WITHIN_SECONDS) -> list[str]:
    """Waves that began too long after the last launch of the wave before."""
    starts = {}
    for event in trial.cloud.peek.events(execution_id):
        if event.kind == "WAVE_STARTED":
            starts[event.wave_number] = event.at
    late = []
    for wave in trial.cloud.peek.waves(execution_id):
        following = starts.get(wave.wave_number + 1)
        launches = [
            launch.at
            for launch in trial.promises.launches.values()
            if launch.server
            in {each.source_server_id for each in trial.cloud.peek.servers(execution_id, wave.wave_number)}
        ]
        if following and launches:
            gap = trial.cloud.seconds_at(following) - max(launches)
            late += [f"wave {wave.wave_number + 1} began {gap:.0f} s late"] if gap > at_most else []
    return late


def is_terminated(trial: Trial, execution_id: str) -> bool:
    execution = trial.cloud.peek.execution(execution_id)
    return bool(execution and execution.instances_terminated) and not trial.cloud.account.simulator.state.instances


def is_locked(trial: Trial) -> bool:
    return any(item.get("owner") for item in items_of(trial.cloud.peek) if item["record"] == "LOCK")
