"""The small services of the virtual cloud, as their APIs: Lambda's Invoke, SQS's SendMessage, SNS's Publish."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.virtual.functions import Functions
from local_cloud.virtual.kernel import Kernel
from local_cloud.virtual.queues import Queue


@dataclass
class FunctionsApi:
    """Lambda. Event invocations return at once and are tried again when they fail."""

    functions: Functions

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        _only(operation, "Invoke")
        payload = json.loads(parameters.get("Payload") or "{}")
        if parameters.get("InvocationType") == "Event":
            self.functions.invoke_later(parameters["FunctionName"], payload)
            return {"StatusCode": 202, "Payload": io.BytesIO()}
        answer = self.functions.invoke(parameters["FunctionName"], payload)
        failure = {"FunctionError": "Unhandled"} if answer.failed else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer.payload).encode()), **failure}


@dataclass
class QueueApi:
    """SQS, with one queue."""

    queue: Queue

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if operation == "SendMessageBatch":
            return {"Successful": [self._send(each) for each in parameters["Entries"]], "Failed": []}
        _only(operation, "SendMessage")
        return self._send(parameters)

    def _send(self, entry: dict[str, Any]) -> dict[str, Any]:
        identifier = self.queue.send(entry["MessageBody"], float(entry.get("DelaySeconds", 0)))
        return {"MessageId": identifier, "MD5OfMessageBody": "", **({"Id": entry["Id"]} if "Id" in entry else {})}


@dataclass
class TopicApi:
    """SNS, with one topic; `published` keeps what was sent."""

    published: list[dict[str, Any]] = field(default_factory=list)

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if operation == "PublishBatch":
            return {
                "Successful": [self._publish(each) for each in parameters["PublishBatchRequestEntries"]],
                "Failed": [],
            }
        _only(operation, "Publish")
        return self._publish(parameters)

    def _publish(self, message: dict[str, Any]) -> dict[str, Any]:
        self.published.append(message)
        number = f"{len(self.published):08d}-0000-4000-8000-00000000bbbb"
        return {"MessageId": number, **({"Id": message["Id"]} if "Id" in message else {})}


@dataclass
class RolesApi:
    """STS: every role may be assumed, for an hour. `sessions` has the ARN of each session by its access key."""

    kernel: Kernel
    sessions: dict[str, str] = field(default_factory=dict)

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        _only(operation, "AssumeRole")
        account, role = parameters["RoleArn"].split(":")[4], parameters["RoleArn"].rsplit("/", 1)[-1]
        key = f"ASIAVIRTUAL{len(self.sessions):09d}"
        self.sessions[key] = f"arn:aws:sts::{account}:assumed-role/{role}/{parameters['RoleSessionName']}"
        keys = {"AccessKeyId": key, "SecretAccessKey": f"secret-{key}", "SessionToken": f"session-{key}"}
        return {"Credentials": {**keys, "Expiration": self.kernel.utc() + timedelta(hours=1)}}


def _only(operation: str, known: str) -> None:
    if operation != known:
        raise ApiError("UnknownOperationException", f"{operation} is not part of the virtual cloud", 400)
