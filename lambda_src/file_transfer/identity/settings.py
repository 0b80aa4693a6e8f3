"""The environment variables of the identity provider, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.settings import json_value, text


@dataclass(frozen=True)
class HomePlace:
    """A bucket and a prefix (ending in "/", or empty: all of it) below which homes may lie; its KMS key or ""."""

    bucket: str
    prefix: str = ""
    kms_key_arn: str = ""

    def holds(self, bucket: str, prefix: str) -> bool:
        """True for a home in this place."""
        return bucket == self.bucket and prefix.startswith(self.prefix)


@dataclass(frozen=True)
class IdentitySettings:
    """The table of definitions, the role that users act as, and where their homes may be."""

    workflow_table: str
    user_role_arn: str
    landing_bucket: str
    homes: tuple[HomePlace, ...]

    @property
    def partition(self) -> str:
        """`aws`, or that of another part of the cloud."""
        return self.user_role_arn.split(":")[1]


def read_settings(environ: Mapping[str, str] | None = None) -> IdentitySettings:
    """Settings of this worker. Raises SettingError naming the variable that cannot be read."""
    env = os.environ if environ is None else environ
    homes: list[Any] = json_value(env, "SFTP_HOMES", [])
    return IdentitySettings(
        workflow_table=text(env, "WORKFLOW_TABLE"),
        user_role_arn=text(env, "SFTP_USER_ROLE_ARN"),
        landing_bucket=text(env, "SOURCE_BUCKET"),
        homes=tuple(HomePlace(each["bucket"], each["prefix"], each.get("kms_key_arn") or "") for each in homes),
    )
