"""Random schedules of failures, and what holds in every one of them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from local_cloud.virtual.faults import CallFault, Effect
from tests.properties.conftest import EXAMPLES
from tests.properties.disaster_recovery import plans
from tests.properties.disaster_recovery.runs import carry_out
from tests.properties.disaster_recovery.schedules import FUNCTIONS, Schedule, plan_pairs, schedules


@given(schedules())
def test_every_promise_is_kept(schedule: Schedule) -> None:
    """Given any schedule of failures and commands, when it is over, then no promise was broken (promises.py)."""
    carried = carry_out(schedule)
    assert not carried.broken, carried.told()


@settings(max_examples=max(15, EXAMPLES // 4))
@given(
    seed=st.integers(0, 2**16),
    both=plan_pairs(),
    quotas=st.fixed_dictionaries(
        {"concurrentJobs": st.integers(1, 2), "serversPerJob": st.integers(1, 2), "serversInAllJobs": st.integers(2, 4)}
    ),
    lost=st.booleans(),
)
def test_without_failures_every_server_launches(
    seed: int, both: tuple[dict[str, object], ...], quotas: dict[str, int], lost: bool
) -> None:
    """Given tight quotas and plans that share servers, when nothing fails, then all of them complete."""
    patient = tuple(
        plan | {"conflictPolicy": "WAIT", "waves": [calm(wave) for wave in plan["waves"]]}  # type: ignore[attr-defined]
        for plan in both
    )
    events = ({"action": {"type": "lose_event"}},) if lost else ()
    carried = carry_out(Schedule(seed=seed, plans=patient, quotas=quotas, injections=events))
    assert not carried.broken, carried.told()
    assert carried.statuses() == ["COMPLETED"] * len(both), carried.told()


@settings(max_examples=max(25, EXAMPLES))
@given(
    seed=st.integers(0, 2**16),
    caller=st.sampled_from((*FUNCTIONS, "*")),
    effect=st.sampled_from(("kill-before", "kill-after", "hang", "lose", "refuse", "throttle")),
    nth=st.lists(st.integers(1, 90), min_size=1, max_size=3, unique=True).map(sorted).map(tuple),
)
def test_any_call_may_fail_and_the_drill_still_completes(
    seed: int, caller: str, effect: Effect, nth: tuple[int, ...]
) -> None:
    """Given a function that dies at any AWS call, or a lost answer, when the drill is over, then it is COMPLETED."""
    fault = CallFault(effect, nth, caller=caller)
    carried = carry_out(Schedule(seed=seed, plans=(plans.simple(2, 1),), faults=(fault,)))
    assert not carried.broken, carried.told()
    assert carried.statuses() == ["COMPLETED"], carried.told()


def calm(wave: dict[str, object]) -> dict[str, object]:
    """The wave with time enough to wait for others, and without a pause."""
    return wave | {"pauseBeforeWave": False, "timeoutSeconds": 10 * 3600}


def test_a_schedule_gives_the_same_run_each_time() -> None:
    """Given a schedule, when it is carried out twice, then both runs make the same calls at the same moments."""
    schedule = Schedule(seed=11, plans=(plans.simple(2, 1),), injections=({"action": {"type": "duplicate_event"}},))
    first, second = carry_out(schedule), carry_out(schedule)
    assert first.cloud.traffic.calls == second.cloud.traffic.calls
    told = [[(e.at, e.kind) for e in each.cloud.peek.events(each.cloud.started[0])] for each in (first, second)]
    assert told[0] == told[1]
