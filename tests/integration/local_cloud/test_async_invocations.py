"""Functions that are invoked asynchronously, by callers and by rules: retries, destinations, who is let in."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import Queue, function, queue, unique

REPORTING = """
import boto3, json, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(event))
    if event.get("fail"):
        raise ValueError("asked to")
    return {"done": event.get("n")}
"""


def may_send(*targets: Queue) -> dict[str, Any]:
    return {"Action": "sqs:SendMessage", "Resource": [target.arn for target in targets]}


def reporter(cloud: Cloud, seen: Queue, *statements: dict[str, Any], **settings: Any) -> str:
    """A function that repeats on `seen` what it is given, and fails if that asks for it."""
    variables = {"Variables": {"SEEN": seen.url}}
    return function(cloud, REPORTING, may_send(seen), *statements, Environment=variables, **settings)


def send(cloud: Cloud, function_arn: str, event: Any) -> None:
    answer = cloud.client("lambda").invoke(FunctionName=function_arn, InvocationType="Event", Payload=json.dumps(event))
    assert answer["StatusCode"] == 202


def messages(source: Queue, count: int) -> list[Any]:
    """So many messages of the queue, decoded."""
    found: list[Any] = []

    def enough() -> bool:
        found.extend(json.loads(body) for body in source.receive())
        return len(found) >= count

    eventually(enough)
    return found


def test_a_failing_event_is_tried_again_and_then_goes_to_the_destination(cloud: Cloud) -> None:
    # Given a function that is tried twice, with a queue for what failed and one for what did not
    seen, failed, done = queue(cloud), queue(cloud), queue(cloud)
    arn = reporter(cloud, seen, may_send(failed, done))
    targets = {"OnFailure": {"Destination": failed.arn}, "OnSuccess": {"Destination": done.arn}}
    cloud.client("lambda").put_function_event_invoke_config(
        FunctionName=arn, MaximumRetryAttempts=1, DestinationConfig=targets
    )

    # When one event fails and another one does not
    send(cloud, arn, {"n": 1, "fail": True})
    send(cloud, arn, {"n": 2})

    # Then
    [record] = messages(failed, 1)
    assert record["requestPayload"] == {"n": 1, "fail": True}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 2
    assert record["responsePayload"]["errorType"] == "ValueError"
    [success] = messages(done, 1)
    assert (success["responsePayload"], success["requestContext"]["condition"]) == ({"done": 2}, "Success")
    assert sorted(event["n"] for event in messages(seen, 3)) == [1, 1, 2]


def test_a_dead_letter_queue_gets_the_event_itself(cloud: Cloud) -> None:
    # Given a function with a dead-letter queue, and no retries
    seen, dead = queue(cloud), queue(cloud)
    arn = reporter(cloud, seen, may_send(dead), DeadLetterConfig={"TargetArn": dead.arn})
    cloud.client("lambda").put_function_event_invoke_config(FunctionName=arn, MaximumRetryAttempts=0)

    # When
    send(cloud, arn, {"n": 1, "fail": True})

    # Then
    def received() -> Any:
        answer = cloud.client("sqs").receive_message(
            QueueUrl=dead.url, MessageAttributeNames=["All"], WaitTimeSeconds=1
        )
        return answer.get("Messages")

    [message] = eventually(received)
    assert json.loads(message["Body"]) == {"n": 1, "fail": True}
    assert message["MessageAttributes"]["ErrorMessage"]["StringValue"] == "asked to"


def test_a_role_that_may_not_send_loses_what_failed(cloud: Cloud) -> None:
    # Given a function whose role may not write to its dead-letter queue
    seen, dead = queue(cloud), queue(cloud)
    arn = reporter(cloud, seen, DeadLetterConfig={"TargetArn": dead.arn})
    cloud.client("lambda").put_function_event_invoke_config(FunctionName=arn, MaximumRetryAttempts=0)

    # When
    send(cloud, arn, {"fail": True})

    # Then
    messages(seen, 1)
    assert dead.receive() == []


class Rule:
    """A rule whose only target is a function, with a dead-letter queue that lets the rule in."""

    def __init__(self, cloud: Cloud, function_arn: str, invited: bool) -> None:
        self.cloud, self.source, self.dead = cloud, unique("source"), queue(cloud)
        events = cloud.client("events")
        rule = events.put_rule(Name=self.source, EventPattern=json.dumps({"source": [self.source]}))["RuleArn"]
        if invited:
            cloud.client("lambda").add_permission(
                FunctionName=function_arn,
                StatementId="rule",
                Action="lambda:InvokeFunction",
                Principal="events.amazonaws.com",
                SourceArn=rule,
            )
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
        policy = {"Statement": [{**allow, "Resource": self.dead.arn}]}
        cloud.client("sqs").set_queue_attributes(QueueUrl=self.dead.url, Attributes={"Policy": json.dumps(policy)})
        target = {"Id": "function", "Arn": function_arn, "DeadLetterConfig": {"Arn": self.dead.arn}}
        events.put_targets(Rule=self.source, Targets=[{**target, "Input": '{"n": 7}'}])

    def fire(self) -> None:
        entry = {"Source": self.source, "DetailType": "test", "Detail": "{}"}
        self.cloud.client("events").put_events(Entries=[entry])


def test_a_rule_invokes_a_function_that_lets_it_in(cloud: Cloud) -> None:
    # Given
    seen = queue(cloud)
    rule = Rule(cloud, reporter(cloud, seen), invited=True)

    # When
    rule.fire()

    # Then
    assert messages(seen, 1) == [{"n": 7}]


def test_an_event_for_a_function_that_lets_nobody_in_goes_to_the_dead_letter_queue(cloud: Cloud) -> None:
    # Given
    seen = queue(cloud)
    rule = Rule(cloud, reporter(cloud, seen), invited=False)

    # When
    rule.fire()

    # Then
    assert [event["source"] for event in messages(rule.dead, 1)] == [rule.source]
    assert seen.receive() == []


def test_what_a_rule_invokes_is_retried_as_the_function_says(cloud: Cloud) -> None:
    # Given a function that fails whatever it is given, and may be tried twice
    seen = queue(cloud)
    code = REPORTING.replace('event.get("fail")', "True")
    arn = function(cloud, code, may_send(seen), Environment={"Variables": {"SEEN": seen.url}})
    cloud.client("lambda").put_function_event_invoke_config(FunctionName=arn, MaximumRetryAttempts=1)

    # When
    Rule(cloud, arn, invited=True).fire()

    # Then
    assert messages(seen, 2) == [{"n": 7}, {"n": 7}]
