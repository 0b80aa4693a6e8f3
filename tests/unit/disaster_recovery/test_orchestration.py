"""Actions of the machine: what each answers, what it leaves in the records, and what repeating it changes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from disaster_recovery.commands.starting import plan_hash
from disaster_recovery.errors import ExecutionCancelled, PlanInvalid, ValidationFailed
from disaster_recovery.machine import timeouts
from disaster_recovery.notifications import message
from disaster_recovery.records.execution import Request
from disaster_recovery.records.history import plan_lock
from disaster_recovery.records.record import changed
from shared.schemas import problems
from tests.unit.disaster_recovery.orchestra import ALICE, PLAN, Orchestra
from tests.unit.disaster_recovery.recovery_world import ID, SWITCH

PAUSED_FIRST = {"pauseBeforeWave": True, "pause": {"deadlineSeconds": 600}}


def everything_stored(world: Orchestra) -> str:
    """All items but the one that keeps the token."""
    items = world.store.query(ID, "")
    return json.dumps([item for item in items if item["record"] != "TOKEN"], default=str)


# --- a run


def test_a_run_of_two_waves_ends_completed() -> None:
    # Given a plan of two waves
    world = Orchestra(waves=((1, 2), (3,)))
    # When the machine leads it to its end
    assert world.begin() == {"next": "START", "pauseSeconds": 86400, "waveSeconds": 14400, "actionSeconds": 120}
    assert world.launch(1) == {"next": "NEXT"}
    assert world.act("prepare_wave", 2)["next"] == "START"
    assert world.launch(2) == {"next": "NEXT"}
    assert world.act("finish", None, outcome="ENDED") == {"status": "COMPLETED"}
    # Then everything is launched, the plan may run again, and each step was told, once and in order
    assert (world.execution.status, world.launched()) == ("COMPLETED", 3)
    assert world.store.locks([plan_lock(PLAN)])[plan_lock(PLAN)].owner is None
    begun = ["EXECUTION_STARTED", "READINESS_CHECKED", "EXECUTION_INITIATED"]
    kinds = [*begun, *["WAVE_STARTED", "WAVE_LAUNCHING", "WAVE_SETTLED"] * 2]
    assert world.kinds() == world.notified == [*kinds, "EXECUTION_ENDED"]


def test_no_token_leaves_its_record() -> None:
    world = Orchestra(waves=((1,), (2,)), rules=PAUSED_FIRST)
    world.begin()
    answers: list[Any] = [world.act("wait_for_resume")]
    world.commands.resume(ALICE, ID)
    answers += [world.act("start_wave"), world.act("await_wave"), world.run_to_the_end()]
    world.commands.cancel(ALICE, ID)
    answers += [world.act("cancelling", None), world.act("finish", None, outcome="CANCELLED")]
    # Then no answer and no record has one, nor has the token's own record after the end
    assert "secret" not in json.dumps(answers) + everything_stored(world)
    token = world.store.token(ID)
    assert token and token.token == "" and "secret" not in repr(token)


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(ValidationFailed, match="dance"):
        Orchestra().act("dance")


@pytest.mark.parametrize(
    "action",
    ["validate_plan", "initialize_execution", "prepare_wave", "wait_for_resume", "start_wave", "await_wave"],
)
def test_every_action_tells_the_machine_of_a_cancel(action: str) -> None:
    world = Orchestra()
    world.commands.cancel(ALICE, ID)
    with pytest.raises(ExecutionCancelled, match="user:alice"):
        world.act(action)
    assert "StartRecovery" not in SWITCH.calls


# --- validation


def test_a_plan_whose_servers_are_all_gone_is_refused_with_a_reason() -> None:
    world = Orchestra()
    for number in (1, 2):
        del world.simulator.state.servers[world.server_id(number)]
    with pytest.raises(PlanInvalid, match="not one server"):
        world.act("validate_plan", None)


def test_a_plan_that_was_changed_after_the_start_is_refused() -> None:
    world = Orchestra()
    plan = world.store.plan(ID)
    assert plan
    assert world.store.save(changed(plan, document={**plan.document, "conflictPolicy": "SKIP"}))
    with pytest.raises(PlanInvalid, match="not the one"):
        world.act("validate_plan", None)
    assert plan_hash(plan.document, list(plan.waves)) == world.execution.plan_hash


def test_what_cannot_be_read_is_no_reason_to_refuse() -> None:
    world = Orchestra()
    world.simulator.inject({"operation": "DescribeSourceServers", "action": {"type": "throttle"}})
    assert world.act("validate_plan", None) == {}
    assert world.counted["DescribeErrors"] == 1


def test_what_the_readiness_check_found_is_told_once_a_run() -> None:
    # Given a server that is not replicated any more, and one that somebody else's job holds
    world = Orchestra(waves=((1, 2, 3),))
    world.simulator.state.servers[world.server_id(1)]["dataReplicationInfo"]["dataReplicationState"] = "DISCONNECTED"
    job = world.external_job(2)
    # When the plan is validated, then the run may begin with what is left
    for _ in range(2):
        assert world.act("validate_plan", None) == {}
    (event,) = [each for each in world.store.events(ID) if each.kind == "READINESS_CHECKED"]
    assert event.message == "2 of 3 servers can be launched; 1 blockers, 1 warnings"
    found = {each["sourceServerId"]: each["message"] for each in (event.data or {})["findings"]}
    assert "DISCONNECTED" in found[world.server_id(1)] and job in found[world.server_id(2)]


def test_a_quota_that_cannot_be_read_is_told_and_the_run_waits_for_it_later() -> None:
    world = Orchestra()
    world.quotas_readable = False
    assert world.act("validate_plan", None) == {}
    (event,) = [each for each in world.store.events(ID) if each.kind == "READINESS_CHECKED"]
    assert (event.data or {})["ready"] is False and world.counted["QuotaUnreadable"] == 1


# --- preparing


def test_initialising_may_be_repeated() -> None:
    world = Orchestra(waves=((1,), (2,)))
    assert world.act("initialize_execution", None) == {"waveNumber": 1, "waveCount": 2}
    world.force(status="POLLING")
    assert world.act("initialize_execution", None) == {"waveNumber": 1, "waveCount": 2}
    assert (world.execution.status, world.kinds().count("EXECUTION_INITIATED")) == ("POLLING", 1)


def test_a_wave_that_was_asked_to_be_left_out_is_skipped_with_its_servers() -> None:
    world = Orchestra(waves=((1,), (2, 3)))
    world.commands.skip_wave(ALICE, ID, 2)
    world.begin()
    world.launch()
    for _ in range(2):
        assert world.act("prepare_wave", 2)["next"] == "SKIP"
    assert (world.wave(2).wave_status, world.states(2)) == ("SKIPPED", ["SKIPPED", "SKIPPED"])
    assert world.kinds().count("WAVE_SKIPPED") == 1
    assert world.act("finish", None, outcome="ENDED") == {"status": "PARTIAL"}


def test_actions_come_before_the_servers() -> None:
    actions = [{"name": "warm", "type": "LAMBDA", "functionName": "warm", "timeoutSeconds": 40}]
    world = Orchestra(rules={"preActions": actions})
    assert world.begin() == {"next": "PRE_ACTIONS", "pauseSeconds": 86400, "waveSeconds": 14400, "actionSeconds": 160}


# --- recovery points


def test_the_newest_point_before_a_moment_is_chosen_when_the_wave_starts() -> None:
    world = Orchestra(waves=((1,),))
    snapshots = world.simulator.call("DescribeRecoverySnapshots", {"sourceServerID": world.server_id(1)})["items"]
    middle = sorted(snapshots, key=lambda each: str(each["timestamp"]))[len(snapshots) // 2]
    world = Orchestra(waves=((1,),), rules={"recoveryPoint": {"mode": "BEFORE", "at": str(middle["timestamp"])}})
    world.begin()
    world.act("start_wave")
    # Then that point was asked for
    assert world.server(1).recovery_snapshot_id == middle["snapshotID"]
    assert world.act("start_wave") == {"started": 1, "waiting": 0}
    assert len(world.our_jobs()) == 1


def test_a_server_without_a_point_fails_and_the_others_start() -> None:
    world = Orchestra(waves=((1, 2),))
    snapshots = world.simulator.call("DescribeRecoverySnapshots", {"sourceServerID": world.server_id(2)})["items"]
    named = [
        {"sourceServerId": world.server_id(1), "recoverySnapshotId": "pit-" + "0" * 17},
        {"sourceServerId": world.server_id(2), "recoverySnapshotId": snapshots[0]["snapshotID"]},
    ]
    world = Orchestra(plan={"waves": [{"name": "one", "servers": named, "recoveryPoint": {"mode": "EXACT"}}]})
    world.begin()
    assert world.act("start_wave") == {"started": 1, "waiting": 0}
    assert world.server(1).launch_status == "FAILED"
    assert "does not exist any more" in (world.server(1).error_message or "")


def test_points_that_cannot_be_read_are_waited_for() -> None:
    # Given an outage of the list of points
    world = Orchestra(waves=((1,),), rules={"recoveryPoint": {"mode": "BEFORE", "at": "2026-01-02T03:00:00Z"}})
    world.simulator.inject({"operation": "DescribeRecoverySnapshots", "times": 2, "action": {"type": "throttle"}})
    world.begin()
    # When the wave is started, then nothing is, and nothing has failed
    assert world.act("start_wave") == {"started": 0, "waiting": 1}
    assert (world.states(), world.wave().wave_status, world.our_jobs()) == (["PENDING"], "LAUNCHING", [])
    # And the poller has it tried again, not at once but soon
    world.act("await_wave")
    world.poll()
    assert world.machine.answers == []
    assert world.run_to_the_end(seconds=5) == {"next": "MORE"}
    assert world.act("start_wave") == {"started": 0, "waiting": 1}
    world.act("await_wave")
    assert world.run_to_the_end(seconds=5) == {"next": "MORE"}
    assert world.launch() == {"next": "NEXT"}
    assert world.kinds().count("WAVE_STARTED") == 1 and world.server(1).recovery_snapshot_id
    assert world.counted["DescribeErrors"] == 2 and "QuotaUnreadable" not in world.counted


# --- pauses


def test_a_pause_is_stored_with_its_token_in_one_write() -> None:
    world = Orchestra(rules=PAUSED_FIRST)
    assert world.begin()["next"] == "PAUSE"
    pause = world.paused()
    token = world.store.token(ID)
    assert (world.execution.status, pause.reason, pause.resume_next) == ("PAUSED", "PAUSE_BEFORE_WAVE", "START")
    assert token and (token.kind, token.pause_id) == ("PAUSE", pause.pause_id)


def test_a_repeated_wait_keeps_the_pause_and_takes_the_new_token() -> None:
    world = Orchestra(rules=PAUSED_FIRST)
    world.begin()
    first = world.paused()
    assert world.paused() == first
    world.commands.resume(ALICE, ID)
    # Then the machine, which waits with the second token, is answered
    assert world.machine.answers == [{"next": "START"}]
    assert world.kinds().count("PAUSED") == 1


def test_a_wait_that_begins_after_the_decision_hears_it_at_once() -> None:
    # Given a decision that did not reach the machine: its task was being tried again
    world = Orchestra(rules=PAUSED_FIRST)
    world.begin()
    world.paused()
    world.machine.broken = True
    world.commands.resume(ALICE, ID)
    world.machine.broken = False
    assert world.machine.answers == []
    # When the task waits anew
    world.act("wait_for_resume")
    # Then it is answered without anybody asking
    assert world.machine.answers == [{"next": "START"}]


def test_the_next_poll_sends_a_decision_that_was_lost() -> None:
    world = Orchestra(rules=PAUSED_FIRST)
    world.begin()
    world.paused()
    world.machine.broken = True
    assert world.commands.resume(ALICE, ID).status == "POLLING"
    world.machine.broken = False
    world.poll()
    assert world.machine.answers == [{"next": "START"}]
    world.poll()
    assert len(world.machine.answers) == 1


@pytest.mark.parametrize(
    ("policy", "answer", "status"), [("ABORT", "CANCEL", "CANCELLING"), ("CONTINUE", "START", "POLLING")]
)
def test_a_deadline_is_kept_as_the_plan_says(policy: str, answer: str, status: str) -> None:
    world = Orchestra(rules={"pauseBeforeWave": True, "pause": {"deadlineSeconds": 600, "onTimeout": policy}})
    world.begin()
    world.paused()
    world.later(601)
    for _ in range(2):
        assert world.act("pause_expired") == {"next": answer}
    assert (world.execution.status, world.kinds().count("PAUSE_EXPIRED")) == (status, 1)


def test_a_decision_in_the_last_moment_stands() -> None:
    world = Orchestra(rules=PAUSED_FIRST)
    world.begin()
    world.paused()
    world.machine.waiting = None
    with pytest.raises(Exception, match="nothing waits"):
        world.commands.resume(ALICE, ID)
    assert world.act("pause_expired") == {"next": "START"}


def test_a_cancel_goes_before_a_deadline() -> None:
    # Given a cancel that did not reach the machine before the pause was over
    world = Orchestra(rules={"pauseBeforeWave": True, "pause": {"deadlineSeconds": 600, "onTimeout": "CONTINUE"}})
    world.begin()
    world.paused()
    world.machine.broken = True
    world.commands.cancel(ALICE, ID)
    with pytest.raises(ExecutionCancelled):
        world.act("pause_expired")
    assert world.execution.status == "CANCELLING"


def test_a_pause_that_could_not_be_opened_in_its_time_goes_by_its_policy() -> None:
    world = Orchestra(rules=PAUSED_FIRST)
    world.begin()
    for _ in range(2):
        assert world.act("pause_expired") == {"next": "CANCEL"}
    assert world.execution.status == "CANCELLING"


def test_the_poller_keeps_a_deadline_that_the_machine_missed() -> None:
    world = Orchestra(rules=PAUSED_FIRST)
    world.begin()
    world.paused()
    world.later(599)
    world.poll()
    assert world.machine.answers == []
    world.later(2)
    world.poll()
    assert (world.execution.status, world.machine.answers) == ("CANCELLING", ["ExecutionCancelled"])


# --- limits


def test_a_wave_over_its_limit_fails_what_has_not_launched() -> None:
    world = Orchestra(rules={"onFailure": "PAUSE", "timeoutSeconds": 300})
    world.begin()
    world.act("start_wave")
    world.act("await_wave")
    world.later(300)
    for _ in range(2):
        assert world.act("wave_timed_out") == {"next": "PAUSE"}
    assert (world.wave().wave_status, world.states()) == ("FAILED", ["FAILED", "FAILED"])
    assert "300 s" in (world.server(1).error_message or "")
    assert world.paused().reason == "WAVE_FAILED"


def test_a_wave_that_was_judged_in_the_last_moment_stays_so() -> None:
    world = Orchestra()
    world.begin()
    world.launch()
    assert world.act("wave_timed_out") == {"next": "NEXT"}
    assert world.wave().wave_status == "COMPLETED"


def test_a_poll_that_judges_while_the_limit_is_told_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Orchestra()
    world.begin()
    world.act("start_wave")
    world.act("await_wave")
    monkeypatch.setattr(timeouts, "_give_up_servers", lambda *_: world.run_to_the_end())
    assert world.act("wave_timed_out") == {"next": "NEXT"}
    assert (world.wave().wave_status, "WAVE_TIMED_OUT" in world.kinds()) == ("COMPLETED", False)


def test_a_missing_heartbeat_is_answered_by_a_poll() -> None:
    # Given a poller that is dead while the servers launch
    world = Orchestra()
    world.begin()
    world.act("start_wave")
    world.act("await_wave")
    world.later(3600)
    # When the machine reconciles, its task being over, then the servers are seen
    world.machine.waiting = None
    assert world.act("reconcile") == {"next": "AWAIT"}
    assert (world.launched(), world.machine.answers) == (2, [])
    # And its next wait is answered as soon as it begins
    world.act("await_wave")
    assert world.machine.answers == [{"next": "NEXT"}]


def test_reconciling_gives_up_after_three_blind_looks_in_a_row() -> None:
    world = Orchestra()
    world.begin()
    world.act("start_wave")
    world.act("await_wave")
    world.simulator.inject({"operation": "DescribeJobs", "times": 3, "action": {"type": "throttle"}})
    assert [world.act("reconcile")["next"] for _ in range(3)] == ["AWAIT", "AWAIT", "STOP"]
    # A look that sees something counts from the beginning
    assert world.act("reconcile") == {"next": "AWAIT"}
    assert world.wave().reconciles == 0


# --- the end


def test_a_cancel_waits_for_the_jobs_that_run() -> None:
    world = Orchestra(waves=((1,), (2,)))
    world.begin()
    world.act("start_wave")
    world.act("await_wave")
    world.later(60)
    world.commands.cancel(ALICE, ID, reason="wrong plan")
    assert world.machine.answers == ["ExecutionCancelled"]
    world.act("cancelling", None)
    world.poll()
    assert (world.execution.status, world.machine.answers) == ("CANCELLING", ["ExecutionCancelled"])
    assert world.run_to_the_end() == {"next": "CANCELLED"}
    assert world.act("finish", None, outcome="CANCELLED") == {"status": "CANCELLED"}
    # Then what had been started is told as it is, and nothing else was started
    assert [world.wave(1).counts.launched, world.wave(2).wave_status] == [1, "CANCELLED"]
    assert (world.states(), len(world.our_jobs())) == (["LAUNCHED", "SKIPPED"], 1)


def test_cancelling_by_itself_asks_for_the_cancel_too() -> None:
    world = Orchestra()
    world.act("cancelling", None)
    assert world.execution.status == "CANCELLING" and world.execution.cancel_requested


def test_stopping_at_a_failed_wave_leaves_out_the_rest() -> None:
    world = Orchestra(waves=((1,), (2,), (3,)))
    world.begin()
    world.launch()
    world.act("prepare_wave", 2)
    world.fail_servers(2)
    assert world.launch(2) == {"next": "STOP"}
    assert world.act("finish", None, outcome="ENDED") == {"status": "PARTIAL"}
    assert [wave.wave_status for wave in world.store.waves(ID)] == ["COMPLETED", "FAILED", "SKIPPED"]
    assert world.execution.counts.to_item() == {"servers": 3, "launched": 1, "failed": 1}


def test_nothing_launched_is_failed() -> None:
    world = Orchestra(waves=((1,), (2,)))
    world.begin()
    world.fail_servers(1)
    assert world.launch() == {"next": "STOP"}
    assert world.act("finish", None, outcome="ENDED") == {"status": "FAILED"}


def test_an_error_is_kept_in_the_words_of_the_function() -> None:
    world = Orchestra()
    cause = json.dumps({"errorMessage": "$.waves: no servers", "errorType": "PlanInvalid", "stackTrace": ["…"]})
    answer = world.act("finish", None, outcome="ERROR", error="PlanInvalid", cause=cause)
    assert answer == {"status": "FAILED"}
    assert (world.execution.failure_reason, world.execution.error_message) == ("PLAN_INVALID", "$.waves: no servers")


def test_what_breaks_after_the_last_wave_takes_nothing_back() -> None:
    world = Orchestra()
    world.begin()
    world.launch()
    answer = world.act("finish", None, outcome="ERROR", error="States.Timeout", cause="")
    assert (answer, world.execution.failure_reason) == ({"status": "COMPLETED"}, None)


def test_finishing_may_be_repeated() -> None:
    world = Orchestra()
    world.begin()
    world.launch()
    for outcome in ("ENDED", "ERROR", "CANCELLED"):
        assert world.act("finish", None, outcome=outcome) == {"status": "COMPLETED"}
    assert world.kinds().count("EXECUTION_ENDED") == world.counted["ExecutionsEndedCompleted"] == 1


@pytest.mark.parametrize(("kind", "status"), [("DRILL", "SCHEDULED"), ("RECOVERY", None)])
def test_only_a_drill_has_a_time_to_live(kind: str, status: str | None) -> None:
    world = Orchestra(kind=kind, plan={"drillTtlSeconds": 3600})
    world.begin()
    world.launch()
    world.act("finish", None, outcome="ENDED")
    termination = world.store.termination(ID)
    assert (termination.status if termination else None) == status
    assert bool(world.execution.drill_expires_at) == bool(status)


def test_a_topic_that_refuses_stops_nothing_and_hears_of_everything_later() -> None:
    world = Orchestra()
    refusing = world.tools
    world.tools = type(refusing)(**{**vars(refusing), "notify": _refuse})
    assert world.begin()["next"] == "START"
    assert world.notified == []
    world.tools = refusing
    world.act("start_wave")
    assert world.notified == world.kinds()


def _refuse(*_: Any) -> None:
    raise ValidationFailed("no such topic")


def test_every_notification_is_as_its_schema_says() -> None:
    # Given a run with a pause, a failure, a retry and an end
    world = Orchestra(rules={**PAUSED_FIRST, "onFailure": "PAUSE"}, plan={"drillTtlSeconds": 60})
    world.begin()
    world.paused()
    world.commands.resume(ALICE, ID, comment="go")
    world.fail_servers(2)
    world.launch()
    world.paused()
    world.commands.retry_failed(ALICE, ID)
    world.launch()
    world.act("finish", None, outcome="ENDED")
    world.commands.terminate_instances(ALICE, ID)
    # When each event is told
    told = [message(world.execution, event) for event in world.store.events(ID)]
    # Then it is what subscribers were promised
    assert [problems("recovery-notification", each) for each in told] == [[]] * len(told)
    assert {"PAUSED", "RESUMED", "RETRY_REQUESTED", "WAVE_SETTLED", "EXECUTION_ENDED"} <= {
        each["kind"] for each in told
    }


def test_a_wave_that_ended_in_an_earlier_run_is_not_run_again() -> None:
    world = Orchestra()
    world.begin()
    world.launch()
    assert world.act("prepare_wave")["next"] == "SKIP"


def test_a_request_to_pause_is_heard_before_the_next_wave() -> None:
    world = Orchestra(waves=((1,), (2,)))
    world.begin()
    world.act("start_wave")
    world.force(pause_requested=Request(by="user:alice", at="2026-01-01T00:00:00.000000Z"))
    world.act("await_wave")
    world.run_to_the_end()
    assert world.act("prepare_wave", 2)["next"] == "PAUSE"
    pause = world.paused(2)
    assert (pause.reason, world.execution.pause_requested) == ("REQUESTED", None)
