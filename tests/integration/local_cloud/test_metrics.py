"""Metrics that nobody publishes by hand, and the alarms that look at them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import execute, function, machine, queue, unique

PATIENCE = 30


def total(cloud: Cloud, namespace: str, name: str, statistic: str = "Sum", **dimensions: str) -> float | None:
    """The statistic of the last minutes, or None when there are no data."""
    now = datetime.now(UTC)
    points = cloud.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=[statistic],
    )["Datapoints"]
    return float(points[0][statistic]) if points else None


def test_executions_are_counted(cloud: Cloud) -> None:
    # Given a machine that fails when it is told to
    choice = {"Type": "Choice", "Choices": [{"Condition": "{% $states.input.bad %}", "Next": "Bad"}], "Default": "Good"}
    arn = machine(cloud, {"Which": choice, "Bad": {"Type": "Fail", "Error": "X"}, "Good": {"Type": "Succeed"}})

    # When
    for bad in (True, False, False):
        execute(cloud, arn, {"bad": bad})

    # Then
    names = ("ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut")
    assert [total(cloud, "AWS/States", name, StateMachineArn=arn) for name in names] == [3, 2, 1, 0]


def test_metrics_embedded_in_the_log_of_a_function_are_extracted(cloud: Cloud) -> None:
    # Given a function that prints a metric in the embedded format
    namespace = unique("Towpath")
    directive = {
        "Namespace": namespace,
        "Dimensions": [["workflowId"]],
        "Metrics": [{"Name": "Copied", "Unit": "Count"}],
    }
    line = json.dumps({"_aws": {"Timestamp": 1, "CloudWatchMetrics": [directive]}, "workflowId": "w", "Copied": [2, 3]})
    arn = function(cloud, f"def handler(event, context):\n    print({line!r})\n")

    # When
    cloud.client("lambda").invoke(FunctionName=arn)

    # Then
    eventually(lambda: total(cloud, namespace, "Copied", workflowId="w") == 5)


def test_an_alarm_looks_at_its_own_queue_only_and_notifies(cloud: Cloud) -> None:
    # Given alarms on the depth of two queues, one of which notifies a third
    watched, other, notified = queue(cloud), queue(cloud), queue(cloud)
    topic = cloud.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=notified.arn)
    names = [depth_alarm(cloud, one.arn.rsplit(":", 1)[1], topic) for one in (watched, other)]

    # When a message stays in one of them
    watched.send("x")

    # Then its alarm goes off, and the other one does not
    def states() -> list[str]:
        alarms = cloud.client("cloudwatch").describe_alarms(AlarmNames=names)["MetricAlarms"]
        found = {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms}
        return [found[name] for name in names]

    eventually(lambda: states() == ["ALARM", "OK"], PATIENCE)
    assert total(cloud, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", QueueName=names[0]) == 1


def depth_alarm(cloud: Cloud, queue_name: str, topic: str) -> str:
    """An alarm of the queue's name that goes off when the queue is not empty."""
    settings: dict[str, Any] = {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": queue_name}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    cloud.client("cloudwatch").put_metric_alarm(AlarmName=queue_name, AlarmActions=[topic], **settings)
    return queue_name


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "queue"])
def test_every_invocation_of_a_function_is_counted(cloud: Cloud, kind: str) -> None:
    # Given a function that fails, and a queue that it may read
    source = queue(cloud)
    actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
    may_read = {"Action": actions, "Resource": source.arn}
    arn = function(cloud, "def handler(event, context):\n    raise ValueError('no')\n", may_read)
    lambda_ = cloud.client("lambda")
    lambda_.put_function_event_invoke_config(FunctionName=arn, MaximumRetryAttempts=0)

    # When it is invoked, by whatever means
    if kind == "queue":
        lambda_.create_event_source_mapping(EventSourceArn=source.arn, FunctionName=arn)
        source.send("x")
    else:
        lambda_.invoke(FunctionName=arn, InvocationType=kind)

    # Then
    name = arn.rsplit(":", 1)[-1]
    eventually(lambda: total(cloud, "AWS/Lambda", "Errors", FunctionName=name) == 1)
    assert total(cloud, "AWS/Lambda", "Invocations", FunctionName=name) == 1
