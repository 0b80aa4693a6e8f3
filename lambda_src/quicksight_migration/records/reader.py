"""What workers read of a job. They write nothing: the machine's answers are recorded by the updater."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from quicksight_migration.errors import NotFound
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.order import last_attempt, last_success, original_backup, output_of
from quicksight_migration.records.store import View


class ReadsJobs(Protocol):
    """A store, as far as workers need it (GetItem and Query)."""

    def view(self, job_id: str) -> View | None: ...


@dataclass(frozen=True)
class JobReading:
    """A job as it was read: its record, and what its steps have left."""

    job: Job
    steps: tuple[StepRun, ...]

    @property
    def options(self) -> Mapping[str, Any]:
        """All options of the job, named or not."""
        return self.job.options

    def output(self, step: str) -> Mapping[str, Any]:
        """What the newest successful attempt of a step has left; empty when there is none."""
        return output_of(self.steps, step)

    def attempt(self, step: str) -> int:
        """Number of the newest attempt of a step, 0 when there is none."""
        run = last_attempt(self.steps, step)
        return run.attempt if run else 0

    def attempts(self, step: str) -> list[StepRun]:
        """All attempts of a step, oldest first."""
        return [run for run in self.steps if run.step == step]

    def succeeded(self, step: str) -> StepRun | None:
        """The newest attempt of a step that succeeded, or found nothing to do."""
        return last_success(self.steps, step)

    def original_backup(self) -> StepRun | None:
        """The backup of what the target was before the job first touched it."""
        return original_backup(self.steps)


def read_job(store: ReadsJobs, job_id: str) -> JobReading:
    """The job and its steps. Raises NotFound."""
    view = store.view(job_id)
    if view is None:
        raise NotFound(f"there is no job {job_id}")
    return JobReading(view.job, view.steps)
