"""Pipes that read a queue: what the target gets, what comes back, and who is allowed to do it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import Queue, machine, queue, unique


def reading(source: Queue) -> dict[str, Any]:
    return {
        "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
        "Resource": source.arn,
    }


def pipe(cloud: Cloud, source: Queue, target: str, action: str, **more: Any) -> str:
    """A running pipe whose role may read the source and call `action` on the target."""
    name = unique("pipe")
    role = cloud.role("pipes", reading(source), {"Action": action, "Resource": target})
    cloud.client("pipes").create_pipe(Name=name, Source=source.arn, Target=target, RoleArn=role, **more)
    return name


def to_machine(cloud: Cloud, source: Queue, target: str, **source_parameters: Any) -> str:
    return pipe(
        cloud,
        source,
        target,
        "states:StartSyncExecution",
        SourceParameters=source_parameters,
        TargetParameters={"StepFunctionStateMachineParameters": {"InvocationType": "REQUEST_RESPONSE"}},
    )


def echo(target: Queue) -> dict[str, Any]:
    """A state that sends its whole input to a queue."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": target.url, "MessageBody": "{% $string($states.input) %}"},
        "End": True,
    }


def test_the_machine_gets_the_records_and_the_message_is_deleted(cloud: Cloud) -> None:
    # Given a pipe from a queue to an Express machine that repeats its input
    source, seen = queue(cloud), queue(cloud)
    target = machine(cloud, {"Echo": echo(seen)}, {"Action": "sqs:SendMessage", "Resource": seen.arn})
    to_machine(cloud, source, target, SqsQueueParameters={"BatchSize": 1})

    # When a message arrives
    attributes = {"kind": {"DataType": "String", "StringValue": "upload"}}
    message_id = source.send({"key": "a.csv"}, MessageAttributes=attributes)

    # Then the machine gets an array of one record in the shape of SQS records, and the queue is empty again
    [[record]] = [json.loads(body) for body in eventually(seen.receive)]
    assert record["messageId"] == message_id
    assert json.loads(record["body"]) == {"key": "a.csv"}
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert record["attributes"]["SentTimestamp"].isdigit()
    assert record["messageAttributes"]["kind"]["stringValue"] == "upload"
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"] == source.arn
    assert record["awsRegion"] == "us-east-1"
    assert {"receiptHandle", "md5OfBody"} <= set(record)
    eventually(lambda: source.size() == 0)


def test_a_failed_execution_brings_the_batch_back_after_the_visibility_timeout(cloud: Cloud) -> None:
    # Given a machine that fails, and a queue that shows messages again after a second
    source = queue(cloud, visibility=1)
    target = machine(cloud, {"Give Up": {"Type": "Fail", "Error": "Boom"}})
    name = to_machine(cloud, source, target)

    # When a message arrives and the pipe has tried
    source.send("x")
    eventually(lambda: "Boom" in cloud.client("pipes").describe_pipe(Name=name).get("StateReason", ""))
    cloud.client("pipes").stop_pipe(Name=name)

    # Then the message is still there
    assert eventually(source.receive) == ["x"]


def test_only_the_reported_messages_of_a_batch_come_back(cloud: Cloud) -> None:
    # Given a machine that reports every message saying "bad"
    source = queue(cloud, visibility=600)
    output = "{% {'batchItemFailures': [$states.input[body = 'bad'].{'itemIdentifier': messageId}]} %}"
    target = machine(cloud, {"Report": {"Type": "Pass", "Output": output, "End": True}})
    name = to_machine(cloud, source, target)
    cloud.client("pipes").stop_pipe(Name=name)

    # When good and bad messages arrive as one batch
    for body in ("good", "bad", "good"):
        source.send(body)
    cloud.client("pipes").start_pipe(Name=name)

    # Then the bad one alone stays on the queue
    eventually(lambda: source.size() == 1)


def test_messages_that_no_filter_matches_are_deleted_without_a_delivery(cloud: Cloud) -> None:
    # Given a pipe that lets through uploads only
    source, seen = queue(cloud), queue(cloud)
    target = machine(cloud, {"Echo": echo(seen)}, {"Action": "sqs:SendMessage", "Resource": seen.arn})
    pattern = json.dumps({"body": {"kind": ["upload"], "size": [{"numeric": [">", 0]}]}})
    to_machine(cloud, source, target, FilterCriteria={"Filters": [{"Pattern": pattern}]})

    # When two messages arrive of which one matches
    source.send({"kind": "upload", "size": 0})
    source.send({"kind": "upload", "size": 5})

    # Then one is delivered and both are gone
    [[record]] = [json.loads(body) for body in eventually(seen.receive)]
    assert json.loads(record["body"])["size"] == 5
    eventually(lambda: source.size() == 0)


