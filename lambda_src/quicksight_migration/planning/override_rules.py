"""What overrides must say, beyond their shape: in another account nothing of the source's surroundings is right.

A data source without overrides would be imported with the source's hosts and without credentials, a VPC connection
with the source's subnets. So what is missing fails, before anything is exported. The shape itself is checked by
api/override_validation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from quicksight_migration.assets.content import Content
from quicksight_migration.assets.types import OVERRIDE_MEMBERS, Asset, AssetType, parse_arn, schedule
from shared.schemas import Problem

#: Types that QuickSight reaches with a role of its own: they have no login.
WITHOUT_LOGIN = frozenset(
    {"ATHENA", "S3", "S3_TABLES", "TIMESTREAM", "AWS_IOT_ANALYTICS", "AMAZON_ELASTICSEARCH", "AMAZON_OPENSEARCH"}
)
#: Types that asset bundles cannot carry (developer guide, "Asset bundle export operations"), and uploaded files.
UNSUPPORTED_SOURCES = frozenset({"ADOBE_ANALYTICS", "FILE", "GITHUB", "JIRA", "SALESFORCE", "SERVICENOW", "TWITTER"})
VPC_MEMBERS = ("SubnetIds", "SecurityGroupIds", "RoleArn")
#: Parameters that say where a database is in more than one way: they fit data sources of other types too.
GENERAL_PARAMETERS = frozenset({"RdsParameters"})

Overrides = Mapping[str, Any]
Contents = Mapping[Asset, Content]


def entries(overrides: Overrides) -> Iterator[tuple[Asset, str, Mapping[str, Any]]]:
    """Each entry: the asset in the source that it is for, its path, itself."""
    for asset_type, (member, id_member) in OVERRIDE_MEMBERS.items():
        for index, entry in enumerate(overrides.get(member) or ()):
            asset = Asset(asset_type, str(entry[id_member]))
            if asset_type is AssetType.REFRESH_SCHEDULE:
                asset = schedule(str(entry["DataSetId"]), str(entry[id_member]))
            yield asset, f"$.overrides.{member}[{index}]", entry


def entry_problems(overrides: Overrides, contents: Contents) -> list[Problem]:
    """What is wrong with entries: for assets that do not come along, twice, or with parameters of another type."""
    found: list[Problem] = []
    seen: dict[Asset, str] = {}
    for asset, path, entry in entries(overrides):
        id_path = f"{path}.{OVERRIDE_MEMBERS[asset.type][1]}"
        if asset not in contents:
            found.append(Problem(id_path, f"{asset} is not among the assets of this migration"))
        if seen.setdefault(asset, path) != path:
            found.append(Problem(id_path, f"{asset} has an entry already, at {seen[asset]}"))
        if asset.type is AssetType.DATASOURCE:
            found += _parameter_problems(entry, path, contents.get(asset, {}))
    return found


def missing_overrides(
    overrides: Overrides, contents: Contents, existing: Collection[Asset], skipped: Collection[Asset] = ()
) -> list[Problem]:
    """What a migration into another account lacks.

    `existing` are those that the target has and whose credentials it keeps, `skipped` those of them that are not
    imported. Assets are named by their ids in the source.
    """
    given = {asset: (path, entry) for asset, path, entry in entries(overrides)}
    found: list[Problem] = []
    for asset in sorted(set(contents) - set(skipped), key=lambda each: (each.type, each.id)):
        path, entry = given.get(asset, (f"$.overrides.{OVERRIDE_MEMBERS[asset.type][0]}", {}))
        if asset.type is AssetType.DATASOURCE:
            names = _data_source_lacks(contents[asset], entry, asset in existing)
        elif asset.type is AssetType.VPC_CONNECTION:
            names = [name for name in VPC_MEMBERS if not entry.get(name)]
        else:
            continue
        if names and asset not in given:
            found.append(Problem(path, f"has no entry for {asset}, which needs {', '.join(names)} in the target"))
        else:
            found += [Problem(f"{path}.{name}", f"is required for {asset} in the target") for name in names]
    return found


def target_vpc_connections(overrides: Overrides) -> Iterator[tuple[str, str]]:
    """(path, ARN) of VPC connections that data sources shall use in the target."""
    for asset, path, entry in entries(overrides):
        arn = (entry.get("VpcConnectionProperties") or {}).get("VpcConnectionArn")
        if asset.type is AssetType.DATASOURCE and arn:
            yield f"{path}.VpcConnectionProperties.VpcConnectionArn", str(arn)


def vpc_connection_of(arn: str, account_id: str, region: str) -> Asset | None:
    """The VPC connection of the target that the ARN names, None if it is not one."""
    try:
        asset, place = parse_arn(arn)
    except ValueError:
        return None
    fits = asset.type is AssetType.VPC_CONNECTION and (place.account_id, place.region) == (account_id, region)
    return asset if fits else None


def needs_login(content: Content) -> bool:
    """Whether a data source is reached with a user name and a password, or a key."""
    parameters = content.get("DataSourceParameters") or {}
    with_role = (parameters.get("RedshiftParameters") or {}).get("IAMParameters")
    return content.get("Type") not in WITHOUT_LOGIN and not with_role


def _data_source_lacks(content: Content, entry: Mapping[str, Any], exists: bool) -> list[str]:
    lacks = (
        [] if entry.get("DataSourceParameters") or not content.get("DataSourceParameters") else ["DataSourceParameters"]
    )
    login = needs_login({**content, **{name: entry[name] for name in ("DataSourceParameters",) if name in entry}})
    if login and not exists and not (entry.get("Credentials") or {}).get("SecretArn"):
        lacks.append("Credentials.SecretArn")
    return lacks


def _parameter_problems(entry: Mapping[str, Any], path: str, content: Content) -> Iterator[Problem]:
    names = list(entry.get("DataSourceParameters") or ())
    path = f"{path}.DataSourceParameters"
    if len(names) > 1:
        yield Problem(path, f"takes one kind of parameters, not {', '.join(names)}")
    kind = str(content.get("Type", "")).replace("_", "").lower()
    for name in names:
        if kind and name not in GENERAL_PARAMETERS and name.removesuffix("Parameters").lower() != kind:
            yield Problem(f"{path}.{name}", f"does not fit a data source of the type {content['Type']}")
