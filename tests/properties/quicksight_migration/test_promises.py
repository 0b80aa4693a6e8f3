"""Random schedules of failures, and what holds in every one of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from local_cloud.virtual.faults import CallFault, Effect
from local_cloud.virtual.migration.places import FUNCTIONS
from tests.properties.call_faults import occasions
from tests.properties.conftest import EXAMPLES
from tests.properties.quicksight_migration import estates
from tests.properties.quicksight_migration.runs import carry_out
from tests.properties.quicksight_migration.schedules import SOURCE_FAMILIES, Schedule, hard_imports, schedules
from tests.properties.quicksight_migration.trial import APPROVED, UPDATE, VIEWERS

JOB = estates.job([0, 1], options=APPROVED, permissions=VIEWERS)


@settings(max_examples=EXAMPLES or 25)
@given(schedules())
def test_every_promise_is_kept(schedule: Schedule) -> None:
    """Given any schedule of failures and commands, when it is over, then no promise was broken (promises.py)."""
    carried = carry_out(schedule)
    assert not carried.broken, carried.told()


@settings(max_examples=EXAMPLES or 15)
@given(hard_imports())
def test_the_target_is_migrated_untouched_or_restored(schedule: Schedule) -> None:
    """Given imports that break off and are taken back, when it is over, then jobs say what has become of the target."""
    carried = carry_out(schedule)
    assert not carried.broken, carried.told()


@settings(max_examples=max(12, EXAMPLES // 4))
@given(
    seed=st.integers(0, 2**16),
    caller=st.sampled_from((*FUNCTIONS, "*")),
    effect=st.sampled_from(("kill-before", "kill-after", "hang", "lose", "refuse", "throttle")),
    nth=occasions(40),
)
def test_any_call_may_fail_and_the_migration_still_completes(
    seed: int, caller: str, effect: Effect, nth: tuple[int, ...]
) -> None:
    """Given a function that dies at any AWS call, or a lost answer, when the job is over, then it is COMPLETED."""
    fault = CallFault(effect, nth, caller=caller)
    carried = carry_out(Schedule(seed=seed, jobs=(JOB,), there={1: " old"}, faults=(fault,)))
    assert not carried.broken, carried.told()
    assert carried.statuses == ["COMPLETED"], carried.told()


@settings(max_examples=max(4, EXAMPLES // 20))
@given(seed=st.integers(0, 2**16), apart=st.integers(0, 20), chunk=st.sampled_from((1, 2, 100)))
def test_without_failures_every_job_completes(seed: int, apart: int, chunk: int) -> None:
    """Given more jobs than there are slots, when nothing fails, then all complete, whoever has to wait."""
    jobs = tuple(estates.job([each], options=UPDATE) for each in range(SOURCE_FAMILIES))
    carried = carry_out(Schedule(seed=seed, jobs=jobs, there={1: " old"}, apart=apart, chunk=chunk))
    assert not carried.broken, carried.told()
    assert carried.statuses == ["COMPLETED"] * len(jobs), carried.told()


def test_a_schedule_gives_the_same_run_each_time() -> None:
    """Given a schedule, when it is carried out twice, then both runs make the same calls at the same moments."""
    faults = (CallFault("kill-after", (2,), operation="StartAssetBundle*"),)
    schedule = Schedule(seed=11, jobs=(JOB, JOB), there={0: " old"}, faults=faults)
    first, second = carry_out(schedule), carry_out(schedule)
    assert first.cloud.traffic.calls == second.cloud.traffic.calls
    assert first.summary == second.summary