def test_an_input_template_shapes_the_event(cloud: Cloud) -> None:
    # Given a pipe to a queue with a template that looks into the body
    source, target = queue(cloud), queue(cloud)
    template = '{"key": <$.body.key>, "text": "from <$.body.user.name>", "pipe": "<aws.pipes.pipe-name>"}'
    name = pipe(cloud, source, target.arn, "sqs:SendMessage", TargetParameters={"InputTemplate": template})

    # When a message arrives
    source.send({"key": ["a", 1], "user": {"name": "Ann"}})

    # Then the target gets the template filled in
    assert [json.loads(body) for body in eventually(target.receive)] == [
        {"key": ["a", 1], "text": "from Ann", "pipe": name}
    ]


def test_a_pipe_whose_role_may_not_read_the_queue_delivers_nothing(cloud: Cloud) -> None:
    # Given a pipe whose role may do nothing
    source, target = queue(cloud), queue(cloud)
    role = cloud.role("pipes")
    name = unique("pipe")
    cloud.client("pipes").create_pipe(Name=name, Source=source.arn, Target=target.arn, RoleArn=role)

    # When a message arrives
    source.send("x")

    # Then the pipe says why it does nothing
    eventually(lambda: "AccessDenied" in cloud.client("pipes").describe_pipe(Name=name).get("StateReason", ""))
    assert source.size() == 1


def test_a_backlog_is_delivered_completely(cloud: Cloud) -> None:
    # Given a stopped pipe and a backlog
    source, target = queue(cloud), queue(cloud)
    name = pipe(cloud, source, target.arn, "sqs:SendMessage", DesiredState="STOPPED")
    for number in range(50):
        source.send(str(number))

    # When the pipe starts
    cloud.client("pipes").start_pipe(Name=name)

    # Then everything arrives once and the source is empty
    eventually(lambda: target.size() == 50 and source.size() == 0)


@pytest.mark.parametrize("change", ["stop_pipe", "delete_pipe"])
def test_a_pipe_that_was_stopped_or_deleted_leaves_messages_alone(cloud: Cloud, change: str) -> None:
    # Given a pipe that has delivered a message and is then stopped or deleted
    source, target = queue(cloud), queue(cloud)
    name = pipe(cloud, source, target.arn, "sqs:SendMessage")
    source.send("first")
    eventually(lambda: target.size() == 1 and source.size() == 0)
    getattr(cloud.client("pipes"), change)(Name=name)

    # When another message arrives
    source.send("second")

    # Then it can be received by somebody else
    assert source.receive() == ["second"]


def test_a_pipe_is_described_as_it_was_made(cloud: Cloud) -> None:
    # Given a pipe with parameters for source and target
    source, target = queue(cloud), queue(cloud)
    given = {
        "SourceParameters": {
            "SqsQueueParameters": {"BatchSize": 3, "MaximumBatchingWindowInSeconds": 1},
            "FilterCriteria": {"Filters": [{"Pattern": '{"body": [{"exists": true}]}'}]},
        },
        "TargetParameters": {"InputTemplate": "<$.body>", "SqsQueueParameters": {"MessageGroupId": "g"}},
    }
    name = pipe(cloud, source, target.arn, "sqs:SendMessage", DesiredState="STOPPED", **given)
    described = cloud.client("pipes").describe_pipe(Name=name)
    assert {field: described[field] for field in given} == given

    # When it is updated
    changed = {"SqsQueueParameters": {"BatchSize": 7}}
    role = described["RoleArn"]
    cloud.client("pipes").update_pipe(Name=name, RoleArn=role, DesiredState="STOPPED", SourceParameters=changed)

    # Then the new parameters are in force and the others stay
    described = cloud.client("pipes").describe_pipe(Name=name)
    assert described["SourceParameters"] == changed
    assert described["TargetParameters"] == given["TargetParameters"]
    assert described["CurrentState"] == "STOPPED"


def test_a_batching_window_brings_messages_together(cloud: Cloud) -> None:
    # Given a pipe that waits two seconds for a batch
    source, seen = queue(cloud), queue(cloud)
    target = machine(cloud, {"Echo": echo(seen)}, {"Action": "sqs:SendMessage", "Resource": seen.arn})
    to_machine(cloud, source, target, SqsQueueParameters={"BatchSize": 10, "MaximumBatchingWindowInSeconds": 2})

    # When messages come one after the other
    for body in ("1", "2", "3"):
        source.send(body)

    # Then they are delivered together
    [records] = [json.loads(body) for body in eventually(seen.receive)]
    assert sorted(record["body"] for record in records) == ["1", "2", "3"]
