"""S3 announces objects on EventBridge with what a consumer needs to pin them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Cloud, eventually

Watch = Callable[[int], list[dict[str, Any]]]


@pytest.fixture
def bucket(cloud: Cloud) -> str:
    name, s3 = f"events-{uuid.uuid4().hex[:8]}", cloud.client("s3")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


@pytest.fixture
def watch(cloud: Cloud, bucket: str) -> Watch:
    """Returns the details of the next so many events of the bucket."""
    sqs, events = cloud.client("sqs"), cloud.client("events")
    url = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:000000000000:{bucket}"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allow, "Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "queue", "Arn": arn}])
    found: list[dict[str, Any]] = []

    def next_events(count: int) -> list[dict[str, Any]]:
        def enough() -> bool:
            answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            found.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
            return len(found) >= count

        eventually(enough)
        return sorted(found, key=lambda event: event["detail"]["object"]["sequencer"])

    return next_events


def test_a_put_and_a_copy_name_reason_version_and_content(cloud: Cloud, bucket: str, watch: Watch) -> None:
    # When an object is put and copied
    s3 = cloud.client("s3")
    put = s3.put_object(Bucket=bucket, Key="a", Body=b"123")
    copied = s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")

    # Then each is an event with its own version, in the order of the sequencers
    first, second = watch(2)
    assert first["detail-type"] == second["detail-type"] == "Object Created"
    assert (first["detail"]["reason"], second["detail"]["reason"]) == ("PutObject", "CopyObject")
    assert first["detail"]["object"]["version-id"] == put["VersionId"]
    assert second["detail"]["object"]["version-id"] == copied["VersionId"]
    assert first["detail"]["object"]["etag"] == put["ETag"].strip('"')
    assert first["detail"]["object"]["size"] == 3
    assert first["account"] == "000000000000"


@pytest.mark.parametrize(
    "key",
    ["a b+c.csv", "räp#1.csv", "q\"'&<>.csv", "100%25.csv", "emoji-😀.csv", "n" * 1000, "dir//double/./x"],
)
def test_keys_arrive_as_they_are(cloud: Cloud, bucket: str, watch: Watch, key: str) -> None:
    # When an object with an awkward key is put
    cloud.client("s3").put_object(Bucket=bucket, Key=key, Body=b"1")

    # Then the event has the key itself, not an encoding of it
    assert watch(1)[0]["detail"]["object"]["key"] == key


def test_an_overwrite_has_a_greater_sequencer(cloud: Cloud, bucket: str, watch: Watch) -> None:
    # When an object is put twice
    s3 = cloud.client("s3")
    versions = [s3.put_object(Bucket=bucket, Key="a", Body=body)["VersionId"] for body in (b"1", b"2")]

    # Then the sequencers order the versions
    assert [event["detail"]["object"]["version-id"] for event in watch(2)] == versions
