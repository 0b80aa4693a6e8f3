"""Assets one at a time: created, updated, deleted, shared, tagged."""

from __future__ import annotations

from collections.abc import Callable

from local_cloud.aws_models.models import model_of
from local_cloud.aws_models.values import to_json
from local_cloud.quicksight import assets, grants
from local_cloud.quicksight.assets import ASIDE, found, there
from local_cloud.quicksight.calls import Call, answer_of
from local_cloud.quicksight.documents import SERVICE, references
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.errors import invalid, missing, refusal
from local_cloud.quicksight.kinds import Kind, key_in, key_of
from local_cloud.quicksight.state import Record, State, plain

Operation = Callable[[Engine, Call], Record]
# Members of an update that are not part of the asset.
_OF_UPDATES = (*ASIDE, "SourceEntity", "Parameters", "VersionDescription")


def identifier_of(kind: Kind, parameters: Record) -> str:
    """The id of the asset that a request is about."""
    if kind.name != "refreshSchedule":
        return str(parameters[kind.id_member])
    schedule = parameters.get("ScheduleId") or parameters["Schedule"]["ScheduleId"]
    return f"{parameters['DataSetId']}/{schedule}"


def wire(call: Call) -> Record:
    """The parameters as JSON."""
    shape = model_of(SERVICE).operation_model(call.operation).input_shape
    given: Record = to_json(shape, call.parameters)
    return given


def create(kind: Kind) -> Operation:
    """Create…: the asset is there at once."""

    def run(engine: Engine, call: Call) -> Record:
        state, given = engine.state, wire(call)
        key = key_of(kind, identifier_of(kind, given))
        if there(state, key):
            raise refusal("ResourceExistsException", f"{state.arn(key)} exists")
        if "SourceEntity" in given:
            raise invalid("sources other than a Definition are not simulated")
        request = {name: value for name, value in given.items() if name not in ASIDE}
        _require_references(state, kind, request)
        grants.require(state, key, given.get("Permissions", []))
        folders = [each[0].partition("/")[2] for arn in given.get("FolderArns", []) if (each := key_in(arn))]
        tags = {each["Key"]: each["Value"] for each in given.get("Tags", [])}
        wanted = {"request": request, "permissions": given.get("Permissions"), "tags": tags, "folders": folders}
        assets.put(state, call.at, key, wanted | {"credentials": given.get("Credentials")})
        return _answer(state, call, kind, key, status=201)

    return run


def _require_references(state: State, kind: Kind, request: Record) -> None:
    needed = references(request)
    if kind.name == "refreshSchedule":
        needed = [f"dataset/{request['DataSetId']}"]
    for other in needed:
        if not there(state, other):
            raise missing(state.arn(other))


def _answer(state: State, call: Call, kind: Kind, key: str, status: int = 200) -> Record:
    arn, identifier = state.arn(key), key.rpartition("/")[2]
    version = max((each["number"] for each in state.assets[key]["versions"]), default=0)
    statuses = {"CreationStatus": "CREATION_SUCCESSFUL", "UpdateStatus": "UPDATE_SUCCESSFUL", "Status": status}
    if call.operation.startswith("Update"):
        statuses["CreationStatus"] = "UPDATE_SUCCESSFUL"
    return answer_of(
        call, {"Arn": arn, kind.id_member: identifier, "VersionArn": f"{arn}/version/{version}"} | statuses
    )


def update(kind: Kind) -> Operation:
    """Update…: members that are given replace those that there are. A dashboard gets a version that is unpublished."""

    def run(engine: Engine, call: Call) -> Record:
        state, given = engine.state, wire(call)
        key = key_of(kind, identifier_of(kind, given))
        asset = found(state, kind, identifier_of(kind, given))
        changes = {name: value for name, value in given.items() if name not in _OF_UPDATES}
        _require_references(state, kind, changes)
        latest = asset["versions"][-1]["request"] if asset["versions"] else asset["request"]
        assets.replace(state, call.at, key, {**plain(latest), **changes}, publish=kind.name != "dashboard")
        if "Definition" in changes:
            asset["errors"] = []
        if given.get("Credentials"):
            asset["login"], asset["secretArn"] = True, given["Credentials"].get("SecretArn")
        return _answer(state, call, kind, key)

    return run


def delete(kind: Kind) -> Operation:
    """Delete…: an analysis can be restored unless it is deleted by force; a folder must be empty."""

    def run(engine: Engine, call: Call) -> Record:
        state, identifier = engine.state, identifier_of(kind, call.parameters)
        key, asset = key_of(kind, identifier), found(state, kind, identifier)
        members = [other for other in state.assets.values() if identifier in other["folders"]]
        if kind.name == "folder" and members:
            raise refusal("PreconditionNotMetException", f"folder {identifier} has {len(members)} members")
        if kind.name == "analysis" and not call.parameters.get("ForceDeleteWithoutRecovery"):
            asset["deleted"] = call.at
        else:
            assets.remove(state, key)
        return answer_of(call, {"Arn": state.arn(key), kind.id_member: identifier.rpartition("/")[2]})

    return run


