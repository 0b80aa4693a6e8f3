"""What policies are asked about when QuickSight is called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from local_cloud.quicksight.kinds import KINDS, arn_of, key_of

_BUNDLE_JOB = re.compile(r"\w+?AssetBundle(Export|Import)Jobs?")
_IDENTITIES = (("UserName", "user"), ("MemberName", "user"), ("GroupName", "group"))


def arn_asked_about(operation: str, parameters: Mapping[str, Any], account: str, region: str) -> str:
    """ARN of what a call is about; of a listing all ARNs of the kind, `*` for what is about the account."""
    prefix = f"arn:aws:quicksight:{region}:{account}"
    if job := _BUNDLE_JOB.fullmatch(operation):
        return f"{prefix}:asset-bundle-{job[1].lower()}-job/{parameters.get(f'AssetBundle{job[1]}JobId', '*')}"
    if "ResourceArn" in parameters:
        return str(parameters["ResourceArn"])
    if "Namespace" in parameters and operation != "DescribeFolderPermissions":
        return _identity(operation, parameters, prefix)
    key = _key(operation, parameters)
    return arn_of(key, account, region) if key else "*"


def _key(operation: str, parameters: Mapping[str, Any]) -> str:
    """The key of an asset, or of all of a kind; empty for neither."""
    schedule = parameters.get("ScheduleId") or (parameters.get("Schedule") or {}).get("ScheduleId")
    if schedule:
        return f"refreshSchedule/{parameters['DataSetId']}/{schedule}"
    for kind in KINDS:
        if kind.id_member in parameters:
            return key_of(kind, str(parameters[kind.id_member]))
    listed = [kind for kind in KINDS if operation in (f"List{kind.noun}s", f"List{kind.noun[:-2]}es")]
    return key_of(listed[0], "*") if listed else ""


def _identity(operation: str, parameters: Mapping[str, Any], prefix: str) -> str:
    namespace = parameters["Namespace"]
    about_groups = "Group" in operation and operation != "ListUserGroups"
    for member, kind in _IDENTITIES:
        if member in parameters and (kind == "group") == about_groups:
            return f"{prefix}:{kind}/{namespace}/{parameters[member]}"
    if operation == "DescribeNamespace":
        return f"{prefix}:namespace/{namespace}"
    return f"{prefix}:{'group' if about_groups else 'user'}/{namespace}/*"
