"""Import jobs: the bundle is read, then its assets are written one after the other; or what was written is put back."""

from __future__ import annotations

import base64
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.quicksight import assets, bundle, grants, overrides, timing
from local_cloud.quicksight.assets import WITH_LOGIN, name_of, there
from local_cloud.quicksight.calls import fitting
from local_cloud.quicksight.documents import create_shape, faults_of, from_bundle, moved, references, shape
from local_cloud.quicksight.engine import Engine, ObjectRefused
from local_cloud.quicksight.errors import invalid, missing, refusal
from local_cloud.quicksight.injections import on_asset
from local_cloud.quicksight.kinds import KINDS, key_in, kind_of
from local_cloud.quicksight.permissions import to_import, to_undo
from local_cloud.quicksight.state import Record, State, plain
from local_cloud.simulation.clock import Stamp

_REFUSALS = {"AccessDenied": "AccessDeniedException", "NoSuchKey": "ResourceNotFoundException"}


def begin(engine: Engine, at: Stamp, job: str) -> None:
    """The job leaves the queue: it is now that the bundle is read."""
    record = engine.state.imports[job]
    record["status"] = "IN_PROGRESS"
    try:
        documents = bundle.read(_file(engine, record))
        record["plan"] = _plan(engine.state, documents, record["request"])
    except bundle.BadBundle as error:
        _fail(engine, at, record, invalid(str(error)), None)
    except ApiError as error:
        _fail(engine, at, record, error, None)
    else:
        _next(engine, at, record)


def _file(engine: Engine, record: Record) -> bytes:
    source = record["request"]["AssetBundleImportSource"]
    if "Body" in source:
        return base64.b64decode(source["Body"])
    try:
        return engine.objects(record["principal"], engine.state.account, source["S3Uri"])
    except ObjectRefused as refused:
        raise refusal(_REFUSALS.get(refused.code, "InvalidParameterValueException"), str(refused)) from refused


def _plan(state: State, documents: dict[str, Record], request: Record) -> list[list[Any]]:
    """Keys and assets in the order in which they are written. Raises ApiError for what no asset can be made of."""
    wanted = {key: _asset(key, document) for key, document in documents.items()}
    overrides.apply(request, wanted)
    prefix = overrides.prefix_of(request)

    def renamed(key: str) -> str:
        name, _, identifier = key.partition("/")
        return f"{name}/{prefix}{identifier}" if key in documents else key

    strategy = request.get("OverrideValidationStrategy")
    found = list[list[Any]]()
    for key, asset in sorted(wanted.items(), key=lambda each: _rank(wanted, each[0])):
        if strategy is not None and asset["mode"] is not None:
            asset["mode"] = "STRICT" if strategy.get("StrictModeForAllResources") else "LENIENT"
        _name(key, asset["request"], prefix)
        asset["request"] = moved(asset["request"], state.account, state.region, renamed)
        asset["folders"] = [renamed(each).partition("/")[2] for each in asset["folders"]]
        _refuse_faults(key, asset["request"])
        found.append([renamed(key), asset])
    return found


def _rank(wanted: dict[str, Record], key: str) -> tuple[int, int]:
    """Kinds in their order; a folder after its parents, a dataset after those that it is made of."""
    depth, ahead = 0, [key]
    while ahead and depth <= len(wanted):
        ahead = [
            other
            for each in ahead
            if each in wanted
            for other in references(wanted[each]["request"])
            if kind_of(other) == kind_of(key) and other in wanted
        ]
        depth += 1
    return KINDS.index(kind_of(key)), depth


def _asset(key: str, document: Record) -> Record:
    kind = kind_of(key)
    request = from_bundle(create_shape(kind), {name: each for name, each in document.items() if name != "resourceType"})
    properties = next((name for name in request if name.lower() == "datasetrefreshproperties"), None)
    refresh = from_bundle(shape("DataSetRefreshProperties"), request[properties]) if properties else None
    # The live service writes members that the model does not have, and reads them.
    request = fitting(create_shape(kind), request)
    _refuse_faults(key, request)
    if refresh is not None and (faults := faults_of(shape("DataSetRefreshProperties"), refresh)):
        raise invalid(f"{key}: {'; '.join(faults)}")
    strategy = request.pop("ValidationStrategy", None)
    tags = request.pop("Tags", None)
    return {
        "permissions": request.pop("Permissions", None),
        "tags": {each["Key"]: each["Value"] for each in tags} if tags is not None else None,
        "folders": [found[0] for arn in request.pop("FolderArns", []) if (found := key_in(arn)) is not None],
        "refreshProperties": refresh,
        "credentials": None,
        "mode": (strategy or {}).get("Mode", "LENIENT") if kind.name in ("analysis", "dashboard") else None,
        "request": request,
    }


def _name(key: str, request: Record, prefix: str) -> None:
    """Puts the prefix before the id that the request has."""
    member = "DataSetId" if kind_of(key).name == "refreshSchedule" else kind_of(key).id_member
    request[member] = f"{prefix}{request[member]}"


def _refuse_faults(key: str, request: Record) -> None:
    found = faults_of(create_shape(kind_of(key)), {"AwsAccountId": "0" * 12, **request})
    if found:
        raise invalid(f"{key}: {'; '.join(found)}")


