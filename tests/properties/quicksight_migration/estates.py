"""Accounts of QuickSight and jobs between them, small enough to be run by the thousand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from local_cloud.virtual.migration.places import REGION, SOURCE, TARGET

#: A dashboard, its analysis, its dataset and its data source; all dashboards share a theme.
KINDS = ("DATASOURCE", "DATASET", "ANALYSIS", "DASHBOARD")
ID_MEMBERS = {
    "DATASOURCE": "DataSourceId",
    "DATASET": "DataSetId",
    "ANALYSIS": "AnalysisId",
    "DASHBOARD": "DashboardId",
}
THEME = "brand"
VIEWERS, OWNERS = "group/default/bi-viewers", "group/default/bi-owners"


def arn(kind: str, identifier: str, account: str = SOURCE) -> str:
    """`kind` as in an ARN: dashboard, dataset, …"""
    return f"arn:aws:quicksight:{REGION}:{account}:{kind}/{identifier}"


def dashboards(numbers: Iterable[int]) -> list[str]:
    """ARNs of the source's dashboards."""
    return [arn("dashboard", f"sales-{number}") for number in numbers]


def group(name: str) -> str:
    """A group's ARN in the target."""
    return f"arn:aws:quicksight:{REGION}:{TARGET}:{name}"


def family(number: int, title: str = "") -> list[dict[str, Any]]:
    """The assets around one dashboard, `sales-<number>` each. `title` makes them differ from another account's."""
    name = f"Sales {number}{title}"
    own = f"sales-{number}"

    def here(kind: str) -> str:
        return f"arn:aws:quicksight:${{region}}:${{account}}:{kind}/{own}"

    table = {
        "DataSourceArn": here("datasource"),
        "Schema": "sales",
        "Name": "orders",
        "InputColumns": [{"Name": "region", "Type": "STRING"}],
    }
    definition = {
        "DataSetIdentifierDeclarations": [{"Identifier": "orders", "DataSetArn": here("dataset")}],
        "Sheets": [{"SheetId": "one", "Name": name}],
    }
    theme = {"ThemeArn": f"arn:aws:quicksight:${{region}}:${{account}}:theme/{THEME}"}
    requests: dict[str, dict[str, Any]] = {
        "DATASOURCE": {"Type": "ATHENA", "DataSourceParameters": {"AthenaParameters": {"WorkGroup": "primary"}}},
        "DATASET": {"PhysicalTableMap": {"orders": {"RelationalTable": table}}, "ImportMode": "DIRECT_QUERY"},
        "ANALYSIS": {"Definition": definition, **theme},
        "DASHBOARD": {"Definition": definition, **theme},
    }
    return [{"type": kind, "request": {ID_MEMBERS[kind]: own, "Name": name, **requests[kind]}} for kind in KINDS]


def theme() -> dict[str, Any]:
    """The theme of all dashboards."""
    request = {"ThemeId": THEME, "Name": "Brand", "BaseThemeId": "CLASSIC", "Configuration": {}}
    return {"type": "THEME", "request": request}


def source(families: int) -> dict[str, Any]:
    """The account that assets come from."""
    assets = [theme(), *(asset for number in range(families) for asset in family(number))]
    return {"account": SOURCE, "region": REGION, "identityRegion": REGION, "edition": "ENTERPRISE", "assets": assets}


def target(there: Mapping[int, str]) -> dict[str, Any]:
    """The account that they go to: families by number that are there already, with what their names end in."""
    assets = [theme()] if there else []
    owned = {"permissions": [{"Principal": OWNERS, "Actions": ["OWNER"]}]}
    assets += [{**asset, **owned} for number, title in sorted(there.items()) for asset in family(number, title)]
    groups = [{"groupName": name.rpartition("/")[2], "members": []} for name in (VIEWERS, OWNERS)]
    return {
        "account": TARGET,
        "region": REGION,
        "identityRegion": REGION,
        "edition": "ENTERPRISE",
        "users": [],
        "groups": groups,
        "assets": assets,
    }


def job(numbers: Iterable[int], **fields: Any) -> dict[str, Any]:
    """The body of POST /jobs for some dashboards; `fields` are its other members, `options` among them."""
    numbers = list(numbers)
    parameters = {"AthenaParameters": {"WorkGroup": "production"}}
    sources = [{"DataSourceId": f"sales-{number}", "DataSourceParameters": parameters} for number in numbers]
    accounts = {"sourceAccountId": SOURCE, "targetAccountId": TARGET}
    return {**accounts, "assets": dashboards(numbers), "overrides": {"DataSources": sources}, **fields}
