"""Tasks that wait for somebody to answer with their token."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import Queue, machine, queue


def waiting(cloud: Cloud, asked: Queue, states: dict[str, Any] | None = None, **more: Any) -> str:
    """Starts a machine that sends its token to the queue and waits for an answer; returns the execution's ARN.

    `states` come after the one that waits, `more` are fields of that one.
    """
    body = {"token": "{% $states.context.Task.Token %}"}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Arguments": {"QueueUrl": asked.url, "MessageBody": body},
        "End": True,
        **more,
    }
    arn = machine(
        cloud, {"Ask": state, **(states or {})}, {"Action": "sqs:SendMessage", "Resource": asked.arn}, kind="STANDARD"
    )
    return str(cloud.client("stepfunctions").start_execution(stateMachineArn=arn)["executionArn"])


def token(asked: Queue) -> str:
    [body] = eventually(asked.receive)
    return str(json.loads(body)["token"])


def kinds(cloud: Cloud, execution: str) -> list[str]:
    history = cloud.client("stepfunctions").get_execution_history(executionArn=execution)
    return [event["type"] for event in history["events"]]


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


@pytest.mark.parametrize("limits", [{"TimeoutSeconds": 1}, {"TimeoutSeconds": 60, "HeartbeatSeconds": 1}])
def test_who_does_not_answer_in_time_is_given_up(cloud: Cloud, limits: dict[str, int]) -> None:
    # Given an execution that does not wait for ever
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked, **limits)
    answer = token(asked)

    # When nobody answers
    found = ended(cloud, execution)

    # Then it is a timeout, for want of a heartbeat too, and its token is worth nothing
    assert (found["status"], found["error"]) == ("FAILED", "States.Timeout")
    assert kinds(cloud, execution)[-2:] == ["TaskTimedOut", "ExecutionFailed"]
    with pytest.raises(states.exceptions.TaskTimedOut):
        states.send_task_success(taskToken=answer, output="{}")


@pytest.mark.parametrize(
    ("limits", "expected"), [({"TimeoutSeconds": 1}, "late"), ({"TimeoutSeconds": 9, "HeartbeatSeconds": 1}, "silent")]
)
def test_a_missing_heartbeat_is_caught_apart_from_a_timeout(
    cloud: Cloud, limits: dict[str, int], expected: str
) -> None:
    # Given a task with limits from expressions, and a handler for each of them
    catch = [
        {"ErrorEquals": ["States.HeartbeatTimeout"], "Output": "silent", "Next": "Done"},
        {"ErrorEquals": ["States.Timeout"], "Output": "late", "Next": "Done"},
    ]
    asked = queue(cloud)
    as_expressions = {name: f"{{% {seconds} %}}" for name, seconds in limits.items()}
    more = {"Done": {"Type": "Succeed"}}

    # When nobody answers
    execution = waiting(cloud, asked, more, Catch=catch, **as_expressions)

    # Then
    assert json.loads(ended(cloud, execution)["output"]) == expected


def test_states_timeout_catches_a_missing_heartbeat_too(cloud: Cloud) -> None:
    # Given a task with one handler for whatever takes too long
    catch = [{"ErrorEquals": ["States.Timeout"], "Output": "late", "Next": "Done"}]

    # When no heartbeat comes
    execution = waiting(cloud, queue(cloud), {"Done": {"Type": "Succeed"}}, Catch=catch, HeartbeatSeconds=1)

    # Then
    assert json.loads(ended(cloud, execution)["output"]) == "late"


def test_a_token_answers_once(cloud: Cloud) -> None:
    # Given an execution that was answered
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked)
    answer = token(asked)
    states.send_task_success(taskToken=answer, output="1")

    # When it is answered again, at once and later
    for _ in range(2):
        with pytest.raises(states.exceptions.TaskTimedOut):
            states.send_task_failure(taskToken=answer, error="Late")
        ended(cloud, execution)

    # Then the first answer stands
    assert ended(cloud, execution)["output"] == "1"


def test_answers_that_mean_nothing_are_refused(cloud: Cloud) -> None:
    # Given an execution that waits, and two tokens that nobody was given
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked)
    answer = token(asked)
    unknown = answer[:-8] + "AAAAAAAA"

    # When / Then
    with pytest.raises(states.exceptions.InvalidOutput):
        states.send_task_success(taskToken=answer, output="{not json")
    for wrong in ("made-up", unknown):
        with pytest.raises(states.exceptions.InvalidToken):
            states.send_task_heartbeat(taskToken=wrong)
    states.send_task_success(taskToken=answer, output="2")
    assert ended(cloud, execution)["output"] == "2"


def test_the_history_of_a_callback_is_that_of_aws(cloud: Cloud) -> None:
    # Given an execution whose task waits and is answered
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked, TimeoutSeconds=60, HeartbeatSeconds="{% 30 %}")
    states.send_task_success(taskToken=token(asked), output="1")
    ended(cloud, execution)

    # When
    events = states.get_execution_history(executionArn=execution)["events"]

    # Then
    assert [event["type"] for event in events] == [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    assert [event["previousEventId"] for event in events] == [0, 0, 2, 3, 4, 5, 6, 7]
    scheduled = events[2]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("sqs", "sendMessage.waitForTaskToken")
    assert (scheduled["timeoutInSeconds"], scheduled["heartbeatInSeconds"]) == (60, 30)
    assert "MessageId" in json.loads(events[4]["taskSubmittedEventDetails"]["output"])


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


def test_an_answer_is_about_the_machine_of_its_token(cloud: Cloud) -> None:
    # Given an execution that waits, and two roles of which one may answer tasks of its machine
    asked, states = queue(cloud), cloud.client("stepfunctions")
    execution = waiting(cloud, asked)
    machine_arn = states.describe_execution(executionArn=execution)["stateMachineArn"]
    allowed = cloud.role("lambda", {"Action": "states:SendTaskSuccess", "Resource": machine_arn})
    denied = cloud.role("lambda", {"Action": "states:SendTaskSuccess", "Resource": f"{machine_arn}-2"})
    answer = token(asked)

    # When both answer
    with pytest.raises(ClientError, match="AccessDenied"):
        cloud.client_as(denied, "stepfunctions").send_task_success(taskToken=answer, output="1")
    cloud.client_as(allowed, "stepfunctions").send_task_success(taskToken=answer, output="2")

    # Then, and who answers late is told so
    assert ended(cloud, execution)["output"] == "2"
    with pytest.raises(states.exceptions.TaskTimedOut):
        cloud.client_as(allowed, "stepfunctions").send_task_success(taskToken=answer, output="3")
