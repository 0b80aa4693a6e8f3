"""Polls: what DRS shows becomes the record, and the machine is answered once the wave is settled."""

from __future__ import annotations

from typing import Any

import pytest

from disaster_recovery.errors import PermissionDenied, Throttled, Transient
from disaster_recovery.machine.tools import ActionsOutcome
from disaster_recovery.records.execution import Decision, Pause
from disaster_recovery.records.record import changed
from disaster_recovery.watch.finding import Finder
from disaster_recovery.watch.polling import QUICK_POLLS, poll
from shared.clock import stamp
from tests.unit.disaster_recovery.recovery_world import ID, SWITCH, World, server_id


def inject(world: World, action: str, **more: Any) -> None:
    rule = {name: more.pop(name) for name in ("operation", "server", "phase", "nth", "times") if name in more}
    world.simulator.inject({**rule, "action": {"type": action, **more}})


def awaiting(world: World) -> World:
    """Wave 1 has been started and the machine waits for it."""
    world.start()
    world.wait_for()
    return world


# --- a wave that goes well


@pytest.mark.parametrize("fidelity", ["observed", "model"])
def test_a_wave_whose_servers_launch_is_completed(fidelity: str) -> None:
    # Given a wave on its way
    world = awaiting(World(fidelity=fidelity))
    # When polls come each half minute
    assert world.run_to_the_end() == {"next": "NEXT"}
    # Then every server is launched with its instance, the wave is COMPLETED, the locks are free
    assert world.states() == ["LAUNCHED", "LAUNCHED"]
    instances = {each["sourceServerID"]: each for each in world.simulator.call("DescribeRecoveryInstances")["items"]}
    for server in world.store.servers(ID):
        assert server.recovery_instance_id == instances[server.source_server_id]["recoveryInstanceID"]
        assert server.ec2_instance_id == instances[server.source_server_id]["ec2InstanceID"]
        assert server.recovery_point_at and server.started_at and server.launched_at
    wave = world.wave()
    assert (wave.wave_status, wave.counts.launched, bool(wave.last_launch_at)) == ("COMPLETED", 2, True)
    assert [intent.intent_state for intent in world.intents()] == ["ENDED"]
    assert world.owners() == set()
    assert world.kinds() == ["EXECUTION_STARTED", "WAVE_STARTED", "WAVE_LAUNCHING", "WAVE_SETTLED"]
    assert world.execution.counts.launched == 2


def test_the_status_follows_the_servers() -> None:
    world = awaiting(World())
    world.poll()
    assert world.execution.status == "POLLING"
    world.later(60)
    world.poll()
    assert (world.execution.status, set(world.states())) == ("LAUNCHING", {"IN_PROGRESS"})


def test_while_drs_works_the_machine_gets_heartbeats() -> None:
    world = awaiting(World())
    for _ in range(3):
        world.poll()
        world.later(60)
    assert (world.machine.heartbeats, world.machine.answers) == (3, [])


def test_a_poll_asks_little_and_writes_only_what_changed() -> None:
    # Given a wave of 30 servers in three jobs
    world = awaiting(World(waves=[range(1, 31)], quotas={"serversPerJob": 10}))
    world.later(60)
    world.poll()
    written: list[str] = []
    real = world.store.write

    def write(records: Any, unchanged: Any = ()) -> bool:
        written.extend(record.sort_key for record in records)
        return real(records, unchanged)

    world.store.write = write  # type: ignore[method-assign]
    SWITCH.calls = []
    # When nothing has changed
    world.poll()
    # Then one call is made for all jobs, and nothing is written
    assert SWITCH.calls == ["DescribeJobs"]
    assert written == []


def test_notifications_are_sent_once_each() -> None:
    world = awaiting(World())
    world.run_to_the_end()
    world.poll()
    assert world.notified == world.kinds()


# --- when the last server has launched but the job is not over


