"""What a LAUNCH job does: log, statuses, instances, events."""

from __future__ import annotations

from itertools import pairwise

import pytest

from local_cloud.drs.permissions import BY_PHASE
from tests.unit.drs_simulator.account import Account, server_id

PHASES = ["SNAPSHOT_START", "SNAPSHOT_END", "CONVERSION_START", "CONVERSION_END", "LAUNCH_START", "LAUNCH_END"]


def test_a_job_is_pending_then_started_then_completed() -> None:
    account = Account()
    job = account.start(1, 2)
    assert account.job(job)["status"] == "PENDING"
    assert set(account.launch_status(job).values()) == {"PENDING"}

    account.wait(10)
    assert account.job(job)["status"] == "STARTED"
    assert set(account.launch_status(job).values()) == {"IN_PROGRESS"}
    assert "endDateTime" not in account.job(job)

    account.wait()
    assert account.job(job)["status"] == "COMPLETED"
    assert set(account.launch_status(job).values()) == {"LAUNCHED"}


def test_the_log_is_in_the_documented_order() -> None:
    account = Account()
    job = account.start(1, 2)
    account.wait()

    log = account.log(job)
    assert (log[0], log[-1]) == ("JOB_START", "JOB_END")
    assert account.log(job, 1) == PHASES
    assert account.log(job, 2) == PHASES
    times = [item["logDateTime"] for item in account.call("DescribeJobLogItems", jobID=job)["items"]]
    assert times == sorted(times)


def test_a_drill_of_one_server_takes_ten_minutes_or_so() -> None:
    seconds = []
    for seed in range(20):
        account = Account(seed=seed)
        begun = account.clock.now()
        account.start(1)
        while (due := account.drs.next_due()) is not None:
            account.clock.move_to(due)
            account.drs.advance_to(due)
        seconds.append((account.clock.now() - begun).total_seconds())

    assert min(seconds) > 8 * 60
    assert max(seconds) < 13 * 60
    assert len(set(seconds)) > 10


def test_a_job_ends_a_moment_after_its_last_server() -> None:
    account = Account()
    job = account.start(1, 2, 3)
    account.wait()

    items = account.call("DescribeJobLogItems", jobID=job)["items"]
    last = max(item["logDateTime"] for item in items if item["event"] == "LAUNCH_END")
    assert last < items[-1]["logDateTime"] == account.job(job)["endDateTime"]


def test_a_job_knows_who_began_it_and_its_tags() -> None:
    account = Account()
    drill, recovery = account.start(1, isDrill=True, tags={"towpath:wave": "1"}), account.start(2)

    assert (account.job(drill)["initiatedBy"], account.job(recovery)["initiatedBy"]) == (
        "START_DRILL",
        "START_RECOVERY",
    )
    assert account.job(drill)["tags"] == {"towpath:wave": "1"}
    assert account.job(drill)["type"] == "LAUNCH"


def test_a_source_server_names_the_job_that_launches_it() -> None:
    account = Account()
    assert account.server(1)["lastLaunchResult"] == "NOT_STARTED"

    job = account.start(1, isDrill=True)
    launch = account.server(1)["lifeCycle"]["lastLaunch"]
    assert (launch["initiated"]["jobID"], launch["initiated"]["type"], launch["status"]) == (job, "DRILL", "PENDING")
    assert account.server(1)["lastLaunchResult"] == "PENDING"

    account.wait()
    assert account.server(1)["lifeCycle"]["lastLaunch"]["status"] == "LAUNCHED"
    assert account.server(1)["lastLaunchResult"] == "SUCCEEDED"


def test_what_was_launched_is_a_recovery_instance_of_the_job() -> None:
    account = Account()
    job = account.start(2, isDrill=True)
    account.wait()

    (instance,) = account.instances()
    assert (instance["jobID"], instance["sourceServerID"]) == (job, server_id(2))
    assert (instance["isDrill"], instance["ec2InstanceState"]) == (True, "RUNNING")
    assert account.job(job)["participatingServers"][0]["recoveryInstanceID"] == instance["recoveryInstanceID"]
    assert account.server(2)["recoveryInstanceId"] == instance["recoveryInstanceID"]


def test_a_server_that_is_not_to_be_started_is_launched_stopped() -> None:
    account = Account()
    account.call("UpdateLaunchConfiguration", sourceServerID=server_id(1), launchDisposition="STOPPED")
    account.start(1)
    account.wait()

    assert account.instances()[0]["ec2InstanceState"] == "STOPPED"


