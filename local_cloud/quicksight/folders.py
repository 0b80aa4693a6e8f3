"""Which assets are in which folders."""

from __future__ import annotations

from typing import Any

from local_cloud.quicksight.assets import found, name_of
from local_cloud.quicksight.calls import Call, answer_of, page
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.errors import invalid, missing
from local_cloud.quicksight.kinds import BY_LABEL
from local_cloud.quicksight.state import Record, State


def _member(state: State, parameters: Record) -> Record:
    folder, kind = parameters["FolderId"], BY_LABEL.get(parameters["MemberType"])
    if f"folder/{folder}" not in state.assets:
        raise missing(f"folder {folder}")
    if kind is None:
        raise invalid(f"members of type {parameters['MemberType']} are not simulated")
    return found(state, kind, parameters["MemberId"])


def create_membership(engine: Engine, call: Call) -> Record:
    """CreateFolderMembership: once more is fine."""
    asset, folder = _member(engine.state, call.parameters), call.parameters["FolderId"]
    asset["folders"] = list(dict.fromkeys([*asset["folders"], folder]))
    member: dict[str, Any] = {name: call.parameters[name] for name in ("MemberId", "MemberType")}
    return answer_of(call, {"FolderMember": member})


def delete_membership(engine: Engine, call: Call) -> Record:
    """DeleteFolderMembership."""
    asset, folder = _member(engine.state, call.parameters), call.parameters["FolderId"]
    if folder not in asset["folders"]:
        raise missing(f"{name_of(asset)} in folder {folder}")
    asset["folders"].remove(folder)
    return answer_of(call, {})


def list_members(engine: Engine, call: Call) -> Record:
    """ListFolderMembers."""
    state, folder = engine.state, call.parameters["FolderId"]
    if f"folder/{folder}" not in state.assets:
        raise missing(f"folder {folder}")
    items = [
        {"MemberId": key.partition("/")[2], "MemberArn": state.arn(key)}
        for key, asset in state.assets.items()
        if folder in asset["folders"]
    ]
    return page(call, "FolderMemberList", items)


def list_folders_of(engine: Engine, call: Call) -> Record:
    """ListFoldersForResource."""
    state, arn = engine.state, call.parameters["ResourceArn"]
    asset = next((each for key, each in state.assets.items() if state.arn(key) == arn), None)
    if asset is None:
        raise missing(arn)
    return page(call, "Folders", [state.arn(f"folder/{each}") for each in asset["folders"]])
