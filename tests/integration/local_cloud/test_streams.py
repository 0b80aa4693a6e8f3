"""Event source mappings from DynamoDB streams: what the function gets, and what becomes of what it cannot process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud, eventually
from tests.integration.local_cloud.resources import Queue, function, queue, table

# Repeats every batch as one message, and fails as its environment says.
CODE = """
import json, os
import boto3
sqs = boto3.client("sqs")
def handler(event, context):
    names = [record["dynamodb"]["Keys"]["SK"]["S"] for record in event["Records"]]
    sqs.send_message(QueueUrl=os.environ["SEEN"], MessageBody=json.dumps(names))
    bad = [r["dynamodb"]["SequenceNumber"] for r in event["Records"] if r["dynamodb"]["Keys"]["SK"]["S"] == "bad"]
    if bad and os.environ["MODE"] == "raise":
        raise ValueError("bad record")
    if bad and os.environ["MODE"] == "exit":
        os._exit(1)
    if bad and os.environ["MODE"] == "report":
        return {"batchItemFailures": [{"itemIdentifier": bad[0]}]}
"""
READ = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]


@dataclass
class Mapped:
    """A table, the function that is mapped to its stream, the batches it has seen, and its failure queue."""

    cloud: Cloud
    table: str
    uuid: str
    batches: Queue
    failures: Queue

    def put(self, *names: str, **more: Any) -> None:
        for name in names:
            item = {"PK": {"S": "p"}, "SK": {"S": name}, **more}
            self.cloud.client("dynamodb").put_item(TableName=self.table, Item=item)

    def pause(self) -> None:
        self.cloud.client("lambda").update_event_source_mapping(UUID=self.uuid, Enabled=False)

    def go_on(self) -> None:
        self.cloud.client("lambda").update_event_source_mapping(UUID=self.uuid, Enabled=True)

    def seen(self) -> list[list[str]]:
        """The next batches, oldest first."""
        return [json.loads(body) for body in eventually(self.batches.receive)]

    def seen_until(self, enough: int) -> list[list[str]]:
        batches: list[list[str]] = []
        while len(batches) < enough:
            batches += self.seen()
        return batches


def mapped(cloud: Cloud, mode: str = "none", **settings: Any) -> Mapped:
    name, batches, failures = table(cloud, stream=True), queue(cloud), queue(cloud)
    stream = cloud.client("dynamodb").describe_table(TableName=name)["Table"]["LatestStreamArn"]
    statements = (
        {"Action": READ, "Resource": stream},
        {"Action": "sqs:SendMessage", "Resource": [batches.arn, failures.arn]},
    )
    variables = {"SEEN": batches.url, "MODE": mode, "AWS_ENDPOINT_URL": cloud.url}
    code = function(cloud, CODE, *statements, Environment={"Variables": variables}, Timeout=30)
    destination = {"OnFailure": {"Destination": failures.arn}}
    settings = {"StartingPosition": "LATEST", "DestinationConfig": destination, **settings}
    created = cloud.client("lambda").create_event_source_mapping(EventSourceArn=stream, FunctionName=code, **settings)
    return Mapped(cloud, name, created["UUID"], batches, failures)


def test_records_arrive_in_order_in_batches_of_the_given_size(cloud: Cloud) -> None:
    # Given a mapping that starts with what is already there, in batches of two
    made = mapped(cloud, BatchSize=2, StartingPosition="TRIM_HORIZON", Enabled=False)
    made.put("1", "2", "3")

    # When it is enabled
    made.go_on()

    # Then
    assert made.seen_until(2) == [["1", "2"], ["3"]]


def test_latest_starts_with_what_comes_after_the_mapping(cloud: Cloud) -> None:
    # Given a mapping that starts with what comes next
    made = mapped(cloud)

    # When an item is written, changed and deleted
    made.put("a")
    assert made.seen() == [["a"]]
    key = {"PK": {"S": "p"}, "SK": {"S": "a"}}
    cloud.client("dynamodb").delete_item(TableName=made.table, Key=key)

    # Then the removal arrives as well
    assert made.seen() == [["a"]]


def test_only_records_that_a_filter_matches_arrive(cloud: Cloud) -> None:
    # Given filters on the new image, of which one has to match
    patterns = [
        {"dynamodb": {"NewImage": {"status": {"S": [{"anything-but": ["IN_PROGRESS"]}]}}}},
        {"dynamodb": {"NewImage": {"duplicates": {"N": [{"exists": True}]}}}},
    ]
    criteria = {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}
    made = mapped(cloud, FilterCriteria=criteria, BatchSize=1)

    # When
    made.put("working", status={"S": "IN_PROGRESS"})
    made.put("plain")
    made.put("done", status={"S": "SUCCESS"})
    made.put("twice", status={"S": "IN_PROGRESS"}, duplicates={"N": "1"})

    # Then
    assert made.seen_until(2) == [["done"], ["twice"]]


def test_a_batching_window_brings_records_together(cloud: Cloud) -> None:
    # Given a window of two seconds
    made = mapped(cloud, MaximumBatchingWindowInSeconds=2, BatchSize=10)

    # When records come one after the other
    made.put("1", "2", "3")

    # Then they arrive together
    assert made.seen() == [["1", "2", "3"]]


def test_a_batch_that_keeps_failing_goes_to_the_failure_queue(cloud: Cloud) -> None:
    # Given a function that fails on one record, and one retry
    made = mapped(cloud, "raise", MaximumRetryAttempts=1, BatchSize=10)
    made.pause()
    made.put("1", "bad", "2")

    # When
    made.go_on()

    # Then the batch was tried twice and its description is in the failure queue; the stream goes on
    assert made.seen_until(2) == [["1", "bad", "2"]] * 2
    [message] = [json.loads(body) for body in eventually(made.failures.receive)]
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["approximateInvokeCount"] == 2
    assert message["DDBStreamBatchInfo"]["batchSize"] == 3
    made.put("next")
    assert made.seen() == [["next"]]


def test_bisection_finds_the_record_that_fails(cloud: Cloud) -> None:
    # Given a function that fails on one record of four, and a mapping that splits what fails
    made = mapped(cloud, "raise", MaximumRetryAttempts=0, BisectBatchOnFunctionError=True, BatchSize=10)
    made.pause()
    made.put("1", "2", "bad", "4")

    # When
    made.go_on()

    # Then only the bad record is given up
    assert made.seen_until(5) == [["1", "2", "bad", "4"], ["1", "2"], ["bad", "4"], ["bad"], ["4"]]
    [message] = [json.loads(body) for body in eventually(made.failures.receive)]
    assert message["DDBStreamBatchInfo"]["batchSize"] == 1


def test_reported_failures_are_retried_from_the_first_of_them(cloud: Cloud) -> None:
    # Given a function that reports the bad record
    settings = {"FunctionResponseTypes": ["ReportBatchItemFailures"], "MaximumRetryAttempts": 1}
    made = mapped(cloud, "report", BatchSize=10, **settings)
    made.pause()
    made.put("1", "bad", "3")

    # When
    made.go_on()

    # Then what came before is done, the rest is tried again and then given up
    assert made.seen_until(2) == [["1", "bad", "3"], ["bad", "3"]]
    [message] = [json.loads(body) for body in eventually(made.failures.receive)]
    assert message["DDBStreamBatchInfo"]["batchSize"] == 2


def test_a_function_that_dies_is_a_failure_like_any_other(cloud: Cloud) -> None:
    # Given a function whose process ends in the middle
    made = mapped(cloud, "exit", MaximumRetryAttempts=0)

    # When
    made.put("bad")

    # Then the record is given up and the stream goes on
    [message] = [json.loads(body) for body in eventually(made.failures.receive)]
    assert message["DDBStreamBatchInfo"]["batchSize"] == 1
    made.put("next")
    assert made.seen_until(2)[-1] == ["next"]


def test_each_partition_key_keeps_its_order_when_batches_run_in_parallel(cloud: Cloud) -> None:
    # Given a mapping that works on four batches at a time
    made = mapped(cloud, ParallelizationFactor=4, BatchSize=1)

    # When items of five keys are written, three each
    for number in range(3):
        for key in range(5):
            item = {"PK": {"S": str(key)}, "SK": {"S": f"{key}-{number}"}}
            cloud.client("dynamodb").put_item(TableName=made.table, Item=item)

    # Then all arrive, and those of one key in their order
    names = [name for batch in made.seen_until(15) for name in batch]
    assert len(names) == 15
    for key in range(5):
        assert [name for name in names if name.startswith(f"{key}-")] == [f"{key}-{n}" for n in range(3)]


def test_a_mapping_is_described_as_it_was_made(cloud: Cloud) -> None:
    # Given a mapping with settings, and one without
    given = {
        "BatchSize": 7,
        "MaximumBatchingWindowInSeconds": 1,
        "MaximumRetryAttempts": 5,
        "MaximumRecordAgeInSeconds": 3600,
        "BisectBatchOnFunctionError": True,
        "ParallelizationFactor": 2,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
    }
    full, plain = mapped(cloud, **given), mapped(cloud)

    # When
    described = [cloud.client("lambda").get_event_source_mapping(UUID=made.uuid) for made in (full, plain)]

    # Then
    assert {name: described[0][name] for name in given} == given
    assert described[0]["DestinationConfig"]["OnFailure"]["Destination"] == full.failures.arn
    assert described[1]["BatchSize"] == 100
    assert described[1]["MaximumRetryAttempts"] == -1
    assert described[1]["MaximumRecordAgeInSeconds"] == -1


def test_a_role_that_may_not_read_the_stream_is_refused(cloud: Cloud) -> None:
    # Given a function whose role may do nothing
    name = table(cloud, stream=True)
    stream = cloud.client("dynamodb").describe_table(TableName=name)["Table"]["LatestStreamArn"]
    code = function(cloud, "def handler(event, context): pass")

    # When / Then
    with pytest.raises(ClientError, match="Cannot access stream"):
        cloud.client("lambda").create_event_source_mapping(
            EventSourceArn=stream, FunctionName=code, StartingPosition="LATEST"
        )
