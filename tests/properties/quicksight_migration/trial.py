"""One cloud under watch, for the named runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from unittest.mock import patch

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.migration.system import Options, VirtualMigration
from quicksight_migration.planning import closure, preflight
from quicksight_migration.records.job import Job, StepRun
from shared.errors import TowpathError
from tests.properties.quicksight_migration import estates
from tests.properties.quicksight_migration.people import People
from tests.properties.quicksight_migration.promises import Promises
from tests.properties.quicksight_migration.runs import summary
from tests.properties.quicksight_migration.schedules import APPROVE, SOURCE_FAMILIES

UPDATE: dict[str, Any] = {"conflictPolicy": "UPDATE"}
APPROVED: dict[str, Any] = {**UPDATE, "approval": "REQUIRED"}
VIEWERS = [{"assetTypes": ["DASHBOARD"], "principals": [estates.group(estates.VIEWERS)], "access": "VIEWER"}]
#: Exports, and imports, that an account runs at once.
SLOTS = 5
HOURS = 24.0


class Trial:
    """A cloud with its promises and people; `check` adds what a scenario expects beyond them."""

    def __init__(
        self,
        there: Mapping[int, str] | None = None,
        faults: tuple[CallFault, ...] = (),
        *,
        options: Options | None = None,
        chunk: int = 100,
        approver: tuple[str, int] = (APPROVE, 60),
    ) -> None:
        source, target = estates.source(SOURCE_FAMILIES), estates.target(there or {})
        self.cloud = VirtualMigration(source, target, seed=7, faults=faults, options=options)
        self.promises = Promises(self.cloud)
        self.people = People(self.cloud, self.promises, approver)
        self.found: list[str] = []
        self._cut = patch.object(preflight, "chunks", partial(closure.chunks, size=chunk))

    # --- what happens

    def start(self, *numbers: int, after: float = 0.0, **fields: Any) -> None:
        """Starts a job for some dashboards."""
        body = estates.job(numbers, **{"options": UPDATE, **fields})
        self.cloud.later(after, "start", partial(self.people.start, len(self.cloud.statuses) + after, body))

    def person(self, seconds: float, work: Callable[[], object]) -> None:
        """Somebody does something; what is refused is refused."""

        def act() -> None:
            try:
                work()
            except (TowpathError, BotoCoreError, ClientError) as error:
                self.found.append(f"refused: {type(error).__name__}")

        self.cloud.later(seconds, "person", act)

    def run(self, hours: float = HOURS, until: Callable[[], bool] | None = None) -> bool:
        """Until all jobs are over, or until something else."""
        started = self.cloud.kernel.now
        over = until or (lambda: self.cloud.kernel.now > started + 1 and bool(self.job_ids) and self.cloud.is_over())
        with self._cut:
            return self.cloud.run(hours, over)

    # --- what came of it

    @property
    def job_ids(self) -> list[str]:
        """In the order in which jobs were stored."""
        return self.cloud.job_ids()

    def job(self, number: int = 0) -> Job:
        """A job as it is."""
        found = self.cloud.peek.job(self.job_ids[number])
        assert found is not None
        return found

    def steps(self, step: str, number: int = 0) -> list[StepRun]:
        """The attempts of a step."""
        return [run for run in self.cloud.peek.steps(self.job_ids[number]) if run.step == step]

    def check(self, holds: bool, otherwise: str) -> None:
        if not holds:
            self.found.append(otherwise)

    def ended(self, *states: str) -> list[str]:
        """Everything that was not as it should be; `states` are what jobs must have come to, `STATUS/TARGET_STATE`."""
        with self.cloud:
            self.run()
            self.cloud.run(0.3, lambda: False)
            jobs = [self.job(number) for number in range(len(self.job_ids))]
            found = [f"{job.status}/{job.target_state}" for job in jobs]
            wanted = [
                each if "/" in each else f"{each}/{job.target_state}" for each, job in zip(states, jobs, strict=False)
            ]
            self.check(found == wanted, "\n".join([f"ended as {found}", *summary(self.cloud)]))
            return [*self.found, *self.promises.at_the_end()]