def test_a_job_that_is_about_to_end_is_looked_at_again_within_seconds() -> None:
    # Given a poll that finds all servers launched before the job says so
    world = awaiting(World(waves=[(1,)]))
    while world.simulator.call("DescribeJobs")["items"][0]["participatingServers"][0]["launchStatus"] != "LAUNCHED":
        world.later(0.5)
    world.poll("EVENT")
    # Then it asks for another poll soon, and that one for another, with a count
    assert world.wakes[-1] == ("QUICK#1", 1)
    world.poll("QUICK#1")
    assert world.wakes[-1] == ("QUICK#2", 1)
    # And a count that has gone too far leaves it to the tick
    wakes = len(world.wakes)
    world.poll(f"QUICK#{QUICK_POLLS}")
    assert len(world.wakes) == wakes
    world.later(10)
    world.poll("QUICK#3")
    assert world.machine.answers == [{"next": "NEXT"}]


# --- what became of it


@pytest.mark.parametrize(("policy", "answer"), [("STOP", "STOP"), ("PAUSE", "PAUSE"), ("CONTINUE", "NEXT")])
def test_a_critical_server_that_fails_fails_the_wave(policy: str, answer: str) -> None:
    # Given a server whose launch fails
    world = World(rules={"onFailure": policy})
    inject(world, "fail", server=server_id(2), phase="LAUNCH", error="InsufficientInstanceCapacity")
    awaiting(world)
    # Then the job is COMPLETED, but the wave FAILED, and the plan's policy is the answer
    assert world.run_to_the_end() == {"next": answer}
    assert {job["status"] for job in world.jobs()} == {"COMPLETED"}
    assert (world.wave().wave_status, world.states()) == ("FAILED", ["LAUNCHED", "FAILED"])
    assert "InsufficientInstanceCapacity" in str(world.server(2).error_message)
    assert server_id(2) in str(world.wave().error_message)


def test_an_optional_server_may_fail_if_the_threshold_allows_it() -> None:
    servers = [{"sourceServerId": server_id(1)}, {"sourceServerId": server_id(2), "criticality": "OPTIONAL"}]
    world = World(rules={"servers": servers, "minimumLaunchedPercent": 50})
    inject(world, "fail", server=server_id(2), phase="CONVERSION")
    awaiting(world)
    assert world.run_to_the_end() == {"next": "NEXT"}
    assert world.wave().wave_status == "PARTIAL"


def test_total_failure_is_a_failed_wave() -> None:
    world = World()
    inject(world, "fail", phase="SNAPSHOT")
    awaiting(world)
    assert world.run_to_the_end() == {"next": "STOP"}
    assert (world.wave().wave_status, world.wave().counts.failed) == ("FAILED", 2)


def test_a_wave_with_post_actions_goes_on_with_them() -> None:
    action = {"name": "check", "type": "HTTP_PROBE", "url": "https://shop.example.com/"}
    world = awaiting(World(rules={"postActions": [action]}))
    assert world.run_to_the_end() == {"next": "POST_ACTIONS"}
    assert (world.wave().wave_status, world.wave().outcome, world.wave().ended_at) == (
        "POST_ACTIONS",
        "COMPLETED",
        None,
    )


# --- unknown is not failed


@pytest.mark.parametrize(
    "refusal",
    [
        {"type": "throttle"},
        {"type": "error", "status": 500},
        {"type": "error", "code": "AccessDeniedException", "status": 403},
    ],
)
def test_a_describe_error_keeps_the_state_and_is_counted(refusal: dict[str, Any]) -> None:
    # Given a wave of which DRS does not want to tell for a while
    world = awaiting(World())
    world.later(60)
    world.poll()
    before = world.states()
    world.simulator.inject({"operation": "DescribeJobs", "times": 2, "action": refusal})
    # When polls come
    for _ in range(2):
        world.poll()
    # Then nothing is lost, the machine knows that somebody cares, and the alarm has something to see
    assert world.states() == before
    assert (world.counted["DescribeErrors"], world.wave().unknown_polls) == (2, 2)
    assert (world.machine.heartbeats, world.machine.answers) == (3, [])
    # And the wave still ends well
    assert world.run_to_the_end() == {"next": "NEXT"}


def test_all_pages_of_jobs_count() -> None:
    # Given a service that gives one job a page
    world = World(waves=[range(1, 6)], quotas={"serversPerJob": 1})
    world.simulator.configure(page_size=1)
    awaiting(world)
    assert world.run_to_the_end() == {"next": "NEXT"}
    assert world.states() == ["LAUNCHED"] * 5


