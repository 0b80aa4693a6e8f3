"""Random schedules of failures, and what holds in every one of them."""

from __future__ import annotations

from hypothesis import given

from tests.properties.quicksight_migration.runs import carry_out
from tests.properties.quicksight_migration.schedules import Schedule, schedules


@given(schedules())
def test_every_promise_is_kept(schedule: Schedule) -> None:
    """Given any schedule of failures and commands, when it is over, then no promise was broken (promises.py)."""
    carried = carry_out(schedule)
    assert not carried.broken, carried.told()
