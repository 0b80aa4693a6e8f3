"""What is to go wrong in QuickSight: rules on calls and on assets of bundle jobs, and acts of somebody else.

A rule names `operation`, `asset` (id, ARN or name), `job` (id of a bundle job) and `phase`, see `simulation/rules.py`.
Fetching a bundle is the operation `Download`.
"""

from __future__ import annotations

from typing import Any

from local_cloud.quicksight.state import Record, State
from local_cloud.simulation.rules import BadInjection, Catalogue, strike

__all__ = ["CATALOGUE", "DOWNLOAD", "ON_ASSETS", "ON_CALLS", "PHASES", "BadInjection", "on_asset", "strike"]

DOWNLOAD = "Download"
# Action → its members with their defaults; None is a member that must be given.
ON_CALLS: dict[str, dict[str, Any]] = {
    "error": {"code": "InternalFailureException", "status": 500, "message": "injected"},
    "throttle": {},
    "limit_exceeded": {},
    "lost_response": {},
    "delayed_request": {"seconds": 5},
    "late_visibility": {"seconds": 30},
    "small_pages": {"size": 1},
    "cut": {"bytes": 100},
    "expire": {},
}
ON_ASSETS: dict[str, dict[str, Any]] = {
    "fail": {"code": "InternalFailureException", "error": "injected failure"},
    "slow": {"factor": 10},
    "hang": {"seconds": 0},
}
ACTS: dict[str, dict[str, Any]] = {
    "external_jobs": {"kind": None, "count": 1, "seconds": 60, "afterSeconds": 0},
    "edit_asset": {"asset": None, "name": None, "afterSeconds": 0},
    "delete_asset": {"asset": None, "afterSeconds": 0},
    "set_edition": {"edition": None, "afterSeconds": 0},
}
PHASES = ("EXPORT", "IMPORT", "ROLLBACK")
CATALOGUE = Catalogue(
    kinds={"call": ON_CALLS, "asset": ON_ASSETS, "act": ACTS},
    names=("operation", "asset", "job", "phase"),
    values={"phase": PHASES},
)


def on_asset(state: State, at: str, key: str, name: str, job: str, phase: str) -> Record:
    """The action that hits an asset of a bundle job, or one that does nothing."""
    also = {"asset": [state.arn(key), key, name]}
    found = strike(state, "asset", at, also, asset=key.partition("/")[2], job=job, phase=phase)
    return found or {"type": "none"}
