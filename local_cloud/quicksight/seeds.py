"""What an account has, as a JSON document: `schemas/quicksight-account.schema.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.quicksight import assets, grants
from local_cloud.quicksight.assets import WITH_LOGIN
from local_cloud.quicksight.documents import create_shape, faults_of
from local_cloud.quicksight.kinds import BY_LABEL, Kind, key_of
from local_cloud.quicksight.state import LIMITS, Record, State, plain
from local_cloud.simulation.clock import Stamp
from shared.schemas import problems

SCHEMA = "quicksight-account"


class BadSeed(ValueError):
    """A document that describes no account; the message has the path and what is wrong."""


def check(document: Any) -> None:
    """Raises BadSeed for a document that the schema refuses."""
    found = [str(problem) for problem in problems(SCHEMA, document)]
    if found:
        raise BadSeed("; ".join(found))


def fill(state: State, document: Mapping[str, Any], at: Stamp) -> None:
    """Makes the account what the document says; jobs and what was due are forgotten. Raises BadSeed."""
    check(document)
    for table in (state.assets, state.exports, state.imports, state.users, state.groups):
        table.clear()
    state.agenda.clear()
    state.denials.clear()
    state.edition = document.get("edition", "ENTERPRISE")
    state.account_name = document.get("accountName", "local")
    state.identity_region = document.get("identityRegion", state.region)
    state.limits = {**LIMITS, **document.get("limits", {})}
    for user in document.get("users", []):
        state.users[user["userName"]] = {
            "Email": user.get("email", f"{user['userName']}@example.com"),
            "Role": user.get("role", "AUTHOR"),
            "IdentityType": user.get("identityType", "QUICKSIGHT"),
        }
    for group in document.get("groups", []):
        members = list(group.get("members", []))
        state.groups[group["groupName"]] = {"description": group.get("description", ""), "members": members}
    for number, entry in enumerate(document.get("assets", [])):
        _add(state, f"$.assets[{number}]", entry, at)


def _add(state: State, path: str, entry: Mapping[str, Any], at: Stamp) -> None:
    kind = BY_LABEL[entry["type"]]
    request = _filled(plain(dict(entry["request"])), state)
    if found := faults_of(create_shape(kind), {"AwsAccountId": state.account, **request}):
        raise BadSeed(f"{path}.request: {'; '.join(found)}")
    key = _key(kind, request)
    permissions = [_grant(state, kind, each) for each in entry.get("permissions", [])]
    try:
        grants.require(state, key, permissions)
    except ApiError as error:
        raise BadSeed(f"{path}.permissions: {error.message}") from error
    login = {"SecretArn": entry.get("secretArn")} if request.get("Type") in WITH_LOGIN else None
    wanted = {
        "request": request,
        "permissions": permissions,
        "tags": entry.get("tags"),
        "folders": entry.get("folders"),
        "refreshProperties": entry.get("refreshProperties"),
        "credentials": login,
    }
    assets.put(state, at, key, wanted)
    state.assets[key] |= {"errors": plain(entry.get("errors", [])), "file": bool(entry.get("file"))}


def _key(kind: Kind, request: Record) -> str:
    if kind.name == "refreshSchedule":
        return key_of(kind, f"{request['DataSetId']}/{request['Schedule']['ScheduleId']}")
    return key_of(kind, request[kind.id_member])


def _grant(state: State, kind: Kind, entry: Mapping[str, Any]) -> Record:
    principal, actions = entry["Principal"], list(entry["Actions"])
    if not principal.startswith("arn:"):
        principal = state.identity_arn(principal)
    if actions in (["OWNER"], ["VIEWER"]):
        actions = grants.actions_of(kind, actions[0])
    return {"Principal": principal, "Actions": actions}


def _filled(value: Any, state: State) -> Any:
    if isinstance(value, dict):
        return {name: _filled(each, state) for name, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, state) for each in value]
    if isinstance(value, str):
        return value.replace("${account}", state.account).replace("${region}", state.region)
    return value
