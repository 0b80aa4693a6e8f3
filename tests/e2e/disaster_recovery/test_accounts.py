"""Servers of another account: a role there, an external id, and DRS that is asked there and nowhere else."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from tests.e2e.disaster_recovery.recoveries import Recoveries

OTHER = "222222222222"
ROLE = "towpath-recovery"  # the one that the local stack may assume
EXTERNAL_ID = "towpath-drills"
SERVERS = [f"s-{number:017x}" for number in range(0xE0000, 0xE0004)]
ACCOUNT = {
    "accountId": OTHER,
    "region": "us-east-1",
    "roleArn": f"arn:aws:iam::{OTHER}:role/{ROLE}",
    "externalId": EXTERNAL_ID,
}


def client_there(recoveries: Recoveries, service: str) -> Any:
    """A client of the other account's administrator."""
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=recoveries.cloud.endpoints["endpoint_url"],
        aws_access_key_id=OTHER,
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="session")
def other_account(protected: Recoveries) -> Recoveries:
    """The other account with servers of its own, and a role that the system's functions may assume."""
    protected.cloud.drs(OTHER).seed(
        {"servers": [{"sourceServerID": name, "hostname": f"there-{name[-1]}"} for name in SERVERS]}
    )
    iam = client_there(protected, "iam")
    roles = [
        protected.cloud.client("iam").get_role(RoleName=name)["Role"]["Arn"]
        for name in protected.system["role_names"]["functions"].values()
    ]
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": roles},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}},
            }
        ],
    }
    may = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["drs:*", "ec2:*", "iam:PassRole", "servicequotas:GetServiceQuota"],
                "Resource": "*",
            }
        ],
    }
    try:
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    iam.put_role_policy(RoleName=ROLE, PolicyName="recovery", PolicyDocument=json.dumps(may))
    return protected


def test_a_drill_in_another_account(other_account: Recoveries, recoveries: Recoveries) -> None:
    # Given a plan for servers of the other account
    plan = recoveries.plan(SERVERS[:2], [SERVERS[2]], account=ACCOUNT)

    # When it runs
    drill = recoveries.start(plan)
    ended = recoveries.wait(drill)

    # Then the servers launched there, and nothing here
    assert ended["status"] == "COMPLETED"
    there = client_there(recoveries, "drs").describe_recovery_instances(filters={})["items"]
    assert {instance["sourceServerID"] for instance in there} == set(SERVERS[:3])
    assert recoveries.jobs(*SERVERS) == []

    # And they are terminated there
    assert recoveries.command(drill, "terminate-instances").status == 202
    recoveries.eventually(
        lambda: recoveries.execution(drill)["instancesTerminated"], "termination", between=recoveries.tick
    )


@pytest.mark.parametrize("wrong", [{"externalId": "guessed"}, {"roleArn": f"arn:aws:iam::{OTHER}:role/another"}])
def test_an_account_that_does_not_trust_us_is_told_when_the_plan_is_stored(
    other_account: Recoveries, recoveries: Recoveries, wrong: dict[str, str]
) -> None:
    document = {"name": "untrusted", "account": {**ACCOUNT, **wrong}, "waves": recoveries.waves([SERVERS[3]])}
    answer = recoveries.api("POST", "/recovery-plans", document)
    assert answer.status == 400
    assert "$.account.roleArn" in {error["path"] for error in answer.body["errors"]}


def test_servers_of_this_account_are_unknown_there(other_account: Recoveries, recoveries: Recoveries) -> None:
    waves = recoveries.waves(recoveries.servers(1))
    answer = recoveries.api("POST", "/recovery-plans", {"name": "mixed up", "account": ACCOUNT, "waves": waves})
    assert answer.status == 400
    assert [error["path"] for error in answer.body["errors"]] == ["$.waves[0].servers[0].sourceServerId"]
