"""Which jobs begin: the order of the checks, all or nothing, quotas by their codes."""

from __future__ import annotations

from tests.unit.drs_simulator.account import Account, inventory, server_id

SMALL = {"concurrentJobs": 2, "serversPerJob": 3, "serversInAllJobs": 4}


def test_an_account_that_is_not_initialised_answers_nothing_else() -> None:
    # Given
    account = Account()
    account.drs.state.initialised = False

    # Then even a request without a shape is refused for that
    assert account.refusal("StartRecovery").code == "UninitializedAccountException"

    # When
    account.call("InitializeService")

    # Then
    assert account.start(1)


def test_the_shape_comes_before_everything_that_is_known_of_servers() -> None:
    error = Account().refusal("StartRecovery", sourceServers=[{"sourceServerID": "s-1", "colour": "red"}])

    assert (error.code, error.status) == ("ValidationException", 400)
    assert "sourceServers[0].sourceServerID" in error.message
    assert "sourceServers[0].colour is unknown" in error.message


def test_an_unknown_server_is_named() -> None:
    account = Account(2)

    error = account.refused_start(1, 9)

    assert (error.code, error.status) == ("ResourceNotFoundException", 404)
    assert error.members == {"resourceId": server_id(9), "resourceType": "SourceServer"}
    assert account.call("DescribeJobs")["items"] == []


def test_a_server_may_be_named_once() -> None:
    assert Account().refused_start(1, 1).code == "ValidationException"


def test_an_unknown_snapshot_is_named() -> None:
    wanted = [{"sourceServerID": server_id(1), "recoverySnapshotID": f"pit-{'0' * 17}"}]

    error = Account().refusal("StartRecovery", sourceServers=wanted)

    assert (error.code, error.members["resourceType"]) == ("ResourceNotFoundException", "RecoverySnapshot")


def test_one_locked_server_refuses_all_of_them() -> None:
    # Given a running job of one server
    account = Account(3)
    first = account.start(2)

    # When a job of three is asked for
    error = account.refused_start(1, 2, 3)

    # Then it names the locked one, and the others are free
    assert (error.code, error.status, error.members["resourceId"]) == ("ConflictException", 409, server_id(2))
    assert [job["jobID"] for job in account.call("DescribeJobs")["items"]] == [first]
    assert account.start(1, 3)


def test_a_lock_comes_before_a_quota() -> None:
    account = Account(document=inventory(5, quotas=SMALL))
    account.start(1)

    assert account.refused_start(1, 2, 3, 4).code == "ConflictException"


def test_quotas_are_refused_by_their_codes_in_order() -> None:
    # Given an account in which every quota is small
    account = Account(document=inventory(9, quotas=SMALL))

    # Then four servers are too many for one job, before they are too many in all
    error = account.refused_start(1, 2, 3, 4)
    assert (error.code, error.status) == ("ServiceQuotaExceededException", 402)
    assert (error.members["quotaCode"], error.members["serviceCode"]) == ("L-B827C881", "drs")

    # And with three running, two more are too many in all
    account.start(1, 2, 3)
    assert account.refused_start(4, 5).members["quotaCode"] == "L-05AFA8C6"

    # And with a second job, a third is one too many, when servers are left
    account.start(4)
    account.drs.state.quotas["serversInAllJobs"] = 100
    assert account.refused_start(5).members["quotaCode"] == "L-D88FAC3A"


def test_the_defaults_are_those_of_aws() -> None:
    account = Account(102)

    assert account.refused_start(*range(1, 102)).members["quotaCode"] == "L-B827C881"
    assert account.start(*range(1, 101))


def test_a_completed_job_frees_servers_and_quotas() -> None:
    account = Account(document=inventory(3, quotas=SMALL | {"concurrentJobs": 1}))
    account.start(1, 2, 3)

    account.wait()

    assert account.start(1)


def test_a_terminate_job_locks_and_counts_too() -> None:
    # Given two launched servers, one of which is being terminated
    account = Account(document=inventory(2, quotas=SMALL | {"concurrentJobs": 1}))
    account.start(1, 2)
    account.wait()
    first, second = [each["recoveryInstanceID"] for each in account.instances()]
    account.call("TerminateRecoveryInstances", recoveryInstanceIDs=[first])

    # Then neither that server nor a job more is free
    server = account.job(account.call("DescribeJobs")["items"][0]["jobID"])["participatingServers"][0]
    error = account.refusal("StartRecovery", sourceServers=[{"sourceServerID": server["sourceServerID"]}])
    assert error.code == "ConflictException"
    assert account.refusal("TerminateRecoveryInstances", recoveryInstanceIDs=[first]).code == "ConflictException"
    again = account.refusal("TerminateRecoveryInstances", recoveryInstanceIDs=[second])
    assert again.members["quotaCode"] == "L-D88FAC3A"


def test_whoever_may_not_make_instances_or_tag_jobs_is_refused_at_once() -> None:
    # Given a caller without one permission
    account = Account(
        authorise=lambda _principal, needs, _server: [need.action for need in needs if need.action == "drs:TagResource"]
    )

    # Then only a tagged job is refused, and nothing was begun
    servers = [{"sourceServerID": server_id(1)}]
    error = account.refusal("StartRecovery", sourceServers=servers, tags={"a": "b"})
    assert (error.code, error.status) == ("AccessDeniedException", 403)
    assert "drs:TagResource" in error.message
    assert account.start(1)
