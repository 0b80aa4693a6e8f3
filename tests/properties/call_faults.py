"""Random faults of calls, for schedules of any system."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from local_cloud.virtual.faults import CallFault

REFUSALS = ("lose", "refuse", "throttle")
DEATHS = ("kill-before", "kill-after")


def occasions(last: int, most: int = 3) -> st.SearchStrategy[tuple[int, ...]]:
    """Which of the calls that match are hit: up to `most` of the first `last`."""
    return st.lists(st.integers(1, last), min_size=1, max_size=most, unique=True).map(lambda each: tuple(sorted(each)))


def deaths(functions: Sequence[str], last: int = 60) -> st.SearchStrategy[CallFault]:
    """A function that dies, or hangs until Lambda ends it, at any of its calls."""
    effect = st.sampled_from((*DEATHS, "hang"))
    return st.builds(CallFault, effect=effect, nth=occasions(last), caller=st.sampled_from(functions))


def refusals(services: Sequence[str], last: int = 60) -> st.SearchStrategy[CallFault]:
    """A call to a service that is refused, or whose answer is lost."""
    effect = st.sampled_from(REFUSALS)
    return st.builds(CallFault, effect=effect, nth=occasions(last), service=st.sampled_from(services))


def failures_of(callers: Sequence[str], last: int = 25) -> st.SearchStrategy[CallFault]:
    """Calls of a function that are refused, or whose answers are lost, whatever they are."""
    return st.builds(CallFault, effect=st.sampled_from(REFUSALS), nth=occasions(last), caller=st.sampled_from(callers))


def around(operations: Sequence[str], last: int = 3) -> st.SearchStrategy[CallFault]:
    """Anything that may happen to one of the first calls of an operation; its name may have `*` in it."""
    effect = st.sampled_from((*REFUSALS, *DEATHS))
    return st.builds(CallFault, effect=effect, nth=occasions(last, 2), operation=st.sampled_from(operations))