def _next(engine: Engine, at: Stamp, record: Record) -> None:
    """Plans the asset whose turn it is, or the end."""
    state = engine.state
    if record["position"] == len(record["plan"]):
        engine.after(at, timing.seconds(state, record, "END"), "import_end", job=record["id"])
        return
    key, asset = record["plan"][record["position"]]
    action = on_asset(state, at, key, name_of(asset), record["id"], "IMPORT")
    needed = timing.stretched(timing.seconds(state, record, "IMPORT", key), action)
    if needed is not None:
        engine.after(at, needed, "import_asset", job=record["id"], action=action)


def import_asset(engine: Engine, at: Stamp, job: str, action: Record) -> None:
    """One asset is created or overwritten, or the job fails."""
    state, record = engine.state, engine.state.imports[job]
    key, asset = record["plan"][record["position"]]
    try:
        if action["type"] == "fail":
            raise refusal(action["code"], action["error"])
        _refuse(engine, at, record, key, asset)
    except ApiError as error:
        _fail(engine, at, record, error, key)
        return
    record["undo"].append([key, plain(state.assets.get(key))])
    assets.put(state, at, key, asset)
    record["position"] += 1
    _next(engine, at, record)


def _refuse(engine: Engine, at: Stamp, record: Record, key: str, asset: Record) -> None:
    """Raises ApiError unless the asset can be written now."""
    state, request, kind = engine.state, asset["request"], kind_of(key)
    needed = references(request)
    if kind.name == "refreshSchedule":
        needed = [f"dataset/{request['DataSetId']}"]
    engine.require(record["principal"], to_import(state, key, asset, needed), record["id"], at)
    for other in [*needed, *(f"folder/{each}" for each in asset["folders"])]:
        if not there(state, other):
            raise missing(f"{state.arn(other)}, which {state.arn(key)} needs,")
    _drop_dead_links(state, request)
    grants.require(state, key, asset["permissions"] or [])
    if asset["mode"] == "STRICT" and (errors := assets.errors_in(state, assets.fresh(at), request)):
        raise invalid(f"the definition of {state.arn(key)} has errors: {'; '.join(each['Message'] for each in errors)}")
    if kind.name == "datasource":
        _refuse_login(state, key, asset)
    if kind.name == "vpcConnection" and f":{state.account}:" not in request["RoleArn"]:
        raise invalid(f"{request['RoleArn']} is no role of account {state.account}")


def _drop_dead_links(state: State, request: Record) -> None:
    links = request.get("LinkEntities")
    if links is not None:
        request["LinkEntities"] = [
            arn for arn in links if (found := key_in(arn)) is not None and there(state, found[0])
        ]


def _refuse_login(state: State, key: str, asset: Record) -> None:
    credentials, secret = asset["credentials"], (asset["credentials"] or {}).get("SecretArn")
    if secret and f":{state.account}:" not in secret:
        raise invalid(f"{secret} is no secret of account {state.account}")
    known = there(state, key) and state.assets[key]["login"]
    if asset["request"]["Type"] in WITH_LOGIN and not credentials and not known:
        raise invalid(f"{state.arn(key)} needs credentials, which no bundle has: override them")


def _fail(engine: Engine, at: Stamp, record: Record, error: ApiError, key: str | None) -> None:
    arn = engine.state.arn(key) if key else _job_arn(engine.state, record)
    record["errors"].append({"Arn": arn, "Type": error.code, "Message": error.message})
    if record["request"].get("FailureAction") != "ROLLBACK":
        record["status"], record["ended"] = "FAILED", at
        return
    record["status"] = "FAILED_ROLLBACK_IN_PROGRESS"
    _next_undo(engine, at, record)


def _job_arn(state: State, record: Record) -> str:
    return f"arn:aws:quicksight:{state.region}:{state.account}:asset-bundle-import-job/{record['id']}"


def _next_undo(engine: Engine, at: Stamp, record: Record) -> None:
    state = engine.state
    if not record["undo"]:
        engine.after(at, timing.seconds(state, record, "END"), "rollback_end", job=record["id"])
        return
    key = record["undo"][-1][0]
    name = name_of(state.assets[key]) if key in state.assets else ""
    action = on_asset(state, at, key, name, record["id"], "ROLLBACK")
    needed = timing.stretched(timing.seconds(state, record, "ROLLBACK", key), action)
    if needed is not None:
        engine.after(at, needed, "rollback_asset", job=record["id"], action=action)


def rollback_asset(engine: Engine, at: Stamp, job: str, action: Record) -> None:
    """One asset is put back as it was, or stays as it is and the job says so."""
    state, record = engine.state, engine.state.imports[job]
    key, before = record["undo"].pop()
    try:
        if action["type"] == "fail":
            raise refusal(action["code"], action["error"])
        engine.require(record["principal"], to_undo(state, key, before is not None), job, at)
    except ApiError as error:
        record["rollbackErrors"].append({"Arn": state.arn(key), "Type": error.code, "Message": error.message})
    else:
        if before is not None:
            state.assets[key] = before
        elif key in state.assets:
            assets.remove(state, key)
    _next_undo(engine, at, record)


def end(engine: Engine, at: Stamp, job: str) -> None:
    """All assets are written."""
    record = engine.state.imports[job]
    record["status"], record["ended"] = "SUCCESSFUL", at


def rollback_end(engine: Engine, at: Stamp, job: str) -> None:
    """What could be put back is."""
    record = engine.state.imports[job]
    record["status"] = "FAILED_ROLLBACK_ERROR" if record["rollbackErrors"] else "FAILED_ROLLBACK_COMPLETED"
    record["ended"] = at
