"""What DRS does in EC2 with the caller's own permissions, phase by phase.

DRS calls EC2 on behalf of whoever started the job (`aws:CalledVia` is `drs.amazonaws.com`), so a missing permission is
no refusal of StartRecovery but a server that fails later. The sets are those that AWS names for its managed policies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One action on one kind of resource (`*` for actions that know none); `writes` are on DRS's own, tagged things."""

    action: str
    resource: str = "*"
    writes: bool = True


Authorise = Callable[[str, Sequence[Need]], list[str]]
"""Principal and needs → the actions that are denied."""


def everything(_principal: str, _needs: Sequence[Need]) -> list[str]:
    """Denies nothing: for simulations in which IAM has no part."""
    return []


def _reads(*names: str) -> tuple[Need, ...]:
    return tuple(Need(f"ec2:Describe{name}", writes=False) for name in names)


# Asked when the job is to be started; denied means AccessDeniedException.
START = (Need("drs:CreateRecoveryInstanceForDrs", "source-server"), Need("drs:ListTagsForResource", "source-server"))
START_TAGGED = (*START, Need("drs:TagResource", "job"))
BY_PHASE: dict[str, tuple[Need, ...]] = {
    "CLEANUP": (
        Need("ec2:TerminateInstances", "instance"),
        Need("ec2:DeleteVolume", "volume"),
        *_reads("Instances", "Volumes"),
    ),
    "SNAPSHOT": (
        Need("ec2:CreateSnapshot", "volume"),
        Need("ec2:CreateTags", "snapshot"),
        *_reads("Snapshots", "Volumes", "AvailabilityZones", "AccountAttributes"),
    ),
    "CONVERSION": (
        Need("ec2:CreateVolume", "volume"),
        Need("ec2:AttachVolume", "instance"),
        Need("ec2:DetachVolume", "instance"),
        Need("ec2:RunInstances", "instance"),
        Need("ec2:StopInstances", "instance"),
        Need("ec2:ModifyInstanceAttribute", "instance"),
        Need("ec2:CreateSecurityGroup", "security-group"),
        Need("ec2:AuthorizeSecurityGroupIngress", "security-group"),
        Need("ec2:AuthorizeSecurityGroupEgress", "security-group"),
        Need("ec2:RevokeSecurityGroupEgress", "security-group"),
        Need("iam:PassRole", "conversion-role"),
        *_reads("Images", "SecurityGroups", "Subnets", "InstanceTypes", "InstanceStatus"),
    ),
    "LAUNCH": (
        Need("ec2:CreateLaunchTemplateVersion", "launch-template"),
        Need("ec2:ModifyLaunchTemplate", "launch-template"),
        Need("ec2:DeleteLaunchTemplateVersions", "launch-template"),
        Need("ec2:RunInstances", "instance"),
        Need("ec2:StartInstances", "instance"),
        Need("ec2:CreateTags", "instance"),
        *_reads("LaunchTemplates", "LaunchTemplateVersions", "Instances", "InstanceAttribute"),
    ),
    "TERMINATE": (
        Need("ec2:TerminateInstances", "instance"),
        Need("ec2:DeleteVolume", "volume"),
        Need("ec2:DeleteSnapshot", "snapshot"),
        *_reads("Instances", "Volumes"),
    ),
}
