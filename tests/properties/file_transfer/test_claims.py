"""Claims, leases and fences under any order of messages, deaths, losses and late answers."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.conftest import EXAMPLES
from tests.properties.file_transfer.scripts import KINDS, Deed, carry_out

DEEDS = st.lists(
    st.builds(Deed, kind=st.sampled_from(KINDS), choice=st.integers(0, 11), odd=st.booleans()), max_size=80
)


@settings(max_examples=EXAMPLES or 60)
@given(DEEDS, st.booleans())
def test_one_writes_nothing_is_lost_and_nothing_reached_is_copied_again(deeds: list[Deed], grouped: bool) -> None:
    """Given any run, when it has calmed down, then no promise was broken and the transfer has ended (promises.py)."""
    world = carry_out(deeds, grouped=grouped)
    assert not world.broken, "\n".join(world.broken)


def test_without_faults_one_execution_and_an_outcome_of_each_delivery_are_enough() -> None:
    """Given an upload, when nothing goes wrong, then it is delivered in the first round, and claimed twice."""
    ends = [Deed("end"), Deed("receive"), *[Deed("step")] * 3]
    world = carry_out([Deed("receive"), *[Deed("step")] * 8, *ends, *ends])

    item = world.item()
    assert (item["status"], item["retryCount"], item["attempt"], "takeovers" in item) == ("SUCCESS", 0, 2, False)
    assert (world.outside.copies, world.outside.sent) == ({"s3": 1}, {"partner": 1, "clearing": 1})
    assert (world.queue.sent, world.broken) == (3, [])


def test_a_script_gives_the_same_run_each_time() -> None:
    """Given a script, when it is carried out twice, then both transfers end alike."""
    deeds = [Deed("receive"), Deed("again"), Deed("step"), Deed("time", 4), Deed("receive"), Deed("step", 1, True)]
    assert carry_out(deeds).item() == carry_out(deeds).item()
