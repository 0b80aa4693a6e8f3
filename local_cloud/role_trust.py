"""Whether a role may be assumed by a service of AWS, which ministack does not ask where a service acts by itself."""

from __future__ import annotations

import json

from ministack.services import iam

from local_cloud import function_policy

SYMBOLS = function_policy.SYMBOLS


def trusts(role_arn: str, service: str, source_arn: str) -> bool:
    """Whether there is such a role, and its trust policy names `<service>.amazonaws.com` on behalf of `source_arn`."""
    role = iam._roles.get_scoped(role_arn.split(":")[4], None, role_arn.rpartition("/")[2])
    if role is None:
        return False
    trust = json.loads(role["AssumeRolePolicyDocument"])
    statements = trust.get("Statement", [])
    about = [{**one, "Resource": "*"} for one in (statements if isinstance(statements, list) else [statements])]
    return function_policy.allows({**trust, "Statement": about}, "sts:AssumeRole", role_arn, service, source_arn)
