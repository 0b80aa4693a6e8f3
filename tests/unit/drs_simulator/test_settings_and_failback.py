"""Launch settings, tags, and the way back."""

from __future__ import annotations

from tests.unit.drs_simulator.account import Account, server_id


def test_only_what_an_update_names_changes() -> None:
    account = Account()
    before = account.call("GetLaunchConfiguration", sourceServerID=server_id(1))

    after = account.call(
        "UpdateLaunchConfiguration", sourceServerID=server_id(1), copyPrivateIp=True, licensing={"osByol": True}
    )

    assert after == {**before, "copyPrivateIp": True, "licensing": {"osByol": True}}
    assert account.call("GetLaunchConfiguration", sourceServerID=server_id(1)) == after
    assert account.call("GetLaunchConfiguration", sourceServerID=server_id(2))["copyPrivateIp"] is False


def test_launch_settings_come_with_the_inventory() -> None:
    entry = {"sourceServerID": server_id(1), "hostname": "h", "launchConfiguration": {"launchDisposition": "STOPPED"}}
    account = Account(document={"servers": [entry]})

    found = account.call("GetLaunchConfiguration", sourceServerID=server_id(1))

    assert (found["launchDisposition"], found["name"]) == ("STOPPED", "h")


def test_settings_of_an_unknown_server() -> None:
    account = Account()

    for operation in ("GetLaunchConfiguration", "UpdateLaunchConfiguration"):
        assert account.refusal(operation, sourceServerID=server_id(99)).code == "ResourceNotFoundException"


def test_servers_jobs_and_instances_have_tags() -> None:
    account = Account()
    job = account.job(account.start(1, tags={"a": "1"}))
    account.wait()
    arns = [job["arn"], account.server(1)["arn"], account.instances()[0]["arn"]]

    for arn in arns:
        account.call("TagResource", resourceArn=arn, tags={"b": "2", "c": "3"})
        account.call("UntagResource", resourceArn=arn, tagKeys=["c", "nothing"])

    found = [account.call("ListTagsForResource", resourceArn=arn)["tags"] for arn in arns]
    assert found == [{"a": "1", "b": "2"}, {"b": "2"}, {"b": "2"}]
    assert account.job(job["jobID"])["tags"] == {"a": "1", "b": "2"}


def test_tags_of_what_is_not_there() -> None:
    arn = f"arn:aws:drs:us-east-1:000000000000:job/drsjob-{'0' * 17}"

    assert Account().refusal("ListTagsForResource", resourceArn=arn).code == "ResourceNotFoundException"


def launched(*, drill: bool) -> tuple[Account, str]:
    account = Account(1)
    account.start(1, isDrill=drill)
    account.wait()
    return account, account.instances()[0]["recoveryInstanceID"]


def test_the_way_back() -> None:
    # Given a recovery, not a drill
    account, instance = launched(drill=False)

    # When replication is reversed, it catches up after a while
    answer = account.call("ReverseReplication", recoveryInstanceID=instance)
    assert account.server(1)["reversedDirectionSourceServerArn"] == answer["reversedDirectionSourceServerArn"]
    assert account.refusal("StartFailbackLaunch", recoveryInstanceIDs=[instance]).code == "ConflictException"
    account.wait()
    assert account.instances()[0]["failback"]["state"] == "FAILBACK_READY_FOR_LAUNCH"

    # And the failback is launched
    job = account.call("StartFailbackLaunch", recoveryInstanceIDs=[instance])["job"]
    account.wait()

    # Then it is complete, and events said so
    assert (job["type"], job["initiatedBy"]) == ("LAUNCH", "FAILBACK")
    assert account.job(job["jobID"])["status"] == "COMPLETED"
    failback = account.instances()[0]["failback"]
    assert (failback["state"], failback["failbackJobID"]) == ("FAILBACK_COMPLETED", job["jobID"])
    states = [event["detail"]["state"] for event in account.events if "Failback" in event["detail-type"]]
    assert states == ["FAILBACK_IN_PROGRESS", "FAILBACK_COMPLETED"]


def test_a_drill_has_no_way_back() -> None:
    account, instance = launched(drill=True)

    assert account.refusal("ReverseReplication", recoveryInstanceID=instance).code == "ConflictException"


def test_a_failback_that_was_stopped_can_begin_again() -> None:
    account, instance = launched(drill=False)
    account.call("ReverseReplication", recoveryInstanceID=instance)
    assert account.refusal("ReverseReplication", recoveryInstanceID=instance).code == "ConflictException"

    account.call("StopFailback", recoveryInstanceID=instance)
    account.wait()

    assert account.instances()[0]["failback"]["state"] == "FAILBACK_NOT_STARTED"
    assert account.call("ReverseReplication", recoveryInstanceID=instance)


def test_the_way_back_of_nothing() -> None:
    error = Account().refusal("ReverseReplication", recoveryInstanceID="i-" + "0" * 17)

    assert error.code == "ResourceNotFoundException"
