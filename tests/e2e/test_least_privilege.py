"""Over the whole suite, what each role may do equals what the local cloud saw it need."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.session import LocalCloud
from tests.e2e.transfers import Transfers

UNUSED = {
    # role suffix, action: why it is granted although no test makes it necessary
    ("validate-input", "s3:ListBucket"): "without it S3 answers 403 instead of 404 for an object that is gone",
    ("copy-object", "s3:ListBucket"): "without it S3 answers 403 instead of 404 for a target that is not there yet",
}
UNUSED_BY_SFTP_USERS = {
    "s3:GetObjectVersion": "Transfer Family's guide asks for it on every user that may read",
}
GRANTED_BUT_NOT_CHECKED = {
    # Actions of services that act for a role inside AWS, where the local cloud makes no API call.
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "sqs:GetQueueAttributes",
}


def granted(cloud: LocalCloud, role: str) -> set[str]:
    """Every action in the inline and attached policies of a role."""
    iam = cloud.client("iam")
    documents: list[Any] = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    statements = [statement for document in documents for statement in document["Statement"]]
    return {action for statement in statements for action in statement["Action"]}


def system_roles(cloud: LocalCloud) -> list[str]:
    """The roles of both systems: functions, machines and the pipe."""
    found = []
    for stack, output in (("file-transfer", "file_transfer"), ("disaster-recovery", "disaster_recovery")):
        names = cloud.outputs(stack)[output]["role_names"]
        found += [*names["functions"].values(), names["state_machine"], *([names["pipe"]] if "pipe" in names else [])]
    return found


@pytest.mark.last(5)
def test_each_role_may_do_exactly_what_it_was_seen_to_need(cloud: LocalCloud) -> None:
    # Given everything the suite did
    roles = system_roles(cloud)
    used: dict[str, set[str]] = {role: set() for role in roles}
    for entry in cloud.permissions():
        if entry["role"] in used and entry["allowed"]:
            used[entry["role"]].add(entry["action"])

    # When it is held against the policies
    problems = []
    for role in roles:
        allowed = granted(cloud, role)
        for action in sorted(allowed - used[role] - GRANTED_BUT_NOT_CHECKED):
            if not any(role.endswith(suffix) and action == known for suffix, known in UNUSED):
                problems.append(f"{role} may {action}, which nothing needed")

    # Then nothing is left over, and no exception has become unnecessary
    assert problems == []
    for suffix, action in UNUSED:
        role = next(role for role in roles if role.endswith(suffix))
        assert action in granted(cloud, role)


@pytest.mark.last(5)
def test_sftp_users_of_one_kind_may_do_exactly_what_they_were_seen_to_do(transfers: Transfers) -> None:
    # Given users with the same permissions, taken together: not every user does everything
    kinds: dict[frozenset[str], set[str]] = {}
    for role in transfers.system["role_names"]["sftp_users"].values():
        used = {p["action"] for p in transfers.cloud.permissions() if p["role"] == role and p["allowed"]}
        kinds.setdefault(frozenset(granted(transfers.cloud, role)), set()).update(used)

    # Then nothing is left over
    left = {action for allowed, used in kinds.items() for action in allowed - used}
    assert left <= set(UNUSED_BY_SFTP_USERS)
    assert len(kinds) == 2  # the partner reads, the others read and write


@pytest.mark.last(6)
def test_nobody_was_refused_anything_but_on_purpose(cloud: LocalCloud) -> None:
    # Given what tests refuse on purpose: a target that the copy role does not have (test_a_missing_target_bucket…), and
    # roles of another account that trust nobody (test_an_account_that_does_not_trust_us…)
    on_purpose = {("file-transfer-copy-object", "s3:PutObject"), ("disaster-recovery-api-handler", "sts:AssumeRole")}

    # Then nobody was refused anything else
    roles = set(system_roles(cloud))
    refused = {
        (entry["role"], entry["action"]) for entry in cloud.permissions() if entry["role"] in roles and entry["denied"]
    }
    assert refused <= on_purpose
