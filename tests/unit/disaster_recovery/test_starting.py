"""Starting: what is frozen, what is started once, and what a start may not do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from disaster_recovery.commands.starting import Starter, new_execution_id
from disaster_recovery.errors import NotFound, PlanInvalid, Transient, ValidationFailed, WrongState
from disaster_recovery.plans.resolved import ResolvedPlan
from disaster_recovery.records.history import plan_lock
from disaster_recovery.records.store import Store
from tests.unit.disaster_recovery.orchestra import ALICE, BOB, PLAN, Orchestra
from tests.unit.disaster_recovery.recovery_world import ID


def fresh(world: Orchestra, **more: Any) -> Starter:
    """A starter that makes ids, over the same records."""
    return replace(world.starter, new_id=new_execution_id, **more)


def ended(world: Orchestra) -> Orchestra:
    world.act("finish", None, outcome="CANCELLED")
    return world


def test_everything_is_frozen_at_the_start() -> None:
    # Given an execution of a plan
    world = Orchestra(waves=((1, 2), (3,)))
    plan = world.store.plan(ID)
    # When the plan changes afterwards
    world.plan = {"conflictPolicy": "FAIL"}
    # Then the execution keeps what it was started with, by the hash that its record bears
    assert plan and "conflictPolicy" not in plan.document and plan.plan_hash == world.execution.plan_hash
    assert [list(wave["sourceServerIds"]) for wave in plan.waves] == [
        [world.server_id(1), world.server_id(2)],
        [world.server_id(3)],
    ]
    server = world.server(3)
    assert (server.wave_number, server.lag_seconds) == (2, 30)
    assert server.launch_settings == {"copyTags": True, "ec2LaunchTemplateID": "lt-1"}
    assert (world.execution.plan_version, world.execution.started_by) == (3, "user:alice")
    assert world.machine.started == [f"{ID}-r1"]


def test_the_same_key_starts_once() -> None:
    world = ended(Orchestra())
    starter = fresh(world)
    first = starter.start(ALICE, PLAN, "DRILL", key="monday")
    again = starter.start(ALICE, PLAN, "DRILL", key="monday")
    assert again.execution_id == first.execution_id != ID
    with pytest.raises(ValidationFailed, match="something else"):
        starter.start(ALICE, PLAN, "RECOVERY", confirm="shop", key="monday")
    # Another person's key is another key: it meets the execution that runs
    with pytest.raises(WrongState, match=first.execution_id):
        starter.start(BOB, PLAN, "DRILL", key="monday")


def test_a_start_whose_machine_did_not_answer_is_taken_up_by_the_same_key() -> None:
    world = ended(Orchestra())
    attempts = iter([Transient("no answer"), None])

    class Machine(type(world.machine)):  # type: ignore[misc]
        def start(self, execution: Any) -> str:
            failure = next(attempts)
            if failure:
                raise failure
            return str(super().start(execution))

    starter = fresh(world, machine=Machine())
    with pytest.raises(Transient):
        starter.start(ALICE, PLAN, "DRILL", key="monday")
    execution = starter.start(ALICE, PLAN, "DRILL", key="monday")
    assert (execution.status, starter.machine.started) == ("PENDING", [execution.run_name])  # type: ignore[attr-defined]


def test_a_plan_runs_once_at_a_time() -> None:
    world = Orchestra()
    with pytest.raises(WrongState, match=f"already by {ID}"):
        fresh(world).start(ALICE, PLAN, "DRILL")
    assert fresh(ended(world)).start(ALICE, PLAN, "DRILL").status == "PENDING"


def test_a_start_that_died_does_not_block_the_plan_for_ever() -> None:
    # Given a lock of an execution that was never created
    world = ended(Orchestra())
    now = "2020-01-01T00:00:00.000000Z"
    assert not world.store.acquire([plan_lock(PLAN)], owner="ex-dead", holder="ex-dead", locked_at=now)
    assert fresh(world).start(ALICE, PLAN, "DRILL").status == "PENDING"


def test_a_start_that_is_just_being_made_is_respected() -> None:
    world = ended(Orchestra())
    now = world.clock().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    world.store.acquire([plan_lock(PLAN)], owner="ex-now", holder="ex-now", locked_at=now)
    with pytest.raises(WrongState, match="ex-now"):
        fresh(world).start(ALICE, PLAN, "DRILL")


def test_a_start_that_fails_gives_the_plan_back() -> None:
    world = ended(Orchestra())

    class Full(type(world.store)):  # type: ignore[misc]
        def create(self, *_: Any) -> bool:
            raise Transient("throttled")

    full: Store = Full()
    with pytest.raises(Transient):
        fresh(world, store=full).start(ALICE, PLAN, "DRILL")
    assert full.locks([plan_lock(PLAN)])[plan_lock(PLAN)].owner is None


def test_a_start_that_died_half_way_is_taken_up_by_the_same_key() -> None:
    # Given a worker that died before the execution itself was written
    world = ended(Orchestra(waves=((1, 2), (3,))))

    class Dying(type(world.store)):  # type: ignore[misc]
        dead = False

        def transition(self, *records: Any) -> bool:
            if not self.dead:
                self.dead = True
                raise SystemExit
            return bool(super().transition(*records))

    starter = fresh(world, store=Dying())
    with pytest.raises(SystemExit):
        starter.start(ALICE, PLAN, "DRILL", key="monday")
    # When the call is made again, by now for a plan that takes other servers
    world.waves = ((1,), (2, 3))
    execution = starter.start(ALICE, PLAN, "DRILL", key="monday")
    # Then it is whole, and what the first call left is not part of it
    assert [len(starter.store.servers(execution.execution_id, number)) for number in (1, 2)] == [1, 2]
    assert execution.counts.servers == 3


def test_a_recovery_has_to_be_confirmed_by_the_name_of_the_plan() -> None:
    world = ended(Orchestra())
    with pytest.raises(ValidationFailed, match="confirmed"):
        fresh(world).start(ALICE, PLAN, "RECOVERY", confirm="Shop")
    assert fresh(world).start(ALICE, PLAN, "RECOVERY", confirm="shop").type == "RECOVERY"


def test_a_plan_that_cannot_be_run_is_not_started() -> None:
    world = ended(Orchestra())

    class Broken:
        def resolve(self, plan_id: str) -> ResolvedPlan:
            raise PlanInvalid("no servers")

    with pytest.raises(PlanInvalid):
        fresh(world, catalog=Broken()).start(ALICE, PLAN, "DRILL")
    with pytest.raises(NotFound):
        fresh(world).start(ALICE, "rp-none", "DRILL")
    assert len(world.machine.started) == 1


def test_ids_sort_by_the_moment_they_were_made() -> None:
    now = Orchestra().clock()
    ids = [new_execution_id(now + timedelta(milliseconds=number)) for number in range(200)]
    assert ids == sorted(ids) and len(set(ids)) == 200
    assert all(len(each) == 23 and set(each[3:]) <= set("abcdefghijklmnopqrstuvwxyz234567") for each in ids)
