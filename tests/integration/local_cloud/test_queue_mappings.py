"""Lambda functions that read SQS queues: batches, failures, permissions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import Queue, function, queue

RECORDING = """
import boto3, json, os
def handler(event, context):
    bodies = [record["body"] for record in event["Records"]]
    message = json.dumps({"bodies": bodies, "source": event["Records"][0]["eventSourceARN"]})
    boto3.client("sqs").send_message(QueueUrl=os.environ["SEEN"], MessageBody=message)
    if "all" in bodies:
        raise ValueError("the whole batch")
    bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
    failed = ["nobody"] if "wrong" in bodies else bad
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}
"""


def may_read(source: Queue, *but: str) -> dict[str, Any]:
    actions = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"} - set(but)
    return {"Action": sorted(actions), "Resource": source.arn}


def reader(cloud: Cloud, source: Queue, seen: Queue, *statements: dict[str, Any]) -> str:
    """A function that may read the queue and reports on `seen` what it got."""
    may_report = {"Action": "sqs:SendMessage", "Resource": seen.arn}
    allowed = statements or (may_read(source),)
    return function(cloud, RECORDING, may_report, *allowed, Environment={"Variables": {"SEEN": seen.url}})


def mapped(cloud: Cloud, source: Queue, function_arn: str, **settings: Any) -> str:
    answer = cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=source.arn,
        FunctionName=function_arn,
        FunctionResponseTypes=["ReportBatchItemFailures"],
        **settings,
    )
    return str(answer["UUID"])


def reports(seen: Queue, count: int) -> list[list[str]]:
    """The bodies of so many invocations, as they were handed over."""
    found: list[list[str]] = []

    def enough() -> bool:
        found.extend(json.loads(body)["bodies"] for body in seen.receive())
        return len(found) >= count

    eventually(enough)
    return found


def test_messages_are_handed_over_and_deleted(cloud: Cloud) -> None:
    # Given a function that reads a queue
    source, seen = queue(cloud), queue(cloud)
    mapped(cloud, source, reader(cloud, source, seen))

    # When
    source.send("one")

    # Then
    assert reports(seen, 1) == [["one"]]
    eventually(lambda: source.size() == 0)


def test_only_what_failed_comes_again(cloud: Cloud) -> None:
    # Given messages of which one is refused
    source, seen = queue(cloud, visibility=3), queue(cloud)
    for body in ("good-1", "bad", "good-2"):
        source.send(body)

    # When a function reads them
    mapped(cloud, source, reader(cloud, source, seen), BatchSize=10)

    # Then only that one is handed over again
    first, second = reports(seen, 2)[:2]
    assert sorted(first) == ["bad", "good-1", "good-2"]
    assert second == ["bad"]


@pytest.mark.parametrize("body", ["all", "wrong"])
def test_a_batch_fails_as_a_whole(cloud: Cloud, body: str) -> None:
    # Given a function that raises, or names a message that nobody sent
    source, seen = queue(cloud, visibility=3), queue(cloud)
    source.send("good")
    source.send(body)

    # When
    mapped(cloud, source, reader(cloud, source, seen), BatchSize=10)

    # Then both come again
    assert [sorted(batch) for batch in reports(seen, 2)[:2]] == [sorted(["good", body])] * 2


def test_a_batch_waits_for_its_window(cloud: Cloud) -> None:
    # Given a mapping that collects for two seconds
    source, seen = queue(cloud), queue(cloud)
    mapped(cloud, source, reader(cloud, source, seen), BatchSize=20, MaximumBatchingWindowInSeconds=2)

    # When messages come one by one
    for number in range(12):
        source.send(str(number))

    # Then they are one batch
    assert sorted(reports(seen, 1)[0], key=int) == [str(number) for number in range(12)]


def test_settings_change_while_it_runs(cloud: Cloud) -> None:
    # Given a mapping that was switched off
    lambda_, source, seen = cloud.client("lambda"), queue(cloud), queue(cloud)
    uuid = mapped(cloud, source, reader(cloud, source, seen))
    lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)
    source.send("later")
    assert seen.receive() == []

    # When it is switched on again
    lambda_.update_event_source_mapping(UUID=uuid, Enabled=True)

    # Then
    assert reports(seen, 1) == [["later"]]


def test_filters_delete_what_they_keep_out(cloud: Cloud) -> None:
    # Given a mapping with a filter
    source, seen = queue(cloud), queue(cloud)
    pattern = json.dumps({"body": {"kind": ["wanted"]}})
    mapped(cloud, source, reader(cloud, source, seen), FilterCriteria={"Filters": [{"Pattern": pattern}]})

    # When
    source.send({"kind": "other"})
    source.send({"kind": "wanted"})

    # Then
    assert [json.loads(body)["kind"] for batch in reports(seen, 1) for body in batch] == ["wanted"]
    eventually(lambda: source.size() == 0)


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"])
def test_a_role_that_may_not_read_gets_no_mapping(cloud: Cloud, action: str) -> None:
    # Given a function whose role lacks one permission
    source, seen = queue(cloud), queue(cloud)
    blind = reader(cloud, source, seen, may_read(source, action))

    # When / Then
    with pytest.raises(ClientError, match=f"permissions to call {action[4:]} on SQS"):
        mapped(cloud, source, blind)


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"BatchSize": 11}, "Maximum batch window"), ({}, "visibility timeout: 2 seconds is less than Function timeout")],
)
def test_mappings_that_cannot_work_are_refused(cloud: Cloud, settings: Any, message: str) -> None:
    # Given a queue whose messages come back after two seconds, and a function that may take three
    source, seen = queue(cloud, visibility=2), queue(cloud)

    # When / Then
    with pytest.raises(ClientError, match=message):
        mapped(cloud, source, reader(cloud, source, seen), **settings)


def test_a_permission_that_is_taken_away_stops_the_reading(cloud: Cloud) -> None:
    # Given a mapping whose function's role loses its policy
    source, seen = queue(cloud), queue(cloud)
    arn = reader(cloud, source, seen)
    mapped(cloud, source, arn)
    role = cloud.client("lambda").get_function_configuration(FunctionName=arn)["Role"].rsplit("/", 1)[-1]
    cloud.client("iam").delete_role_policy(RoleName=role, PolicyName="policy")

    # When
    source.send("one")

    # Then nothing is read
    assert seen.receive() == []
    assert source.size() == 1
