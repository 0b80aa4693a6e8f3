"""Bundle jobs: how they are started, described and listed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from local_cloud.aws_models.models import model_of
from local_cloud.aws_models.values import to_json
from local_cloud.quicksight import timing
from local_cloud.quicksight.calls import Call, answer_of, page
from local_cloud.quicksight.documents import SERVICE
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.errors import invalid, missing, refusal
from local_cloud.quicksight.kinds import key_in
from local_cloud.quicksight.state import Record, State
from local_cloud.simulation.clock import Stamp, later, moment

Which = Literal["Export", "Import"]
ENDED = ("SUCCESSFUL", "FAILED", "FAILED_ROLLBACK_COMPLETED", "FAILED_ROLLBACK_ERROR")
Link = Callable[[str, Record], str]
"""Makes a URL, valid for five minutes, at which the bundle of an export job can be fetched."""


def table(state: State, which: Which) -> dict[str, Record]:
    """The jobs by id."""
    return state.exports if which == "Export" else state.imports


def start(which: Which) -> Callable[[Engine, Call], Record]:
    """StartAssetBundle…Job."""

    def begin(engine: Engine, call: Call) -> Record:
        state, identifier = engine.state, call.parameters[f"AssetBundle{which}JobId"]
        _admit(state, which, identifier)
        if which == "Export":
            _refuse_arns(state, call.parameters["ResourceArns"])
        record = _record(state, which, identifier, call)
        table(state, which).pop(identifier, None)
        table(state, which)[identifier] = record
        engine.after(call.at, timing.seconds(state, record, "QUEUE"), f"{which.lower()}_begin", job=identifier)
        return {"Arn": arn_of(state, which, identifier), f"AssetBundle{which}JobId": identifier}

    return begin


def _admit(state: State, which: Which, identifier: str) -> None:
    if state.edition == "STANDARD":
        raise refusal("UnsupportedUserEditionException", "Asset bundles need Enterprise edition")
    running = [job["id"] for job in table(state, which).values() if job["status"] not in ENDED]
    if identifier in running:
        raise refusal("ConflictException", f"{which.lower()} job {identifier} is running")
    if len(running) >= state.limits[f"concurrent{which}s"]:
        raise refusal("LimitExceededException", f"{len(running)} {which.lower()} jobs of the account are running")


def _refuse_arns(state: State, arns: list[str]) -> None:
    for arn in arns:
        found = key_in(arn)
        if found is None or found[1:] != (state.account, state.region):
            raise invalid(f"{arn} is no asset of account {state.account} in {state.region}")
    if len(set(arns)) < len(arns):
        raise invalid("ResourceArns has an ARN more than once")


def _record(state: State, which: Which, identifier: str, call: Call) -> Record:
    shape = model_of(SERVICE).operation_model(f"StartAssetBundle{which}Job").input_shape
    given = {name: value for name, value in call.parameters.items() if name != "AwsAccountId"}
    record: Record = {
        "id": identifier,
        "number": state.number(),
        # How often this id was used: the live service forgets, whoever looks for a job that was started twice does not.
        "starts": table(state, which).get(identifier, {}).get("starts", 0) + 1,
        "status": "QUEUED_FOR_IMMEDIATE_EXECUTION",
        "created": call.at,
        "ended": None,
        "principal": call.principal,
        "request": to_json(shape, given),
        "errors": [],
        "warnings": [],
        "concealed": False,
    }
    if which == "Export":
        return record | {"order": [], "done": [], "documents": {}, "links": {}}
    return record | {"plan": [], "position": 0, "undo": [], "rollbackErrors": []}


def describe_export(link: Link) -> Callable[[Engine, Call], Record]:
    """DescribeAssetBundleExportJob; a successful one has a URL that was not given before."""

    def describe(engine: Engine, call: Call) -> Record:
        record = found(engine.state, "Export", call)
        answer = _described(engine.state, "Export", record)
        if record["status"] == "SUCCESSFUL":
            answer["DownloadUrl"] = _linked(engine.state, record, call.at, link)
        return answer_of(call, answer)

    return describe


def _linked(state: State, record: Record, at: Stamp, link: Link) -> str:
    expires = later(at, timing.URL_SECONDS)
    token = state.digest("link")
    record["links"] = {name: each for name, each in record["links"].items() if each > at} | {token: expires}
    return link(token, record)


def describe_import(engine: Engine, call: Call) -> Record:
    """DescribeAssetBundleImportJob; passwords are not shown."""
    record = found(engine.state, "Import", call)
    answer = _described(engine.state, "Import", record)
    answer["RollbackErrors"] = record["rollbackErrors"]
    source = answer["AssetBundleImportSource"]
    answer["AssetBundleImportSource"] = {name: source[name] for name in ("S3Uri",) if name in source}
    overrides = answer.get("OverrideParameters") or {}
    for each in overrides.get("DataSources", []):
        if "CredentialPair" in (each.get("Credentials") or {}):
            del each["Credentials"]
    return answer_of(call, answer)


def _described(state: State, which: Which, record: Record) -> Record:
    return {
        **record["request"],
        "JobStatus": record["status"],
        "Arn": arn_of(state, which, record["id"]),
        "CreatedTime": moment(record["created"]).timestamp(),
        "AwsAccountId": state.account,
        "Errors": record["errors"],
        "Warnings": record["warnings"],
    }


def found(state: State, which: Which, call: Call) -> Record:
    """A job that can be described: known, visible and not too old. Raises ApiError ResourceNotFoundException."""
    identifier = call.parameters[f"AssetBundle{which}JobId"]
    record = table(state, which).get(identifier)
    if record is None or record["concealed"] or _forgotten(record, call.at):
        raise missing(f"{which.lower()} job {identifier}")
    return record


def _forgotten(record: Record, at: Stamp) -> bool:
    return later(record["created"], timing.RECORD_SECONDS) <= at


def listing(which: Which) -> Callable[[Engine, Call], Record]:
    """ListAssetBundle…Jobs: newest first."""

    def jobs(engine: Engine, call: Call) -> Record:
        state = engine.state
        items = [
            {**_described(state, which, record), "FailureAction": record["request"].get("FailureAction", "DO_NOTHING")}
            for record in reversed(table(state, which).values())
            if not record["concealed"] and not _forgotten(record, call.at)
        ]
        return page(call, f"AssetBundle{which}JobSummaryList", items)

    return jobs


def arn_of(state: State, which: Which, identifier: str) -> str:
    """ARN of a bundle job."""
    return f"arn:aws:quicksight:{state.region}:{state.account}:asset-bundle-{which.lower()}-job/{identifier}"


def reveal(state: State, which: Which, job: str) -> None:
    """A job that could not be seen is seen."""
    if job in table(state, which):
        table(state, which)[job]["concealed"] = False
