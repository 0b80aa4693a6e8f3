"""Commands: who may do what when, what is stored before the machine hears of it, and what a second call gets."""

from __future__ import annotations

from typing import Any

import pytest

from disaster_recovery.errors import NotFound, PermissionDenied, StaleToken, ValidationFailed, WrongState
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import TERMINAL_STATUSES
from tests.unit.disaster_recovery.orchestra import ALICE, BOB, PLAN, Orchestra, Person
from tests.unit.disaster_recovery.recovery_world import ID

PAUSING = {"onFailure": "PAUSE"}


def at_a_failed_wave(**more: Any) -> Orchestra:
    """Two of three servers of wave 1 did not launch, and the plan asks people what to do."""
    world = Orchestra(waves=((1, 2, 3), (4,)), rules={**PAUSING, **more})
    world.begin()
    world.fail_servers(2, 3)
    assert world.launch() == {"next": "PAUSE"}
    assert world.paused().reason == "WAVE_FAILED"
    return world


def before_a_wave(**pause: Any) -> Orchestra:
    world = Orchestra(waves=((1,), (2,)), rules={"pauseBeforeWave": True, "pause": pause})
    world.begin()
    world.paused()
    return world


# --- resume


def test_resuming_answers_the_machine_and_tells_who_did_it() -> None:
    world = before_a_wave()
    execution = world.commands.resume(ALICE, ID, comment="go")
    assert (execution.status, world.machine.answers) == ("POLLING", [{"next": "START"}])
    event = world.store.events(ID)[-1]
    assert (event.kind, event.actor, event.wave_number) == ("RESUMED", "user:alice", 1)
    assert event.data == {"next": "START", "reason": "PAUSE_BEFORE_WAVE", "comment": "go"}


def test_the_decision_is_stored_before_it_is_sent() -> None:
    # Given a machine that cannot be reached
    world = before_a_wave()
    world.machine.broken = True
    # When somebody resumes
    world.commands.resume(ALICE, ID)
    # Then the decision is there for the poller, which was asked to look
    pause = world.execution.pause
    assert pause and pause.decision and pause.decision.next == "START"
    assert ("COMMAND", 0) in world.wakes


def test_resuming_twice_is_refused() -> None:
    world = before_a_wave()
    world.commands.resume(ALICE, ID)
    with pytest.raises(WrongState, match="waits for no decision"):
        world.commands.resume(BOB, ID)
    assert len(world.machine.answers) == 1


def test_a_machine_that_waits_no_more_is_told_to_the_caller() -> None:
    world = before_a_wave()
    world.machine.waiting = "another-token"
    with pytest.raises(StaleToken) as raised:
        world.commands.resume(ALICE, ID)
    assert "secret" not in str(raised.value)
    # And it is not tried again for ever
    token = world.store.token(ID)
    assert token and token.answered_at


@pytest.mark.parametrize(
    ("person", "may"), [(ALICE, False), (BOB, True), (Person("aws:break-glass", direct=True), True)]
)
def test_a_pause_may_want_a_group(person: Person, may: bool) -> None:
    world = before_a_wave(approverGroup="approvers")
    if may:
        assert world.commands.resume(person, ID).status == "POLLING"
        return
    with pytest.raises(PermissionDenied, match="approvers"):
        world.commands.resume(person, ID)
    assert world.execution.status == "PAUSED"


def test_a_pause_may_want_a_comment() -> None:
    world = before_a_wave(requireComment=True)
    with pytest.raises(ValidationFailed, match="comment"):
        world.commands.resume(ALICE, ID, comment="  ")
    world.commands.resume(ALICE, ID, comment="checked the databases")
    assert world.machine.answers == [{"next": "START"}]


@pytest.mark.parametrize("choice", ["NEXT", "RETRY"])
def test_a_wave_that_has_not_begun_is_neither_passed_nor_retried(choice: str) -> None:
    world = before_a_wave()
    with pytest.raises(WrongState):
        world.commands.resume(ALICE, ID, choice=choice)
    assert (world.execution.status, world.machine.answers) == ("PAUSED", [])


