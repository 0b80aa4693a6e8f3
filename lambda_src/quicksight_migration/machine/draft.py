"""A transition while it is decided: the job, its steps and the lines for slots as they will be.

Nothing is written here; `records` are what one transaction writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from quicksight_migration.records import slots
from quicksight_migration.records.beside import SlotLine, job_of, owner_of
from quicksight_migration.records.job import Failure, Job, StepRun
from quicksight_migration.records.order import last_attempt, running, slot_line_of, slot_lines_of
from quicksight_migration.records.record import Record, changed
from quicksight_migration.records.statuses import TERMINAL_STATUSES, StepStatus
from quicksight_migration.records.store import Store, View, in_order
from quicksight_migration.settings import Settings


class Draft:
    """Begins as what is stored. `revision` is the one that the job will have; `beside` are more records to write."""

    def __init__(self, store: Store, settings: Settings, view: View, now: str) -> None:
        self._store = store
        self._settings = settings
        self._before = view
        self._steps = {run.sort_key: run for run in view.steps}
        self._lines: dict[str, SlotLine] = {}
        self._lines_before: dict[str, SlotLine] = {}
        self.job = view.job
        self.now = now
        self.revision = view.job.revision + 1
        self.beside: list[Record] = []

    @property
    def steps(self) -> tuple[StepRun, ...]:
        """All attempts, as they will be."""
        return tuple(self._steps.values())

    @property
    def running(self) -> StepRun | None:
        """The attempt under way."""
        return running(self.steps)

    def change(self, **changes: Any) -> None:
        """Changes the job."""
        self.job = replace(self.job, **changes)

    def begin(self, step: str, status: str = StepStatus.RUNNING) -> StepRun:
        """The next attempt of a step; of one that is left out, the only one."""
        last = last_attempt(self.steps, step)
        run = StepRun(
            job_id=self.job.job_id,
            revision=0,
            step=step,
            attempt=last.attempt + 1 if last else 1,
            run_number=self.job.run_number,
            step_status=status,
            started_at=self.now,
            started_revision=self.revision,
        )
        if status != StepStatus.RUNNING:
            run = replace(run, ended_at=self.now, ended_revision=self.revision)
        self._steps[run.sort_key] = run
        return run

    def end(  # noqa: PLR0913  (an end has these parts)
        self,
        run: StepRun,
        status: str,
        *,
        output: Mapping[str, Any] | None = None,
        error: Failure | None = None,
        target_state: str | None = None,
        replan: bool = False,
    ) -> None:
        """Ends an attempt and gives back its slot."""
        self._steps[run.sort_key] = replace(
            run,
            step_status=status,
            ended_at=self.now,
            ended_revision=self.revision,
            output=output or {},
            error=error,
            target_state=target_state,
            replan=replan,
        )
        line = slot_line_of(self.job, run.step)
        if line:
            mine = slots.among([owner_of(self.job.job_id, run.step)])
            self._set(line, slots.leave(self._line(line), mine, self.now, self._limit(line)))

    def take_slot(self, line: str, step: str) -> bool:
        """Stands in line for a step. True when it is the step's turn. Whoever is dead is sent away first."""
        owner = owner_of(self.job.job_id, step)
        while True:
            asked = slots.stand(self._line(line), owner, self.now, self._limit(line))
            self._set(line, asked)
            if owner in asked.holders:
                return True
            dead = dead_owners(self._store, asked)
            if not dead:
                return False
            self._set(line, slots.leave(asked, slots.among(dead), self.now, self._limit(line)))

    def leave_lines(self) -> None:
        """Gives back all slots of the job, and its places in lines."""
        mine = slots.of_job(self.job.job_id)
        unread = self._store.slots(key for key in slot_lines_of(self.job) if key not in self._lines)
        self._lines.update(unread)
        self._lines_before.update(unread)
        for key in slot_lines_of(self.job):
            line = self._line(key)
            if any(mine(owner) for owner in (*line.holders, *(each.owner for each in line.waiting))):
                self._set(key, slots.leave(line, mine, self.now, self._limit(key)))

    def records(self) -> list[Record]:
        """What is written beside the job, each at its next revision."""
        before = {run.sort_key: run for run in self._before.steps}
        steps = [changed(run) for key, run in self._steps.items() if run != before.get(key)]
        lines = [changed(line) for key, line in self._lines.items() if line != self._lines_before[key]]
        return [*steps, *lines, *self.beside]

    def written(self, job: Job) -> View:
        """What is stored once the job, as it is given, and `records` are."""
        steps = {run.sort_key: run for run in (*self.steps, *self.records()) if isinstance(run, StepRun)}
        return View(job, tuple(in_order(steps.values())))

    @property
    def is_changed(self) -> bool:
        """True when there is something to write."""
        return self.job != self._before.job or bool(self.records())

    @property
    def granted(self) -> list[str]:
        """Owners, of other jobs, whose turn it is now."""
        mine = slots.of_job(self.job.job_id)
        found = [owner for key, line in self._lines.items() for owner in slots.granted(self._lines_before[key], line)]
        return [owner for owner in found if not mine(owner)]

    def _line(self, key: str) -> SlotLine:
        if key not in self._lines:
            self._lines[key] = self._lines_before[key] = self._store.slots([key])[key]
        return self._lines[key]

    def _set(self, key: str, line: SlotLine) -> None:
        self._lines[key] = line

    def _limit(self, key: str) -> int:
        return slots.limit_of(key, self._settings.export_slots, self._settings.import_slots)


def dead_owners(store: Store, line: SlotLine) -> frozenset[str]:
    """Holders whose jobs are over, or gone: nobody will ever give their slots back."""
    dead = []
    for owner in line.holders:
        job = store.job(job_of(owner))
        if job is None or job.status in TERMINAL_STATUSES:
            dead.append(owner)
    return frozenset(dead)