# --- DRS is the truth


def test_a_job_that_is_deleted_by_hand_is_decided_by_its_instances() -> None:
    # Given a job that is deleted as soon as it is over, with one server launched and one failed, and no poll in between
    world = World()
    inject(world, "fail", server=server_id(2), phase="CONVERSION")
    awaiting(world)
    world.simulator.inject({"action": {"type": "delete_job", "job": world.jobs()[0]["jobID"]}})
    world.later(3000)
    assert world.jobs() == []
    # When polls find it missing again and again
    assert world.run_to_the_end(seconds=10) == {"next": "STOP"}
    # Then what has an instance of ours is launched, the rest has failed, and nothing is locked
    assert world.states() == ["LAUNCHED", "FAILED"]
    assert world.owners() == set()


def test_a_job_that_is_missing_once_is_not_given_up() -> None:
    world = awaiting(World())
    real = world.drs.jobs
    world.drs.jobs = lambda ids: {}  # type: ignore[method-assign]
    for _ in range(2):
        world.poll()
    assert world.intents()[0].misses == 2
    world.drs.jobs = real  # type: ignore[method-assign]
    world.poll()
    assert (world.intents()[0].misses, world.states()) == (0, ["PENDING", "PENDING"])


def test_a_completed_job_with_an_open_server_converges() -> None:
    # Given DRS that never says how server 2 ended
    world = World()
    inject(world, "leave", server=server_id(2), phase="LAUNCH")
    awaiting(world)
    # Then the wave is judged all the same
    assert world.run_to_the_end() == {"next": "STOP"}
    assert world.server(1).launch_status == "LAUNCHED"
    assert world.server(2).launch_status == "FAILED"


def test_an_instance_that_is_terminated_by_hand_before_the_wave_is_settled_is_not_there() -> None:
    # Given a wave with one fast and one slow server
    world = World()
    inject(world, "slow", server=server_id(2), phase="CONVERSION", factor=4)
    awaiting(world)
    while world.server(1).launch_status != "LAUNCHED":
        world.later(30)
        world.poll()
    # When somebody terminates the fast one's instance
    world.simulator.inject({"action": {"type": "terminate_instance", "server": server_id(1)}})
    # Then it does not count as recovered
    assert world.run_to_the_end() == {"next": "STOP"}
    assert world.server(1).launch_status == "TERMINATED"


def test_a_server_that_was_given_up_but_launches_late_is_known() -> None:
    # Given a wave that ran out of time, judged by the machine's limit
    world = awaiting(World(waves=[(1,)]))
    world.later(60)
    world.poll()
    given_up = changed(world.server(1), launch_status="FAILED", error_message="took too long")
    wave = changed(world.wave(), wave_status="FAILED", outcome="FAILED", decision=None)
    assert world.store.save(given_up, wave)
    # When DRS launches it after all
    world.later(3000)
    world.poll()
    # Then the record knows the instance, so that it can be terminated
    assert (world.server(1).launch_status, bool(world.server(1).recovery_instance_id)) == ("LAUNCHED", True)


# --- the machine


def test_an_answer_that_does_not_arrive_is_sent_again() -> None:
    world = awaiting(World())
    world.later(3000)
    world.machine.broken = True
    world.poll()
    world.poll()
    assert (world.wave().wave_status, world.machine.answers) == ("COMPLETED", [])
    world.machine.broken = False
    world.poll()
    assert world.machine.answers == [{"next": "NEXT"}]


def test_an_answer_that_arrived_but_whose_receipt_was_lost_is_not_answered_twice() -> None:
    world = awaiting(World())
    world.later(3000)
    world.machine.deaf = True
    world.poll()
    world.machine.deaf = False
    world.poll()
    world.poll()
    assert world.machine.answers == [{"next": "NEXT"}]
    token = world.store.token(ID)
    assert token and token.answered_at


def test_a_wave_is_judged_once_however_many_polls_come() -> None:
    world = awaiting(World())
    world.later(3000)
    for _ in range(4):
        world.poll()
    assert world.kinds().count("WAVE_SETTLED") == 1


