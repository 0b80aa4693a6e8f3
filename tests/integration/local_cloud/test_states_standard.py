"""Standard executions: names, lists, history and its limit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import function, invoke, machine, may_invoke

NAP = {"Nap": {"Type": "Wait", "Seconds": 60, "End": True}}
DONE = {"Done": {"Type": "Succeed"}}


def ended(cloud: Cloud, execution: str) -> dict[str, Any]:
    def described() -> Any:
        found = cloud.client("stepfunctions").describe_execution(executionArn=execution)
        return found["status"] != "RUNNING" and found

    found: dict[str, Any] = eventually(described, 60)
    return found


def test_a_running_execution_is_started_once(cloud: Cloud) -> None:
    # Given an execution that runs
    states = cloud.client("stepfunctions")
    arn = machine(cloud, NAP, kind="STANDARD")
    first = states.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')

    # When it is started again, with the same input and with another one
    second = states.start_execution(stateMachineArn=arn, name="once", input='{"a": 1}')
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=arn, name="once", input='{"a": 2}')

    # Then it is the same one
    assert (second["executionArn"], second["startDate"]) == (first["executionArn"], first["startDate"])
    states.stop_execution(executionArn=first["executionArn"])


def test_the_name_of_an_execution_that_has_ended_stays_taken(cloud: Cloud) -> None:
    # Given an execution that has ended
    states = cloud.client("stepfunctions")
    arn = machine(cloud, DONE, kind="STANDARD")
    ended(cloud, states.start_execution(stateMachineArn=arn, name="once")["executionArn"])

    # When / Then
    with pytest.raises(states.exceptions.ExecutionAlreadyExists):
        states.start_execution(stateMachineArn=arn, name="once")


def test_executions_are_listed_by_status(cloud: Cloud) -> None:
    # Given one execution that runs and one that was stopped
    states = cloud.client("stepfunctions")
    arn = machine(cloud, NAP, kind="STANDARD")
    runs, stopped = (states.start_execution(stateMachineArn=arn, name=name)["executionArn"] for name in ("a", "b"))
    states.stop_execution(executionArn=stopped, error="Enough", cause="tired")

    # When
    found = {
        status: states.list_executions(stateMachineArn=arn, statusFilter=status)["executions"]
        for status in ("RUNNING", "ABORTED")
    }

    # Then
    assert [one["executionArn"] for one in found["RUNNING"]] == [runs]
    assert "stopDate" not in found["RUNNING"][0]
    assert [one["executionArn"] for one in found["ABORTED"]] == [stopped]
    assert "output" not in states.describe_execution(executionArn=runs)
    states.stop_execution(executionArn=runs)


def test_a_machine_that_runs_out_of_time_is_timed_out(cloud: Cloud) -> None:
    # Given a machine that may take a second
    states = cloud.client("stepfunctions")
    definition = json.dumps({"StartAt": "Nap", "TimeoutSeconds": 1, "States": NAP})
    arn = states.create_state_machine(name="hurried", roleArn=cloud.role("states"), definition=definition)

    # When
    execution = states.start_execution(stateMachineArn=arn["stateMachineArn"])["executionArn"]

    # Then only the history names an error
    found = ended(cloud, execution)
    assert found["status"] == "TIMED_OUT"
    assert "error" not in found
    last = states.get_execution_history(executionArn=execution, reverseOrder=True)["events"][0]
    assert last["executionTimedOutEventDetails"] == {"error": "States.Timeout"}


@pytest.mark.parametrize(("resource", "kind"), [("arn:aws:states:::lambda:invoke", "Task"), (None, "LambdaFunction")])
def test_a_task_writes_three_events_an_attempt(cloud: Cloud, resource: str | None, kind: str) -> None:
    # Given a task that fails twice
    states = cloud.client("stepfunctions")
    failing = function(cloud, "def handler(event, context):\n    raise ValueError('no')\n")
    retry = [{"ErrorEquals": ["ValueError"], "MaxAttempts": 1, "IntervalSeconds": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]
    task = invoke(failing, Retry=retry, Catch=catch)
    if resource is None:
        task = {key: value for key, value in task.items() if key not in ("Arguments", "Output")}
        task["Resource"] = failing
    arn = machine(cloud, {"Try": task, **DONE}, may_invoke(failing), kind="STANDARD")

    # When
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    ended(cloud, execution)

    # Then
    kinds = [event["type"] for event in states.get_execution_history(executionArn=execution)["events"]]
    attempt = [f"{kind}Scheduled", f"{kind}Started", f"{kind}Failed"]
    assert kinds == [
        "ExecutionStarted",
        "TaskStateEntered",
        *attempt,
        *attempt,
        "TaskStateExited",
        "SucceedStateEntered",
        "SucceedStateExited",
        "ExecutionSucceeded",
    ]


def test_an_execution_ends_with_its_history(cloud: Cloud) -> None:
    # Given a machine that goes round for ever
    states = cloud.client("stepfunctions")
    arn = machine(cloud, {"Round": {"Type": "Pass", "Next": "Round"}}, kind="STANDARD")

    # When
    execution = states.start_execution(stateMachineArn=arn)["executionArn"]
    found = ended(cloud, execution)

    # Then
    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert "maximum number of history events (25000)" in found["cause"]
    last = states.get_execution_history(executionArn=execution, reverseOrder=True)["events"][0]
    assert (last["id"], last["type"]) == (25_000, "ExecutionFailed")