@pytest.mark.parametrize(("choice", "answer"), [("CONTINUE", "NEXT"), ("NEXT", "NEXT"), ("STOP", "STOP")])
def test_after_a_failed_wave_people_decide(choice: str, answer: str) -> None:
    world = at_a_failed_wave()
    world.commands.resume(ALICE, ID, choice=choice)
    assert world.machine.answers[-1] == {"next": answer}
    assert world.wave().wave_status == "FAILED"


# --- retry


def test_only_the_failed_servers_are_launched_again() -> None:
    world = at_a_failed_wave()
    first = world.server(1)
    # When they are retried
    world.commands.retry_failed(ALICE, ID)
    assert world.machine.answers[-1] == {"next": "RETRY"}
    assert (world.wave().attempt, world.states(1)) == (2, ["LAUNCHED", "PENDING", "PENDING"])
    # Then the wave runs again with just these two, and completes
    assert world.launch() == {"next": "NEXT"}
    assert world.execution.pause is None
    assert [sorted(intent.source_server_ids) for intent in world.intents()] == [
        [world.server_id(1), world.server_id(2), world.server_id(3)],
        [world.server_id(2), world.server_id(3)],
    ]
    assert (world.wave().wave_status, world.server(1)) == ("COMPLETED", first)


def test_a_retry_that_fails_pauses_again() -> None:
    world = at_a_failed_wave()
    world.commands.retry_failed(ALICE, ID)
    world.fail_servers(3)
    assert world.launch() == {"next": "PAUSE"}
    before = world.store.events(ID)
    pause = world.paused()
    assert pause.decision is None and len(world.store.events(ID)) == len(before) + 1
    world.commands.resume(ALICE, ID, choice="RETRY")
    assert (world.wave().attempt, world.states(1)) == (3, ["LAUNCHED", "LAUNCHED", "PENDING"])


def test_a_retry_that_died_half_way_can_be_repeated() -> None:
    # Given servers that were reset, and a command that died before it was stored
    world = at_a_failed_wave()
    server = world.server(2)
    assert world.store.save(changed(server, launch_status="PENDING", attempt=2))
    # When it is given again, then both are tried
    world.commands.retry_failed(ALICE, ID)
    assert world.states(1) == ["LAUNCHED", "PENDING", "PENDING"]
    assert {world.server(number).attempt for number in (2, 3)} == {2}


def test_retrying_needs_a_pause() -> None:
    world = Orchestra()
    with pytest.raises(WrongState, match="not paused"):
        world.commands.retry_failed(ALICE, ID)


# --- skip


def test_a_failed_wave_is_taken_as_it_is() -> None:
    world = at_a_failed_wave()
    world.commands.skip_wave(ALICE, ID, 1)
    assert (world.machine.answers[-1], world.wave().wave_status) == ({"next": "SKIP"}, "FAILED")


def test_a_wave_that_is_paused_before_is_left_out() -> None:
    world = before_a_wave()
    world.commands.skip_wave(ALICE, ID, 1)
    assert (world.machine.answers, world.wave().wave_status) == ([{"next": "SKIP"}], "SKIPPED")
    assert world.states(1) == ["SKIPPED"]


def test_a_wave_that_runs_cannot_be_left_out() -> None:
    world = Orchestra(waves=((1,), (2,)))
    world.begin()
    world.act("start_wave")
    with pytest.raises(WrongState, match="wave 1 has begun"):
        world.commands.skip_wave(ALICE, ID, 1)
    with pytest.raises(ValidationFailed, match="no wave 7"):
        world.commands.skip_wave(ALICE, ID, 7)
    # A later one can, and asking twice is no harm
    for _ in range(2):
        world.commands.skip_wave(ALICE, ID, 2)
    assert world.kinds().count("WAVE_SKIP_REQUESTED") == 1


# --- pause


def test_a_pause_is_asked_for_once_and_can_be_taken_back() -> None:
    world = Orchestra(waves=((1,), (2,)))
    world.begin()
    world.act("start_wave")
    for _ in range(2):
        assert world.commands.pause(ALICE, ID).pause_requested
    assert world.commands.resume(BOB, ID).pause_requested is None
    assert world.kinds()[-2:] == ["PAUSE_REQUESTED", "PAUSE_WITHDRAWN"]


