"""The two ways to answer, and that neither breaks the model."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.aws_models.models import check_answer, model_of
from local_cloud.drs import AnswerBreaksModel
from local_cloud.drs.fidelity import OBSERVED
from local_cloud.drs.operations import OPERATIONS, SERVICE
from local_cloud.drs.state import Fidelity
from shared.model_checks import problems
from tests.unit.drs_simulator.account import Account, server_id


def walk(fidelity: Fidelity) -> list[tuple[str, dict[str, Any]]]:
    """One call of nearly every operation, with its answer."""
    account = Account(2, fidelity=fidelity)
    seen: list[tuple[str, dict[str, Any]]] = []

    def call(operation: str, **parameters: Any) -> dict[str, Any]:
        answer = account.call(operation, **parameters)
        seen.append((operation, answer))
        return answer

    servers = [{"sourceServerID": server_id(1)}]
    job = call("StartRecovery", sourceServers=servers, tags={"a": "b"})["job"]
    account.wait()
    call("DescribeJobs")
    call("DescribeJobLogItems", jobID=job["jobID"])
    call("DescribeSourceServers")
    call("DescribeRecoverySnapshots", sourceServerID=server_id(1))
    call("GetLaunchConfiguration", sourceServerID=server_id(1))
    (instance,) = call("DescribeRecoveryInstances")["items"]
    call("ReverseReplication", recoveryInstanceID=instance["recoveryInstanceID"])
    call("DescribeSourceServers")
    call("DescribeRecoveryInstances")
    call("ListTagsForResource", resourceArn=job["arn"])
    call("TerminateRecoveryInstances", recoveryInstanceIDs=[instance["recoveryInstanceID"]])
    return seen


def test_the_model_mode_keeps_to_the_model() -> None:
    found = [
        problem
        for operation, answer in walk("model")
        for problem in problems(model_of(SERVICE).operation_model(operation).output_shape, answer)
    ]

    assert found == []


def test_the_observed_mode_differs_in_what_was_observed_only() -> None:
    seen = walk("observed")

    strictly = {
        problem.split(" must ")[-1].split(",")[0]
        for operation, answer in seen
        for problem in problems(model_of(SERVICE).operation_model(operation).output_shape, answer)
    }
    assert all(text.startswith(("match [1-9]", "be one of JOB_START")) for text in strictly)
    assert strictly
    for operation, answer in seen:
        check_answer(SERVICE, operation, answer, OBSERVED)


def test_times_and_log_tell_the_modes_apart() -> None:
    account = Account()
    job = account.start(1)
    account.wait()
    assert account.job(job)["endDateTime"].endswith("+00:00")
    assert account.log(job, 1)[-1] == "LAUNCH_END"

    account = Account(fidelity="model")
    job = account.start(1)
    account.wait()
    assert account.job(job)["endDateTime"].endswith("Z")
    assert account.log(job, 1)[-1] == "LAUNCH_START"


def test_the_mode_can_be_changed() -> None:
    account = Account()
    account.start(1)
    account.drs.configure(fidelity="model")

    assert account.call("DescribeJobs")["items"][0]["creationDateTime"].endswith("Z")
    with pytest.raises(ValueError, match="observed, model"):
        account.drs.configure(fidelity="dreamt")


def test_times_that_were_answered_can_be_asked_with() -> None:
    account = Account()
    account.start(1)
    created = account.call("DescribeJobs")["items"][0]["creationDateTime"]

    assert len(account.call("DescribeJobs", filters={"fromDate": created})["items"]) == 1


def test_an_answer_that_breaks_the_model_is_a_bug_that_shows() -> None:
    account = Account()
    account.drs.state.servers[server_id(1)]["lastLaunchResult"] = "MAYBE"

    with pytest.raises(AnswerBreaksModel, match="lastLaunchResult must be one of"):
        account.call("DescribeSourceServers")


def test_every_simulated_operation_is_one_of_the_model() -> None:
    assert OPERATIONS.keys() <= set(model_of(SERVICE).operation_names)


def test_an_operation_that_is_not_simulated_says_so() -> None:
    error = Account().refusal("ListStagingAccounts")

    assert (error.code, error.status) == ("NotImplemented", 501)
