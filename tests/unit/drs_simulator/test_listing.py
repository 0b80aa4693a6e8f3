"""What the Describe operations give: filters, order, pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from local_cloud.simulation.clock import stamp
from tests.unit.drs_simulator.account import Account, server_id


def pages(account: Account, operation: str, **parameters: Any) -> list[list[dict[str, Any]]]:
    """All pages of a listing."""
    found, token = [], {}
    while True:
        answer = account.call(operation, **parameters, **token)
        found.append(answer["items"])
        if "nextToken" not in answer:
            return found
        token = {"nextToken": answer["nextToken"]}


def test_jobs_come_newest_first() -> None:
    account = Account()
    first = account.start(1)
    account.wait(1)
    second = account.start(2)

    assert [job["jobID"] for job in account.call("DescribeJobs")["items"]] == [second, first]


def test_jobs_are_found_by_id_and_time() -> None:
    account = Account()
    first = account.start(1)
    account.wait(60)
    second, after = account.start(2), stamp(account.clock.now() - timedelta(seconds=30))

    def found(**filters: Any) -> list[str]:
        return [job["jobID"] for job in account.call("DescribeJobs", filters=filters)["items"]]

    assert found(jobIDs=[first]) == [first]
    assert found(fromDate=after) == [second]
    assert found(toDate=after) == [first]
    assert found(jobIDs=["drsjob-" + "0" * 17]) == []


def test_pages_give_everything_once() -> None:
    account = Account(7)

    found = pages(account, "DescribeSourceServers", maxResults=3)

    assert [len(page) for page in found] == [3, 3, 1]
    assert [each["sourceServerID"] for page in found for each in page] == [server_id(n) for n in range(1, 8)]


def test_a_job_that_begins_between_two_pages_neither_hides_nor_repeats_another() -> None:
    # Given four jobs, and the first page of two
    account = Account(5)
    jobs = [account.start(number) for number in range(1, 5)]
    first = account.call("DescribeJobs", maxResults=2)

    # When one more begins
    account.start(5)

    # Then the second page goes on where the first ended
    second = account.call("DescribeJobs", maxResults=2, nextToken=first["nextToken"])
    assert [job["jobID"] for job in first["items"] + second["items"]] == jobs[::-1]


def test_all_listings_can_be_made_to_have_small_pages() -> None:
    account = Account(3)
    job = account.start(1, 2, 3)
    account.wait()
    account.drs.configure(page_size=1)

    assert [len(page) for page in pages(account, "DescribeRecoveryInstances")] == [1, 1, 1]
    log = pages(account, "DescribeJobLogItems", jobID=job)
    assert {len(page) for page in log} == {1}
    assert log[-1][0]["event"] == "JOB_END"


def test_a_token_of_somebody_else_is_refused() -> None:
    assert Account().refusal("DescribeJobs", nextToken="made up").code == "ValidationException"


def test_instances_are_found_by_server_and_by_id() -> None:
    account = Account(2)
    account.start(1, 2)
    account.wait()
    (first,) = account.call("DescribeRecoveryInstances", filters={"sourceServerIDs": [server_id(1)]})["items"]

    again = account.call("DescribeRecoveryInstances", filters={"recoveryInstanceIDs": [first["recoveryInstanceID"]]})

    assert first["sourceServerID"] == server_id(1)
    assert again["items"] == [first]


def test_snapshots_come_newest_first_and_can_be_asked_for_by_time() -> None:
    account = Account()

    newest = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1))["items"]
    oldest = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1), order="ASC")["items"]
    half_an_hour_ago = stamp(account.clock.now() - timedelta(minutes=30))
    until = {"toDateTime": half_an_hour_ago}
    before = account.call("DescribeRecoverySnapshots", sourceServerID=server_id(1), filters=until)["items"]

    assert len(newest) == 6
    assert newest == oldest[::-1]
    assert before == newest[2:]


def test_snapshots_of_an_unknown_server() -> None:
    error = Account().refusal("DescribeRecoverySnapshots", sourceServerID=server_id(99))

    assert error.code == "ResourceNotFoundException"


def test_the_log_of_an_unknown_job() -> None:
    assert Account().refusal("DescribeJobLogItems", jobID="drsjob-" + "0" * 17).code == "ValidationException"


@pytest.mark.parametrize(("name", "value", "expected"), [("hardwareId", "x", 0), ("stagingAccountIDs", ["0" * 12], 3)])
def test_servers_by_other_filters(name: str, value: Any, expected: int) -> None:
    assert len(Account(3).call("DescribeSourceServers", filters={name: value})["items"]) == expected


def test_a_completed_job_can_be_deleted_a_running_one_cannot() -> None:
    account = Account()
    job = account.start(1)
    assert account.refusal("DeleteJob", jobID=job).code == "ConflictException"

    account.wait()
    account.call("DeleteJob", jobID=job)

    assert account.call("DescribeJobs")["items"] == []
    assert account.refusal("DeleteJob", jobID=job).code == "ResourceNotFoundException"
    assert len(account.instances()) == 1
