"""Whatever gets lost, comes twice or comes late: slots are never too many and never leak, no step that is done is done
again, every transition is in the audit, and every job comes to its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from quicksight_migration.errors import PlanStale, Transient, WrongState
from quicksight_migration.records.job import Job, StepRun
from quicksight_migration.records.order import slot_line_of
from quicksight_migration.records.statuses import (
    ORDER,
    RETRYABLE,
    TERMINAL_STATUSES,
    StepName,
    StepStatus,
    TargetState,
)
from tests.unit.quicksight_migration.job_world import ALICE, BOB, HASH, SOURCE, TARGET, World
from tests.unit.quicksight_migration.machine_walk import (
    ARRIVES,
    LOST,
    OVER,
    UNHEARD,
    WAIT,
    FaultyMachine,
    FaultyStore,
    Walk,
    succeeded,
)

LINES = [f"SLOT#{SOURCE}#us-east-1#EXPORT", f"SLOT#{TARGET}#us-east-1#EXPORT", f"SLOT#{TARGET}#us-east-1#IMPORT"]
JOBS = 4
DOINGS = ("walk", "walk", "walk", "walk", "walk", "repeat", "person", "late", "kill", "reconcile")


class Faults:
    """A world of four jobs in which an example decides what happens next, and what becomes of each call."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)
        self._calm = False
        store = FaultyStore()
        self.world = World("REQUIRED", store=store, export_slots=1, import_slots=1)
        machine = FaultyMachine()
        self.world.machine = machine
        object.__setattr__(self.world.tools, "machine", machine)
        store.fate = machine.fate = self._fate  # type: ignore[method-assign]
        self.jobs: list[str] = []
        self.walks: dict[str, Walk] = {}

    def run(self) -> None:
        """Jobs are started; then things happen, and promises are looked at after each."""
        length = self._chance.randrange(5, 150)
        for number in range(JOBS):
            self._start(number)
        for _ in range(length):
            getattr(self, f"_{self._chance.choice(DOINGS)}")()
            self.world.pass_time(10)
            self._notice_runs()
            self.look()

    def come_to_an_end(self) -> None:
        """Nothing gets lost any more, and everybody does what they have to."""
        self._calm = True
        for _ in range(400):
            self.world.pass_time(60)
            self._reconcile()
            self._notice_runs()
            for walk in [each for each in self.walks.values() if each.state != OVER]:
                if walk.state == WAIT and walk.at["next"] == StepName.WAIT_FOR_APPROVAL:
                    self._person_does("approve", walk.job_id)
                walk.advance(succeeded)
            self.look()
            if all(self.world.job(job_id).status in TERMINAL_STATUSES for job_id in self.jobs):
                return
        raise AssertionError({job_id: self.world.job(job_id).status for job_id in self.jobs})

    # --- what happens

    def _start(self, number: int) -> None:
        """Whoever gets no answer asks again with the same key."""
        options = {"planOnly": True} if number == JOBS - 1 else {}
        while True:
            try:
                self.jobs.append(self.world.start(key=f"k{number}", options=options).job_id)
                return
            except Transient:
                continue

    def _walk(self) -> None:
        live = [walk for walk in self.walks.values() if walk.state != OVER]
        if live:
            self._chance.choice(live).advance(self._judge)

    def _repeat(self) -> None:
        said = [(walk, event) for walk in self.walks.values() for event in walk.said if "taskToken" not in event]
        if said:
            walk, event = self._chance.choice(said)
            before = self.world.job(walk.job_id)
            walk.repeat(event)
            if walk.run_number < before.run_number:
                assert self.world.job(walk.job_id) == before, event

    def _person(self) -> None:
        does = self._chance.choice(["cancel", "approve", "approve", "reject", "retry", "retry"])
        self._person_does(does, self._chance.choice(self.jobs))

    def _person_does(self, does: str, job_id: str) -> None:
        more = {"approve": (HASH,)}.get(does, ())
        try:
            getattr(self.world.commands, does)(BOB if does == "approve" else ALICE, job_id, *more)
        except (WrongState, PlanStale, Transient):
            pass

    def _late(self) -> None:
        waiting = [walk for walk in self.walks.values() if walk.state == WAIT]
        if waiting:
            self._chance.choice(waiting).time_out()

    def _kill(self) -> None:
        live = [walk for walk in self.walks.values() if walk.state != OVER]
        if live and self._chance.randrange(4) == 0:
            self._chance.choice(live).end("ABORTED")

    def _reconcile(self) -> None:
        try:
            self.world.reconciler.sweep()
        except Transient:
            assert not self._calm

    def _notice_runs(self) -> None:
        for name, status in self.world.machine.runs.items():
            if name not in self.walks and status == "RUNNING":
                job_id, _, run_number = name.rpartition("-r")
                self.walks[name] = Walk(self.world, job_id, int(run_number))

    def _judge(self, step: str) -> dict[str, Any]:
        outcome = self._chance.choice(["SUCCEEDED"] * 6 + ["FAILED", "REPLAN"])
        if outcome == "REPLAN" and step == StepName.IMPORT_ASSETS:
            return {"state": "REPLAN", "output": {}}
        if outcome == "FAILED":
            state = self._chance.choice(["UNTOUCHED", "RESTORED", "UNKNOWN", None])
            target = {"targetState": state} if state and step == StepName.IMPORT_ASSETS else {}
            return {"state": "FAILED", "error": {"code": "BROKEN", "message": "m"}, **target}
        return succeeded(step)

    def _fate(self) -> str:
        return ARRIVES if self._calm else self._chance.choice([ARRIVES] * 8 + [LOST, UNHEARD])

    # --- what is promised

    def look(self) -> None:
        """Every promise, against what is stored now."""
        jobs = {job_id: self.world.job(job_id) for job_id in self.jobs}
        steps = {job_id: self.world.store.steps(job_id) for job_id in self.jobs}
        self._slots_are_kept(jobs, steps)
        for job_id, job in jobs.items():
            entries = self.world.store.audit(job_id)
            assert [entry.number for entry in entries] == list(range(1, job.revision + 1))
            running = [run for run in steps[job_id] if run.step_status == StepStatus.RUNNING]
            assert len(running) <= (0 if job.status in TERMINAL_STATUSES else 1)
            unknown = job.status in TERMINAL_STATUSES and job.target_state == TargetState.UNKNOWN
            assert not unknown or job.status == "NEEDS_ATTENTION"
            nothing_is_done_twice(job, steps[job_id])
            for run in steps[job_id]:
                if run.step == StepName.IMPORT_ASSETS and not run.is_left_out:
                    assert planned_and_approved_before(run, steps[job_id])

    def _slots_are_kept(self, jobs: dict[str, Job], steps: dict[str, list[StepRun]]) -> None:
        for line in self.world.store.slots(LINES).values():
            assert len(line.holders) <= 1
            owners = [*line.holders, *(each.owner for each in line.waiting)]
            assert len(set(owners)) == len(owners)
            assert all(jobs[owner.partition("#")[0]].status not in TERMINAL_STATUSES for owner in owners)
        for job_id, runs in steps.items():
            for run in runs:
                line_key = slot_line_of(jobs[job_id], run.step)
                if run.step_status == StepStatus.RUNNING and line_key:
                    assert f"{job_id}#{run.step}" in self.world.store.slots([line_key])[line_key].holders


