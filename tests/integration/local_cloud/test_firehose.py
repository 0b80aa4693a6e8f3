"""Delivery streams collect records and store them as their role, by the partition that a record names."""

from __future__ import annotations

import gzip
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import ACCOUNT, Cloud, eventually


@dataclass
class Delivery:
    """A stream into a bucket, partitioned by the day that records name, compressed, one record a line."""

    cloud: Cloud
    bucket: str
    role: str

    @property
    def firehose(self) -> Any:
        return self.cloud.client("firehose")

    def stream(self, **settings: Any) -> None:
        self.firehose.create_delivery_stream(
            DeliveryStreamName=self.bucket,
            ExtendedS3DestinationConfiguration={**self.settings(), **settings},
        )

    def settings(self) -> dict[str, Any]:
        query = [
            {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
            {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{day:.day}"},
        ]
        processors = [{"Type": "MetadataExtraction", "Parameters": query}, {"Type": "AppendDelimiterToRecord"}]
        return {
            "RoleARN": self.role,
            "BucketARN": f"arn:aws:s3:::{self.bucket}",
            "Prefix": "data/day=!{partitionKeyFromQuery:day}/at=!{timestamp:yyyy}/",
            "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
            "CompressionFormat": "GZIP",
            "FileExtension": ".json.gz",
            "CustomTimeZone": "UTC",
            "DynamicPartitioningConfiguration": {"Enabled": True},
            "ProcessingConfiguration": {"Enabled": True, "Processors": processors},
        }

    def put(self, *records: Any) -> dict[str, Any]:
        data = [{"Data": record if isinstance(record, bytes) else json.dumps(record).encode()} for record in records]
        answer: dict[str, Any] = self.firehose.put_record_batch(DeliveryStreamName=self.bucket, Records=data)
        return answer

    def keys(self, prefix: str) -> list[str]:
        listed = self.cloud.client("s3").list_objects_v2(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for entry in listed.get("Contents", [])]

    def read(self, key: str) -> bytes:
        body: bytes = self.cloud.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return body


@pytest.fixture
def delivery(cloud: Cloud) -> Iterator[Delivery]:
    name = f"lake-{uuid.uuid4().hex[:8]}"
    cloud.client("s3").create_bucket(Bucket=name)
    role = cloud.role("firehose", {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{name}/*"})
    made = Delivery(cloud, name, role)
    yield made
    cloud.control("DELETE", "faults")
    made.firehose.delete_delivery_stream(DeliveryStreamName=name)


def test_records_are_collected_and_become_one_object_a_partition(delivery: Delivery) -> None:
    # Given a stream
    delivery.stream()

    # When records of two days come, in two calls
    delivery.put({"day": "2026-01-01", "n": 1}, {"day": "2026-01-02", "n": 2})
    delivery.put({"day": "2026-01-01", "n": 3})

    # Then there is one object for each day, with a line for each record
    found = eventually(lambda: len(keys := delivery.keys("data/")) == 2 and keys)
    lines = [gzip.decompress(delivery.read(key)).decode().splitlines() for key in found]
    assert [[json.loads(line)["n"] for line in each] for each in lines] == [[1, 3], [2]]
    assert found[0].startswith("data/day=2026-01-01/at=2")
    assert found[0].endswith(".json.gz")


def test_what_names_no_partition_is_kept_as_an_error(delivery: Delivery) -> None:
    # Given a stream
    delivery.stream()

    # When something comes that is no JSON
    delivery.put(b"no json", {"day": "2026-01-01"})

    # Then it is under the prefix of errors, and the rest is delivered
    [key] = eventually(lambda: delivery.keys("errors/processing-failed/"))
    assert json.loads(delivery.read(key))["rawData"] == "bm8ganNvbg=="
    assert len(delivery.keys("data/")) == 1


def test_without_a_partition_the_time_is_the_prefix(delivery: Delivery) -> None:
    # Given a stream that neither partitions, compresses nor delimits
    plain = {"CompressionFormat": "UNCOMPRESSED", "FileExtension": "", "Prefix": "plain/!{timestamp:yyyy}/"}
    off: dict[str, Any] = {"Enabled": False}
    delivery.stream(DynamicPartitioningConfiguration=off, ProcessingConfiguration=off, **plain)

    # When records come, then they are stored as they are
    delivery.put(b"a", b"b")
    [key] = eventually(lambda: delivery.keys("plain/2"))
    assert delivery.read(key) == b"ab"


def test_a_full_buffer_does_not_wait(delivery: Delivery) -> None:
    # Given a stream that would wait for a quarter of an hour
    delivery.stream(BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 900})

    # When a megabyte comes, then it is delivered at once
    delivery.put(*[{"day": "2026-01-01", "filler": "x" * 100_000}] * 11)
    eventually(lambda: delivery.keys("data/"))


def test_the_streams_role_decides_and_is_asked_again(delivery: Delivery) -> None:
    # Given a stream whose role may not write, and which logs
    iam, role = delivery.cloud.client("iam"), delivery.role.rpartition("/")[2]
    policy = iam.get_role_policy(RoleName=role, PolicyName="policy")["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName="policy")
    logs = delivery.cloud.client("logs")
    logs.create_log_group(logGroupName=delivery.bucket)
    options = {"Enabled": True, "LogGroupName": delivery.bucket, "LogStreamName": "S3"}
    delivery.stream(CloudWatchLoggingOptions=options)

    # When a record comes, then the log says why it is not delivered
    delivery.put({"day": "2026-01-01"})
    found = eventually(lambda: logs.filter_log_events(logGroupName=delivery.bucket)["events"])
    assert json.loads(found[0]["message"])["errorCode"] == "S3.AccessDenied"
    assert delivery.keys("") == []

    # And it is, when the role may
    iam.put_role_policy(RoleName=role, PolicyName="policy", PolicyDocument=json.dumps(policy))
    eventually(lambda: delivery.keys("data/"))


def test_a_role_that_firehose_may_not_assume_delivers_nothing(delivery: Delivery) -> None:
    # Given a stream with the role of another service, and one more stream beside it
    role = delivery.cloud.role("lambda", {"Action": "s3:*", "Resource": "*"})
    delivery.stream(RoleARN=role)
    delivery.put({"day": "2026-01-01"})

    # When enough time has passed for another stream to deliver
    other = Delivery(delivery.cloud, f"{delivery.bucket}-2", delivery.role)
    delivery.cloud.client("s3").create_bucket(Bucket=other.bucket)
    iam = delivery.cloud.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}
    iam.put_role_policy(
        RoleName=delivery.role.rpartition("/")[2],
        PolicyName="more",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    other.stream()
    other.put({"day": "2026-01-01"})
    eventually(lambda: other.keys("data/"))
    other.firehose.delete_delivery_stream(DeliveryStreamName=other.bucket)

    # Then the first has not
    assert delivery.keys("") == []


def test_a_record_of_a_batch_can_be_refused(delivery: Delivery) -> None:
    # Given a rule about the second record
    delivery.stream()
    rule = {"service": "firehose", "operation": "AcceptRecord", "principal": "*", "nth": [2]}
    action = {"type": "error", "code": "ServiceUnavailableException"}
    delivery.cloud.control("POST", "faults", {"rules": [{**rule, "action": action}]})

    # When two come, then the answer says which one was not taken
    answer = delivery.put({"day": "2026-01-01", "n": 1}, {"day": "2026-01-01", "n": 2})
    assert answer["FailedPutCount"] == 1
    assert [one.get("ErrorCode") for one in answer["RequestResponses"]] == [None, "ServiceUnavailableException"]
    [key] = eventually(lambda: delivery.keys("data/"))
    assert json.loads(gzip.decompress(delivery.read(key)))["n"] == 1


def test_a_stream_is_described_as_it_was_made(delivery: Delivery) -> None:
    delivery.stream()
    described = delivery.firehose.describe_delivery_stream(DeliveryStreamName=delivery.bucket)
    stream = described["DeliveryStreamDescription"]
    [destination] = stream["Destinations"]
    shown = destination["ExtendedS3DestinationDescription"]
    assert {name: shown[name] for name in delivery.settings()} == delivery.settings()
    assert stream["DeliveryStreamARN"] == f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/{delivery.bucket}"
