"""A check that nobody could wait for answers the next request; a quick one is made each time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from quicksight_migration.planning.slow_checks import GOOD_FOR, SLOW, Answer, remembered
from tests.unit.quicksight_migration.planning_world import PlanningWorld

KEY = "jobs/job-x/plan-A1.json"


class Checks:
    """A check that takes its time, on a clock of its own."""

    def __init__(self, takes: timedelta) -> None:
        self.now, self.takes, self.made = datetime(2026, 1, 2, tzinfo=UTC), takes, 0
        self.tools = replace(PlanningWorld().tools, clock=lambda: self.now)

    def ask(self, key: str = KEY) -> Answer:
        """What an approval gets that asks now."""
        return remembered(self.tools, key, self._compare)

    def _compare(self) -> Answer:
        self.made += 1
        self.now += self.takes
        return {"drifted": False, "changes": [], "planHash": f"{self.made}"}


def test_a_quick_check_is_made_each_time() -> None:
    checks = Checks(SLOW - timedelta(seconds=1))
    assert [checks.ask()["planHash"], checks.ask()["planHash"]] == ["1", "2"]


def test_a_slow_check_answers_the_next_request() -> None:
    checks = Checks(SLOW)
    assert checks.ask() == checks.ask()
    assert checks.made == 1


def test_what_a_slow_check_found_grows_old() -> None:
    checks = Checks(SLOW)
    checks.ask()
    checks.now += GOOD_FOR + timedelta(seconds=1)
    assert checks.ask()["planHash"] == "2"


def test_another_plan_is_checked_for_itself() -> None:
    checks = Checks(SLOW)
    checks.ask()
    assert checks.ask("jobs/job-x/plan-A2.json")["planHash"] == "2"
