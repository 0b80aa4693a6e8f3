"""What DRS does in EC2 with the caller's own permissions, phase by phase.

DRS calls EC2 on behalf of whoever started the job (`aws:CalledVia` is `drs.amazonaws.com`), so a missing permission is
no refusal of StartRecovery but a server that fails later. The actions are those that the service authorization
reference lists as dependent actions of StartRecovery and TerminateRecoveryInstances; which resources and tags each is
about is read from AWS's managed policy AWSElasticDisasterRecoveryConsoleFullAccess.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

Tagging = Literal["none", "managed", "created"]


@dataclass(frozen=True)
class Need:
    """One action on one kind of resource; `*` where the action knows none.

    `tagging` says where DRS's tag `AWSElasticDisasterRecoveryManaged` is: on the resource (`managed`), in the request
    (`created`), or nowhere. `keys` are further condition keys of the request.
    """

    action: str
    resource: str = "*"
    tagging: Tagging = "none"
    keys: tuple[tuple[str, str], ...] = ()


Authorise = Callable[[str, Sequence[Need], str], list[str]]
"""Principal, needs and source server → the actions that are denied."""


def everything(_principal: str, _needs: Sequence[Need], _server: str) -> list[str]:
    """Denies nothing: for simulations in which IAM has no part."""
    return []


def _reads(*names: str) -> tuple[Need, ...]:
    return tuple(Need(f"ec2:{name}") for name in names)


def _managed(resource: str, *names: str) -> tuple[Need, ...]:
    return tuple(Need(f"ec2:{name}", resource, "managed") for name in names)


def _created(resource: str, action: str) -> tuple[Need, ...]:
    """Making something takes a second permission: tagging it in the same call."""
    tagging = Need("ec2:CreateTags", resource, "created", (("ec2:CreateAction", action),))
    return Need(f"ec2:{action}", resource, "created"), tagging


def _pass_role(name: str) -> Need:
    return Need("iam:PassRole", f"role/service-role/{name}", keys=(("iam:PassedToService", "ec2.amazonaws.com"),))


_RUN_INSTANCES = (
    *_created("instance", "RunInstances"),
    *(
        Need("ec2:RunInstances", kind)
        for kind in ("image", "launch-template", "network-interface", "security-group", "subnet", "volume")
    ),
)
_TERMINATE = (
    *_managed("instance", "TerminateInstances"),
    *_managed("volume", "DeleteVolume"),
    *_reads("DescribeInstances", "DescribeVolumes"),
)
# Asked when a job is to be started; denied means AccessDeniedException.
START = (Need("drs:CreateRecoveryInstanceForDrs", "source-server"), Need("drs:ListTagsForResource", "source-server"))
START_TAGGED = (*START, Need("drs:TagResource", "job"))
BY_PHASE: dict[str, tuple[Need, ...]] = {
    "CLEANUP": _TERMINATE,
    "SNAPSHOT": (
        *_managed("volume", "CreateSnapshot"),
        *_created("snapshot", "CreateSnapshot"),
        *_reads("DescribeAccountAttributes", "DescribeAvailabilityZones", "DescribeSnapshots", "DescribeVolumes"),
    ),
    "CONVERSION": (
        *_managed("snapshot", "CreateVolume", "DeleteSnapshot"),
        *_created("volume", "CreateVolume"),
        *_managed("instance", "AttachVolume", "DetachVolume", "ModifyInstanceAttribute", "StopInstances"),
        *_managed("volume", "AttachVolume", "DetachVolume"),
        *_managed(
            "security-group",
            "AuthorizeSecurityGroupEgress",
            "AuthorizeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
        ),
        *_RUN_INSTANCES,
        _pass_role("AWSElasticDisasterRecoveryConversionServerRole"),
        *_reads("DescribeImages", "DescribeInstanceStatus", "DescribeSecurityGroups", "DescribeSubnets"),
    ),
    "LAUNCH": (
        *_created("launch-template", "CreateLaunchTemplate"),
        *_managed(
            "launch-template", "CreateLaunchTemplateVersion", "DeleteLaunchTemplateVersions", "ModifyLaunchTemplate"
        ),
        *_RUN_INSTANCES,
        *_managed("instance", "StartInstances"),
        _pass_role("AWSElasticDisasterRecoveryRecoveryInstanceRole"),
        *_reads(
            "DescribeInstanceAttribute",
            "DescribeInstanceTypes",
            "DescribeInstances",
            "DescribeLaunchTemplateVersions",
            "DescribeLaunchTemplates",
        ),
    ),
    "TERMINATE": _TERMINATE,
}
