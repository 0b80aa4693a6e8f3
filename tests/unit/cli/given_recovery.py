"""Documents as the disaster recovery API answers them."""

from __future__ import annotations

from typing import Any

PLAN_ID = "rp-" + "a" * 20
GROUP_ID = "pg-" + "b" * 20
EXECUTION_ID = "ex-" + "c" * 20
DATABASE = "s-0123456789abcdef0"
WEB = "s-0123456789abcdef1"

PLAN_FILE = f"""\
name: Bank
description: Databases before the web
objectives:
  rtoSeconds: 3600
waves:
  - name: databases
    servers:
      - sourceServerId: {DATABASE}
  - name: web
    pauseBeforeWave: true
    servers:
      - sourceServerId: {WEB}
        criticality: OPTIONAL
"""


def plan(**changes: Any) -> dict[str, Any]:
    """The plan of the plan file."""
    return {
        "name": "Bank",
        "description": "Databases before the web",
        "objectives": {"rtoSeconds": 3600},
        "waves": [
            {"name": "databases", "servers": [{"sourceServerId": DATABASE}]},
            {
                "name": "web",
                "pauseBeforeWave": True,
                "servers": [{"sourceServerId": WEB, "criticality": "OPTIONAL"}],
            },
        ],
        **changes,
    }


def stored_plan(**changes: Any) -> dict[str, Any]:
    """The same plan as it is stored."""
    return plan(
        planId=PLAN_ID,
        version=3,
        createdAt="2026-01-01T00:00:00.000000Z",
        createdBy="user:ada",
        updatedAt="2026-01-02T00:00:00.000000Z",
        updatedBy="user:ada",
        **changes,
    )


def plan_summary() -> dict[str, Any]:
    """As lists show it."""
    names = ("planId", "name", "version", "createdAt", "createdBy", "updatedAt", "updatedBy")
    return {name: stored_plan()[name] for name in names} | {"waveCount": 2}


def group(**changes: Any) -> dict[str, Any]:
    """A stored protection group."""
    return {
        "groupId": GROUP_ID,
        "name": "databases",
        "selection": {"tags": {"tier": "db"}},
        "version": 1,
        "createdAt": "2026-01-01T00:00:00.000000Z",
        "createdBy": "user:ada",
        "updatedAt": "2026-01-01T00:00:00.000000Z",
        "updatedBy": "user:ada",
        **changes,
    }


def preview() -> dict[str, Any]:
    """What the group takes."""
    server = {"sourceServerId": DATABASE, "hostname": "db1", "tags": {"tier": "db"}, "by": ["TAGS"]}
    return {"account": {"accountId": "111122223333", "region": "eu-west-1"}, "servers": [server], "count": 1}


def execution(status: str = "POLLING", revision: int = 5, **changes: Any) -> dict[str, Any]:
    """A drill in its first wave."""
    return {
        "executionId": EXECUTION_ID,
        "status": status,
        "type": "DRILL",
        "planId": PLAN_ID,
        "planName": "Bank",
        "startedBy": "user:ada",
        "startedAt": "2026-01-02T10:00:00.000000Z",
        "waveCount": 2,
        "currentWave": 1,
        "revision": revision,
        "counts": {"servers": 2, "launched": 1, "failed": 0},
        "waves": [wave(1, "databases", "COMPLETED", launched=1), wave(2, "web", "PENDING")],
        **changes,
    }


def paused() -> dict[str, Any]:
    """The same, waiting for a person."""
    pause = {
        "pauseId": "p1",
        "waveNumber": 2,
        "reason": "PAUSE_BEFORE_WAVE",
        "since": "2026-01-02T10:10:00.000000Z",
        "deadline": "2026-01-03T10:10:00.000000Z",
        "onTimeout": "ABORT",
    }
    return execution("PAUSED", revision=8, pause=pause)


def ended(status: str) -> dict[str, Any]:
    """The same, over."""
    return execution(status, revision=12, endedAt="2026-01-02T10:20:00.000000Z")


def wave(number: int, name: str, status: str, launched: int = 0) -> dict[str, Any]:
    """A wave of one server."""
    found: dict[str, Any] = {
        "waveNumber": number,
        "name": name,
        "waveStatus": status,
        "attempt": 1,
        "counts": {"servers": 1, "launched": launched, "failed": 0},
    }
    if status != "PENDING":
        found["startedAt"] = "2026-01-02T10:00:05.000000Z"
    return found
