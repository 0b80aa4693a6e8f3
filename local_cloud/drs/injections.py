"""What is to go wrong in DRS: rules on calls, on phases of servers and on events, and acts of somebody else.

A rule names `operation`, `server` (id or host name) and `phase`, see `simulation/rules.py`.
"""

from __future__ import annotations

from typing import Any

from local_cloud.simulation.rules import BadInjection, Catalogue, strike

__all__ = ["CATALOGUE", "ON_CALLS", "ON_PHASES", "PHASES", "BadInjection", "strike"]

# Action → its members with their defaults; None is a member that must be given.
ON_CALLS: dict[str, dict[str, Any]] = {
    "error": {"code": "InternalServerException", "status": 500, "message": "injected", "retryAfterSeconds": 0},
    "throttle": {"retryAfterSeconds": 1},
    "lost_response": {},
    "late_visibility": {"seconds": 30},
    "small_pages": {"size": 1},
}
ON_PHASES: dict[str, dict[str, Any]] = {
    "fail": {"error": "injected failure"},
    "hang": {"seconds": 0},
    "slow": {"factor": 3},
    "leave": {},
}
ON_EVENTS: dict[str, dict[str, Any]] = {
    "lose_event": {},
    "duplicate_event": {"times": 2},
    "delay_event": {"seconds": 120},
}
ACTS: dict[str, dict[str, Any]] = {
    "external_job": {"servers": None, "isDrill": True, "afterSeconds": 0},
    "terminate_instance": {"server": None, "afterSeconds": 0},
    "delete_job": {"job": None, "afterSeconds": 0},
}
PHASES = ("CLEANUP", "SNAPSHOT", "CONVERSION", "LAUNCH", "TERMINATE")
CATALOGUE = Catalogue(
    kinds={"call": ON_CALLS, "phase": ON_PHASES, "event": ON_EVENTS, "act": ACTS},
    names=("operation", "server", "phase"),
    values={"phase": PHASES},
)
