"""Assets as the state has them: the request that would create each, and what hangs on it.

`request` is JSON as the API spells it, without account, permissions, tags, folders and credentials. Dashboards and
themes have `versions`; a dashboard's `request` is that of its published one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.quicksight.documents import references
from local_cloud.quicksight.errors import missing
from local_cloud.quicksight.grants import granted
from local_cloud.quicksight.kinds import Kind, arn_of, key_of, kind_of
from local_cloud.quicksight.state import Record, State, plain
from local_cloud.simulation.clock import Stamp

VERSIONED = ("dashboard", "theme")
# What a request may have besides the asset itself.
ASIDE = ("AwsAccountId", "Permissions", "Tags", "FolderArns", "Credentials", "ValidationStrategy")
# Types that connect with a login, which no bundle carries.
WITH_LOGIN = frozenset(
    "AURORA AURORA_POSTGRESQL DATABRICKS EXASOL MARIADB MYSQL ORACLE POSTGRESQL PRESTO REDSHIFT SNOWFLAKE SPARK "
    "SQLSERVER STARBURST TERADATA TRINO".split()
)


def fresh(at: Stamp) -> Record:
    """An asset that has nothing yet."""
    return {
        "request": {},
        "permissions": [],
        "tags": {},
        "folders": [],
        "refreshProperties": None,
        "errors": [],
        "login": False,
        "secretArn": None,
        "file": False,
        "created": at,
        "updated": at,
        "published": at,
        "version": 0,
        "versions": [],
        "deleted": None,
    }


def found(state: State, kind: Kind, identifier: str) -> Record:
    """An asset that is there. Raises ApiError ResourceNotFoundException."""
    asset = state.assets.get(key_of(kind, identifier))
    if asset is None:
        raise missing(f"{kind.name} {identifier}")
    return asset


def name_of(asset: Mapping[str, Any]) -> str:
    """The name that people see; a refresh schedule has none."""
    request = asset["request"]
    return str(request.get("Topic", request).get("Name", ""))


def put(state: State, at: Stamp, key: str, wanted: Mapping[str, Any]) -> None:
    """Creates an asset, or overwrites one.

    `wanted` has `request`, and, where they are not to stay as they are, `permissions` (granted in addition), `tags`,
    `folders`, `refreshProperties` and `credentials`.
    """
    asset = state.assets.get(key)
    if asset is None or asset["deleted"]:
        asset = state.assets[key] = fresh(at)
    replace(state, at, key, plain(wanted["request"]))
    asset["permissions"] = granted(asset["permissions"], wanted.get("permissions") or [])
    asset["tags"] |= wanted.get("tags") or {}
    asset["folders"] = list(dict.fromkeys([*asset["folders"], *(wanted.get("folders") or [])]))
    if wanted.get("refreshProperties") is not None:
        asset["refreshProperties"] = plain(wanted["refreshProperties"])
    if wanted.get("credentials"):
        asset["login"], asset["secretArn"] = True, wanted["credentials"].get("SecretArn")


def replace(state: State, at: Stamp, key: str, request: Record, publish: bool = True) -> None:
    """Gives an asset another request; of those with versions it is a new one."""
    asset = state.assets[key]
    asset["updated"] = at
    if kind_of(key).name in VERSIONED:
        number = 1 + max((each["number"] for each in asset["versions"]), default=0)
        asset["versions"].append({"number": number, "created": at, "request": request})
        if not publish:
            return
        asset["version"], asset["published"] = number, at
    asset["request"] = request


def remove(state: State, key: str) -> None:
    """Deletes an asset and what is nothing without it; its folder memberships go too."""
    del state.assets[key]
    kind, _, identifier = key.partition("/")
    if kind == "dataset":
        for other in [other for other in state.assets if other.startswith(f"refreshSchedule/{identifier}/")]:
            del state.assets[other]
    if kind == "folder":
        for asset in state.assets.values():
            asset["folders"] = [each for each in asset["folders"] if each != identifier]


def there(state: State, key: str) -> bool:
    """Whether an asset exists and has not been deleted."""
    return key in state.assets and not state.assets[key]["deleted"]


def errors_in(state: State, asset: Mapping[str, Any], request: Mapping[str, Any] | None = None) -> list[Record]:
    """Errors of an analysis's or a dashboard's definition, as DescribeDashboardDefinition gives them."""
    request = asset["request"] if request is None else request
    definition = request.get("Definition") or {}
    declared = {each["Identifier"]: each["DataSetArn"] for each in definition.get("DataSetIdentifierDeclarations", [])}
    errors: list[Record] = plain(asset["errors"])
    for arn in declared.values():
        if not all(there(state, key) for key in references({"DataSetArn": arn})):
            errors.append(_not_found(f"dataset {arn} does not exist"))
    for identifier in dict.fromkeys(_identifiers(definition)):
        if identifier not in declared:
            errors.append(_not_found(f"data set {identifier} is used in the definition and not declared"))
    return errors


def _not_found(message: str) -> Record:
    return {"Type": "DATA_SET_NOT_FOUND", "Message": message}


def _identifiers(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if "DataSetIdentifier" in value and "ColumnName" in value:
            yield str(value["DataSetIdentifier"])
        for each in value.values():
            yield from _identifiers(each)
    elif isinstance(value, list):
        for each in value:
            yield from _identifiers(each)


def folder_arns(state: State, asset: Mapping[str, Any]) -> list[str]:
    """ARNs of the folders that an asset is in."""
    return [arn_of(f"folder/{each}", state.account, state.region) for each in asset["folders"]]