def test_there_is_nothing_to_pause_before_after_the_last_wave_began() -> None:
    world = Orchestra()
    world.begin()
    world.act("start_wave")
    with pytest.raises(WrongState, match="no wave left"):
        world.commands.pause(ALICE, ID)


def test_a_paused_execution_is_not_paused_again() -> None:
    with pytest.raises(WrongState, match="paused already"):
        before_a_wave().commands.pause(ALICE, ID)


# --- cancel


def test_a_paused_execution_is_cancelled_at_once() -> None:
    world = before_a_wave()
    assert world.commands.cancel(ALICE, ID, reason="rain").status == "CANCELLING"
    assert world.machine.answers == ["ExecutionCancelled"]
    assert world.store.events(ID)[-1].data == {"comment": "rain"}


def test_a_cancel_that_nobody_waits_for_is_no_error() -> None:
    world = before_a_wave()
    world.machine.waiting = None
    assert world.commands.cancel(ALICE, ID).status == "CANCELLING"


def test_a_cancel_does_not_fail_the_task_that_waits_for_its_end() -> None:
    world = Orchestra()
    world.begin()
    world.act("start_wave")
    world.commands.cancel(ALICE, ID)
    world.act("cancelling", None)
    world.poll()
    assert world.machine.answers == [] and world.machine.heartbeats == 1


@pytest.mark.parametrize("status", sorted(TERMINAL_STATUSES))
def test_what_has_ended_takes_no_command(status: str) -> None:
    world = Orchestra(waves=((1,), (2,)))
    world.force(status=status)
    commands = world.commands
    for command in (commands.pause, commands.resume, commands.cancel, commands.retry_failed):
        with pytest.raises(WrongState):
            command(ALICE, ID)
    with pytest.raises(WrongState):
        commands.skip_wave(ALICE, ID, 2)
    assert world.kinds() == ["EXECUTION_STARTED"]


def test_what_is_being_cancelled_takes_no_command() -> None:
    world = before_a_wave()
    world.commands.cancel(ALICE, ID)
    for command in (world.commands.pause, world.commands.resume, world.commands.cancel):
        with pytest.raises(WrongState):
            command(ALICE, ID)


def test_an_unknown_execution_is_told_so() -> None:
    with pytest.raises(NotFound, match="ex-none"):
        Orchestra().commands.cancel(ALICE, "ex-none")


# --- the end of the instances


def ended(**more: Any) -> Orchestra:
    world = Orchestra(**more)
    world.begin()
    world.launch()
    world.act("finish", None, outcome="ENDED")
    return world


def test_instances_of_an_ended_drill_are_terminated_on_request() -> None:
    world = ended()
    termination = world.commands.terminate_instances(ALICE, ID)
    assert (termination.status, termination.requested_by) == ("TERMINATING", "user:alice")
    assert ("TERMINATE", 0) in world.wakes
    with pytest.raises(ValidationFailed, match="being terminated already"):
        world.commands.terminate_instances(ALICE, ID)


def test_nothing_is_terminated_while_the_execution_runs() -> None:
    with pytest.raises(WrongState, match="when it has ended"):
        Orchestra().commands.terminate_instances(ALICE, ID)


def test_what_a_recovery_launched_is_terminated_only_when_confirmed() -> None:
    world = ended(kind="RECOVERY")
    with pytest.raises(ValidationFailed, match="confirmation"):
        world.commands.terminate_instances(ALICE, ID)
    assert world.commands.terminate_instances(ALICE, ID, confirm=ID).status == "TERMINATING"


def test_a_time_to_live_does_not_keep_anybody_from_terminating_now() -> None:
    world = ended(plan={"drillTtlSeconds": 3600})
    assert world.commands.terminate_instances(ALICE, ID).not_before is None


def test_instances_that_are_terminated_are_not_terminated_again() -> None:
    world = ended()
    world.force(instances_terminated=True)
    with pytest.raises(ValidationFailed, match="terminated already"):
        world.commands.terminate_instances(ALICE, ID)


# --- restart


