"""The end of instances: only ours, one call an instance, watched until they are gone."""

from __future__ import annotations

from typing import Any

import pytest

from disaster_recovery.errors import FateUnknown
from disaster_recovery.records.history import Termination
from disaster_recovery.records.record import changed
from shared.clock import stamp
from tests.unit.disaster_recovery.recovery_world import ID, SWITCH, World, server_id


def ended(world: World, **termination: Any) -> World:
    """An execution whose wave has launched and whose instances are to be terminated."""
    world.start()
    world.wait_for()
    world.run_to_the_end()
    assert world.store.save(changed(world.execution, status="COMPLETED"))
    wanted = {"status": "TERMINATING", "requested_by": "alice", "started_at": stamp(world.clock()), **termination}
    assert world.store.save(Termination(execution_id=ID, **wanted))
    return world


def finish(world: World, polls: int = 60) -> Termination:
    for _ in range(polls):
        world.poll("TICK")
        found = world.store.termination(ID)
        assert found
        if found.status is None:
            return found
        world.later(20)
    raise AssertionError("the termination never came to its end")


def alive(world: World) -> set[str]:
    instances = world.simulator.call("DescribeRecoveryInstances")["items"]
    return {each["sourceServerID"] for each in instances if each["ec2InstanceState"] in ("PENDING", "RUNNING")}


def test_the_instances_of_an_execution_are_terminated_and_watched_to_their_end() -> None:
    # Given a completed drill
    world = ended(World())
    # When the first poll comes, the job runs and nothing is said to be over
    world.poll("TICK")
    assert not world.execution.instances_terminated
    assert {job["type"] for job in world.jobs()} == {"LAUNCH", "TERMINATE"}
    # Then, when the job has ended, it is
    done = finish(world)
    assert (done.termination_status, done.left, len(done.job_ids)) == ("TERMINATED", (), 1)
    assert (world.execution.instances_terminated, alive(world)) == (True, set())
    assert world.states() == ["TERMINATED", "TERMINATED"]
    assert world.kinds()[-1] == "INSTANCES_TERMINATED"
    assert SWITCH.calls.count("TerminateRecoveryInstances") == 1


def test_instances_of_others_are_left_alone() -> None:
    # Given a server that somebody else has launched anew since, and one that never was ours
    world = World(extra_servers=1)
    ended(world)
    world.external_job(2, 3)
    world.later(3000)
    # When ours are terminated
    assert finish(world).termination_status == "TERMINATED"
    # Then those of others run
    assert alive(world) == {server_id(2), server_id(3)}


def test_what_is_gone_already_is_done() -> None:
    world = ended(World())
    for number in (1, 2):
        world.simulator.inject({"action": {"type": "terminate_instance", "server": server_id(number)}})
    assert finish(world).termination_status == "TERMINATED"
    assert SWITCH.calls.count("TerminateRecoveryInstances") == 0


def test_an_execution_without_instances_is_terminated_at_once() -> None:
    world = World()
    assert world.store.save(changed(world.execution, status="FAILED"))
    assert world.store.save(Termination(execution_id=ID, status="TERMINATING", started_at=stamp(world.clock())))
    assert finish(world, polls=1).termination_status == "TERMINATED"


def test_a_lost_answer_is_looked_for_not_repeated() -> None:
    world = ended(World())
    world.simulator.inject({"operation": "TerminateRecoveryInstances", "nth": [1], "action": {"type": "lost_response"}})
    assert finish(world).termination_status == "TERMINATED"
    assert SWITCH.calls.count("TerminateRecoveryInstances") == 1


def test_a_call_that_never_arrived_is_made_again_after_the_grace() -> None:
    world = ended(World())
    world.simulator.inject(
        {"operation": "TerminateRecoveryInstances", "nth": [1], "action": {"type": "error", "status": 500}}
    )
    assert finish(world).termination_status == "TERMINATED"
    assert SWITCH.calls.count("TerminateRecoveryInstances") == 2


@pytest.mark.parametrize(
    "action", [{"type": "throttle"}, {"type": "error", "code": "ConflictException", "status": 409}]
)
def test_a_refusal_of_the_moment_is_tried_again(action: dict[str, Any]) -> None:
    world = ended(World())
    world.simulator.inject({"operation": "TerminateRecoveryInstances", "nth": [1], "action": action})
    assert finish(world).termination_status == "TERMINATED"


