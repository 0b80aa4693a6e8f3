"""What can go wrong on purpose: on calls, in phases, with events, by others."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.drs import ApiError, BadInjection, LostResponse
from tests.unit.drs_simulator.account import Account, server_id


def test_a_lost_response_is_that_of_a_call_that_was_carried_out() -> None:
    account = Account()
    account.drs.inject({"operation": "StartRecovery", "nth": [1], "action": {"type": "lost_response"}})

    with pytest.raises(LostResponse):
        account.start(1)

    (job,) = account.call("DescribeJobs")["items"]
    assert job["participatingServers"][0]["sourceServerID"] == server_id(1)
    assert account.refused_start(1).code == "ConflictException"


def test_an_error_is_that_of_a_call_that_was_not_carried_out() -> None:
    account = Account()
    account.drs.inject({"operation": "StartRecovery", "nth": [1], "action": {"type": "error"}})

    error = account.refused_start(1)

    assert (error.code, error.status) == ("InternalServerException", 500)
    assert account.call("DescribeJobs")["items"] == []
    assert account.start(1)


def test_throttling_says_when_to_come_back() -> None:
    account = Account()
    account.drs.inject({"operation": "Describe*", "times": 2, "action": {"type": "throttle", "retryAfterSeconds": 5}})

    errors = [account.refusal("DescribeJobs"), account.refusal("DescribeSourceServers")]

    assert [(each.code, each.status, each.members) for each in errors] == [
        ("ThrottlingException", 429, {"retryAfterSeconds": "5"})
    ] * 2
    assert account.call("DescribeJobs")["items"] == []


def test_the_nth_call_of_an_operation_is_struck() -> None:
    account = Account()
    account.drs.inject({"id": "third", "operation": "DescribeJobs", "nth": [3], "action": {"type": "error"}})

    outcomes = []
    for _ in range(4):
        try:
            account.call("DescribeJobs")
            outcomes.append("answered")
        except ApiError:
            outcomes.append("refused")

    assert outcomes == ["answered", "answered", "refused", "answered"]
    assert [(each["rule"], each["operation"]) for each in account.drs.state.injected] == [("third", "DescribeJobs")]


def test_a_job_may_be_invisible_for_a_while() -> None:
    account = Account()
    account.drs.inject({"operation": "StartRecovery", "action": {"type": "late_visibility", "seconds": 30}})

    job = account.start(1)

    assert account.call("DescribeJobs")["items"] == []
    assert account.server(1)["lifeCycle"]["lastLaunch"]["initiated"]["jobID"] == job
    account.wait(31)
    assert [each["jobID"] for each in account.call("DescribeJobs")["items"]] == [job]


def test_pages_of_one_operation_can_be_small() -> None:
    account = Account(3)
    account.drs.inject({"operation": "DescribeSourceServers", "action": {"type": "small_pages", "size": 2}})

    assert len(account.call("DescribeSourceServers")["items"]) == 2


@pytest.mark.parametrize(
    ("phase", "event"),
    [("SNAPSHOT", "SNAPSHOT_FAIL"), ("CONVERSION", "CONVERSION_FAIL"), ("LAUNCH", "LAUNCH_FAILED")],
)
def test_a_server_fails_in_a_phase_and_the_job_completes(phase: str, event: str) -> None:
    account = Account()
    account.drs.inject({"server": "host-2", "phase": phase, "action": {"type": "fail", "error": "no capacity"}})

    job = account.start(1, 2)
    account.wait()

    assert account.job(job)["status"] == "COMPLETED"
    assert account.launch_status(job) == {server_id(1): "LAUNCHED", server_id(2): "FAILED"}
    assert account.log(job, 2)[-2:] == [f"{phase}_START", event]
    items = account.call("DescribeJobLogItems", jobID=job)["items"]
    assert [item["eventData"]["rawError"] for item in items if item["event"] == event] == ["no capacity"]
    assert account.server(2)["lastLaunchResult"] == "FAILED"
    assert "recoveryInstanceId" not in account.server(2)


def test_a_cleanup_that_fails_does_not_keep_the_server_from_being_launched() -> None:
    account = Account()
    account.start(1)
    account.wait()
    account.drs.inject({"phase": "CLEANUP", "action": {"type": "fail"}})

    job = account.start(1)
    account.wait()

    assert account.log(job, 1)[:3] == ["CLEANUP_START", "CLEANUP_FAIL", "SNAPSHOT_START"]
    assert account.launch_status(job) == {server_id(1): "LAUNCHED"}


def test_a_failure_of_the_first_attempt_only() -> None:
    account = Account()
    rule = {"server": server_id(1), "phase": "LAUNCH", "nth": [1], "action": {"type": "fail"}}
    account.drs.inject(rule)

    first = account.start(1)
    account.wait()
    second = account.start(1)
    account.wait()

    assert [account.launch_status(each)[server_id(1)] for each in (first, second)] == ["FAILED", "LAUNCHED"]


def test_a_job_that_hangs_never_ends_and_keeps_its_servers() -> None:
    account = Account()
    account.drs.inject({"server": "host-1", "phase": "CONVERSION", "action": {"type": "hang"}})

    job = account.start(1, 2)
    account.wait(10 * 24 * 3600)

    assert account.job(job)["status"] == "STARTED"
    assert account.launch_status(job) == {server_id(1): "IN_PROGRESS", server_id(2): "LAUNCHED"}
    assert account.refused_start(2).code == "ConflictException"
    assert account.drs.next_due() is None


@pytest.mark.parametrize("action", [{"type": "hang", "seconds": 7200}, {"type": "slow", "factor": 20}])
def test_a_phase_may_take_longer(action: dict[str, Any]) -> None:
    account = Account()
    account.drs.inject({"phase": "CONVERSION", "action": action})

    job = account.start(1)
    account.wait(3600)
    assert account.job(job)["status"] == "STARTED"
    account.wait(2 * 3600)
    assert account.job(job)["status"] == "COMPLETED"


def test_a_job_may_complete_with_servers_that_were_left() -> None:
    account = Account()
    account.drs.inject({"server": "host-1", "phase": "SNAPSHOT", "action": {"type": "leave"}})
    account.drs.inject({"server": "host-2", "phase": "LAUNCH", "action": {"type": "leave"}})

    job = account.start(1, 2, 3)
    account.wait()

    assert account.job(job)["status"] == "COMPLETED"
    assert list(account.launch_status(job).values()) == ["PENDING", "IN_PROGRESS", "LAUNCHED"]
    assert account.start(1, 2)


def test_events_get_lost_come_twice_and_come_late() -> None:
    account = Account()
    account.drs.inject({"server": "host-1", "action": {"type": "lose_event"}})
    account.drs.inject({"server": "host-2", "action": {"type": "duplicate_event"}})
    account.drs.inject({"server": "host-3", "action": {"type": "delay_event", "seconds": 7200}})

    job = account.start(1, 2, 3)
    account.wait()
    assert account.job(job)["status"] == "COMPLETED"
    assert [event["resources"] for event in account.events] == [[account.server(2)["arn"]]] * 2

    account.wait(7200)
    assert account.events[-1]["resources"] == [account.server(3)["arn"]]
    assert len(account.events) == 3


def test_somebody_else_may_take_a_server() -> None:
    account = Account()
    account.drs.inject({"action": {"type": "external_job", "servers": ["host-1"], "afterSeconds": 60}})
    assert account.call("DescribeJobs")["items"] == []

    account.wait(61)

    (job,) = account.call("DescribeJobs")["items"]
    assert (job["tags"], account.launch_status(job["jobID"])) == ({}, {server_id(1): "PENDING"})
    assert account.refused_start(1, 2).members["resourceId"] == server_id(1)


def test_somebody_else_is_bound_by_locks_too() -> None:
    account = Account()
    job = account.start(1)

    account.drs.inject({"id": "theirs", "action": {"type": "external_job", "servers": [server_id(1)]}})

    assert [each["jobID"] for each in account.call("DescribeJobs")["items"]] == [job]
    (noted,) = account.drs.state.injected
    assert noted["rule"] == "theirs"
    assert noted["outcome"].startswith("ConflictException")


def test_a_job_may_be_deleted_by_hand_at_once_or_when_it_ends() -> None:
    account = Account()
    first = account.start(1)
    account.wait()
    second = account.start(2)
    account.drs.inject({"action": {"type": "delete_job", "job": "*"}})

    assert [each["jobID"] for each in account.call("DescribeJobs")["items"]] == [second]
    account.wait()

    assert account.call("DescribeJobs")["items"] == []
    assert {each["jobID"] for each in account.instances()} == {first, second}


def test_chances_are_drawn_from_the_seed() -> None:
    def struck(seed: int) -> list[bool]:
        account = Account(seed=seed)
        account.drs.inject(
            {"id": "half", "operation": "GetLaunchConfiguration", "probability": 0.5, "action": {"type": "small_pages"}}
        )
        hits = []
        for _ in range(20):
            account.call("GetLaunchConfiguration", sourceServerID=server_id(1))
            hits.append(len(account.drs.state.injected))
        return [later > earlier for earlier, later in zip([0, *hits], hits, strict=False)]

    assert struck(1) == struck(1) != struck(2)
    assert 4 < sum(struck(1)) < 16


def test_injections_can_be_taken_back() -> None:
    account = Account()
    account.drs.inject({"operation": "*", "action": {"type": "error"}})
    account.drs.clear_injections()

    assert account.start(1)
    assert account.drs.state.injected == []


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({}, "action.type must be one of"),
        ({"action": {"type": "explode"}}, "explode"),
        ({"action": {"type": "external_job"}}, "missing ['action.servers']"),
        ({"action": {"type": "fail", "loud": True}}, "unknown ['action.loud']"),
        ({"servers": ["x"], "action": {"type": "fail"}}, "unknown ['servers']"),
        ({"phase": "BOOT", "action": {"type": "fail"}}, "phase must be one of"),
    ],
)
def test_a_rule_that_cannot_be_carried_out_says_why(rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadInjection) as refused:
        Account().drs.inject(rule)

    assert complaint in str(refused.value)
