"""What the policies were asked can be read back, and loopback counts as TLS."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import Cloud


def asked(cloud: Cloud, role: str) -> dict[str, dict[str, Any]]:
    """What a role was seen to ask for, by action."""
    entries = cloud.control("GET", "permissions")["permissions"]
    return {entry["action"]: entry for entry in entries if entry["role"] == role}


def test_each_action_of_a_role_is_counted_as_allowed_or_denied(cloud: Cloud) -> None:
    # Given a role that may list one bucket's objects and no more
    bucket, role = f"asked-{uuid.uuid4().hex[:8]}", f"asker-{uuid.uuid4().hex[:8]}"
    cloud.client("s3").create_bucket(Bucket=bucket)
    allowed = {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{bucket}"}
    s3 = cloud.client_as(cloud.role("lambda", allowed, name=role), "s3")

    # When it lists, twice, and tries to write
    s3.list_objects_v2(Bucket=bucket)
    s3.list_objects_v2(Bucket=bucket)
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=bucket, Key="k", Body=b"x")

    # Then both are on record, and nothing else
    entries = asked(cloud, role)
    assert {action: (e["allowed"], e["denied"]) for action, e in entries.items()} == {
        "s3:ListBucket": (2, 0),
        "s3:PutObject": (0, 1),
    }
    assert entries["s3:PutObject"]["resource"] == f"arn:aws:s3:::{bucket}/k"


@pytest.mark.parametrize(("secure", "refused"), [("false", False), ("true", True)])
def test_a_policy_that_demands_tls_lets_loopback_in(cloud: Cloud, secure: str, refused: bool) -> None:
    # Given a queue whose policy denies everybody who comes with (or, to tell them apart, without) TLS
    queue = cloud.client("sqs").create_queue(QueueName=f"tls-{uuid.uuid4().hex[:8]}")["QueueUrl"]
    role = cloud.role("lambda", {"Action": "sqs:SendMessage", "Resource": "*"})
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:SendMessage",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": secure}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    cloud.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})

    # When a role sends a message over loopback, then it counts as having come over TLS
    sqs = cloud.client_as(role, "sqs")
    if refused:
        with pytest.raises(ClientError, match="AccessDenied"):
            sqs.send_message(QueueUrl=queue, MessageBody="x")
    else:
        assert sqs.send_message(QueueUrl=queue, MessageBody="x")["MessageId"]
