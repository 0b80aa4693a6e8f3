"""Tasks that wait for somebody to answer with their token."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import Queue, machine, queue


def waiting(cloud: Cloud, asked: Queue, **more: Any) -> str:
    """Starts a machine that sends its token to the queue and waits for an answer; returns the execution's ARN."""
    body = {"token": "{% $states.context.Task.Token %}"}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"QueueUrl": asked.url, "MessageBody": body},
        "End": True,
        **more,
    }
    arn = machine(cloud, {"Ask": state}, {"Action": "sqs:SendMessage", "Resource": asked.arn}, kind="STANDARD")
    return str(cloud.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"])


def token(asked: Queue) -> str:
    [body] = eventually(asked.receive)
    return str(json.loads(body)["token"])


def ended(cloud: Cloud, execution: str) -> dict[str, Any]:
    def described() -> Any:
        found = cloud.client("stepfunctions").describe_execution(executionArn=execution)
        return found["status"] != "RUNNING" and found

    found: dict[str, Any] = eventually(described)
    return found


def test_the_answer_is_the_result(cloud: Cloud) -> None:
    # Given an execution that waits
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked)

    # When it is answered
    states.send_task_success(taskToken=token(asked), output='{"done": 1}')

    # Then
    assert json.loads(ended(cloud, execution)["output"]) == {"done": 1}


def test_a_failure_has_the_name_that_it_was_given(cloud: Cloud) -> None:
    # Given an execution that waits
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked)

    # When
    states.send_task_failure(taskToken=token(asked), error="Declined", cause="no")

    # Then
    found = ended(cloud, execution)
    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "Declined", "no")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"TimeoutSeconds": 1}, "States.Timeout"),
        ({"TimeoutSeconds": 60, "HeartbeatSeconds": 1}, "States.HeartbeatTimeout"),
    ],
)
def test_who_does_not_answer_in_time_is_given_up(cloud: Cloud, limits: dict[str, int], expected: str) -> None:
    # Given an execution that does not wait for ever
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked, **limits)
    answer = token(asked)

    # When nobody answers
    found = ended(cloud, execution)

    # Then
    assert (found["status"], found["error"]) == ("FAILED", expected)
    with pytest.raises(states.exceptions.ClientError):
        states.send_task_success(taskToken=answer, output="{}")


def test_heartbeats_keep_a_task_waiting(cloud: Cloud) -> None:
    # Given a task that wants to hear something every two seconds
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked, HeartbeatSeconds=2)
    answer = token(asked)
    started = states.describe_execution(executionArn=execution)["startDate"]

    # When heartbeats come for longer than that, and then the answer
    def beat() -> bool:
        states.send_task_heartbeat(taskToken=answer)
        return datetime.now(UTC) - started > timedelta(seconds=4)

    eventually(beat)
    states.send_task_success(taskToken=answer, output="1")

    # Then
    assert ended(cloud, execution)["status"] == "SUCCEEDED"


def test_a_stopped_execution_does_not_wait_any_longer(cloud: Cloud) -> None:
    # Given an execution that waits
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked)
    answer = token(asked)

    # When it is stopped
    states.stop_execution(executionArn=execution)

    # Then its token is worth nothing
    def refused() -> bool:
        try:
            states.send_task_heartbeat(taskToken=answer)
        except states.exceptions.ClientError:
            return True
        return False

    eventually(refused)
    assert ended(cloud, execution)["status"] == "ABORTED"
