"""Calls that state machines make: requests, results, error names, and the role under which they are made."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import (
    execute,
    function,
    invoke,
    machine,
    may_invoke,
    queue,
    run,
    table,
    unique,
)

QUEUE_URL = "http://localhost/000000000000/q"
TOPIC = "arn:aws:sns:us-east-1:000000000000:t"


def task(resource: str, arguments: Any, **more: Any) -> dict[str, Any]:
    """A Task state of an integration, `arn:aws:states:::<resource>`."""
    return {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": arguments, "End": True, **more}


def allow(action: str, resource: str) -> dict[str, Any]:
    return {"Action": action, "Resource": resource}


def table_arn(name: str) -> str:
    return f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"


def test_items_are_written_and_read(cloud: Cloud) -> None:
    # Given a machine that may use one table
    name = table(cloud)
    key = {"PK": {"S": "p"}, "SK": {"S": "{% $states.input.sk %}"}}
    update = {
        "TableName": name,
        "Key": key,
        "UpdateExpression": "SET #s = :s, tags = :t ADD n :one",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {
            ":s": {"S": "NEW"},
            ":t": {"M": {"a": {"NULL": True}, "b": {"BOOL": True}, "c": {"SS": ["x"]}}},
            ":one": {"N": "{% $string(1) %}"},
        },
        "ReturnValues": "ALL_NEW",
    }
    states = {
        "Update": task("dynamodb:updateItem", update, Output="{% $states.input %}", Next="Get"),
        "Get": task("dynamodb:getItem", {"TableName": name, "Key": key, "ConsistentRead": True}, Next="Get By Sdk"),
        "Get By Sdk": task(
            "aws-sdk:dynamodb:getItem",
            {"TableName": name, "Key": {"PK": {"S": "p"}, "SK": {"S": "s"}}},
            Output="{% {'optimized': $states.input.Item, 'sdk': $states.result.Item} %}",
        ),
    }
    for state in ("Update", "Get"):
        states[state].pop("End")

    # When
    permission = {"Action": ["dynamodb:UpdateItem", "dynamodb:GetItem"], "Resource": table_arn(name)}
    ended = run(cloud, states, {"sk": "s"}, permission)

    # Then both forms give the item, each with the member names of its SDK
    assert ended["status"] == "SUCCEEDED", ended
    item = ended["output"]["optimized"]
    assert (item["status"], item["n"]) == ({"S": "NEW"}, {"N": "1"})
    assert item["tags"]["M"] == {"a": {"NULL": True}, "b": {"BOOL": True}, "c": {"SS": ["x"]}}
    assert ended["output"]["sdk"]["tags"]["M"] == {"a": {"Nul": True}, "b": {"Bool": True}, "c": {"Ss": ["x"]}}


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("dynamodb:putItem", "DynamoDB.ConditionalCheckFailedException"),
        ("aws-sdk:dynamodb:putItem", "DynamoDb.ConditionalCheckFailedException"),
    ],
)
def test_a_condition_that_does_not_hold_has_its_name(cloud: Cloud, resource: str, expected: str) -> None:
    # Given an item that is there already
    name, item = table(cloud), {"PK": {"S": "p"}, "SK": {"S": "s"}}
    cloud.client("dynamodb").put_item(TableName=name, Item=item)
    put = {"TableName": name, "Item": item, "ConditionExpression": "attribute_not_exists(PK)"}

    # When
    ended = run(cloud, {"Put": task(resource, put)}, None, allow("dynamodb:PutItem", table_arn(name)))

    # Then
    assert (ended["status"], ended["error"]) == ("FAILED", expected)


@pytest.mark.parametrize(
    ("resource", "arguments", "expected"),
    [
        ("dynamodb:getItem", {"TableName": "t", "Key": {"PK": {"S": "p"}}}, "DynamoDB.AmazonDynamoDBException"),
        ("aws-sdk:dynamodb:query", {"TableName": "t"}, "DynamoDb.DynamoDbException"),
        ("aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}, "S3.S3Exception"),
        ("lambda:invoke", {"FunctionName": "f", "Payload": {}}, "Lambda.AWSLambdaException"),
        ("sqs:sendMessage", {"QueueUrl": QUEUE_URL, "MessageBody": "x"}, "SQS.AmazonSQSException"),
        ("sns:publish", {"TopicArn": TOPIC, "Message": "x"}, "SNS.AuthorizationErrorException"),
    ],
)
def test_what_the_role_may_not_do_fails(cloud: Cloud, resource: str, arguments: Any, expected: str) -> None:
    # When a machine whose role may do nothing makes a call
    ended = run(cloud, {"Call": task(resource, arguments)})

    # Then
    assert (ended["status"], ended["error"]) == ("FAILED", expected)


def test_what_is_not_there_has_the_name_of_the_service(cloud: Cloud) -> None:
    # Given a machine that may call a function and read an object that do not exist
    bucket = unique("bucket")
    cloud.client("s3").create_bucket(Bucket=bucket)
    everything = {"Action": "*", "Resource": "*"}
    get = task("aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "none"})

    # When / Then
    assert run(cloud, {"Get": get}, None, everything)["error"] == "S3.NoSuchKeyException"
    assert run(cloud, {"Call": invoke("none")}, None, everything)["error"] == "Lambda.ResourceNotFoundException"


def test_arguments_that_the_service_does_not_know_fail(cloud: Cloud) -> None:
    # When names or types are wrong
    unknown = run(cloud, {"Get": task("dynamodb:getItem", {"tableName": "t", "Key": {}})})
    number = run(cloud, {"Get": task("dynamodb:getItem", {"TableName": "t", "Key": {"PK": {"N": 5}}})})

    # Then
    assert (unknown["error"], number["error"]) == ("States.Runtime", "States.Runtime")
    assert "'tableName' is not supported" in unknown["cause"]
    assert "'N' must be a STRING" in number["cause"]


def test_messages_and_events_are_sent(cloud: Cloud) -> None:
    # Given a queue that gets messages directly, from a topic and from an event bus
    target = queue(cloud)
    topic = cloud.client("sns").create_topic(Name=unique("topic"))["TopicArn"]
    cloud.client("sns").subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=target.arn, Attributes={"RawMessageDelivery": "true"}
    )
    events, rule, source = cloud.client("events"), unique("rule"), unique("source")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))
    events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": target.arn, "InputPath": "$.detail"}])
    cloud.client("sqs").set_queue_attributes(QueueUrl=target.url, Attributes={"Policy": open_to_services(target.arn)})
    entry = {"Source": source, "DetailType": "test", "Detail": {"via": "bus"}}
    calls = [
        task("sqs:sendMessage", {"QueueUrl": target.url, "MessageBody": {"via": "queue"}}),
        task("sns:publish", {"TopicArn": topic, "Message": {"via": "topic"}}),
        task("events:putEvents", {"Entries": [entry]}),
    ]
    branches = [{"StartAt": f"S{i}", "States": {f"S{i}": call}} for i, call in enumerate(calls)]
    permissions = [
        allow("sqs:SendMessage", target.arn),
        allow("sns:Publish", topic),
        allow("events:PutEvents", "arn:aws:events:us-east-1:000000000000:event-bus/default"),
    ]

    # When
    ended = run(cloud, {"All": {"Type": "Parallel", "Branches": branches, "End": True}}, None, *permissions)

    # Then
    assert ended["status"] == "SUCCEEDED", ended
    received: list[str] = []
    while len(received) < 3:
        received += eventually(target.receive)
    assert sorted(json.loads(body)["via"] for body in received) == ["bus", "queue", "topic"]


def open_to_services(queue_arn: str) -> str:
    principal = {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Resource": queue_arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_calls_are_recorded_under_the_role_of_the_machine(cloud: Cloud) -> None:
    # Given a machine that writes to a queue, and a mark
    target = queue(cloud)
    send = task("sqs:sendMessage", {"QueueUrl": target.url, "MessageBody": "x"})
    arn = machine(cloud, {"Send": send}, allow("sqs:SendMessage", target.arn))
    role = cloud.client("stepfunctions").describe_state_machine(stateMachineArn=arn)["roleArn"].rsplit("/", 1)[1]
    mark = cloud.control("POST", "calls/mark")["mark"]

    # When
    execute(cloud, arn)

    # Then
    calls = cloud.control("GET", f"calls?since={mark}&principal=*{role}*")["calls"]
    assert [(call["service"], call["operation"]) for call in calls] == [("sqs", "SendMessage")]


def test_a_killed_function_is_an_error_that_can_be_retried(cloud: Cloud) -> None:
    # Given a function whose process ends in its first invocation
    name = table(cloud)
    code = """
    import os
    import boto3
    def handler(event, context):
        table = boto3.client("dynamodb")
        key = {"PK": {"S": "p"}, "SK": {"S": "s"}}
        old = table.put_item(TableName=os.environ["TABLE"], Item=key, ReturnValues="ALL_OLD")
        if "Attributes" not in old:
            os._exit(1)
        return "second"
    """
    variables = {"TABLE": name, "AWS_ENDPOINT_URL": cloud.url}
    dying = function(cloud, code, allow("dynamodb:PutItem", table_arn(name)), Environment={"Variables": variables})
    retry = [{"ErrorEquals": ["Runtime.ExitError"], "IntervalSeconds": 1, "MaxAttempts": 1}]

    # When
    ended = run(cloud, {"Call": invoke(dying, Retry=retry)}, None, may_invoke(dying))

    # Then
    assert (ended["status"], ended["output"]) == ("SUCCEEDED", "second")


def test_a_machine_waits_for_another_machine(cloud: Cloud) -> None:
    # Given a Standard machine that runs another one and takes its output
    inner = machine(cloud, {"Only": {"Type": "Pass", "Output": {"x": 1}, "End": True}}, kind="STANDARD")
    executions = inner.replace(":stateMachine:", ":execution:") + ":*"
    request = {"StateMachineArn": inner, "Input": {"a": 1}}
    start = task("states:startExecution.sync:2", request, Output="{% $states.result.Output.x %}")
    permissions = (allow("states:StartExecution", inner), allow("states:DescribeExecution", executions))
    states = cloud.client("stepfunctions")
    outer = machine(cloud, {"Start": start}, *permissions, kind="STANDARD")

    # When
    started = states.start_execution(stateMachineArn=outer)["executionArn"]
    eventually(lambda: states.describe_execution(executionArn=started)["status"] != "RUNNING")

    # Then
    described = states.describe_execution(executionArn=started)
    assert (described["status"], described.get("output")) == ("SUCCEEDED", "1")