def test_two_polls_at_a_time_do_no_harm() -> None:
    # Given a poll that is overtaken by another one at its first write
    world = awaiting(World())
    world.later(3000)
    real = world.store.write
    overtaken = []

    def write(records: Any, unchanged: Any = ()) -> bool:
        if not overtaken:
            overtaken.append(True)
            world.poll()
        return real(records, unchanged)

    world.store.write = write  # type: ignore[method-assign]
    world.poll()
    # Then everything has happened once
    assert world.machine.answers == [{"next": "NEXT"}]
    assert world.kinds().count("WAVE_SETTLED") == 1


class Killed(Exception):
    """The worker dies here."""


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("at", range(1, 10))
def test_a_poll_may_die_at_any_write(at: int, after: bool) -> None:
    world = World()
    inject(world, "fail", server=server_id(2), phase="LAUNCH")
    awaiting(world)
    world.later(3000)
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
    try:
        world.poll()
    except Killed:
        pass
    world.store.write = real  # type: ignore[method-assign]
    world.poll()
    world.poll()
    assert world.machine.answers == [{"next": "STOP"}]
    assert (world.states(), world.wave().wave_status) == (["LAUNCHED", "FAILED"], "FAILED")
    assert world.kinds().count("WAVE_SETTLED") == 1
    assert world.owners() == set()


def test_a_lost_race_that_does_not_end_is_left_to_a_later_poll() -> None:
    world = awaiting(World())
    world.later(60)
    world.store.write = lambda *_: False  # type: ignore[method-assign]
    assert world.poll("EVENT") == "LOST_RACE"
    assert world.wakes[-1] == ("EVENT", 1)


def test_a_machine_that_ended_alone_is_recorded() -> None:
    # Given a machine that was aborted in the console while a job runs
    world = awaiting(World(waves=[(1,), (2,)]))
    world.later(60)
    world.machine.state, world.machine.waiting = "ABORTED", None
    # When the job still runs, nothing is concluded; when it is over, the record ends
    world.poll("TICK")
    assert world.execution.status in ("POLLING", "LAUNCHING")
    world.later(3000)
    world.poll("TICK")
    assert world.execution.status == "PARTIAL"
    assert world.execution.failure_reason


def test_a_machine_that_was_never_started_is_started() -> None:
    world = World()
    world.machine.state = ""
    world.poll("TICK")
    assert world.machine.started == []
    world.later(31)
    world.poll("TICK")
    assert world.machine.started == [f"{ID}-r1"]


def test_an_execution_that_does_not_exist_is_no_error() -> None:
    world = World()
    assert poll(world.tools, "ex-none") == "UNKNOWN"


# --- more of a wave


def test_when_room_is_made_the_machine_starts_more() -> None:
    # Given a wave of which half had to wait for an external job
    world = World(waves=[(1, 2)], quotas={"concurrentJobs": 1})
    world.external_job(3)
    awaiting(world)
    world.poll()
    assert world.machine.answers == []
    # When that job is over
    assert world.run_to_the_end() == {"next": "MORE"}
    assert world.start() == {"started": 2, "waiting": 0}
    world.wait_for()
    assert world.run_to_the_end() == {"next": "NEXT"}


def test_a_refusal_is_not_answered_with_more_at_once() -> None:
    # Given a throttled start
    world = World()
    inject(world, "throttle", operation="StartRecovery", nth=[1])
    awaiting(world)
    # When the first poll comes, the machine waits; a little later it may try again
    world.poll()
    assert world.machine.answers == []
    world.later(16)
    world.poll()
    assert world.machine.answers == [{"next": "MORE"}]


def test_what_gets_no_job_within_the_waves_time_has_failed() -> None:
    world = World(rules={"timeoutSeconds": 600}, quotas={"concurrentJobs": 0})
    awaiting(world)
    world.poll()
    world.later(601)
    world.poll()
    assert world.machine.answers == [{"next": "STOP"}]
    assert world.states() == ["FAILED", "FAILED"]


def test_an_intent_that_nobody_sends_any_more_is_taken_up() -> None:
    world = World()
    inject(world, "error", operation="StartRecovery", nth=[1], status=500)
    awaiting(world)
    world.poll()
    assert world.machine.answers == []
    world.later(61)
    world.poll()
    assert world.machine.answers == [{"next": "MORE"}]
    assert world.start() == {"started": 2, "waiting": 0}


