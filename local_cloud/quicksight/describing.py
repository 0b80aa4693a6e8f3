"""Assets as their Describe and List operations give them."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.quicksight.assets import errors_in, found
from local_cloud.quicksight.calls import Call, answer_of, page, seconds
from local_cloud.quicksight.documents import references
from local_cloud.quicksight.editing import identifier_of
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.errors import invalid, missing
from local_cloud.quicksight.kinds import Kind, key_of, kind_of
from local_cloud.quicksight.state import Record, State

Operation = Callable[[Engine, Call], Record]


def describe(kind: Kind) -> Operation:
    """Describe…."""

    def run(engine: Engine, call: Call) -> Record:
        state, identifier = engine.state, identifier_of(kind, call.parameters)
        asset = found(state, kind, identifier)
        if asset["file"] and kind.name == "dataset":
            raise invalid("The data set type is not supported through API yet")
        version, key = _version(asset, call), key_of(kind, identifier)
        item = {**version["request"], **_general(state, key, asset)}
        item |= _SPECIAL.get(kind.name, _nothing)(state, key, asset, version)
        return answer_of(call, {kind.noun: item, "Arn": item["Arn"], kind.id_member: identifier})

    return run


def _version(asset: Record, call: Call) -> Record:
    """The version that is asked for, the published one unless one is: `number`, `created`, `request`."""
    number = call.parameters.get("VersionNumber")
    if number is None:
        return _published(asset)
    version: Record | None = next((each for each in asset["versions"] if each["number"] == number), None)
    if version is None:
        raise missing(f"version {number}")
    return version


def _published(asset: Record) -> Record:
    return {"number": asset["version"], "created": asset["published"], "request": asset["request"]}


def _general(state: State, key: str, asset: Record) -> Record:
    return {
        "Arn": state.arn(key),
        "CreatedTime": seconds(asset["created"]),
        "LastUpdatedTime": seconds(asset["updated"]),
        "Status": "DELETED" if asset["deleted"] else "CREATION_SUCCESSFUL",
    }


def _nothing(_state: State, _key: str, _asset: Record, _version: Record) -> Record:
    return {}


def _analysis(state: State, _key: str, asset: Record, version: Record) -> Record:
    request = version["request"]
    return {
        "Errors": errors_in(state, asset, request) or None,
        "DataSetArns": _data_sets(request),
        "Sheets": _sheets(request),
    }


def _data_sets(request: Record) -> list[str]:
    declared = (request.get("Definition") or {}).get("DataSetIdentifierDeclarations", [])
    return [each["DataSetArn"] for each in declared]


def _sheets(request: Record) -> list[Record]:
    sheets = (request.get("Definition") or {}).get("Sheets", [])
    return [{"SheetId": each["SheetId"], "Name": each.get("Name", "")} for each in sheets]


def _dashboard(state: State, key: str, asset: Record, version: Record) -> Record:
    request = version["request"]
    return {
        "LastPublishedTime": seconds(asset["published"]),
        "Version": {
            "CreatedTime": seconds(version["created"]),
            "Errors": errors_in(state, asset, request) or None,
            "VersionNumber": version["number"],
            "Status": "CREATION_SUCCESSFUL",
            "Arn": f"{state.arn(key)}/version/{version['number']}",
            "DataSetArns": _data_sets(request),
            "ThemeArn": request.get("ThemeArn"),
            "Sheets": _sheets(request),
        },
    }


def _theme(state: State, key: str, _asset: Record, version: Record) -> Record:
    found = {
        "VersionNumber": version["number"],
        "Arn": f"{state.arn(key)}/version/{version['number']}",
        "BaseThemeId": version["request"]["BaseThemeId"],
        "CreatedTime": seconds(version["created"]),
        "Configuration": version["request"]["Configuration"],
        "Status": "CREATION_SUCCESSFUL",
    }
    return {"Type": "CUSTOM", "Version": found}


def _data_source(_state: State, _key: str, asset: Record, _version: Record) -> Record:
    return {"SecretArn": asset["secretArn"]}


def _folder(state: State, _key: str, _asset: Record, version: Record) -> Record:
    request = version["request"]
    path, above = list[str](), references(request)
    while above and above[0] in state.assets:
        path.insert(0, state.arn(above[0]))
        above = references(state.assets[above[0]]["request"])
    return {**({"FolderPath": path} if path else {}), "SharingModel": request.get("SharingModel", "ACCOUNT")}


def _vpc_connection(_state: State, _key: str, _asset: Record, version: Record) -> Record:
    interfaces = [{"SubnetId": each, "Status": "AVAILABLE"} for each in version["request"]["SubnetIds"]]
    return {"AvailabilityStatus": "AVAILABLE", "NetworkInterfaces": interfaces}


def _schedule(_state: State, _key: str, _asset: Record, version: Record) -> Record:
    schedule: Record = version["request"]["Schedule"]
    return schedule


def _topic(_state: State, _key: str, _asset: Record, version: Record) -> Record:
    topic: Record = version["request"]["Topic"]
    return topic


_SPECIAL: dict[str, Callable[[State, str, Record, Record], Record]] = {
    "analysis": _analysis,
    "dashboard": _dashboard,
    "theme": _theme,
    "datasource": _data_source,
    "folder": _folder,
    "vpcConnection": _vpc_connection,
    "refreshSchedule": _schedule,
    "topic": _topic,
}


def describe_definition(kind: Kind) -> Operation:
    """DescribeAnalysisDefinition, DescribeDashboardDefinition."""

    def run(engine: Engine, call: Call) -> Record:
        state, identifier = engine.state, identifier_of(kind, call.parameters)
        asset = found(state, kind, identifier)
        request = _version(asset, call)["request"]
        errors = errors_in(state, asset, request)
        status = "DELETED" if asset["deleted"] else "CREATION_SUCCESSFUL"
        return answer_of(call, {**request, "Errors": errors or None, "ResourceStatus": status})

    return run


def describe_refresh_properties(engine: Engine, call: Call) -> Record:
    """DescribeDataSetRefreshProperties."""
    asset = engine.state.assets.get(f"dataset/{call.parameters['DataSetId']}")
    if asset is None or asset["refreshProperties"] is None:
        raise missing(f"refresh properties of dataset {call.parameters['DataSetId']}")
    return answer_of(call, {"DataSetRefreshProperties": asset["refreshProperties"]})


def listing(kind: Kind) -> Operation:
    """List…: in order of creation; of refresh schedules those of one dataset."""

    def run(engine: Engine, call: Call) -> Record:
        state, only = engine.state, call.parameters.get("DataSetId")
        keys = [key for key in state.assets if kind_of(key) == kind]
        items = [_item(state, key) for key in keys if only is None or key.split("/")[1] == only]
        return page(call, kind.listing, items)

    return run


def _item(state: State, key: str) -> Record:
    asset = state.assets[key]
    item = {**asset["request"], **_general(state, key, asset)}
    if kind_of(key).name in _SPECIAL:
        item |= _SPECIAL[kind_of(key).name](state, key, asset, _published(asset))
    return item | {
        "PublishedVersionNumber": asset["version"],
        "LatestVersionNumber": asset["version"],
        "LastPublishedTime": seconds(asset["published"]),
    }


def list_versions(kind: Kind) -> Operation:
    """ListDashboardVersions, ListThemeVersions."""

    def run(engine: Engine, call: Call) -> Record:
        identifier = identifier_of(kind, call.parameters)
        asset, arn = found(engine.state, kind, identifier), engine.state.arn(key_of(kind, identifier))
        items = [
            {
                "Arn": f"{arn}/version/{each['number']}",
                "CreatedTime": seconds(each["created"]),
                "VersionNumber": each["number"],
                "Status": "CREATION_SUCCESSFUL",
            }
            for each in asset["versions"]
        ]
        return page(call, f"{kind.noun}VersionSummaryList", items)

    return run
