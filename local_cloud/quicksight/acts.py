"""What others do meanwhile: bundle jobs of their own, a person who edits or deletes an asset, another edition."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from local_cloud.quicksight import assets
from local_cloud.quicksight.engine import Engine
from local_cloud.quicksight.errors import invalid
from local_cloud.quicksight.jobs import Which, table
from local_cloud.quicksight.state import Record, plain
from local_cloud.simulation.clock import Stamp


def act(engine: Engine, at: Stamp, rule: str, action: Record) -> None:
    """Does it, and notes it in `injected` with what came of it."""
    doing = {
        "external_jobs": external_jobs,
        "edit_asset": edit_asset,
        "delete_asset": delete_asset,
        "set_edition": set_edition,
    }
    outcome = doing[action["type"]](engine, at, action)
    engine.state.injected.append({"rule": rule, "type": action["type"], "time": at, "outcome": outcome})


def external_jobs(engine: Engine, at: Stamp, action: Record) -> list[str]:
    """Others run jobs for a while, as many as there are places; their ids."""
    state = engine.state
    which: Which = "Export" if action["kind"] == "EXPORT" else "Import"
    begun = []
    for _ in range(action["count"]):
        running = [job for job in table(state, which).values() if not job["ended"]]
        if len(running) >= state.limits[f"concurrent{which}s"]:
            break
        identifier = f"external-{state.number()}"
        table(state, which)[identifier] = _external(identifier, state.number(), at, which)
        engine.after(at, action["seconds"], "external_end", which=which, job=identifier)
        begun.append(identifier)
    return begun


def _external(identifier: str, number: int, at: Stamp, which: Which) -> Record:
    request: Record = {"AssetBundleImportSource": {"S3Uri": "s3://elsewhere/bundle.qs"}}
    if which == "Export":
        request = {"ResourceArns": ["arn:aws:quicksight:::dashboard/elsewhere"], "ExportFormat": "QUICKSIGHT_JSON"}
    return {
        "id": identifier,
        "number": number,
        "status": "IN_PROGRESS",
        "created": at,
        "ended": None,
        "principal": "",
        "request": request,
        "errors": [],
        "warnings": [],
        "rollbackErrors": [],
        "concealed": False,
        "documents": {},
        "links": {},
    }


def external_end(engine: Engine, at: Stamp, which: Which, job: str) -> None:
    """A job of somebody else ends."""
    if job in table(engine.state, which):
        table(engine.state, which)[job] |= {"status": "FAILED", "ended": at}


def edit_asset(engine: Engine, at: Stamp, action: Record) -> list[str]:
    """A person gives assets (key, id or ARN, with wildcards) another name."""
    struck = named(engine, action["asset"])
    for key in struck:
        asset = engine.state.assets[key]
        assets.replace(engine.state, at, key, {**plain(asset["request"]), "Name": action["name"]})
    return struck


def delete_asset(engine: Engine, _at: Stamp, action: Record) -> list[str]:
    """A person deletes assets for good."""
    struck = named(engine, action["asset"])
    for key in struck:
        if key in engine.state.assets:
            assets.remove(engine.state, key)
    return struck


def set_edition(engine: Engine, _at: Stamp, action: Record) -> Any:
    """The account changes its edition."""
    if action["edition"] not in ("STANDARD", "ENTERPRISE", "ENTERPRISE_AND_Q"):
        raise invalid(f"{action['edition']} is no edition")
    engine.state.edition = action["edition"]
    return action["edition"]


def named(engine: Engine, pattern: str) -> list[str]:
    """Keys of assets by key, id or ARN, with wildcards."""
    state = engine.state
    return [
        key
        for key in state.assets
        if any(fnmatchcase(each, pattern) for each in (key, key.partition("/")[2], state.arn(key)))
    ]
