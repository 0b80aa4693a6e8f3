"""Roles of another account: who may assume them, and that their sessions act there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.local_cloud.conftest import Cloud
from tests.integration.local_cloud.resources import unique

OTHER = "222222222222"
EXTERNAL_ID = "recovery-7"


def foreign_role(cloud: Cloud, trusted: str, *statements: dict[str, Any]) -> str:
    """A role in the other account that `trusted` may assume with the external id."""
    iam, name = cloud.client("iam", aws_access_key_id=OTHER, aws_secret_access_key="test"), unique("role")
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": trusted},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
    iam.put_role_policy(RoleName=name, PolicyName="policy", PolicyDocument=json.dumps(policy))
    return str(arn)


def assume(cloud: Cloud, caller: str, role: str, **more: str) -> dict[str, str]:
    """Credentials, as boto3 takes them, of a session of `role` that `caller` assumed."""
    sts = cloud.client_as(caller, "sts")
    given = sts.assume_role(RoleArn=role, RoleSessionName="recovery", **more)["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }


def test_a_session_of_another_account_acts_there_and_as_its_role_may(cloud: Cloud) -> None:
    # Given a role of another account that may make one queue, and a role of ours that may assume it
    name = unique("queue")
    caller = cloud.role("lambda", {"Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{OTHER}:role/*"})
    mine = {"Action": "sqs:*", "Resource": f"arn:aws:sqs:*:{OTHER}:{name}"}
    session = assume(cloud, caller, foreign_role(cloud, caller, mine), ExternalId=EXTERNAL_ID)

    # When
    sqs = cloud.client("sqs", **session)
    url = sqs.create_queue(QueueName=name)["QueueUrl"]

    # Then the queue is in that account, and nothing else may be done
    assert cloud.client("sts", **session).get_caller_identity()["Account"] == OTHER
    assert f"/{OTHER}/" in url
    assert not cloud.client("sqs").list_queues(QueueNamePrefix=name).get("QueueUrls")
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.create_queue(QueueName=f"{name}-2")


@pytest.mark.parametrize("external", [{}, {"ExternalId": "wrong"}])
def test_the_external_id_is_asked_for(cloud: Cloud, external: dict[str, str]) -> None:
    # Given
    caller = cloud.role("lambda", {"Action": "sts:AssumeRole", "Resource": "*"})
    role = foreign_role(cloud, caller, {"Action": "sqs:*", "Resource": "*"})

    # When / Then
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(cloud, caller, role, **external)


def test_both_sides_have_to_agree(cloud: Cloud) -> None:
    # Given a role that may assume nothing, and one that nobody trusts
    powerless = cloud.role("lambda")
    stranger = cloud.role("lambda", {"Action": "sts:AssumeRole", "Resource": "*"})
    role = foreign_role(cloud, powerless, {"Action": "sqs:*", "Resource": "*"})

    # When / Then
    for caller in (powerless, stranger):
        with pytest.raises(ClientError, match="AccessDenied"):
            assume(cloud, caller, role, ExternalId=EXTERNAL_ID)
