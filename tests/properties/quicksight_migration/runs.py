"""Carrying out a schedule in the virtual cloud, watched by the promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

from local_cloud.virtual.migration.system import Options, VirtualMigration
from quicksight_migration.planning import closure, preflight
from tests.properties.quicksight_migration import estates
from tests.properties.quicksight_migration.people import People
from tests.properties.quicksight_migration.promises import Promises
from tests.properties.quicksight_migration.schedules import SOURCE_FAMILIES, Schedule

#: Plans wait so long for a decision; what is retried or restored waits again.
APPROVAL_SECONDS = 3 * 3600
#: A step may take two hours, and a restore has steps of its own.
HOURS = 60
#: What comes after the end: late events, alerts, slots of the dead.
AFTER_HOURS = 0.5
#: A restore may fail like any job; faults come to an end.
RESTORES = 12


@dataclass
class Carried:
    """A schedule that was carried out. `broken` are the promises that were not kept."""

    cloud: VirtualMigration
    broken: list[str]
    summary: list[str]
    statuses: list[str]

    def told(self) -> str:
        """What to read when a promise was broken."""
        failures = [f"{at:.1f} {name} {kind}\n{trace}" for at, name, kind, trace in self.cloud.functions.failures]
        return "\n".join([*self.broken, *self.summary, f"metrics: {dict(self.cloud.handlers.metrics)}", *failures])


def carry_out(
    schedule: Schedule, options: Options | None = None, prepare: Callable[[VirtualMigration], object] | None = None
) -> Carried:
    """Runs a schedule to its end: all jobs over, retries and restores too, then a while for what comes after."""
    source, target = estates.source(SOURCE_FAMILIES), estates.target(schedule.there)
    chosen = options or Options(fates=schedule.fates, approval_timeout_seconds=APPROVAL_SECONDS)
    cut = partial(closure.chunks, size=schedule.chunk)
    with (
        patch.object(preflight, "chunks", cut),
        VirtualMigration(source, target, seed=schedule.seed, faults=schedule.faults, options=chosen) as cloud,
    ):
        if prepare is not None:
            prepare(cloud)
        promises = Promises(cloud)
        people = People(cloud, promises, schedule.approver)
        _set_up(cloud, people, schedule)
        begun = (len(schedule.jobs), len(schedule.deeds))
        _finish(cloud, lambda: (len(people.jobs), people.deeds) == begun)
        if schedule.again:
            _then(cloud, people.retry_all)
        for _ in range(RESTORES):
            if wanted := promises.unrestored(schedule.undo):
                _then(cloud, partial(people.restore, wanted[-1]))
        cloud.run(hours=AFTER_HOURS, finished=lambda: False)
        broken = [
            *promises.at_the_end(),
            *(f"{each} cannot be restored" for each in promises.unrestored(schedule.undo)),
        ]
        jobs = [cloud.peek.job(each) for each in cloud.job_ids()]
        return Carried(cloud, broken, summary(cloud), [str(job.status) for job in jobs if job is not None])


def summary(cloud: VirtualMigration) -> list[str]:
    """Each job with its steps and its audit, in words."""
    lines = []
    for identifier in cloud.job_ids():
        job = cloud.peek.job(identifier)
        assert job is not None
        lines.append(f"{identifier} {job.type} {job.status} {job.target_state} run {job.run_number} {job.error}")
        lines += [f"  {run.sort_key} {run.step_status} {run.error or ''}" for run in cloud.peek.steps(identifier)]
        lines += [
            f"  {cloud.seconds_at(entry.at):10.1f} {entry.actor} {entry.action} {dict(entry.detail)}"
            for entry in cloud.peek.audit(identifier)
        ]
    return lines


def _set_up(cloud: VirtualMigration, people: People, schedule: Schedule) -> None:
    for side, rule in schedule.injections:
        (cloud.source if side == "SOURCE" else cloud.target).inject(rule)
    for number, body in enumerate(schedule.jobs):
        cloud.later(
            number * schedule.apart, f"start {number}", lambda number=number, body=body: people.start(number, body)
        )
    for deed in schedule.deeds:
        cloud.later(deed.at, deed.command, partial(people.do, deed))


def _then(cloud: VirtualMigration, work: Callable[[], object]) -> None:
    """Somebody does something, and everything comes to its end again."""
    done: list[object] = []
    cloud.later(60, "people", lambda: done.append(work()))
    _finish(cloud, lambda: bool(done))


def _finish(cloud: VirtualMigration, also: Callable[[], bool]) -> None:
    cloud.run(hours=HOURS, finished=lambda: also() and cloud.is_over())
