"""What Transfer Family is told of a user who may come in: a role, a session policy within it, and a home.

Source: AWS Transfer Family User Guide, "Using AWS Lambda to integrate your identity provider": `HomeDirectoryDetails`
and `Policy` are JSON in text, `PublicKeys` is a list. A session policy has at most 2,048 characters (AWS STS API
Reference, AssumeRole).
"""

from __future__ import annotations

import json
from typing import Any

from file_transfer.identity.settings import IdentitySettings
from file_transfer.identity.user import SftpUser, UnusableUser

POLICY_LENGTH = 2048
#: The same as the roles of users that Terraform manages (modules/transfer-family/iam.tf).
OBJECTS = {
    "read-write": ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
    "read-only": ["s3:GetObject", "s3:GetObjectVersion"],
    "write-only": ["s3:PutObject"],
}
KEYS = {
    "read-write": ["kms:Decrypt", "kms:GenerateDataKey"],
    "read-only": ["kms:Decrypt"],
    "write-only": ["kms:Decrypt", "kms:GenerateDataKey"],
}


def answer(user: SftpUser, settings: IdentitySettings, *, with_keys: bool) -> dict[str, Any]:
    """The answer to a login; `with_keys`: the server compares the client's key with these. Raises UnusableUser."""
    policy = json.dumps(session_policy(user, settings.partition), separators=(",", ":"))
    if len(policy) > POLICY_LENGTH:
        raise UnusableUser("$.sftpUser.home.prefix: is too long for a session policy")
    details = [{"Entry": "/", "Target": f"/{user.bucket}/{user.prefix}".rstrip("/")}]
    return {
        "Role": settings.user_role_arn,
        "Policy": policy,
        "HomeDirectoryType": "LOGICAL",
        "HomeDirectoryDetails": json.dumps(details),
        **({"PublicKeys": list(user.public_keys)} if with_keys else {}),
    }


def session_policy(user: SftpUser, partition: str) -> dict[str, Any]:
    """What is left of the role for this user: the home, in the way that `access` says."""
    bucket, folder = f"arn:{partition}:s3:::{user.bucket}", user.prefix.rstrip("/")
    listed = [folder, f"{folder}/*"] if folder else ["*"]
    statements: list[dict[str, Any]] = [
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket"],
            "Resource": [bucket],
            "Condition": {"StringLike": {"s3:prefix": listed}},
        },
        {"Effect": "Allow", "Action": OBJECTS[user.access], "Resource": [f"{bucket}/{user.prefix}*"]},
    ]
    if user.place.kms_key_arn:
        statements.append({"Effect": "Allow", "Action": KEYS[user.access], "Resource": [user.place.kms_key_arn]})
    return {"Version": "2012-10-17", "Statement": statements}
