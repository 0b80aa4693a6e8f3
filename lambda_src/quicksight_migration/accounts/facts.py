"""What is configured of a QuickSight account (environment variables SOURCE_ACCOUNTS and TARGET_ACCOUNTS)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from quicksight_migration.records.statuses import APPROVAL_MODES, NO_APPROVAL
from shared.settings import SettingError

DEFAULT_NAMESPACE = "default"


@dataclass(frozen=True)
class BiAccount:
    """One account and Region with the role of ours in it. A target also has a staging bucket and an approval.

    `identity_region` is where users and groups live; `staging_key_arn` encrypts the staging bucket, empty means the
    account's key of S3.
    """

    account_id: str
    name: str
    region: str
    role_arn: str
    external_id: str = field(default="", repr=False)
    identity_region: str = ""
    namespace: str = DEFAULT_NAMESPACE
    tenant_id: str = ""
    staging_bucket: str = ""
    staging_key_arn: str = ""
    approval: str = NO_APPROVAL


def read_accounts(documents: Mapping[str, Any], variable: str) -> dict[str, BiAccount]:
    """Account id → account. Raises SettingError naming the variable, the account and what is wrong with it."""
    return {account_id: _read(account_id, document, variable) for account_id, document in documents.items()}


def _read(account_id: str, document: Mapping[str, Any], variable: str) -> BiAccount:
    missing = [name for name in ("region", "roleArn") if not document.get(name)]
    if missing:
        raise SettingError(f"environment variable {variable}: account {account_id} has no {', '.join(missing)}")
    approval = document.get("approval") or NO_APPROVAL
    if approval not in APPROVAL_MODES:
        raise SettingError(f"environment variable {variable}: account {account_id} has the approval {approval!r}")
    region = str(document["region"])
    return BiAccount(
        account_id=account_id,
        name=str(document.get("name") or account_id),
        region=region,
        role_arn=str(document["roleArn"]),
        external_id=str(document.get("externalId") or ""),
        identity_region=str(document.get("identityRegion") or region),
        namespace=str(document.get("namespace") or DEFAULT_NAMESPACE),
        tenant_id=str(document.get("tenantId") or ""),
        staging_bucket=str(document.get("stagingBucket") or ""),
        staging_key_arn=str(document.get("stagingKeyArn") or ""),
        approval=approval,
    )
