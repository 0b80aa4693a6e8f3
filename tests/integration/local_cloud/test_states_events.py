"""Executions of Standard machines tell EventBridge how they are ("Step Functions Execution Status Change")."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import Queue, machine, queue, unique

DONE = {"Done": {"Type": "Pass", "Output": {"a": 1}, "End": True}}
WRONG = {"Wrong": {"Type": "Fail", "Error": "TooMuch", "Cause": "of it"}}
NAP = {"Nap": {"Type": "Wait", "Seconds": 60, "End": True}}


def watched(cloud: Cloud, arn: str, **detail: Any) -> Queue:
    """A queue that gets the machine's events, of any status or of those that `detail` has."""
    events, name, inbox = cloud.client("events"), unique("rule"), queue(cloud)
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [arn], **detail},
    }
    rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    statement = {**allow, "Resource": inbox.arn, "Condition": {"ArnEquals": {"aws:SourceArn": rule}}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.client("sqs").set_queue_attributes(QueueUrl=inbox.url, Attributes={"Policy": policy})
    events.put_targets(Rule=name, Targets=[{"Id": "inbox", "Arn": inbox.arn}])
    return inbox


def heard(inbox: Queue, number: int) -> list[dict[str, Any]]:
    """The first events, in the order of what they tell."""
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        found.extend(json.loads(body) for body in inbox.receive())
        return len(found) >= number

    eventually(enough, 30)
    return sorted(found, key=lambda event: (event["detail"]["stopDate"] is not None, event["time"]))


@pytest.mark.parametrize(
    ("states", "status", "told"),
    [
        (DONE, "SUCCEEDED", {"output": '{"a":1}', "error": None}),
        (WRONG, "FAILED", {"output": None, "error": "TooMuch", "cause": "of it"}),
    ],
)
def test_begin_and_end_are_told(cloud: Cloud, states: dict[str, Any], status: str, told: dict[str, Any]) -> None:
    # Given a machine that is watched
    arn = machine(cloud, states, kind="STANDARD")
    inbox = watched(cloud, arn)

    # When it runs
    started = cloud.client("stepfunctions").start_execution(stateMachineArn=arn, name="run-1", input='{"in": 1}')

    # Then it is told that it runs, and how it ended
    begun, ended = heard(inbox, 2)
    assert (begun["detail"]["status"], begun["detail"]["stopDate"]) == ("RUNNING", None)
    assert ended["detail"]["status"] == status
    assert {name: ended["detail"].get(name) for name in told} == told
    for event in (begun, ended):
        assert event["resources"] == [started["executionArn"]]
        assert (event["detail"]["executionArn"], event["detail"]["name"]) == (started["executionArn"], "run-1")
        assert (event["detail"]["input"], event["detail"]["inputDetails"]) == ('{"in": 1}', {"included": True})
    assert ended["detail"]["stopDate"] >= ended["detail"]["startDate"] == begun["detail"]["startDate"]


def test_an_execution_that_is_stopped_or_out_of_time_is_told(cloud: Cloud) -> None:
    # Given a machine that naps, and a rule for bad ends
    states = cloud.client("stepfunctions")
    arn = machine(cloud, NAP, kind="STANDARD")
    inbox = watched(cloud, arn, status=["FAILED", "TIMED_OUT", "ABORTED"])

    # When one execution is stopped and another runs out of time
    states.stop_execution(executionArn=states.start_execution(stateMachineArn=arn)["executionArn"])
    definition = json.loads(states.describe_state_machine(stateMachineArn=arn)["definition"])
    states.update_state_machine(stateMachineArn=arn, definition=json.dumps({**definition, "TimeoutSeconds": 1}))
    states.start_execution(stateMachineArn=arn)

    # Then both are told, and nothing else
    events = heard(inbox, 2)
    assert sorted(event["detail"]["status"] for event in events) == ["ABORTED", "TIMED_OUT"]
    assert all(event["detail"]["redriveStatus"] == "REDRIVABLE" for event in events)


def test_express_executions_are_not_told(cloud: Cloud) -> None:
    # Given an Express machine and a Standard one, watched by the same queue's rule
    express, standard = machine(cloud, DONE), machine(cloud, DONE, kind="STANDARD")
    inbox = watched(cloud, standard, stateMachineArn=[express, standard])

    # When both run
    cloud.client("stepfunctions").start_execution(stateMachineArn=express)
    cloud.client("stepfunctions").start_execution(stateMachineArn=standard)

    # Then only the Standard one is told
    assert {event["detail"]["stateMachineArn"] for event in heard(inbox, 2)} == {standard}
    assert inbox.size() <= 2
