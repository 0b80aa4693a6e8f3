"""Export jobs: one asset after the other becomes a document; the bundle is there when the last has."""

from __future__ import annotations

from local_cloud.aws_models.errors import ApiError
from local_cloud.quicksight import assets, timing
from local_cloud.quicksight.assets import folder_arns, name_of, there
from local_cloud.quicksight.documents import create_shape, references, shape, to_bundle
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.errors import invalid, missing, refusal
from local_cloud.quicksight.injections import on_asset
from local_cloud.quicksight.kinds import KINDS, key_in, kind_of
from local_cloud.quicksight.permissions import has_permissions, to_export
from local_cloud.quicksight.state import Record, State
from local_cloud.simulation.clock import Stamp

# Developer guide, "Asset bundle operations": what they do not support. File datasets are marked in the state.
UNSUPPORTED = frozenset({"ADOBE_ANALYTICS", "GITHUB", "JIRA", "SALESFORCE", "SERVICENOW", "TWITTER"})
_DEFINED = ("analysis", "dashboard")


def begin(engine: Engine, at: Stamp, job: str) -> None:
    """The job leaves the queue: it is now that the assets to export are gathered."""
    record = engine.state.exports[job]
    record["status"] = "IN_PROGRESS"
    roots = [found[0] for arn in record["request"]["ResourceArns"] if (found := key_in(arn)) is not None]
    gathered = _closure(engine.state, roots, record["request"])
    record["order"] = sorted(gathered, key=lambda key: KINDS.index(kind_of(key)))
    _next(engine, at, record)


def _closure(state: State, roots: list[str], options: Record) -> list[str]:
    """The assets to export, those that are missing too."""
    gathered, ahead = dict[str, None](), list(roots)
    while ahead:
        key = ahead.pop(0)
        if key in gathered:
            continue
        gathered[key] = None
        if there(state, key):
            ahead += _dependencies(state, key) if options.get("IncludeAllDependencies") else []
            ahead += _members(state, key, options.get("IncludeFolderMembers", "NONE"))
    return list(gathered)


def _dependencies(state: State, key: str) -> list[str]:
    request = state.assets[key]["request"]
    needed = references(request)
    # The analysis that a dashboard was published from comes along, as in a bundle of the live service.
    links = [key_in(arn) for arn in request.get("LinkEntities", [])]
    needed += [link[0] for link in links if link is not None and there(state, link[0])]
    kind, _, identifier = key.partition("/")
    if kind == "dataset":
        needed += [other for other in state.assets if other.startswith(f"refreshSchedule/{identifier}/")]
    if kind == "refreshSchedule":
        needed.append(f"dataset/{identifier.partition('/')[0]}")
    return needed


def _members(state: State, key: str, which: str) -> list[str]:
    kind, _, identifier = key.partition("/")
    if kind != "folder" or which == "NONE":
        return []
    members = [other for other, asset in state.assets.items() if identifier in asset["folders"]]
    folders = [other for other, asset in state.assets.items() if key in references(asset["request"])]
    return members + ([other for other in folders if other.startswith("folder/")] if which == "RECURSE" else [])


def _next(engine: Engine, at: Stamp, record: Record) -> None:
    """Plans the asset whose turn it is, or the end."""
    state, position = engine.state, len(record["done"])
    if position == len(record["order"]):
        engine.after(at, timing.seconds(state, record, "END"), "export_end", job=record["id"])
        return
    key = record["order"][position]
    name = name_of(state.assets[key]) if key in state.assets else ""
    action = on_asset(state, at, key, name, record["id"], "EXPORT")
    needed = timing.stretched(timing.seconds(state, record, "EXPORT", key), action)
    if needed is not None:
        engine.after(at, needed, "export_asset", job=record["id"], key=key, action=action)


def export_asset(engine: Engine, at: Stamp, job: str, key: str, action: Record) -> None:
    """One asset becomes a document, or an error of the job."""
    record = engine.state.exports[job]
    record["done"].append(key)
    try:
        if action["type"] == "fail":
            raise refusal(action["code"], action["error"])
        engine.require(record["principal"], to_export(engine.state, key, record["request"]), job, at)
        record["documents"][key] = _document(engine.state, key, record)
    except ApiError as error:
        record["errors"].append({"Arn": engine.state.arn(key), "Type": error.code, "Message": error.message})
    _next(engine, at, record)


def _document(state: State, key: str, record: Record) -> Record:
    options, kind = record["request"], kind_of(key)
    if not there(state, key):
        raise missing(state.arn(key))
    asset = state.assets[key]
    _refuse_unsupported(state, key, asset)
    document = {"resourceType": kind.name, **to_bundle(create_shape(kind), asset["request"])}
    if asset["refreshProperties"] is not None:
        document["dataSetRefreshProperties"] = to_bundle(shape("DataSetRefreshProperties"), asset["refreshProperties"])
    if kind.name in _DEFINED:
        document["validationStrategy"] = {"mode": _mode(state, key, asset, record)}
    if options.get("IncludePermissions") and has_permissions(kind) and asset["permissions"]:
        document["permissions"] = to_bundle(shape("ResourcePermissionList"), asset["permissions"])
    if options.get("IncludeTags") and asset["tags"]:
        document["tags"] = [{"key": name, "value": value} for name, value in asset["tags"].items()]
    if options.get("IncludeFolderMemberships") and asset["folders"]:
        document["folderArns"] = folder_arns(state, asset)
    return document


def _refuse_unsupported(state: State, key: str, asset: Record) -> None:
    if key.startswith("topic/"):
        raise invalid(f"{state.arn(key)} is a topic, which asset bundles do not support")
    if asset["file"]:
        raise invalid(f"{state.arn(key)} is made of a file, which asset bundles do not support")
    if asset["request"].get("Type") in UNSUPPORTED:
        raise invalid(f"{state.arn(key)} is of type {asset['request']['Type']}, which asset bundles do not support")


def _mode(state: State, key: str, asset: Record, record: Record) -> str:
    """How strictly the bundle wants its definition taken. Raises ApiError for errors where none may be."""
    strict = bool(record["request"].get("ValidationStrategy", {}).get("StrictModeForAllResources"))
    errors, kind = assets.errors_in(state, asset), kind_of(key)
    if errors and strict:
        raise invalid(
            f"The {kind.name} has associated errors and cannot be exported. "
            f"Call Describe{kind.noun}Definition to retrieve the errors."
        )
    if errors:
        message = f"The {kind.name} has associated errors: {'; '.join(each['Message'] for each in errors)}"
        record["warnings"].append({"Arn": state.arn(key), "Message": message})
    return "STRICT" if strict else "LENIENT"


def end(engine: Engine, at: Stamp, job: str) -> None:
    """The job ends as its assets did."""
    record = engine.state.exports[job]
    record["status"], record["ended"] = "FAILED" if record["errors"] else "SUCCESSFUL", at
    if record["errors"]:
        record["documents"] = {}