def test_a_permission_that_is_missing_is_told_and_nothing_is_claimed() -> None:
    world = ended(World())
    refusal = {"type": "error", "code": "AccessDeniedException", "status": 403, "message": "not allowed"}
    world.simulator.inject({"operation": "TerminateRecoveryInstances", "action": refusal})
    done = finish(world)
    assert (done.termination_status, len(done.left)) == ("PARTIAL", 2)
    assert "not allowed" in str(done.error_message)
    assert not world.execution.instances_terminated


def test_what_drs_does_not_tell_ends_nothing() -> None:
    world = ended(World())
    world.simulator.inject({"operation": "DescribeRecoveryInstances", "times": 1, "action": {"type": "throttle"}})
    world.poll("TICK")
    found = world.store.termination(ID)
    assert found and found.status == "TERMINATING"
    assert world.counted["DescribeErrors"] == 1
    assert finish(world).termination_status == "TERMINATED"


def test_many_instances_are_terminated_in_jobs_that_the_quota_allows() -> None:
    world = ended(World(waves=[range(1, 8)], quotas={"serversPerJob": 3}))
    done = finish(world)
    assert (done.termination_status, len(done.job_ids)) == ("TERMINATED", 3)


def test_a_job_that_still_launches_is_waited_for_and_its_instance_terminated() -> None:
    # Given an execution that ended while a job of it still ran
    world = World(waves=[(1,)])
    world.start()
    world.later(60)
    assert world.store.save(changed(world.execution, status="PARTIAL"))
    assert world.store.save(Termination(execution_id=ID, status="TERMINATING", started_at=stamp(world.clock())))
    # Then its instance is terminated too
    assert finish(world, polls=120).termination_status == "TERMINATED"
    assert alive(world) == set()
    assert world.execution.instances_terminated


def test_a_drill_ends_when_its_time_to_live_is_over() -> None:
    world = World()
    ended(world, status="SCHEDULED", not_before=stamp(world.clock()))
    later = world.store.termination(ID)
    assert later
    moment = "2026-01-03T00:00:00.000000Z"
    assert world.store.save(changed(later, not_before=moment))
    world.poll("TICK")
    assert alive(world)
    world.later(86_400)
    assert finish(world).termination_status == "TERMINATED"
    assert "TERMINATION_STARTED" in world.kinds()


class Killed(Exception):
    """The worker dies here."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 5))
def test_a_poll_may_die_at_any_write(at: int, after: bool) -> None:
    world = ended(World())
    real, left = world.store.write, [at]

    def write(records: Any, unchanged: Any = ()) -> bool:
        left[0] -= 1
        if left[0] == 0 and not after:
            raise Killed
        written = real(records, unchanged)
        if left[0] == 0:
            raise Killed
        return written

    world.store.write = write  # type: ignore[method-assign]
    for _ in range(20):
        try:
            world.poll("TICK")
        except Killed:
            break
        world.later(30)
    world.store.write = real  # type: ignore[method-assign]
    assert finish(world).termination_status == "TERMINATED"
    assert SWITCH.calls.count("TerminateRecoveryInstances") == 1
    assert alive(world) == set()


def test_an_unanswered_call_is_not_repeated_within_the_grace() -> None:
    world = ended(World())

    def lost(*_: Any) -> Any:
        raise FateUnknown("no answer")

    real, world.drs.terminate = world.drs.terminate, lost  # type: ignore[method-assign]
    world.poll("TICK")
    world.drs.terminate = real  # type: ignore[method-assign]
    world.later(30)
    world.poll("TICK")
    assert SWITCH.calls.count("TerminateRecoveryInstances") == 0
    assert finish(world).termination_status == "TERMINATED"


def test_a_missing_permission_to_look_is_unknown_not_the_end() -> None:
    world = ended(World())
    refusal = {"type": "error", "code": "AccessDeniedException", "status": 403}
    world.simulator.inject({"operation": "DescribeRecoveryInstances", "times": 2, "action": refusal})
    assert finish(world).termination_status == "TERMINATED"
