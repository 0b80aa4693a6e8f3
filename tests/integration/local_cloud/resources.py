"""Things that the contract tests of the engines make: queues, functions, tables, state machines."""

from __future__ import annotations

import io
import json
import textwrap
import uuid
import zipfile
from dataclasses import dataclass
from typing import Any

from tests.integration.local_cloud.conftest import ACCOUNT, Cloud


def unique(kind: str) -> str:
    return f"{kind}-{uuid.uuid4().hex[:8]}"


@dataclass
class Queue:
    cloud: Cloud
    url: str
    arn: str

    def send(self, body: Any, **more: Any) -> str:
        text = body if isinstance(body, str) else json.dumps(body)
        answer = self.cloud.client("sqs").send_message(QueueUrl=self.url, MessageBody=text, **more)
        return str(answer["MessageId"])

    def receive(self) -> list[str]:
        answer = self.cloud.client("sqs").receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        return [message["Body"] for message in answer.get("Messages", [])]

    def size(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.cloud.client("sqs").get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(int(value) for value in answer["Attributes"].values())


def queue(cloud: Cloud, visibility: int = 30) -> Queue:
    """A queue whose messages come back after `visibility` seconds."""
    name = unique("queue")
    attributes = {"VisibilityTimeout": str(visibility)}
    created = cloud.client("sqs").create_queue(QueueName=name, Attributes=attributes)
    return Queue(cloud, created["QueueUrl"], f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}")


def function(cloud: Cloud, code: str, *statements: dict[str, Any], **settings: Any) -> str:
    """A Lambda function with `def handler(event, context)` in `code`; returns its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("app.py", textwrap.dedent(code))
    created = cloud.client("lambda").create_function(
        FunctionName=unique("function"),
        Runtime="python3.13",
        Role=cloud.role("lambda", *statements),
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
        **settings,
    )
    return str(created["FunctionArn"])


def table(cloud: Cloud, stream: bool = False) -> str:
    """A table with the string keys PK and SK; with `stream`, it has one of new and old images."""
    name = unique("table")
    keys = (("PK", "HASH"), ("SK", "RANGE"))
    more = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}} if stream else {}
    cloud.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        **more,
    )
    return name


def machine(
    cloud: Cloud, states: dict[str, Any], *statements: dict[str, Any], kind: str = "EXPRESS", **settings: Any
) -> str:
    """A JSONata state machine that starts at the first of its states; returns its ARN."""
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    answer = cloud.client("stepfunctions").create_state_machine(
        name=unique("machine"),
        type=kind,
        roleArn=cloud.role("states", *statements),
        definition=json.dumps(definition),
        **settings,
    )
    return str(answer["stateMachineArn"])


def execute(cloud: Cloud, arn: str, data: Any = None) -> dict[str, Any]:
    """Runs an Express machine; the answer of StartSyncExecution with its output decoded."""
    text = json.dumps({} if data is None else data)
    answer: dict[str, Any] = cloud.client("stepfunctions").start_sync_execution(stateMachineArn=arn, input=text)
    return {**answer, "output": json.loads(answer.get("output", "null"))}


def run(cloud: Cloud, states: dict[str, Any], data: Any = None, *statements: dict[str, Any]) -> dict[str, Any]:
    """Makes an Express machine of the states and runs it."""
    return execute(cloud, machine(cloud, states, *statements), data)


def may_invoke(*functions: str) -> dict[str, Any]:
    return {"Action": "lambda:InvokeFunction", "Resource": list(functions)}


def invoke(function_arn: str, payload: Any = "{% $states.input %}", **more: Any) -> dict[str, Any]:
    """A Task state that invokes a function and returns its payload."""
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function_arn, "Payload": payload},
        "Output": "{% $states.result.Payload %}",
        **more,
    }
    return state if "Next" in more else {**state, "End": True}