def test_a_second_launch_cleans_up_after_the_first() -> None:
    account = Account()
    account.start(1)
    account.wait()
    (before,) = account.instances()

    job = account.start(1)
    account.wait()

    assert account.log(job, 1)[:2] == ["CLEANUP_START", "CLEANUP_END"]
    assert account.log(job, 1)[2:] == PHASES
    (after,) = account.instances()
    assert after["recoveryInstanceID"] != before["recoveryInstanceID"]


def test_each_end_of_a_server_is_an_event() -> None:
    account = Account()
    account.drs.inject({"server": "host-2", "phase": "LAUNCH", "action": {"type": "fail"}})
    job = account.start(1, 2, isDrill=True)
    account.wait()

    found = {event["resources"][0]: event for event in account.events}
    assert found.keys() == {account.server(1)["arn"], account.server(2)["arn"]}
    event = found[account.server(1)["arn"]]
    assert (event["source"], event["detail-type"]) == ("aws.drs", "DRS Source Server Launch Result")
    assert event["detail"] == {"state": "RECOVERY_LAUNCH_SUCCEEDED", "job-id": job, "is-drill": "TRUE"}
    assert found[account.server(2)["arn"]]["detail"]["state"] == "RECOVERY_LAUNCH_FAILED"


def test_a_chosen_snapshot_is_used_instead_of_a_new_one() -> None:
    account = Account()
    kept = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1), order="ASC")["items"]
    wanted = {"sourceServerID": server_id(1), "recoverySnapshotID": kept[0]["snapshotID"]}
    job = account.call("StartRecovery", sourceServers=[wanted])["job"]["jobID"]
    account.wait()

    assert account.log(job, 1) == ["USING_PREVIOUS_SNAPSHOT", *PHASES[2:]]
    assert account.instances()[0]["pointInTimeSnapshotDateTime"] == kept[0]["timestamp"]


def test_a_launch_without_a_choice_takes_a_snapshot_that_is_kept() -> None:
    account = Account()
    before = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1))["items"]
    account.start(1)
    account.wait()

    after = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1))["items"]
    assert after[1:] == before
    assert account.instances()[0]["pointInTimeSnapshotDateTime"] == after[0]["timestamp"]


@pytest.mark.parametrize("state", ["STALLED", "DISCONNECTED"])
def test_a_server_that_does_not_replicate_is_launched_from_its_last_snapshot(state: str) -> None:
    entry = {"sourceServerID": server_id(1), "hostname": "h", "replicationState": state, "lagSeconds": 900}
    account = Account(document={"servers": [entry]})
    assert account.server(1)["dataReplicationInfo"]["lagDuration"] == "PT900S"
    (latest, *_) = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1))["items"]

    job = account.start(1)
    account.wait()

    assert account.log(job, 1)[0] == "USING_PREVIOUS_SNAPSHOT"
    assert account.instances()[0]["pointInTimeSnapshotDateTime"] == latest["timestamp"]


def test_a_server_without_replication_and_snapshots_fails() -> None:
    entry = {"sourceServerID": server_id(1), "hostname": "h", "replicationState": "STALLED", "snapshots": []}
    account = Account(document={"servers": [entry]})
    job = account.start(1)
    account.wait()

    assert account.log(job, 1) == ["USING_PREVIOUS_SNAPSHOT_FAILED"]
    assert account.launch_status(job) == {server_id(1): "FAILED"}


@pytest.mark.parametrize(("phase", "event"), [("SNAPSHOT", "SNAPSHOT_FAIL"), ("LAUNCH", "LAUNCH_FAILED")])
def test_a_missing_ec2_permission_fails_the_server_not_the_call(phase: str, event: str) -> None:
    # Given a caller that lacks what one phase needs
    lacking = BY_PHASE[phase][0]
    account = Account(authorise=lambda _principal, needs, _server: [need.action for need in needs if need == lacking])

    # When a job is started, which is not refused
    job = account.start(1)
    account.wait()

    # Then the server failed for it, the log says why, and it is kept for tests to read
    assert account.launch_status(job) == {server_id(1): "FAILED"}
    (item,) = [item for item in account.call("DescribeJobLogItems", jobID=job)["items"] if item["event"] == event]
    assert item["eventData"]["rawError"].startswith("UnauthorizedOperation")
    assert lacking.action in item["eventData"]["rawError"]
    assert [(each["action"], each["phase"]) for each in account.drs.state.denials] == [(lacking.action, phase)]


def test_log_items_of_a_job_only_grow() -> None:
    account = Account()
    job = account.start(1, 2)
    seen = []
    for _ in range(12):
        account.wait(60)
        seen.append(account.log(job))

    assert all(later[: len(earlier)] == earlier for earlier, later in pairwise(seen))
    assert len(seen[-1]) == 2 + 2 * len(PHASES)
