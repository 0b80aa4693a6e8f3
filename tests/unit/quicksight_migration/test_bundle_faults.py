"""Any call of any bundle step may lose its answer, fail, or be the worker's last: the target ends as it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from quicksight_migration.worker import Answer
from tests.unit.quicksight_migration.bundle_world import SOURCE, TARGET, BundleWorld

STEPS = ("ExportAssets", "UploadAssets", "PlanImport", "BackupTarget", "ImportAssets")
PASSING = ("lost", "down", "throttled", "dead before", "dead after")
AFTER = {
    "datasource/lake": "Lake",
    "dataset/sales": "sales",
    "dashboard/sales": "sales",
    "dataset/costs": "costs",
    "dashboard/costs": "costs",
}
BEFORE = {"datasource/lake": "Lake", "dataset/sales": "Sales of last year", "dashboard/sales": "Old sales"}


@cache
def calls() -> dict[str, int]:
    """How many calls a migration makes of each service when nothing goes wrong."""
    world = BundleWorld()
    world.through(*STEPS)
    return {name: len(flaky.calls) for name, flaky in world.services().items()}


def at(number: int, fault: str) -> Callable[[str, int], str]:
    return lambda _operation, call: fault if call == number else ""


def doubled(world: BundleWorld) -> dict[str, int]:
    """Bundle jobs that were started more than once."""
    started = [
        each for kind in ("Export", "Import") for account in (SOURCE, TARGET) for each in world.starts(kind, account)
    ]
    return {name: times for name, times in Counter(started).items() if times > 1}


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("service", sorted(calls()))
def test_whatever_passes_is_outlived_and_nothing_is_started_twice(service: str, fault: str) -> None:
    for number in range(1, calls()[service] + 1):
        # Given a call that fails once
        world = BundleWorld()
        world.services()[service].fault = at(number, fault)

        # When the machine leads the job through its steps
        world.through(*STEPS)

        # Then the target is migrated, and each bundle job was started once
        assert world.names() == AFTER, number
        assert not doubled(world), number


@pytest.mark.parametrize("service", sorted(calls()))
def test_what_is_refused_is_told_with_the_state_of_the_target_and_can_be_retried(service: str) -> None:
    for number in range(1, calls()[service] + 1):
        # Given a call that is denied once
        world = BundleWorld()
        world.services()[service].fault = at(number, "denied")

        # When a step fails for it
        for step in STEPS:
            answer = world.run(step)
            if answer["state"] == "FAILED":
                check_target(world, step, answer)
                # Then it is done in another attempt
                answer = world.run(step)
            assert answer["state"] in ("SUCCEEDED", "SKIPPED"), (number, answer)
        assert world.names() == AFTER, number
        assert not doubled(world), number


def check_target(world: BundleWorld, step: str, answer: Answer) -> None:
    """What is said of the target is true, and nothing is said to be unknown that can be known."""
    told = answer.get("targetState") or "UNTOUCHED"
    assert told in ("UNTOUCHED", "RESTORED"), (step, answer)
    assert world.names() == BEFORE, (step, answer)


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("service", [f"quicksight {TARGET}", "files", "staging"])
def test_also_while_chunks_are_taken_back(service: str, fault: str) -> None:
    # Given an import whose second chunk fails
    plain = failing()
    plain.run("ImportAssets")
    for number in range(1, len(plain.services()[service].calls) + 1):
        world = failing()
        flaky = world.services()[service]
        if number <= len(flaky.calls):
            continue

        # When another call fails for a moment
        flaky.fault = at(number, fault)
        answer = world.run("ImportAssets")

        # Then the first chunk is taken back all the same
        assert (answer["state"], answer["targetState"]) == ("FAILED", "RESTORED"), (number, answer)
        assert world.names() == BEFORE
        assert not doubled(world), number


def failing() -> BundleWorld:
    world = BundleWorld().ready()
    world.inject(asset="dashboard/costs", phase="IMPORT", action={"type": "fail", "error": "no such column"})
    return world
