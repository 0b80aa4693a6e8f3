"""Where Lambda sends what a function could not process, or what came of it: under the function's role, as on AWS."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud import aws_client
from local_cloud.engines.patience import patiently

_log = logging.getLogger("towpath.destinations")
Attributes = Mapping[str, Mapping[str, str]]


def send(function: Mapping[str, Any], destination: str, message: str, attributes: Attributes | None = None) -> None:
    """Sends a message; one that cannot be delivered is lost, and logged.

    `function` is the function's configuration, `destination` the ARN of a queue, topic, function or event bus.
    """
    service = destination.split(":")[2]
    client = aws_client.client(service, function["Role"], function["FunctionName"])
    try:
        patiently(lambda: _SENDERS[service](client, destination, message, attributes or {}))
    except (ClientError, BotoCoreError) as error:
        _log.warning("%s cannot reach %s: %s", function["FunctionArn"], destination, error)


def _to_queue(client: Any, arn: str, message: str, attributes: Attributes) -> None:
    client.send_message(QueueUrl=aws_client.queue_url(arn), MessageBody=message, MessageAttributes=attributes)


def _to_topic(client: Any, arn: str, message: str, attributes: Attributes) -> None:
    client.publish(TopicArn=arn, Message=message, MessageAttributes=attributes)


def _to_function(client: Any, arn: str, message: str, _attributes: Attributes) -> None:
    client.invoke(FunctionName=arn, InvocationType="Event", Payload=message)


def _to_bus(client: Any, arn: str, message: str, _attributes: Attributes) -> None:
    record = json.loads(message)
    ended = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
    entry = {
        "EventBusName": arn,
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {ended}",
        "Detail": message,
        "Resources": [arn, record["requestContext"]["functionArn"]],
    }
    client.put_events(Entries=[entry])


_SENDERS: dict[str, Callable[[Any, str, str, Attributes], None]] = {
    "sqs": _to_queue,
    "sns": _to_topic,
    "lambda": _to_function,
    "events": _to_bus,
}
