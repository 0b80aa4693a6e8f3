"""The rules that a recovery keeps whatever happens, each broken on purpose on the local cloud with IAM enforced.

docs/disaster-recovery.md maps promises to these tests; tests/properties runs the same rules under random schedules.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.disaster_recovery.recoveries import ENDED, SCALE, Recoveries


def fault(operation: str, action: dict[str, Any], **match: Any) -> dict[str, Any]:
    """An injection on calls of one DRS operation."""
    return {"operation": operation, "action": action, **match}


# Rule 1: a launch is an intent first


def test_a_launch_whose_answer_is_lost_is_adopted_not_sent_again(recoveries: Recoveries) -> None:
    # Given StartRecovery that is carried out while its answer is lost
    servers = recoveries.servers(2)
    recoveries.drs.inject(fault("StartRecovery", {"type": "lost_response"}, nth=[1]))

    # When a drill runs
    drill = recoveries.start(recoveries.plan(servers))
    ended = recoveries.wait(drill)

    # Then there was one job, ours
    assert ended["status"] == "COMPLETED"
    assert len(recoveries.jobs(*servers)) == 1
    assert recoveries.jobs(*servers)[0]["tags"]["towpath:executionId"] == drill
    recoveries.check(drill)


def test_a_launch_that_shows_up_late_is_found_when_it_does(recoveries: Recoveries) -> None:
    # Given a lost answer, and a job that DescribeJobs does not show yet
    servers = recoveries.servers(2)
    recoveries.drs.inject(
        fault("StartRecovery", {"type": "lost_response"}, nth=[1]),
        fault("StartRecovery", {"type": "late_visibility", "seconds": 1200}, nth=[1]),
    )

    # When a drill runs
    drill = recoveries.start(recoveries.plan(servers))
    ended = recoveries.wait(drill)

    # Then it waited for it instead of launching twice
    assert ended["status"] == "COMPLETED"
    assert len(recoveries.jobs(*servers)) == 1
    recoveries.check(drill)


@pytest.mark.parametrize(
    "action",
    [{"type": "error", "code": "InternalServerException", "status": 500}, {"type": "throttle"}],
    ids=["500 before commit", "throttled"],
)
def test_a_launch_that_was_refused_is_sent_again(recoveries: Recoveries, action: dict[str, Any]) -> None:
    servers = recoveries.servers(1)
    recoveries.drs.inject(fault("StartRecovery", action, nth=[1, 2]))
    drill = recoveries.start(recoveries.plan(servers))
    assert recoveries.wait(drill)["status"] == "COMPLETED"
    assert len(recoveries.jobs(*servers)) == 1
    recoveries.check(drill)


# Rule 2: one owner a server


def test_two_plans_that_share_a_server_never_launch_it_at_the_same_time(recoveries: Recoveries) -> None:
    # Given two plans with a server in common
    shared, first, second = recoveries.servers(3)
    plans = [recoveries.plan([shared, first]), recoveries.plan([shared, second])]

    # When both are started
    drills = [recoveries.start(plan) for plan in plans]
    ended = [recoveries.wait(drill) for drill in drills]

    # Then both end well, one job after the other
    assert [each["status"] for each in ended] == ["COMPLETED", "COMPLETED"]
    jobs = recoveries.jobs(shared)
    assert len(jobs) == 2
    assert str(jobs[1]["creationDateTime"]) >= str(jobs[0]["endDateTime"])
    for drill in drills:
        recoveries.check(drill)


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [("WAIT", ("COMPLETED", "COMPLETED")), ("SKIP", ("PARTIAL", "PARTIAL")), ("FAIL", ("PARTIAL", "FAILED"))],
)
def test_a_server_that_somebody_else_launches_goes_by_the_plans_policy(
    recoveries: Recoveries, policy: str, outcome: tuple[str, str]
) -> None:
    # Given a job of somebody else on one of two servers, which takes a while
    taken, free = recoveries.servers(2)
    recoveries.drs.clock(20)
    recoveries.drs.inject({"action": {"type": "external_job", "servers": [taken]}})
    recoveries.eventually(lambda: len(recoveries.jobs(taken)) == 1, "the other job")

    # When a plan with both runs
    drill = recoveries.start(recoveries.plan([taken, free], conflictPolicy=policy))
    recoveries.eventually(lambda: len(recoveries.jobs(free)) == 1, "our own job")
    recoveries.drs.clock(SCALE)
    ended = recoveries.wait(drill)

    # Then it waits, leaves the server out, or counts it as failed; the other one is launched in any case
    assert (ended["status"], ended["waves"][0]["waveStatus"]) == outcome
    ours = [job for job in recoveries.jobs(taken, free) if job.get("tags", {}).get("towpath:executionId") == drill]
    started = {each["sourceServerID"] for job in ours for each in job["participatingServers"]}
    assert started == ({taken, free} if policy == "WAIT" else {free})
    recoveries.check(drill)


# Rule 3: quotas


def test_a_wave_larger_than_a_job_goes_in_chunks(recoveries: Recoveries) -> None:
    servers = recoveries.servers(120)
    drill = recoveries.start(recoveries.plan(servers))
    assert recoveries.wait(drill, seconds=120)["status"] == "COMPLETED"
    sizes = sorted(len(job["participatingServers"]) for job in recoveries.jobs(*servers))
    assert sum(sizes) == 120
    assert max(sizes) <= 100
    recoveries.check(drill)


def test_nothing_starts_while_the_quotas_cannot_be_read(recoveries: Recoveries) -> None:
    # Given Service Quotas out of order
    servers = recoveries.servers(1)
    recoveries.cloud.inject(
        [{"service": "servicequotas", "action": {"type": "error", "code": "ServiceException", "status": 500}}]
    )

    # When a drill runs
    drill = recoveries.start(recoveries.plan(servers))
    for _ in range(3):
        recoveries.tick()
        time.sleep(0.5)

    # Then nothing is launched until they can be read again
    assert recoveries.jobs(*servers) == []
    assert recoveries.execution(drill)["status"] not in ENDED
    recoveries.cloud.clear_faults()
    assert recoveries.wait(drill)["status"] == "COMPLETED"


# Rule 4: what cannot be read is unknown, never failed


def test_a_describe_that_fails_changes_nothing(recoveries: Recoveries) -> None:
    servers = recoveries.servers(2)
    recoveries.drs.clock(100)
    drill = recoveries.start(recoveries.plan(servers))
    recoveries.eventually(lambda: len(recoveries.jobs(*servers)) == 1, "the job")
    recoveries.drs.inject(fault("DescribeJobs", {"type": "error", "code": "InternalServerException", "status": 500}))
    for _ in range(4):
        recoveries.tick()
        time.sleep(0.3)
    assert recoveries.execution(drill)["status"] not in ENDED
    recoveries.drs.clear()
    recoveries.drs.clock(SCALE)
    assert recoveries.wait(drill)["status"] == "COMPLETED"
    recoveries.check(drill)


# Rule 5: honest outcomes


def test_a_job_that_completed_with_failed_servers_is_no_success(recoveries: Recoveries) -> None:
    good, bad, later = recoveries.servers(3)
    recoveries.drs.inject({"server": bad, "phase": "LAUNCH", "action": {"type": "fail"}})
    drill = recoveries.start(recoveries.plan([good, bad], [later]))
    ended = recoveries.wait(drill)
    assert ended["status"] == "PARTIAL"
    assert [wave["waveStatus"] for wave in ended["waves"]] == ["FAILED", "SKIPPED"]
    assert recoveries.jobs(later) == []
    recoveries.check(drill)


def test_an_optional_server_that_fails_does_not_stop_the_plan(recoveries: Recoveries) -> None:
    good, bad, later = recoveries.servers(3)
    recoveries.drs.inject({"server": bad, "phase": "CONVERSION", "action": {"type": "fail"}})
    first = {"servers": [good, {"sourceServerId": bad, "criticality": "OPTIONAL"}], "minimumLaunchedPercent": 50}
    drill = recoveries.start(recoveries.plan(first, [later]))
    ended = recoveries.wait(drill)
    assert ended["status"] == "PARTIAL"
    assert [wave["waveStatus"] for wave in ended["waves"]] == ["PARTIAL", "COMPLETED"]


def test_only_the_failed_servers_are_tried_again(recoveries: Recoveries) -> None:
    # Given a wave in which one of two servers fails once, and a plan that asks what to do
    good, bad = recoveries.servers(2)
    recoveries.drs.inject({"server": bad, "phase": "LAUNCH", "times": 1, "action": {"type": "fail"}})
    drill = recoveries.start(recoveries.plan({"servers": [good, bad], "onFailure": "PAUSE"}))
    paused = recoveries.wait(drill, "PAUSED")
    assert paused["pause"]["reason"] == "WAVE_FAILED"

    # When the failed server is tried again
    assert recoveries.command(drill, "retry-failed").status == 202
    ended = recoveries.wait(drill)

    # Then it launched, and the good one was launched once
    assert ended["status"] == "COMPLETED"
    assert len(recoveries.jobs(good)) == 1
    assert len(recoveries.jobs(bad)) == 2
    recoveries.check(drill)


def test_a_failed_wave_can_be_left_as_it_is(recoveries: Recoveries) -> None:
    bad, good = recoveries.servers(2)
    recoveries.drs.inject({"server": bad, "phase": "SNAPSHOT", "action": {"type": "fail"}})
    drill = recoveries.start(recoveries.plan({"servers": [bad], "onFailure": "PAUSE"}, [good]))
    recoveries.wait(drill, "PAUSED")
    assert recoveries.command(drill, "resume", {"next": "SKIP"}).status == 202
    assert recoveries.wait(drill)["status"] == "PARTIAL"
    assert [each["sourceServerId"] for each in recoveries.launched(drill)] == [good]


def test_a_wave_ahead_can_be_left_out(recoveries: Recoveries) -> None:
    first, second = recoveries.servers(2)
    drill = recoveries.start(recoveries.plan({"servers": [first], "pauseBeforeWave": True}, [second]))
    recoveries.wait(drill, "PAUSED")
    assert recoveries.command(drill, "skip-wave", {"waveNumber": 2}).status == 202
    assert recoveries.command(drill, "resume").status == 202
    ended = recoveries.wait(drill)
    assert [wave["waveStatus"] for wave in ended["waves"]] == ["COMPLETED", "SKIPPED"]
    assert recoveries.jobs(second) == []


def test_an_ended_execution_goes_on_from_its_checkpoint(recoveries: Recoveries) -> None:
    # Given an execution that stopped at its second wave
    first, second, third = recoveries.servers(3)
    recoveries.drs.inject({"server": second, "phase": "LAUNCH", "times": 1, "action": {"type": "fail"}})
    drill = recoveries.start(recoveries.plan([first], [second], [third]))
    assert recoveries.wait(drill)["status"] == "PARTIAL"

    # When it is restarted
    assert recoveries.command(drill, "restart").status == 202
    recoveries.eventually(lambda: recoveries.execution(drill)["runNumber"] == 2, "the second run")
    ended = recoveries.wait(drill)

    # Then what had launched was not launched again
    assert ended["status"] == "COMPLETED"
    assert [len(recoveries.jobs(each)) for each in (first, second, third)] == [1, 2, 1]
    recoveries.check(drill)


# Rule 6: pauses, cancel and tokens


def test_the_second_of_two_people_who_resume_is_told(recoveries: Recoveries) -> None:
    drill = recoveries.start(recoveries.plan({"servers": recoveries.servers(1), "pauseBeforeWave": True}))
    recoveries.wait(drill, "PAUSED")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: recoveries.command(drill, "resume").status, range(4)))
    assert sorted(answers) == [202, 409, 409, 409]
    assert recoveries.wait(drill)["status"] == "COMPLETED"
    assert recoveries.command(drill, "resume").status == 409


def test_an_answer_that_is_lost_is_sent_again(recoveries: Recoveries) -> None:
    # Given a paused drill, and Step Functions that cannot be told for a while
    drill = recoveries.start(recoveries.plan({"servers": recoveries.servers(1), "pauseBeforeWave": True}))
    recoveries.wait(drill, "PAUSED")
    recoveries.cloud.inject(
        [
            {
                "service": "states",
                "operation": "SendTaskSuccess",
                "times": 6,
                "action": {"type": "error", "code": "InternalFailure", "status": 500},
            }
        ]
    )

    # When somebody resumes
    recoveries.command(drill, "resume")

    # Then the next look tells the machine
    assert recoveries.wait(drill)["status"] == "COMPLETED"


@pytest.mark.parametrize(("on_timeout", "status"), [("ABORT", "CANCELLED"), ("CONTINUE", "COMPLETED")])
def test_a_pause_that_nobody_ends_ends_by_itself(recoveries: Recoveries, on_timeout: str, status: str) -> None:
    # Given a pause of a minute, the shortest there is, that is over
    pause = {"deadlineSeconds": 60, "onTimeout": on_timeout}
    servers = recoveries.servers(1)
    drill = recoveries.start(recoveries.plan({"servers": servers, "pauseBeforeWave": True, "pause": pause}))
    recoveries.wait(drill, "PAUSED")
    recoveries.rewind(drill, "EXECUTION", "pause.deadline")

    # Then it goes as the plan says
    assert recoveries.wait(drill)["status"] == status
    assert bool(recoveries.jobs(*servers)) == (status == "COMPLETED")


def test_cancel_starts_nothing_more_and_waits_for_what_runs(recoveries: Recoveries) -> None:
    # Given a drill whose first wave is launching
    first, second = recoveries.servers(2)
    recoveries.drs.clock(60)
    drill = recoveries.start(recoveries.plan([first], [second]))
    recoveries.eventually(lambda: len(recoveries.jobs(first)) == 1, "the first job")

    # When it is cancelled
    assert recoveries.command(drill, "cancel", {"reason": "wrong night"}).status == 202
    assert recoveries.execution(drill)["status"] == "CANCELLING"
    recoveries.drs.clock(SCALE)
    ended = recoveries.wait(drill)

    # Then the running job came to its end first, and the next wave never began
    assert ended["status"] == "CANCELLED"
    assert recoveries.jobs(first)[0]["status"] == "COMPLETED"
    assert recoveries.jobs(second) == []
    recoveries.check(drill)


def test_a_paused_drill_can_be_cancelled(recoveries: Recoveries) -> None:
    servers = recoveries.servers(1)
    drill = recoveries.start(recoveries.plan({"servers": servers, "pauseBeforeWave": True}))
    recoveries.wait(drill, "PAUSED")
    assert recoveries.command(drill, "cancel").status == 202
    assert recoveries.wait(drill)["status"] == "CANCELLED"
    assert recoveries.jobs(*servers) == []


def test_a_pause_asked_for_comes_before_the_next_wave(recoveries: Recoveries) -> None:
    first, second = recoveries.servers(2)
    recoveries.drs.clock(60)
    drill = recoveries.start(recoveries.plan([first], [second]))
    recoveries.eventually(lambda: len(recoveries.jobs(first)) == 1, "the first job")
    assert recoveries.command(drill, "pause").status == 202
    recoveries.drs.clock(SCALE)
    paused = recoveries.wait(drill, "PAUSED")
    assert paused["pause"]["reason"] == "REQUESTED"
    assert recoveries.jobs(second) == []
    assert recoveries.command(drill, "resume").status == 202
    assert recoveries.wait(drill)["status"] == "COMPLETED"


def test_no_token_is_in_any_answer_event_or_log(recoveries: Recoveries) -> None:
    # Given the token of a paused drill
    drill = recoveries.start(recoveries.plan({"servers": recoveries.servers(1), "pauseBeforeWave": True}))
    recoveries.wait(drill, "PAUSED")
    stored = recoveries.store.token(drill)
    assert stored
    assert stored.token

    # When everything that people can read is read
    shown = [
        recoveries.api("GET", f"/executions/{drill}{path}").body
        for path in ("", "/timeline", "/servers", "/evidence", "/job-log")
    ]
    logs = recoveries.cloud.client("logs")
    lines: list[str] = []
    for group in logs.describe_log_groups()["logGroups"]:
        if "disaster-recovery" in group["logGroupName"]:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines += [event["message"] for page in pages for event in page["events"]]

    # Then it is nowhere
    assert stored.token not in json.dumps(shown, default=str)
    assert lines
    assert not [line for line in lines if stored.token in line]
    recoveries.command(drill, "cancel")
    recoveries.wait(drill)


# Rule 7: terminate


def test_only_our_own_instances_are_terminated(recoveries: Recoveries) -> None:
    # Given a drill after which somebody else launched one of its servers again
    servers = recoveries.servers(2)
    drill = recoveries.start(recoveries.plan(servers))
    recoveries.wait(drill)
    recoveries.drs.inject({"action": {"type": "external_job", "servers": [servers[0]]}})
    recoveries.eventually(
        lambda: [job["status"] for job in recoveries.jobs(servers[0])] == ["COMPLETED", "COMPLETED"], "the other job"
    )

    # When the drill's instances are terminated
    assert recoveries.command(drill, "terminate-instances").status == 202
    recoveries.eventually(
        lambda: recoveries.execution(drill)["instancesTerminated"], "termination", between=recoveries.tick
    )

    # Then the other's instance is still there
    left = recoveries.cloud.client("drs").describe_recovery_instances(filters={"sourceServerIDs": servers})["items"]
    theirs = recoveries.jobs(servers[0])[1]["jobID"]
    assert [instance["jobID"] for instance in left] == [theirs]


def test_instances_that_are_gone_already_count_as_terminated(recoveries: Recoveries) -> None:
    servers = recoveries.servers(2)
    drill = recoveries.start(recoveries.plan(servers))
    recoveries.wait(drill)
    recoveries.drs.inject({"action": {"type": "terminate_instance", "server": servers[0]}})
    assert recoveries.command(drill, "terminate-instances").status == 202
    recoveries.eventually(
        lambda: recoveries.execution(drill)["instancesTerminated"], "termination", between=recoveries.tick
    )


def test_a_real_recovery_needs_a_confirmation_to_start_and_to_end(recoveries: Recoveries) -> None:
    plan = recoveries.plan(recoveries.servers(1))
    refused = recoveries.api("POST", "/executions", {"planId": plan["planId"], "type": "RECOVERY"})
    assert refused.status == 400
    recovery = recoveries.start(plan, "RECOVERY")
    assert recoveries.wait(recovery)["status"] == "COMPLETED"
    assert recoveries.command(recovery, "terminate-instances").status == 400
    assert recoveries.command(recovery, "terminate-instances", {"confirm": recovery}).status == 202
    recoveries.eventually(
        lambda: recoveries.execution(recovery)["instancesTerminated"], "termination", between=recoveries.tick
    )


def test_instances_of_a_running_execution_stay(recoveries: Recoveries) -> None:
    drill = recoveries.start(recoveries.plan({"servers": recoveries.servers(1), "pauseBeforeWave": True}))
    recoveries.wait(drill, "PAUSED")
    assert recoveries.command(drill, "terminate-instances").status in (400, 409)
    recoveries.command(drill, "cancel")
    recoveries.wait(drill)


# Rule 8: frozen plans


def test_a_plan_changed_while_it_runs_changes_nothing_of_the_run(recoveries: Recoveries) -> None:
    first, second, other = recoveries.servers(3)
    plan = recoveries.plan([first], {"servers": [second], "pauseBeforeWave": True})
    drill = recoveries.start(plan)
    recoveries.wait(drill, "PAUSED")
    changed = {"name": plan["name"], "waves": recoveries.waves([first], [other])}
    headers = {"if-match": f'"{plan["version"]}"'}
    assert recoveries.api("PUT", f"/recovery-plans/{plan['planId']}", changed, headers=headers).status == 200
    recoveries.command(drill, "resume")
    assert recoveries.wait(drill)["status"] == "COMPLETED"
    assert recoveries.jobs(other) == []
    assert len(recoveries.jobs(second)) == 1


# Rule 9: DRS is the truth


def test_a_job_deleted_by_hand_does_not_leave_the_execution_waiting(recoveries: Recoveries) -> None:
    servers = recoveries.servers(1)
    recoveries.drs.clock(60)
    drill = recoveries.start(recoveries.plan(servers))
    recoveries.eventually(lambda: len(recoveries.jobs(*servers)) == 1, "the job")
    job = recoveries.jobs(*servers)[0]["jobID"]
    recoveries.drs.inject({"action": {"type": "delete_job", "job": job}})
    ended = recoveries.wait(drill)

    # Then it ends by what DRS has, whose job is gone
    found = recoveries.cloud.client("drs").describe_recovery_instances(filters={"sourceServerIDs": servers})["items"]
    assert ended["status"] == ("COMPLETED" if found else "FAILED")
    recoveries.check_locks(drill)


def test_a_machine_stopped_by_hand_does_not_leave_the_record_open(recoveries: Recoveries) -> None:
    servers = recoveries.servers(1)
    recoveries.drs.clock(60)
    drill = recoveries.start(recoveries.plan(servers, recoveries.servers(1)))
    recoveries.eventually(lambda: len(recoveries.jobs(*servers)) == 1, "the job")
    recoveries.states.stop_execution(executionArn=recoveries.run_arn(drill))
    recoveries.drs.clock(SCALE)
    ended = recoveries.wait(drill)
    assert ended["status"] == "PARTIAL"
    recoveries.check(drill)


# Rule 10: plans are checked


def test_everything_wrong_with_a_plan_is_told_at_once_with_its_path(recoveries: Recoveries) -> None:
    known = recoveries.servers(1)[0]
    document = {
        "name": "broken",
        "waves": [
            {"name": "a", "servers": [{"sourceServerId": known}], "dependsOn": ["b"]},
            {"name": "b", "servers": [{"sourceServerId": known}], "dependsOn": ["a"]},
            {"name": "c", "servers": [], "dependsOn": []},
        ],
    }
    answer = recoveries.api("POST", "/recovery-plans", document)
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert {error["path"] for error in answer.body["errors"]} == {
        "$.waves[0].dependsOn",
        "$.waves[1].dependsOn",
        "$.waves[1].servers[0].sourceServerId",
        "$.waves[2].servers",
    }


def test_servers_that_drs_does_not_know_are_told_with_their_path(recoveries: Recoveries) -> None:
    waves = recoveries.waves(recoveries.servers(1), ["s-ffffffffffffffff1", "s-ffffffffffffffff2"])
    answer = recoveries.api("POST", "/recovery-plans", {"name": "strangers", "waves": waves})
    assert answer.status == 400
    assert {error["path"] for error in answer.body["errors"]} == {
        "$.waves[1].servers[0].sourceServerId",
        "$.waves[1].servers[1].sourceServerId",
    }
