"""What a TERMINATE job does."""

from __future__ import annotations

from local_cloud.drs.permissions import BY_PHASE
from tests.unit.drs_simulator.account import Account, server_id


def launched(servers: int) -> tuple[Account, list[str]]:
    """An account whose servers are launched, and the instances."""
    account = Account(servers)
    account.start(*range(1, servers + 1), isDrill=True)
    account.wait()
    return account, sorted(each["recoveryInstanceID"] for each in account.instances())


def test_instances_end_and_are_gone() -> None:
    account, instances = launched(2)

    job = account.call("TerminateRecoveryInstances", recoveryInstanceIDs=instances)["job"]
    assert (job["type"], job["initiatedBy"], job["status"]) == ("TERMINATE", "TERMINATE_RECOVERY_INSTANCES", "PENDING")
    assert {each["recoveryInstanceID"] for each in job["participatingServers"]} == set(instances)

    account.wait(10)
    assert {each["ec2InstanceState"] for each in account.instances()} == {"SHUTTING-DOWN"}

    account.wait()
    assert account.instances() == []
    assert set(account.launch_status(job["jobID"]).values()) == {"TERMINATED"}
    assert account.job(job["jobID"])["status"] == "COMPLETED"
    assert account.log(job["jobID"], 1) == ["CLEANUP_START", "CLEANUP_END"]
    assert "recoveryInstanceId" not in account.server(1)
    assert account.server(1)["lifeCycle"]["lastLaunch"]["status"] == "TERMINATED"


def test_what_is_gone_cannot_be_terminated_again_and_refuses_the_others() -> None:
    account, (first, second) = launched(2)
    account.call("TerminateRecoveryInstances", recoveryInstanceIDs=[first])
    account.wait()

    error = account.refusal("TerminateRecoveryInstances", recoveryInstanceIDs=[first, second])

    assert (error.code, error.status) == ("ValidationException", 400)
    assert first in error.message
    assert [each["recoveryInstanceID"] for each in account.instances()] == [second]


def test_naming_an_instance_twice_terminates_it_once() -> None:
    account, (only,) = launched(1)

    job = account.call("TerminateRecoveryInstances", recoveryInstanceIDs=[only, only])["job"]

    assert len(job["participatingServers"]) == 1


def test_an_instance_that_cannot_be_terminated_stays() -> None:
    account, instances = launched(2)
    account.drs.inject({"server": "host-1", "phase": "TERMINATE", "action": {"type": "fail", "error": "protected"}})

    job = account.call("TerminateRecoveryInstances", recoveryInstanceIDs=instances)["job"]["jobID"]
    account.wait()

    assert account.launch_status(job) == {server_id(1): "FAILED", server_id(2): "TERMINATED"}
    assert account.log(job, 1) == ["CLEANUP_START", "CLEANUP_FAIL"]
    assert [each["sourceServerID"] for each in account.instances()] == [server_id(1)]


def test_terminating_takes_the_callers_permission() -> None:
    account, instances = launched(1)
    account.drs.engine.authorise = lambda _principal, needs, _server: [each.action for each in needs]

    job = account.call("TerminateRecoveryInstances", recoveryInstanceIDs=instances)["job"]["jobID"]
    account.wait()

    assert account.launch_status(job) == {server_id(1): "FAILED"}
    assert {each["action"] for each in account.drs.state.denials} == {need.action for need in BY_PHASE["TERMINATE"]}


def test_an_instance_terminated_by_hand_can_still_be_terminated() -> None:
    account, (only,) = launched(1)
    account.drs.inject({"action": {"type": "terminate_instance", "server": "host-1"}})
    assert account.instances()[0]["ec2InstanceState"] == "TERMINATED"

    job = account.call("TerminateRecoveryInstances", recoveryInstanceIDs=[only])["job"]["jobID"]
    account.wait()

    assert account.launch_status(job) == {server_id(1): "TERMINATED"}
    assert account.instances() == []