def stopped_at_wave_2() -> Orchestra:
    world = Orchestra(waves=((1,), (2, 3), (4,)))
    world.begin()
    world.launch()
    world.act("prepare_wave", 2)
    world.fail_servers(3)
    world.launch(2)
    world.act("finish", None, outcome="ENDED")
    return world


def test_a_restart_begins_at_the_first_wave_that_did_not_complete() -> None:
    world = stopped_at_wave_2()
    execution = world.commands.restart(BOB, ID)
    # Then it is a new run of the same execution, with what launched as it was
    assert (execution.status, execution.run_number, execution.ended_at) == ("PENDING", 2, None)
    assert world.machine.started[-1] == f"{ID}-r2"
    assert world.states() == ["LAUNCHED", "LAUNCHED", "PENDING", "PENDING"]
    assert world.act("initialize_execution", None) == {"waveNumber": 2, "waveCount": 3}
    # And it runs to the end with the two servers that were missing
    jobs = len(world.our_jobs())
    assert world.act("prepare_wave", 2)["next"] == "START"
    assert world.launch(2) == {"next": "NEXT"}
    world.act("prepare_wave", 3)
    assert world.launch(3) == {"next": "NEXT"}
    assert world.act("finish", None, outcome="ENDED") == {"status": "COMPLETED"}
    started = [intent.source_server_ids for intent in world.intents() if intent.attempt > 1]
    assert started == [(world.server_id(3),), (world.server_id(4),)] and len(world.our_jobs()) == jobs + 2


def test_a_restart_of_a_cancelled_execution_runs_what_was_cancelled() -> None:
    world = before_a_wave()
    world.commands.cancel(ALICE, ID)
    world.act("cancelling", None)
    world.run_to_the_end()
    world.act("finish", None, outcome="CANCELLED")
    assert world.commands.restart(ALICE, ID).cancel_requested is None
    assert [wave.wave_status for wave in world.store.waves(ID)] == ["PENDING", "PENDING"]
    assert world.begin()["next"] == "PAUSE"


def test_a_server_whose_job_may_still_launch_it_is_not_started_again() -> None:
    # Given a wave that was given up after its limit while DRS went on
    world = Orchestra(waves=((1,),), rules={"timeoutSeconds": 120})
    world.begin()
    world.act("start_wave")
    world.act("await_wave")
    world.later(120)
    world.act("wave_timed_out")
    world.act("finish", None, outcome="ENDED")
    # When it is restarted, then its job is followed to its end and there is no second one
    world.commands.restart(ALICE, ID)
    assert world.states() == ["IN_PROGRESS"]
    world.begin()
    assert world.launch() == {"next": "NEXT"}
    assert (world.states(), len(world.our_jobs())) == (["LAUNCHED"], 1)


def test_only_what_did_not_complete_is_restarted() -> None:
    with pytest.raises(WrongState, match="COMPLETED"):
        ended().commands.restart(ALICE, ID)
    with pytest.raises(WrongState, match="PENDING"):
        Orchestra().commands.restart(ALICE, ID)


def test_a_restart_needs_its_instances_and_its_plan_free() -> None:
    world = stopped_at_wave_2()
    with pytest.raises(ValidationFailed, match="no wave 9"):
        world.commands.restart(ALICE, ID, from_wave=9)
    world.commands.terminate_instances(ALICE, ID)
    with pytest.raises(WrongState, match="start the plan anew"):
        world.commands.restart(ALICE, ID)


def test_a_restart_puts_off_the_end_of_a_drill() -> None:
    world = Orchestra(waves=((1, 2),), plan={"drillTtlSeconds": 60})
    world.begin()
    world.fail_servers(2)
    world.launch()
    world.act("finish", None, outcome="ENDED")
    assert world.execution.drill_expires_at
    world.commands.restart(ALICE, ID)
    termination = world.store.termination(ID)
    assert termination and termination.status is None and world.execution.drill_expires_at is None


def test_two_runs_of_a_plan_do_not_meet() -> None:
    world = stopped_at_wave_2()
    other = type(world.starter)(**{**vars(world.starter), "new_id": lambda _: "ex-other"})
    other.start(ALICE, PLAN, "DRILL")
    with pytest.raises(WrongState, match="ex-other"):
        world.commands.restart(ALICE, ID)
