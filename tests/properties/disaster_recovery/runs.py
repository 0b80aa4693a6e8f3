"""Carrying out a schedule in the virtual cloud, watched by the promises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.errors import TowpathError
from disaster_recovery.records.execution import DRILL
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.record import Item
from disaster_recovery.records.store import Store
from local_cloud.virtual.kernel import Killed
from local_cloud.virtual.people import Person
from local_cloud.virtual.recovery.system import Options, VirtualRecovery
from tests.properties.disaster_recovery import plans
from tests.properties.disaster_recovery.promises import Promises
from tests.properties.disaster_recovery.schedules import SERVERS, Deed, Schedule

DAYS = 3
#: What comes after the end: jobs that outlive their wave, terminations, notifications.
AFTER_HOURS = 4.0
#: A start that died half way holds its plan for 40 seconds.
STARTS = 20
API, API_SECONDS = "disaster-recovery-api-handler", 29.0


@dataclass
class Carried:
    """A schedule that was carried out. `broken` are the promises that were not kept."""

    cloud: VirtualRecovery
    broken: list[str]

    def statuses(self) -> list[str]:
        found = (self.cloud.peek.execution(each) for each in self.cloud.started)
        return [str(each.status) if each else "" for each in found]

    def told(self) -> str:
        """What to read when a promise was broken."""
        lines = [*self.broken, f"statuses: {self.statuses()}", f"metrics: {dict(self.cloud.handlers.metrics)}"]
        for identifier in self.cloud.started:
            lines += [f"{e.at[11:19]} {e.kind} {e.message}" for e in self.cloud.peek.events(identifier)]
        lines += [f"{at:.1f} {name} {kind}\n{trace}" for at, name, kind, trace in self.cloud.functions.failures]
        return "\n".join(lines)


def carry_out(
    schedule: Schedule, options: Options | None = None, prepare: Callable[[VirtualRecovery], object] | None = None
) -> Carried:
    """Runs a schedule to its end: all executions over, then some hours for what comes after."""
    inventory = plans.inventory(SERVERS, **schedule.quotas)
    with VirtualRecovery(inventory, seed=schedule.seed, faults=schedule.faults, options=options) as cloud:
        if prepare is not None:
            prepare(cloud)
        promises = Promises(cloud, lambda: items_of(cloud.peek))
        _set_up(cloud, schedule)
        cloud.run(hours=24 * DAYS, finished=lambda: len(cloud.started) == len(schedule.plans) and cloud.is_over())
        cloud.run(hours=AFTER_HOURS, finished=lambda: _is_quiet(cloud))
        return Carried(cloud, promises.at_the_end())


def _is_quiet(cloud: VirtualRecovery) -> bool:
    """Nothing happens any more but ticks."""
    at_work = [job for job in cloud.account.simulator.state.jobs.values() if job["status"] != "COMPLETED"]
    waiting = cloud.queue.messages or cloud.account.simulator.next_due()
    ending = [item for item in items_of(cloud.peek) if item["record"] == "TERMINATION#01" and item.get("status")]
    return not (at_work or waiting or ending)


def items_of(store: Store) -> list[Item]:
    """Everything that is stored in memory."""
    assert isinstance(store, FileStore)
    return store.items()


def _set_up(cloud: VirtualRecovery, schedule: Schedule) -> None:
    for rule in schedule.injections:
        cloud.account.inject(rule)
    if schedule.page_size:
        cloud.account.simulator.configure(page_size=schedule.page_size)
    for name, start, end in schedule.dead:
        cloud.functions.dead[name] = (start, end)
    for number, plan in enumerate(schedule.plans):
        cloud.later(number * schedule.apart, f"start {plan['name']}", lambda plan=plan: _start(cloud, plan))
    for deed in schedule.deeds:
        cloud.later(deed.at, deed.command, lambda deed=deed: _do(cloud, deed))


def _start(cloud: VirtualRecovery, plan: Mapping[str, Any]) -> None:
    """Starts a plan as a client of the API does: again, with the same key, when there was no answer."""
    for _ in range(STARTS):
        if _ask(cloud, lambda: cloud.start(plan, DRILL, key=plan["name"])):
            return
        cloud.kernel.sleep(5)
    raise AssertionError(f"{plan['name']} could not be started")


def _do(cloud: VirtualRecovery, deed: Deed) -> None:
    """What does not fit at the moment is refused, as the API would refuse it."""
    if deed.execution < len(cloud.started):
        _ask(cloud, lambda: _DEEDS[deed.command](cloud, cloud.started[deed.execution]))


def _ask(cloud: VirtualRecovery, work: Callable[[], object]) -> bool:
    """One request to the API's function, which may die like any other. True when it was carried out and answered."""
    try:
        cloud.functions.visit(API, API_SECONDS, work)
    except (Killed, TowpathError, BotoCoreError, ClientError):
        return False
    return True


def _skip(cloud: VirtualRecovery, identifier: str) -> None:
    execution = cloud.peek.execution(identifier)
    paused = execution is not None and execution.pause is not None
    number = (execution.current_wave if execution else 0) + (0 if paused else 1)
    cloud.commands.skip_wave(Person(), identifier, number)


_DEEDS: dict[str, Callable[[VirtualRecovery, str], object]] = {
    "pause": lambda cloud, identifier: cloud.commands.pause(Person(), identifier),
    "resume": lambda cloud, identifier: cloud.commands.resume(Person(), identifier),
    "resume_stop": lambda cloud, identifier: cloud.commands.resume(Person(), identifier, choice="STOP"),
    "retry_failed": lambda cloud, identifier: cloud.commands.retry_failed(Person(), identifier),
    "cancel": lambda cloud, identifier: cloud.commands.cancel(Person(), identifier),
    "skip_wave": _skip,
    "terminate": lambda cloud, identifier: cloud.terminations.request(Person(), identifier),
}