def test_a_quota_that_cannot_be_read_is_no_permission_to_start() -> None:
    world = World()
    world.quotas_readable = False
    awaiting(world)
    world.poll()
    assert world.machine.answers == []
    assert world.counted["QuotaUnreadable"] >= 2


# --- cancel, actions, pauses


def test_a_cancel_waits_for_the_running_job_and_starts_nothing() -> None:
    world = awaiting(World())
    world.cancel()
    world.poll()
    assert world.machine.answers == ["ExecutionCancelled"]
    world.wait_for("CANCEL", 0)
    world.poll()
    assert world.machine.heartbeats == 1
    assert world.run_to_the_end() == {"next": "CANCELLED"}
    assert len(world.jobs()) == 1
    assert world.owners() == set()


def test_a_cancel_gives_up_what_was_planned_but_never_sent() -> None:
    # Given a worker that died before its call
    world = World()
    real = world.store.write

    def write(records: Any, unchanged: Any = ()) -> bool:
        if unchanged:
            raise Killed
        return real(records, unchanged)

    world.store.write = write  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.start()
    world.store.write = real  # type: ignore[method-assign]
    world.cancel()
    world.wait_for("CANCEL", 0)
    # When the poll comes, there is nothing to wait for
    world.poll()
    assert world.machine.answers == [{"next": "CANCELLED"}]
    assert world.owners() == set()


def test_actions_are_driven_and_answered() -> None:
    world = World()
    world.wait_for("ACTIONS", 1, "PRE")
    world.actions = [ActionsOutcome(None), ActionsOutcome("START")]
    world.poll()
    assert (world.machine.heartbeats, world.wakes[-1]) == (1, ("QUICK#1", 5))
    world.poll()
    assert world.machine.answers == [{"next": "START"}]


@pytest.mark.parametrize(("outcome", "status"), [("NEXT", "COMPLETED"), ("STOP", "PARTIAL"), ("PAUSE", "POST_ACTIONS")])
def test_after_its_last_actions_a_wave_ends_as_it_was_judged(outcome: str, status: str) -> None:
    world = World()
    assert world.store.save(changed(world.wave(), wave_status="POST_ACTIONS", outcome="COMPLETED"))
    world.wait_for("ACTIONS", 1, "POST")
    world.actions = [ActionsOutcome(outcome, "probe answered 500")]
    world.poll()
    assert world.machine.answers == [{"next": outcome}]
    assert world.wave().wave_status == status


def test_a_decision_of_a_person_that_was_lost_is_sent_again() -> None:
    world = World()
    now = stamp(world.clock())
    world.wait_for("PAUSE", 1)
    token = world.store.token(ID)
    assert token and world.store.save(changed(token, pause_id="pause-1"))
    decision = Decision(next="START", kind="PAUSE", at=now, by="alice")
    pause = Pause(pause_id="pause-1", wave_number=1, reason="REQUESTED", since=now, deadline=now, decision=decision)
    assert world.store.save(changed(world.execution, pause=pause, status="PAUSED"))
    world.poll()
    assert world.machine.answers == [{"next": "START"}]


def test_a_pause_whose_deadline_the_machine_missed_is_ended() -> None:
    world = World()
    now = stamp(world.clock())
    world.wait_for("PAUSE", 1)
    token = world.store.token(ID)
    assert token and world.store.save(changed(token, pause_id="pause-1"))
    pause = Pause(pause_id="pause-1", wave_number=1, reason="REQUESTED", since=now, deadline=now)
    assert world.store.save(changed(world.execution, pause=pause, status="PAUSED"))
    world.later(1)
    world.poll()
    assert world.machine.answers == ["ExecutionCancelled"]


@pytest.mark.parametrize("error", [Throttled("slow down"), Transient("away")])
def test_an_action_that_cannot_be_asked_does_not_stop_the_poll(error: Exception) -> None:
    world = World()
    world.wait_for("ACTIONS", 1, "PRE")

    def broken(*_: Any) -> ActionsOutcome:
        raise error

    object.__setattr__(world.tools, "advance_actions", broken)
    world.poll("TICK")
    assert world.counted["AnswersFailed"] == 1