def restore_analysis(engine: Engine, call: Call) -> Record:
    """RestoreAnalysis: a deleted one is there again."""
    state, identifier = engine.state, call.parameters["AnalysisId"]
    asset = state.assets.get(f"analysis/{identifier}")
    if asset is None or not asset["deleted"]:
        raise missing(f"deleted analysis {identifier}")
    asset["deleted"] = None
    return answer_of(call, {"Arn": state.arn(f"analysis/{identifier}"), "AnalysisId": identifier})


def publish_dashboard(engine: Engine, call: Call) -> Record:
    """UpdateDashboardPublishedVersion."""
    state, identifier = engine.state, call.parameters["DashboardId"]
    key, number = f"dashboard/{identifier}", call.parameters["VersionNumber"]
    version = next((each for each in _versions(state, key) if each["number"] == number), None)
    if version is None:
        raise missing(f"version {number} of dashboard {identifier}")
    state.assets[key] |= {"request": version["request"], "version": number, "published": call.at, "updated": call.at}
    return answer_of(call, {"DashboardId": identifier, "DashboardArn": state.arn(key)})


def _versions(state: State, key: str) -> list[Record]:
    versions: list[Record] = state.assets[key]["versions"] if key in state.assets else []
    return versions


#: The model has no empty list of permissions of these.
NEVER_EMPTY = ("dataset", "datasource", "folder")


def describe_permissions(kind: Kind) -> Operation:
    """Describe…Permissions."""

    def run(engine: Engine, call: Call) -> Record:
        identifier = identifier_of(kind, call.parameters)
        asset = found(engine.state, kind, identifier)
        return _permissions(engine.state, call, kind, identifier, asset["permissions"])

    return run


def update_permissions(kind: Kind) -> Operation:
    """Update…Permissions: revocations first, then grants."""

    def run(engine: Engine, call: Call) -> Record:
        state, identifier = engine.state, identifier_of(kind, call.parameters)
        asset = found(state, kind, identifier)
        grant = call.parameters.get("GrantPermissions") or []
        revoke = call.parameters.get("RevokePermissions") or []
        grants.require(state, key_of(kind, identifier), grant)
        asset["permissions"] = grants.granted(grants.revoked(asset["permissions"], revoke), plain(grant))
        return _permissions(state, call, kind, identifier, asset["permissions"])

    return run


def _permissions(state: State, call: Call, kind: Kind, identifier: str, permissions: list[Record]) -> Record:
    arn = state.arn(key_of(kind, identifier))
    answer = {kind.id_member: identifier, "Arn": arn, f"{kind.noun}Arn": arn, "Permissions": permissions}
    if not permissions and kind.name in NEVER_EMPTY:
        del answer["Permissions"]
    return answer_of(call, answer)


def _tagged(state: State, arn: str) -> Record:
    key = key_in(arn)
    if key is None or not there(state, key[0]) or state.arn(key[0]) != arn:
        raise missing(arn)
    return state.assets[key[0]]


def tag(engine: Engine, call: Call) -> Record:
    """TagResource."""
    tags = _tagged(engine.state, call.parameters["ResourceArn"])["tags"]
    tags.update({each["Key"]: each["Value"] for each in call.parameters["Tags"]})
    return answer_of(call, {})


def untag(engine: Engine, call: Call) -> Record:
    """UntagResource."""
    tags = _tagged(engine.state, call.parameters["ResourceArn"])["tags"]
    for name in call.parameters["TagKeys"]:
        tags.pop(name, None)
    return answer_of(call, {})


def list_tags(engine: Engine, call: Call) -> Record:
    """ListTagsForResource."""
    tags = _tagged(engine.state, call.parameters["ResourceArn"])["tags"]
    return answer_of(call, {"Tags": [{"Key": name, "Value": value} for name, value in tags.items()]})


def put_refresh_properties(engine: Engine, call: Call) -> Record:
    """PutDataSetRefreshProperties."""
    given = wire(call)
    asset = engine.state.assets.get(f"dataset/{given['DataSetId']}")
    if asset is None:
        raise missing(f"dataset {given['DataSetId']}")
    asset["refreshProperties"] = given["DataSetRefreshProperties"]
    return answer_of(call, {})


def delete_refresh_properties(engine: Engine, call: Call) -> Record:
    """DeleteDataSetRefreshProperties."""
    asset = engine.state.assets.get(f"dataset/{call.parameters['DataSetId']}")
    if asset is None or asset["refreshProperties"] is None:
        raise missing(f"refresh properties of dataset {call.parameters['DataSetId']}")
    asset["refreshProperties"] = None
    return answer_of(call, {})