def nothing_is_done_twice(job: Job, steps: Sequence[StepRun]) -> None:
    """After a success, a step is begun again only since something before it was done anew, or was found stale."""
    for run in steps:
        before = [each for each in steps if each.step == run.step and each.attempt < run.attempt and each.is_done]
        if run.step == StepName.PREFLIGHT or not before:
            continue
        since = max(each.ended_revision for each in before)
        earlier = ORDER[1 : ORDER.index(StepName(run.step))]
        anew = [each for each in steps if each.step in earlier and each.is_done and each.ended_revision > since]
        stale = [each for each in steps if each.replan and each.ended_revision > since]
        assert anew or (stale and run.step == StepName.PLAN_IMPORT), (job.job_id, run)


def planned_and_approved_before(run: StepRun, steps: Sequence[StepRun]) -> bool:
    """True when the newest plan before the import was found stale by nobody, and approved after it was made."""
    ended = [each for each in steps if 0 < each.ended_revision <= run.started_revision]
    planned = max(each.ended_revision for each in ended if each.step == StepName.PLAN_IMPORT and each.is_done)
    since = [each for each in ended if each.ended_revision > planned]
    approved = [each for each in since if each.step == StepName.WAIT_FOR_APPROVAL and each.is_done]
    return bool(approved) and not any(each.replan for each in since)


@settings(max_examples=100, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.integers(0, 2**32))
def test_whatever_gets_lost_every_promise_is_kept(seed: int) -> None:
    # Given jobs that share slots, while calls get lost, come twice, machines die and people change their minds
    faults = Faults(seed)
    faults.run()
    # When it becomes calm
    faults.come_to_an_end()
    # Then every job has ended, nobody holds or waits for a slot, and people were told of each end
    for line in faults.world.store.slots(LINES).values():
        assert not line.holders and not line.queue
    for job_id in faults.jobs:
        job = faults.world.job(job_id)
        assert faults.world.store.alert(job_id) is None or not faults.world.store.alert(job_id).due  # type: ignore[union-attr]
        assert (job.status in RETRYABLE) == (job.status != "COMPLETED")
        told = [alert["kind"] for alert in faults.world.alerts]
        assert f"JOB_{job.status}" in told