def test_the_machine_is_not_told_to_start_more_again_and_again() -> None:
    # Given room in the poll's eyes, and a start that never comes to anything
    world = World()
    world.quotas_readable = False
    awaiting(world)
    world.quotas_readable = True
    world.poll()
    assert world.machine.answers == [{"next": "MORE"}]
    # When the machine comes back at once, it is not sent round again before some time has passed
    world.wait_for()
    world.poll()
    assert len(world.machine.answers) == 1
    world.later(16)
    world.poll()
    assert len(world.machine.answers) == 2


def test_a_later_attempt_has_the_waves_time_for_itself() -> None:
    # Given a wave whose first attempt began long ago, and a second one that has to wait for its servers
    world = World(rules={"timeoutSeconds": 600})
    world.start()
    world.later(9000)
    server = changed(world.server(1), attempt=2, launch_status="PENDING")
    assert world.store.save(server, changed(world.wave(), attempt=2, wave_status="PENDING"))
    world.quotas_readable = False
    awaiting(world)
    # Then the second one is given its own time
    world.poll()
    assert world.machine.answers == []
    world.later(601)
    world.poll()
    assert world.machine.answers == [{"next": "STOP"}]


def test_a_role_that_cannot_be_assumed_is_unknown_not_failed() -> None:
    world = awaiting(World())

    def refused(_: Any) -> Any:
        raise PermissionDenied("assume the role")

    object.__setattr__(world.tools, "drs", refused)
    world.poll("TICK")
    assert (world.counted["DescribeErrors"], world.machine.heartbeats, world.states()) == (1, 1, ["PENDING", "PENDING"])


def test_a_machine_that_died_in_the_middle_of_a_start_leaves_no_locks() -> None:
    # Given a worker that died before its call, and a machine that was aborted
    world = World()
    real = world.store.write

    def write(records: Any, unchanged: Any = ()) -> bool:
        if unchanged:
            raise Killed
        return real(records, unchanged)

    world.store.write = write  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.start()
    world.store.write = real  # type: ignore[method-assign]
    world.machine.state = "ABORTED"
    # When its grace is over
    world.poll("TICK")
    world.later(61)
    world.poll("TICK")
    # Then the record ends and nothing is held
    assert world.execution.status == "FAILED"
    assert world.owners() == set()
    assert world.jobs() == []


def test_a_job_that_outlives_its_execution_is_watched_to_its_end() -> None:
    # Given an execution that ended while a job of it still ran
    world = awaiting(World())
    assert world.store.save(changed(world.execution, status="FAILED"))
    polled: list[str] = []
    finder = Finder(world.store, lambda execution_id, _: polled.append(execution_id))
    # When the minutes pass
    for _ in range(40):
        finder.tick()
        world.poll("TICK")
        world.later(60)
    # Then what it launched is known, its locks are given back, and nobody looks at it any more
    assert world.states() == ["LAUNCHED", "LAUNCHED"]
    assert world.owners() == set()
    polled.clear()
    finder.tick()
    assert polled == []


def test_an_instance_that_was_gone_before_anybody_looked_was_terminated_not_failed() -> None:
    # Given a job that is over and deleted, and its instance terminated by hand, before the first poll
    world = World(waves=[(1,)])
    awaiting(world)
    world.simulator.inject({"action": {"type": "delete_job", "job": "*"}})
    world.later(3000)
    world.simulator.inject({"action": {"type": "terminate_instance", "server": server_id(1)}})
    # Then it did not recover, and the record says why
    assert world.run_to_the_end() == {"next": "STOP"}
    assert (world.server(1).launch_status, bool(world.server(1).recovery_instance_id)) == ("TERMINATED", True)


def test_a_wake_up_that_cannot_be_sent_does_not_stop_the_poll() -> None:
    world = World()
    inject(world, "error", operation="StartRecovery", nth=[1], status=500)
    awaiting(world)

    def broken(*_: Any, **__: Any) -> None:
        raise Throttled("slow down")

    object.__setattr__(world.tools, "wake", broken)
    assert world.poll() == "POLLING"
    assert (world.counted["WakesLost"], world.notified) == (1, world.kinds())
