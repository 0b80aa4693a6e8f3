"""Permissions of one asset over the API, whatever its type."""

from __future__ import annotations

from typing import Any

from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.assets.inventory import call
from quicksight_migration.assets.types import Asset, AssetType
from quicksight_migration.permissions.convergence import Change, Permissions, by_principal, requests_of

#: Type → the type in the names of operations, the member for the id, entries that one update takes of each kind
#: (botocore's model of QuickSight, 2018-04-01).
OPERATIONS = {
    AssetType.DASHBOARD: ("dashboard", "DashboardId", 100),
    AssetType.ANALYSIS: ("analysis", "AnalysisId", 100),
    AssetType.THEME: ("theme", "ThemeId", 100),
    AssetType.DATASET: ("data_set", "DataSetId", 64),
    AssetType.DATASOURCE: ("data_source", "DataSourceId", 64),
    AssetType.FOLDER: ("folder", "FolderId", 64),
}


def read_permissions(session: AccountSession, asset: Asset) -> Permissions:
    """Who may do what now, all pages. Raises the taxonomy's errors, NotFound for an asset that is not there."""
    name, member, _ = OPERATIONS[asset.type]
    asked: dict[str, Any] = {"AwsAccountId": session.account_id, member: asset.id}
    found = []
    while True:
        answer = call(session.quicksight, f"describe_{name}_permissions", **asked)
        found += answer.get("Permissions", [])
        token = answer.get("NextToken")
        if not token or token == asked.get("NextToken"):
            return by_principal(found)
        asked["NextToken"] = token


def apply_change(session: AccountSession, asset: Asset, change: Change) -> None:
    """Grants and revokes; safe to repeat. Raises the taxonomy's errors."""
    name, member, most = OPERATIONS[asset.type]
    for request in requests_of(change, most):
        asked = {"AwsAccountId": session.account_id, member: asset.id}
        call(session.quicksight, f"update_{name}_permissions", **asked, **request)
