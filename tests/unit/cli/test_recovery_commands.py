"""`towpath drs …`: every operation of the API has a command, and each says what it did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from disaster_recovery.api.routes import API
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_api import FakeApi
from tests.unit.cli.given_recovery import (
    DATABASE,
    EXECUTION_ID,
    GROUP_ID,
    PLAN_FILE,
    PLAN_ID,
    ended,
    execution,
    group,
    paused,
    plan_summary,
    preview,
    stored_plan,
)

EXECUTION = f"/executions/{EXECUTION_ID}"
PLACE = {"accountId": "111122223333", "region": "eu-west-1"}
READINESS = {
    "ready": True,
    "checkedAt": "2026-01-02T10:00:00.000000Z",
    "counts": {"servers": 2, "launchable": 2, "blockers": 0, "warnings": 1},
    "findings": [{"check": "RPO", "level": "WARNING", "message": "12 min of data", "sourceServerId": DATABASE}],
    "servers": [],
}
FORECAST: dict[str, Any] = {
    "seed": 0,
    "trials": 101,
    "waves": [
        {
            "waveNumber": 1,
            "name": "databases",
            "servers": 1,
            "jobs": 1,
            "pauseBefore": False,
            "timeoutSeconds": 14400,
            "seconds": {"min": 600, "median": 660, "worst": 780},
            "sinceStart": {"min": 600, "median": 660, "worst": 780},
            "mayExceedTimeout": False,
        }
    ],
    "rto": {"seconds": {"min": 600, "median": 660, "worst": 780}, "targetSeconds": 3600, "verdict": "MET"},
    "pauses": [{"waveNumber": 2, "name": "web", "deadlineSeconds": 86400, "onTimeout": "ABORT"}],
    "quotas": {"concurrentJobs": {"limit": 20, "inUse": 0, "peak": 1, "headroom": 19}, "serversPerJob": {"limit": 100}},
    "rpo": [{"sourceServerId": DATABASE, "hostname": "db1", "waveNumber": 1, "seconds": None, "met": None}],
    "conflicts": [{"sourceServerId": DATABASE, "waveNumber": 1, "heldBy": "job drsjob-1"}],
    "cost": {
        "usd": "0.40",
        "instancesUsd": "0.30",
        "disksUsd": "0.04",
        "conversionUsd": "0.06",
        "hoursKept": "1.0",
        "assumptions": ["list prices"],
    },
}
APPLIED = {"sourceServerId": DATABASE, "hostname": "db1", "applied": True}
SERVER_ROW = {
    "waveNumber": 1,
    "sourceServerId": DATABASE,
    "hostname": "db1",
    "launchStatus": "LAUNCHED",
    "startedAt": "2026-01-02T10:00:05.000000Z",
    "launchedAt": "2026-01-02T10:11:05.000000Z",
}


@pytest.fixture(autouse=True)
def system(api: FakeApi, home: Path) -> None:
    """A system with one plan, one group and one paused drill."""
    (home / "plan.yaml").write_text(PLAN_FILE)
    (home / "group.yaml").write_text("name: databases\nselection:\n  tags: {tier: web}\n")
    api.on("GET /recovery-plans", {"items": [plan_summary()]})
    api.on("POST /recovery-plans/validate", {"valid": True, "errors": []})
    api.on(f"GET /recovery-plans/{PLAN_ID}", stored_plan(objectives={"rtoSeconds": 60}))
    api.on(f"PUT /recovery-plans/{PLAN_ID}", stored_plan())
    api.on(f"DELETE /recovery-plans/{PLAN_ID}", None)
    api.on(f"GET /recovery-plans/{PLAN_ID}/readiness", READINESS)
    api.on(f"GET /recovery-plans/{PLAN_ID}/inventory", {"servers": []})
    api.on(f"POST /recovery-plans/{PLAN_ID}/rehearse", FORECAST)
    api.on("GET /protection-groups", {"items": [group()]})
    api.on("POST /protection-groups/preview", preview())
    api.on(f"GET /protection-groups/{GROUP_ID}", group())
    api.on(f"PUT /protection-groups/{GROUP_ID}", group(version=2))
    api.on(f"DELETE /protection-groups/{GROUP_ID}", None)
    api.on(f"POST /protection-groups/{GROUP_ID}/apply-launch-settings", {"servers": [APPLIED]})
    api.on("GET /executions", {"items": [execution()]})
    api.on("POST /executions", execution("PENDING"))
    api.on(f"GET {EXECUTION}", paused())
    api.on(f"GET {EXECUTION}/servers", {"items": [SERVER_ROW, SERVER_ROW | {"launchStatus": "FAILED"}]})
    event = {"number": 1, "at": "2026-01-02T10:00:00.000000Z", "kind": "EXECUTION_STARTED", "actor": "user:ada"}
    api.on(f"GET {EXECUTION}/timeline", {"items": [event]})
    log = {"jobId": "drsjob-1", "at": "2026-01-02T10:00:00.000000Z", "event": "JOB_START"}
    api.on(f"GET {EXECUTION}/job-log", {"items": [log]})
    api.on(f"GET {EXECUTION}/evidence", {"timeline": []})
    for command in ("pause", "resume", "cancel", "retry-failed", "skip-wave", "restart", "terminate-instances"):
        api.on(f"POST {EXECUTION}/{command}", execution(), status=202)
    api.on("GET /source-servers", {"items": [{"sourceServerId": DATABASE, "hostname": "db1", "tags": {}}]})
    api.on(
        "GET /quotas", {"account": PLACE, "items": [{"name": "Concurrent jobs", "limit": 20, "used": 1, "free": 19}]}
    )


COMMANDS = [
    "plans list",
    "plans show Bank",
    "plan diff plan.yaml",
    "plan validate --remote plan.yaml",
    "plan apply plan.yaml --yes",
    "plans delete Bank --yes",
    "readiness Bank",
    "forecast Bank --seed 7",
    "inventory export --plan Bank",
    "groups list",
    "groups show databases",
    "groups preview --tag tier=db",
    "groups apply group.yaml",
    "groups apply-launch-settings databases",
    "groups delete databases --yes",
    "executions list",
    "execute Bank --drill",
    "executions show latest",
    f"executions servers {EXECUTION_ID}",
    f"executions timeline {EXECUTION_ID}",
    f"executions job-log {EXECUTION_ID} --wave 1",
    f"evidence {EXECUTION_ID}",
    f"executions pause {EXECUTION_ID}",
    f"executions resume {EXECUTION_ID} --comment fine --next retry",
    f"executions cancel {EXECUTION_ID} --reason wrong --yes",
    f"executions retry-failed {EXECUTION_ID}",
    f"executions skip-wave {EXECUTION_ID} 2",
    f"executions restart {EXECUTION_ID} --from-wave 2",
    f"executions terminate-instances {EXECUTION_ID} --yes",
    "servers list",
    "quotas",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_prints_a_table_and_json(run: Run, command: str) -> None:
    table = run("drs", *command.split())
    data = run("drs", *command.split(), "--json")

    assert (table.exit_code, data.exit_code) == (0, 0), table.output + data.output
    assert table.output
    json.loads(data.stdout)


def test_every_operation_of_the_api_has_a_command(run: Run, api: FakeApi) -> None:
    # Given all commands, and the two that create what the system has already
    for command in COMMANDS:
        run("drs", *command.split())
    api.on("GET /recovery-plans", {"items": []})
    api.on("POST /recovery-plans", stored_plan())
    run("drs", "plan", "apply", "plan.yaml")
    api.on("GET /protection-groups", {"items": []})
    api.on("POST /protection-groups", group())
    run("drs", "groups", "apply", "group.yaml")

    # Then every operation was asked for
    ids = {PLAN_ID: "{planId}", GROUP_ID: "{groupId}", EXECUTION_ID: "{executionId}"}
    asked = set()
    for request in api.requests:
        path = request.path
        for real, name in ids.items():
            path = path.replace(real, name)
        asked.add((request.method, path))
    assert {(route.method, route.path) for route in API.routes} - asked == set()


def test_bodies_of_commands(run: Run, api: FakeApi) -> None:
    for command in COMMANDS:
        run("drs", *command.split())

    assert api.body(f"{EXECUTION}/resume") == {"comment": "fine", "next": "RETRY"}
    assert api.body(f"{EXECUTION}/cancel") == {"reason": "wrong"}
    assert api.body(f"{EXECUTION}/skip-wave") == {"waveNumber": 2}
    assert api.body(f"{EXECUTION}/restart") == {"fromWave": 2}
    assert api.body("/executions") == {"planId": PLAN_ID, "type": "DRILL"}
    assert api.body("/protection-groups/preview") == {"selection": {"tags": {"tier": "db"}}}


def test_nothing_starts_unless_it_is_said_what(run: Run, api: FakeApi) -> None:
    assert run("drs", "execute", "Bank").exit_code == 2
    assert api.asked("POST") == []


def test_a_recovery_asks_for_the_name(run: Run, api: FakeApi) -> None:
    result = run("drs", "execute", "Bank", "--recovery", input="Bank\n")

    assert result.exit_code == 0, result.output
    assert api.body("/executions") == {"planId": PLAN_ID, "type": "RECOVERY", "confirm": "Bank"}
    assert api.requests[-1].headers["idempotency-key"]


def test_instances_of_a_recovery_are_not_terminated_by_a_yes(run: Run, api: FakeApi) -> None:
    api.on(f"GET {EXECUTION}", ended("COMPLETED") | {"type": "RECOVERY"})

    run("drs", "executions", "terminate-instances", EXECUTION_ID, "--yes")
    assert api.body(f"{EXECUTION}/terminate-instances") == {}

    run("drs", "executions", "terminate-instances", EXECUTION_ID, input=f"{EXECUTION_ID}\n")
    assert api.body(f"{EXECUTION}/terminate-instances") == {"confirm": EXECUTION_ID}


def test_a_question_that_is_denied_changes_nothing(run: Run, api: FakeApi) -> None:
    for command in ("executions cancel latest", "executions terminate-instances latest", "plans delete Bank"):
        assert run("drs", *command.split(), input="n\n").exit_code == 1

    assert {request.method for request in api.requests} == {"GET"}


@pytest.mark.parametrize(
    ("status", "detail", "code"), [(409, "the execution is COMPLETED", 3), (403, "needs the permission drill", 4)]
)
def test_refusals_reach_the_exit_code(run: Run, api: FakeApi, status: int, detail: str, code: int) -> None:
    api.refuse(f"POST {EXECUTION}/pause", status, detail)

    result = run("drs", "executions", "pause", EXECUTION_ID)

    assert result.exit_code == code
    assert detail in result.stderr and result.stdout == ""


def test_names_that_nobody_knows(run: Run, api: FakeApi) -> None:
    api.on("GET /recovery-plans", {"items": []})
    api.on("GET /executions", {"items": []})

    assert run("drs", "plans", "show", "Nobody").exit_code == 5
    assert run("drs", "groups", "show", "Nobody").exit_code == 5
    assert run("drs", "executions", "show", "latest").exit_code == 5


def test_a_plan_that_is_not_ready_fails(run: Run, api: FakeApi) -> None:
    api.on(f"GET /recovery-plans/{PLAN_ID}/readiness", READINESS | {"ready": False})

    result = run("drs", "readiness", "Bank")

    assert result.exit_code == 1
    assert "NOT_READY" in result.stdout


def test_a_blocked_forecast_says_why(run: Run, api: FakeApi) -> None:
    bare = {name: value for name, value in FORECAST["waves"][0].items() if not isinstance(value, dict)}
    unknown = {"seconds": None, "targetSeconds": 3600, "verdict": "UNKNOWN"}
    blocked = FORECAST | {"blocked": "all 20 jobs are taken", "waves": [bare], "rto": unknown, "trials": 0}
    api.on(f"POST /recovery-plans/{PLAN_ID}/rehearse", blocked)

    assert "all 20 jobs are taken" in run("drs", "forecast", "Bank").stdout


def test_evidence_as_files(run: Run, api: FakeApi, home: Path) -> None:
    api.on(f"GET {EXECUTION}/evidence", "<p>page</p>", {"timeline": []})

    result = run("drs", "evidence", "latest", "--html", "e.html", "--out", "e.json")

    assert result.exit_code == 0, result.output
    assert (home / "e.html").read_text() == "<p>page</p>"
    assert json.loads((home / "e.json").read_text()) == {"timeline": []}
    assert [request.query for request in api.requests[-2:]] == [{"format": "html"}, {}]


def test_a_paused_execution_says_who_has_to_do_what(run: Run) -> None:
    shown = run("drs", "executions", "show", EXECUTION_ID).stdout

    assert "wave 2, the plan pauses before this wave, until 2026-01-03 10:10:00 UTC, then abort" in shown


def test_launch_settings_that_were_refused_fail(run: Run, api: FakeApi) -> None:
    refused = APPLIED | {"applied": False, "error": "no such template"}
    api.on(f"POST /protection-groups/{GROUP_ID}/apply-launch-settings", {"servers": [APPLIED, refused]})

    result = run("drs", "groups", "apply-launch-settings", "databases")

    assert result.exit_code == 1
    assert "no such template" in result.stdout


def test_a_bad_group_file_has_lines(run: Run, home: Path, api: FakeApi) -> None:
    (home / "group.yaml").write_text("name: x\nselection:\n  tags: {}\n")

    result = run("drs", "groups", "apply", "group.yaml")

    assert result.exit_code == 2
    assert "group.yaml:2 $.selection" in result.stderr
