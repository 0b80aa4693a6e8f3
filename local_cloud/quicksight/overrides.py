"""What an import changes in the assets of a bundle before it writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from local_cloud.quicksight.errors import invalid
from local_cloud.quicksight.grants import granted
from local_cloud.quicksight.kinds import BY_NAME, key_of
from local_cloud.quicksight.state import Record, plain

LISTS = {
    "VPCConnections": "vpcConnection",
    "RefreshSchedules": "refreshSchedule",
    "DataSources": "datasource",
    "DataSets": "dataset",
    "Themes": "theme",
    "Analyses": "analysis",
    "Dashboards": "dashboard",
    "Folders": "folder",
}
# Members of overrides that are no members of the request.
_ASIDE = {"DataSetRefreshProperties": "refreshProperties", "Credentials": "credentials"}


def apply(request: Mapping[str, Any], wanted: Mapping[str, Record]) -> None:
    """Overrides parameters, permissions and tags of `wanted` (key → asset).

    Raises ApiError InvalidParameterValueException for an override of what is not in the bundle.
    """
    for kind, each in _entries(request.get("OverrideParameters") or {}):
        _parameters(wanted[_present(wanted, kind, each)], kind, each)
    for keys, each in _chosen(request.get("OverridePermissions") or {}, wanted):
        for key in keys:
            permissions = wanted[key].setdefault("overriddenPermissions", [])
            wanted[key]["overriddenPermissions"] = granted(permissions, _grants(each))
    for asset in wanted.values():
        asset["permissions"] = asset.pop("overriddenPermissions", asset["permissions"])
    for keys, each in _chosen(request.get("OverrideTags") or {}, wanted):
        for key in keys:
            wanted[key]["tags"] = (wanted[key]["tags"] or {}) | {tag["Key"]: tag["Value"] for tag in each["Tags"]}


def prefix_of(request: Mapping[str, Any]) -> str:
    """What is to be put before the ids of all assets."""
    configuration = (request.get("OverrideParameters") or {}).get("ResourceIdOverrideConfiguration") or {}
    return str(configuration.get("PrefixForAllResources", ""))


def _entries(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Record]]:
    for name, kind in LISTS.items():
        for each in parameters.get(name) or ():
            yield kind, each


def _present(wanted: Mapping[str, Record], kind: str, entry: Record) -> str:
    identifier = entry[BY_NAME[kind].id_member]
    if kind == "refreshSchedule":
        identifier = f"{entry['DataSetId']}/{identifier}"
    return _require(wanted, kind, identifier)


def _require(wanted: Mapping[str, Record], kind: str, identifier: str) -> str:
    key = key_of(BY_NAME[kind], identifier)
    if key not in wanted:
        raise invalid(f"{kind} {identifier} is to be overridden and is not in the bundle")
    return key


def _parameters(asset: Record, kind: str, entry: Record) -> None:
    for name, value in entry.items():
        if name in _ASIDE:
            asset[_ASIDE[name]] = plain(value)
        elif name == "StartAfterDateTime":
            asset["request"]["Schedule"][name] = value
        elif name not in (BY_NAME[kind].id_member, "DataSetId"):
            asset["request"][name] = plain(value)


def _chosen(lists: Mapping[str, Any], wanted: Mapping[str, Record]) -> Iterator[tuple[list[str], Record]]:
    """Each entry of permissions or tags with the keys that it is for."""
    for name, kind in LISTS.items():
        for each in lists.get(name) or ():
            identifiers = next(value for member, value in each.items() if member.endswith("Ids"))
            if "*" in identifiers:
                yield [key for key in wanted if key.startswith(f"{kind}/")], each
            else:
                yield [_require(wanted, kind, identifier) for identifier in identifiers], each


def _grants(entry: Record) -> list[Record]:
    permissions = entry.get("Permissions") or {"Principals": [], "Actions": []}
    return [{"Principal": each, "Actions": list(permissions["Actions"])} for each in permissions["Principals"]]
