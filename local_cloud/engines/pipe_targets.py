"""Delivering one batch of a pipe to its target, under the pipe's role.

Targets: Step Functions, Lambda, SQS, SNS, EventBridge. A synchronous target may answer
`{"batchItemFailures": [{"itemIdentifier": <messageId>}]}`, as documented under "Amazon EventBridge Pipes batching and
concurrency"; every other failure concerns the whole batch.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from local_cloud import aws_client
from local_cloud.engines.pipe_template import render
from local_cloud.engines.queue_runner import DeliveryFailed

Pipe = Mapping[str, Any]
Events = list[Any]


def deliver(pipe: Pipe, records: list[dict[str, Any]]) -> set[str]:
    """Sends the records on; returns the ids of the messages that the target reported as failed.

    Raises DeliveryFailed or botocore's ClientError when the whole batch failed.
    """
    template = (pipe.get("TargetParameters") or {}).get("InputTemplate")
    events = [render(template, record, pipe) for record in records] if template else list(records)
    if pipe.get("Enrichment"):
        events = _invoke_function(pipe, pipe["Enrichment"], events)
    service = pipe["Target"].split(":")[2]
    if service not in _TARGETS:
        raise DeliveryFailed(f"the local cloud has no pipe target of type {service}")
    return reported_failures(_TARGETS[service](pipe, events), {record["messageId"] for record in records})


def client_of(pipe: Pipe, service: str) -> Any:
    """A client that acts as the pipe."""
    return aws_client.client(service, pipe["RoleArn"], f"pipe-{pipe['Name']}")


def reported_failures(answer: Any, sent: set[str]) -> set[str]:
    """Ids in the answer of a target that reports failures. Raises DeliveryFailed for an id that was not sent."""
    if not isinstance(answer, dict) or not answer.get("batchItemFailures"):
        return set()
    reported = {failure.get("itemIdentifier") for failure in answer["batchItemFailures"]}
    if not reported <= sent:
        raise DeliveryFailed(f"the target reported messages that are not in the batch: {reported - sent}")
    return reported


def _parameters(pipe: Pipe, name: str) -> dict[str, Any]:
    return (pipe.get("TargetParameters") or {}).get(name) or {}


def _to_state_machine(pipe: Pipe, events: Events) -> Any:
    states = client_of(pipe, "stepfunctions")
    parameters = _parameters(pipe, "StepFunctionStateMachineParameters")
    request = {"stateMachineArn": pipe["Target"], "input": json.dumps(events)}
    if parameters.get("InvocationType") == "FIRE_AND_FORGET":
        states.start_execution(**request)
        return None
    answer = states.start_sync_execution(**request)
    if answer["status"] != "SUCCEEDED":
        raise DeliveryFailed(f"execution {answer['executionArn']} {answer['status']}: {answer.get('error')}")
    return json.loads(answer.get("output") or "null")


def _to_function(pipe: Pipe, events: Events) -> Any:
    fire_and_forget = _parameters(pipe, "LambdaFunctionParameters").get("InvocationType") == "FIRE_AND_FORGET"
    if fire_and_forget:
        client_of(pipe, "lambda").invoke(
            FunctionName=pipe["Target"], InvocationType="Event", Payload=json.dumps(events)
        )
        return None
    return _invoke_function(pipe, pipe["Target"], events)


def _invoke_function(pipe: Pipe, function: str, events: Events) -> Any:
    answer = client_of(pipe, "lambda").invoke(FunctionName=function, Payload=json.dumps(events))
    payload = answer["Payload"].read()
    if answer.get("FunctionError"):
        raise DeliveryFailed(f"{function} failed: {payload.decode(errors='replace')}")
    return json.loads(payload or b"null")


def _to_queue(pipe: Pipe, events: Events) -> None:
    url = aws_client.queue_url(pipe["Target"])
    parameters = _parameters(pipe, "SqsQueueParameters")
    fifo = {key: value for key, value in parameters.items() if key in ("MessageGroupId", "MessageDeduplicationId")}
    for event in events:
        client_of(pipe, "sqs").send_message(QueueUrl=url, MessageBody=_text(event), **fifo)


def _to_topic(pipe: Pipe, events: Events) -> None:
    for event in events:
        client_of(pipe, "sns").publish(TopicArn=pipe["Target"], Message=_text(event))


def _to_event_bus(pipe: Pipe, events: Events) -> None:
    parameters = _parameters(pipe, "EventBridgeEventBusParameters")
    entries = [
        {
            "Source": parameters.get("Source", f"Pipe {pipe['Name']}"),
            "DetailType": parameters.get("DetailType", "Event from aws:sqs"),
            "Detail": _text(event),
            "Resources": parameters.get("Resources", []),
            "EventBusName": pipe["Target"],
        }
        for event in events
    ]
    answer = client_of(pipe, "events").put_events(Entries=entries)
    if answer["FailedEntryCount"]:
        raise DeliveryFailed(f"{pipe['Target']} refused {answer['FailedEntryCount']} events")


def _text(event: Any) -> str:
    return event if isinstance(event, str) else json.dumps(event)


_TARGETS: dict[str, Callable[[Pipe, Events], Any]] = {
    "states": _to_state_machine,
    "lambda": _to_function,
    "sqs": _to_queue,
    "sns": _to_topic,
    "events": _to_event_bus,
}
