"""What roles may do, held against what the local cloud saw them need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.session import LocalCloud

# Actions of services that act for a role inside AWS, where the local cloud makes no API call.
NOT_CHECKED = {
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
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
Exceptions = Mapping[tuple[str, str], str]
"""Suffix of a role's name and an action → why it is granted although no test makes it necessary."""


def roles_of(system: Mapping[str, Any]) -> list[str]:
    """The roles of a system by its outputs: functions, the machine, and its pipe where there is one."""
    names = system["role_names"]
    return [*names["functions"].values(), names["state_machine"], *([names["pipe"]] if "pipe" in names else [])]


def granted(cloud: LocalCloud, role: str, account: str = "") -> set[str]:
    """Every action in the inline and attached policies of a role, of the local account unless one is named."""
    iam = cloud.client("iam", account)
    documents: list[Any] = [
        iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for name in iam.list_role_policies(RoleName=role)["PolicyNames"]
    ]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    statements = [statement for document in documents for statement in document["Statement"]]
    return {action for statement in statements for action in statement["Action"]}


def left_over(cloud: LocalCloud, roles: Iterable[str], exceptions: Exceptions, account: str = "") -> str:
    """A line for each action that a role may do and nothing needed, and for each exception that is not granted."""
    used: dict[str, set[str]] = {role: set() for role in roles}
    for entry in cloud.permissions():
        if entry["role"] in used and entry["allowed"]:
            used[entry["role"]].add(entry["action"])
    problems = []
    for role, seen in used.items():
        allowed = granted(cloud, role, account)
        excused = {action for suffix, action in exceptions if role.endswith(suffix)}
        problems += [f"{role} may {action}, which nothing needed" for action in allowed - seen - NOT_CHECKED - excused]
        problems += [f"{role} may not {action}: it is no exception" for action in excused - allowed]
    return "\n".join(sorted(problems))


def refused(cloud: LocalCloud, roles: Iterable[str]) -> set[tuple[str, str]]:
    """Roles and the actions that they were refused."""
    wanted = set(roles)
    return {(each["role"], each["action"]) for each in cloud.permissions() if each["role"] in wanted and each["denied"]}
