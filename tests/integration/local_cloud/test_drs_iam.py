"""IAM and DRS: who may call it, and what it may do in EC2 for its caller."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, Cloud
from .drs_accounts import Account, local_account, server_id

SOURCE_SERVERS = f"arn:aws:drs:us-east-1:{ACCOUNT}:source-server"
READ = {"Action": ["drs:DescribeJobs", "drs:DescribeSourceServers"], "Resource": "*"}
MAKE = {
    "Action": ["drs:CreateRecoveryInstanceForDrs", "drs:ListTagsForResource", "drs:StartRecovery"],
    "Resource": f"{SOURCE_SERVERS}/*",
}
VIA = {"Bool": {"aws:ViaAWSService": "true"}, "ForAnyValue:StringEquals": {"aws:CalledVia": ["drs.amazonaws.com"]}}
MANAGED = {"Null": {"aws:ResourceTag/AWSElasticDisasterRecoveryManaged": "false"}}
CREATED = {"Null": {"aws:RequestTag/AWSElasticDisasterRecoveryManaged": "false"}}


def ec2(kind: str) -> str:
    return f"arn:aws:ec2:us-east-1:{ACCOUNT}:{kind}/*"


# What StartRecovery wants of its caller in EC2, with the conditions of AWS's managed policy.
LAUNCH: list[dict[str, Any]] = [
    {"Action": "ec2:Describe*", "Resource": "*"},
    {"Action": "ec2:CreateVolume", "Resource": ec2("volume"), "Condition": VIA | CREATED},
    {"Action": "ec2:CreateVolume", "Resource": ec2("snapshot"), "Condition": VIA | MANAGED},
    {"Action": "ec2:CreateSnapshot", "Resource": ec2("volume"), "Condition": VIA | MANAGED},
    {"Action": "ec2:CreateSnapshot", "Resource": ec2("snapshot"), "Condition": VIA | CREATED},
    {"Action": ["ec2:DeleteSnapshot"], "Resource": ec2("snapshot"), "Condition": VIA | MANAGED},
    {"Action": ["ec2:DeleteVolume"], "Resource": ec2("volume"), "Condition": VIA | MANAGED},
    {
        "Action": ["ec2:AttachVolume", "ec2:DetachVolume"],
        "Resource": [ec2("instance"), ec2("volume")],
        "Condition": VIA | MANAGED,
    },
    {"Action": "ec2:*SecurityGroup*gress", "Resource": ec2("security-group"), "Condition": VIA | MANAGED},
    {"Action": "ec2:RunInstances", "Resource": ec2("instance"), "Condition": VIA | CREATED},
    {
        "Action": "ec2:RunInstances",
        "Resource": [
            "arn:aws:ec2:us-east-1::image/*",
            *map(ec2, ("launch-template", "network-interface", "security-group", "subnet", "volume")),
        ],
        "Condition": VIA,
    },
    {
        "Action": ["ec2:ModifyInstanceAttribute", "ec2:St*Instances", "ec2:TerminateInstances"],
        "Resource": ec2("instance"),
        "Condition": VIA | MANAGED,
    },
    {
        "Action": ["ec2:CreateLaunchTemplateVersion", "ec2:DeleteLaunchTemplateVersions", "ec2:ModifyLaunchTemplate"],
        "Resource": ec2("launch-template"),
        "Condition": MANAGED,
    },
    {"Action": "ec2:CreateLaunchTemplate", "Resource": ec2("launch-template"), "Condition": CREATED},
    {
        "Action": "ec2:CreateTags",
        "Resource": [*map(ec2, ("instance", "launch-template", "snapshot", "volume"))],
        "Condition": {
            "StringEquals": {
                "ec2:CreateAction": ["CreateLaunchTemplate", "CreateSnapshot", "CreateVolume", "RunInstances"]
            }
        },
    },
    {
        "Action": "iam:PassRole",
        "Resource": f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSElasticDisasterRecovery*",
        "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
    },
]


@pytest.fixture
def account(cloud: Cloud) -> Account:
    found = local_account(cloud)
    found.seed(3)
    found.control.clear()
    return found


def denied(call: Any) -> str:
    with pytest.raises(ClientError) as refused:
        call()
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    return str(refused.value.response["Error"]["Message"])


def test_a_call_needs_its_permission(cloud: Cloud, account: Account) -> None:
    drs = cloud.client_as(cloud.role("lambda", READ), "drs")

    assert len(drs.describe_source_servers()["items"]) == 3
    assert "drs:DescribeRecoveryInstances" in denied(drs.describe_recovery_instances)
    assert "drs:StartRecovery" in denied(lambda: account.start(1, client=drs))


def test_every_server_of_a_call_is_asked_about(cloud: Cloud, account: Account) -> None:
    # Given a role that may launch one server
    one = {"Action": "drs:*", "Resource": f"{SOURCE_SERVERS}/{server_id(1)}"}
    drs = cloud.client_as(cloud.role("lambda", one, *LAUNCH), "drs")

    # Then it may not launch that one with another, in whatever order
    assert server_id(2) in denied(lambda: account.start(1, 2, client=drs))
    assert "drs:StartRecovery" in denied(lambda: account.start(2, 1, client=drs))
    assert account.client().describe_jobs()["items"] == []
    assert account.start(1, client=drs)


def test_making_instances_and_tagging_jobs_are_permissions_of_their_own(cloud: Cloud, account: Account) -> None:
    start = {"Action": "drs:StartRecovery", "Resource": "*"}
    drs = cloud.client_as(cloud.role("lambda", start, *LAUNCH), "drs")
    assert "drs:CreateRecoveryInstanceForDrs" in denied(lambda: account.start(1, client=drs))

    drs = cloud.client_as(cloud.role("lambda", MAKE, *LAUNCH), "drs")
    assert "drs:TagResource" in denied(lambda: account.start(1, client=drs, tags={"a": "b"}))
    assert account.start(1, client=drs)


def test_a_caller_with_what_aws_lists_launches_and_terminates(cloud: Cloud, account: Account) -> None:
    # Given a role with exactly the dependent actions of StartRecovery
    terminate = {"Action": "drs:TerminateRecoveryInstances", "Resource": f"arn:aws:drs:us-east-1:{ACCOUNT}:*"}
    drs = cloud.client_as(cloud.role("lambda", READ, MAKE, terminate, *LAUNCH), "drs")

    # When it launches a server twice, so that the first launch is cleaned up
    assert account.statuses(account.start(1, client=drs)) == ["LAUNCHED"]
    assert account.statuses(account.start(1, client=drs)) == ["LAUNCHED"]

    # And terminates it
    (instance,) = account.client().describe_recovery_instances()["items"]
    ended = drs.terminate_recovery_instances(recoveryInstanceIDs=[instance["recoveryInstanceID"]])["job"]["jobID"]

    # Then nothing was denied
    assert account.statuses(ended) == ["TERMINATED"]
    assert account.control.state()["denials"] == []


@pytest.mark.parametrize("missing", range(len(LAUNCH)))
def test_each_permission_is_needed_and_its_lack_fails_the_server(cloud: Cloud, account: Account, missing: int) -> None:
    # Given a role that lacks one statement
    statements = LAUNCH[:missing] + LAUNCH[missing + 1 :]
    role = cloud.role("lambda", MAKE, *statements)

    # When it launches a server that was launched before
    account.completed(account.start(1))
    job = account.start(1, client=cloud.client_as(role, "drs"))
    account.completed(job)

    # Then the call was accepted, and the job log says what was not allowed
    items = account.client().describe_job_log_items(jobID=job)["items"]
    errors = [item["eventData"]["rawError"] for item in items if "rawError" in item["eventData"]]
    assert errors
    assert all(error.startswith("UnauthorizedOperation") for error in errors)
    lacked = {denial["action"] for denial in account.control.state()["denials"]}
    assert lacked
    assert all(action in " ".join(errors) for action in lacked)


def test_what_drs_asked_for_is_on_record(cloud: Cloud, account: Account) -> None:
    role = cloud.role("lambda", MAKE, *LAUNCH)

    account.completed(account.start(2, client=cloud.client_as(role, "drs")))

    asked = cloud.control("GET", "permissions")["permissions"]
    actions = {each["action"] for each in asked if each["role"] == role.rpartition("/")[2] and each["allowed"]}
    assert {"drs:StartRecovery", "ec2:RunInstances", "ec2:CreateSnapshot", "iam:PassRole"} <= actions
    assert not {each["action"] for each in asked if each["role"] == role.rpartition("/")[2] and each["denied"]}


def test_service_quotas_needs_its_permission(cloud: Cloud, account: Account) -> None:
    quotas = cloud.client_as(cloud.role("lambda", READ), "service-quotas")

    denied(lambda: quotas.get_service_quota(ServiceCode="drs", QuotaCode="L-D88FAC3A"))

    allowed = {"Action": "servicequotas:GetServiceQuota", "Resource": "*"}
    quotas = cloud.client_as(cloud.role("lambda", allowed), "service-quotas")
    assert quotas.get_service_quota(ServiceCode="drs", QuotaCode="L-D88FAC3A")["Quota"]["Value"] == 20
