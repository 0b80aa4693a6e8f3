"""Plans as code: validate, diff, apply, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_api import FakeApi
from tests.unit.cli.given_recovery import PLAN_FILE, PLAN_ID, plan, plan_summary, stored_plan
from towpath.recovery.plan_diff import differences
from towpath.recovery.plan_files import as_yaml
from towpath.yaml_files import load


@pytest.fixture(autouse=True)
def file(home: Path) -> Path:
    path = home / "plan.yaml"
    path.write_text(PLAN_FILE)
    return path


def is_stored(api: FakeApi, **changes: Any) -> None:
    """The system has the plan of the file, with changes."""
    api.on("GET /recovery-plans", {"items": [plan_summary()]})
    api.on(f"GET /recovery-plans/{PLAN_ID}", stored_plan(**changes))


def test_a_valid_file(run: Run, api: FakeApi) -> None:
    result = run("drs", "plan", "validate", "plan.yaml")

    assert result.exit_code == 0
    assert "valid plan: 2 waves, 2 servers" in result.output
    assert api.requests == []


def test_every_problem_is_told_with_its_line(run: Run, file: Path) -> None:
    # Given a plan with a wrong id, an unknown wave and an unknown field
    text = PLAN_FILE.replace("s-0123456789abcdef1", "i-1").replace("pauseBeforeWave: true", "dependsOn: [cache]")
    file.write_text(text + "    colour: red\n")

    # When it is validated
    result = run("drs", "plan", "validate", "plan.yaml", "--json")

    # Then each is there with file, line and path
    assert result.exit_code == 2
    places = [each["path"] for each in json.loads(result.stderr)["error"]["problems"]]
    assert [place.split(" ")[0] for place in places] == ["plan.yaml:14", "plan.yaml:10", "plan.yaml:12"]
    assert places[1:] == [
        "plan.yaml:10 $.waves[1].dependsOn[0]",
        "plan.yaml:12 $.waves[1].servers[0].sourceServerId",
    ]


def test_what_only_the_system_knows_is_asked_for(run: Run, api: FakeApi) -> None:
    errors = [{"path": "$.waves[0].servers[0].sourceServerId", "message": "DRS does not know it"}]
    api.on("POST /recovery-plans/validate", {"valid": False, "errors": errors})

    result = run("drs", "plan", "validate", "--remote", "plan.yaml")

    assert result.exit_code == 2
    assert "plan.yaml:8 $.waves[0].servers[0].sourceServerId" in result.stderr
    assert api.body("/recovery-plans/validate") == plan()


def test_a_new_plan_is_created(run: Run, api: FakeApi) -> None:
    api.on("GET /recovery-plans", {"items": []})
    api.on("POST /recovery-plans", stored_plan(), status=201)

    result = run("drs", "plan", "apply", "plan.yaml")

    assert result.exit_code == 0, result.output
    assert f"{PLAN_ID} created, version 3" in result.output
    assert api.body("/recovery-plans") == plan()


def test_a_changed_plan_is_replaced_at_its_version_after_a_question(run: Run, api: FakeApi) -> None:
    is_stored(api, objectives={"rtoSeconds": 7200})
    api.on(f"PUT /recovery-plans/{PLAN_ID}", stored_plan() | {"version": 4})

    assert run("drs", "plan", "apply", "plan.yaml", input="n\n").exit_code == 1
    assert api.asked("PUT") == []

    result = run("drs", "plan", "apply", "plan.yaml", input="y\n")

    assert result.exit_code == 0, result.output
    assert "~ objectives.rtoSeconds: 7200 → 3600" in result.output
    assert "replaced, version 4" in result.output
    assert api.requests[-1].headers["if-match"] == '"3"'


def test_the_same_plan_is_left_alone(run: Run, api: FakeApi) -> None:
    is_stored(api)

    result = run("drs", "plan", "apply", "plan.yaml", "--json")

    assert json.loads(result.stdout)["result"] == "unchanged"
    assert api.asked("PUT") == []


def test_somebody_else_was_faster(run: Run, api: FakeApi) -> None:
    is_stored(api, objectives={"rtoSeconds": 7200})
    api.refuse(f"PUT /recovery-plans/{PLAN_ID}", 409, "it is at version 4 now: read it again")

    result = run("drs", "plan", "apply", "plan.yaml", "--yes")

    assert result.exit_code == 3
    assert "version 4" in result.stderr


def test_a_refusal_of_the_system_has_the_lines_of_the_file(run: Run, api: FakeApi) -> None:
    api.on("GET /recovery-plans", {"items": []})
    errors = [{"path": "$.waves[1].servers[0].sourceServerId", "message": "unknown"}]
    api.refuse("POST /recovery-plans", 400, "1 error(s) in the request", errors=errors)

    result = run("drs", "plan", "apply", "plan.yaml")

    assert result.exit_code == 2
    assert "plan.yaml:12 $.waves[1].servers[0].sourceServerId" in result.stderr


def test_diff_can_fail_a_build(run: Run, api: FakeApi) -> None:
    is_stored(api)
    assert run("drs", "plan", "diff", "plan.yaml", "--exit-code").exit_code == 0

    is_stored(api, objectives={"rtoSeconds": 7200})
    result = run("drs", "plan", "diff", "plan.yaml", "--exit-code", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [{"change": "~", "where": "objectives.rtoSeconds", "old": 7200, "new": 3600}]


def test_a_plan_that_is_exported_is_the_plan_again(run: Run, api: FakeApi, home: Path) -> None:
    is_stored(api)

    assert run("drs", "plan", "export", "Bank", "--output", "exported.yaml").exit_code == 0

    assert load(home / "exported.yaml").value == plan()
    assert (home / "exported.yaml").read_text().startswith("name: Bank\n")


def test_a_time_survives_a_plan_file(home: Path) -> None:
    document = plan()
    document["waves"][0]["recoveryPoint"] = {"mode": "BEFORE", "at": "2026-01-01T00:00:00Z"}

    (home / "again.yaml").write_text(as_yaml(document))

    assert load(home / "again.yaml").value == document


def lines(**changes: Any) -> list[str]:
    return [str(change) for change in differences(plan(), plan(**changes))]


def waves(*changed: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**wave, **change} for wave, change in zip(plan()["waves"], changed, strict=True)]


SERVER = {"sourceServerId": "s-0123456789abcdef2"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"conflictPolicy": "WAIT"}, []),
        ({"waves": waves({"onFailure": "STOP", "pause": {"deadlineSeconds": 86400}}, {})}, []),
        ({"conflictPolicy": "FAIL"}, ["~ conflictPolicy: WAIT → FAIL"]),
        ({"drillTtlSeconds": 3600}, ["+ drillTtlSeconds: 3600"]),
        ({"waves": waves({"timeoutSeconds": 600}, {})}, ["~ waves[databases].timeoutSeconds: 14400 → 600"]),
        ({"waves": waves({}, {"pauseBeforeWave": False})}, ["~ waves[web].pauseBeforeWave: true → false"]),
        ({"waves": [*plan()["waves"], {"name": "cache", "servers": [SERVER]}]}, ["+ waves[cache]: 1 servers"]),
        ({"waves": plan()["waves"][:1]}, ["- waves[web]: 1 servers"]),
        ({"waves": plan()["waves"][::-1]}, ["> waves, order: web, databases"]),
        (
            {"waves": waves({"servers": [*plan()["waves"][0]["servers"], SERVER]}, {})},
            ["+ waves[databases].servers[s-0123456789abcdef2]"],
        ),
    ],
)
def test_differences_are_those_that_matter(changes: dict[str, Any], expected: list[str]) -> None:
    assert lines(**changes) == expected
