"""`towpath quicksight …`: every operation of the API has a command, and each says what it did."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from quicksight_migration.api.routes import API
from shared.schemas import Problem, problems
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_api import FakeApi
from tests.unit.cli.given_quicksight import (
    GROUP,
    HASH,
    JOB_FILE,
    JOB_ID,
    REPORT_ID,
    RESTORE_ID,
    SOURCE,
    TARGET,
    ended,
    failed,
    item,
    job,
    plan_page,
    report,
    waiting,
)
from towpath.quicksight.job_views import told

JOB, REPORT = f"/jobs/{JOB_ID}", f"/drift-reports/{REPORT_ID}"


@pytest.fixture(autouse=True)
def system(api: FakeApi, home: Path) -> None:
    """A system with one job whose plan waits for approval."""
    (home / "sales.yaml").write_text(JOB_FILE)
    api.on("GET /jobs", {"items": [job()]})
    api.on("POST /jobs", job("PENDING"), status=201)
    api.on(f"GET {JOB}", waiting())
    api.on(f"GET {JOB}/plan", plan_page())
    api.on(
        f"GET {JOB}/audit",
        {
            "items": [
                {
                    "revision": 1,
                    "at": "2026-11-21T10:00:00Z",
                    "actor": "user:ada",
                    "action": "JOB_STARTED",
                    "detail": {"assets": 1},
                }
            ]
        },
    )
    line = {
        "at": "2026-11-21T10:00:00.500000Z",
        "source": "/aws/lambda/biops-export-assets",
        "level": "INFO",
        "message": "export started",
        "fields": {"jobId": JOB_ID, "step": "ExportAssets"},
    }
    api.on(f"GET {JOB}/logs", {"items": [line], "links": [{"title": "log", "url": "https://console"}]})
    for command in ("cancel", "approve", "reject", "retry"):
        api.on(f"POST {JOB}/{command}", job(), status=202)
    api.on(f"POST {JOB}/restore", job("PENDING", jobId=RESTORE_ID, type="RESTORE"), status=201)
    api.on("POST /drift-reports", report("RUNNING"), status=202)
    api.on("GET /drift-reports", {"items": [report()]})
    api.on(f"GET {REPORT}", report())
    account = {"accountId": TARGET, "side": "TARGET", "name": "prod", "region": "us-east-1", "approval": "REQUIRED"}
    api.on("GET /accounts", {"items": [account]})


COMMANDS = [
    "jobs start sales.yaml",
    "jobs list --status running --source 111111111111 --from 2026-11-21",
    "job show latest",
    f"jobs logs {JOB_ID} --contains export",
    f"jobs logs {JOB_ID} --links",
    f"jobs audit {JOB_ID}",
    f"jobs cancel {JOB_ID} --yes --reason wrong",
    f"jobs retry {JOB_ID}",
    f"jobs approve {JOB_ID} --plan-hash {HASH} --comment fine",
    f"jobs reject {JOB_ID} --yes --comment wrong",
    f"plan {JOB_ID}",
    "plan latest --all",
    f"restore {JOB_ID} --yes --second-person",
    "drift --target 222222222222",
    "drift --job latest --no-wait",
    "drift list",
    f"drift show {REPORT_ID}",
    "accounts",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_prints_a_table_and_json(run: Run, command: str) -> None:
    table = run("quicksight", *command.split())
    data = run("quicksight", *command.split(), "--json")

    assert (table.exit_code, data.exit_code) == (0, 0), table.output + data.output
    assert table.output
    json.loads(data.stdout)


def test_every_operation_of_the_api_has_a_command(run: Run, api: FakeApi) -> None:
    # Given all commands, and one that watches
    for command in COMMANDS:
        run("quicksight", *command.split())
    api.on(f"GET {JOB}", job(), ended("COMPLETED"))
    run("quicksight", "jobs", "watch", JOB_ID)

    # Then every operation was asked for
    asked = {
        (request.method, request.path.replace(JOB_ID, "{jobId}").replace(REPORT_ID, "{reportId}"))
        for request in api.requests
    }
    assert {(route.method, route.path) for route in API.routes} - asked == set()


def test_bodies_of_commands(run: Run, api: FakeApi) -> None:
    for command in COMMANDS:
        run("quicksight", *command.split())

    assert api.body(f"{JOB}/cancel") == {"reason": "wrong"}
    assert api.body(f"{JOB}/approve") == {"planHash": HASH, "comment": "fine"}
    assert api.body(f"{JOB}/reject") == {"comment": "wrong"}
    assert api.body(f"{JOB}/restore") == {"approval": "SECOND_PERSON"}
    assert api.body("/drift-reports") == {"jobId": JOB_ID}
    started = api.body("/jobs")
    assert (started["sourceAccountId"], started["options"]) == (SOURCE, {"conflictPolicy": "UPDATE"})


def test_what_starts_something_may_be_repeated(run: Run, api: FakeApi) -> None:
    for command in ("jobs start sales.yaml", f"jobs retry {JOB_ID}", f"restore {JOB_ID} --yes"):
        run("quicksight", *command.split())

    keys = [request.headers.get("idempotency-key", "") for request in api.requests if request.method == "POST"]
    assert len(set(keys)) == 3 and all(keys)
    run("quicksight", "jobs", "start", "sales.yaml", "--key", "release-7")
    assert api.requests[-1].headers["idempotency-key"] == "release-7"


def test_options_of_the_command_join_those_of_the_file(run: Run, api: FakeApi) -> None:
    run("quicksight", "jobs", "start", "sales.yaml", "--plan-only", "--approval")

    assert api.body("/jobs")["options"] == {"conflictPolicy": "UPDATE", "planOnly": True, "approval": "REQUIRED"}


def test_a_file_with_errors_is_told_with_its_lines_and_not_sent(run: Run, api: FakeApi, home: Path) -> None:
    text = JOB_FILE.replace("UPDATE", "OVERWRITE").replace("SecretArn: arn", "CopySourceArn: arn")
    (home / "sales.yaml").write_text(text)

    result = run("quicksight", "jobs", "start", "sales.yaml")

    assert result.exit_code == 2
    assert "sales.yaml:7 $.options.conflictPolicy" in result.stderr
    assert "sales.yaml:12 $.overrides.DataSources[0].Credentials.CopySourceArn" in result.stderr
    assert api.requests == []


def test_what_the_api_finds_wrong_has_lines_too(run: Run, api: FakeApi) -> None:
    wrong = [{"path": "$.targetAccountId", "message": "is not a target account that is configured"}]
    api.refuse("POST /jobs", 400, "1 error(s) in the request", errors=wrong)

    result = run("quicksight", "jobs", "start", "sales.yaml")

    assert (result.exit_code, "sales.yaml:3 $.targetAccountId" in result.stderr) == (2, True)


def test_an_approval_shows_the_plan_and_wants_its_hash(run: Run, api: FakeApi) -> None:
    result = run("quicksight", "jobs", "approve", "latest", input=f"{HASH[:8].upper()}\n")

    assert result.exit_code == 0, result.output
    assert "1 in the way" in result.stdout and HASH in result.stdout
    assert api.body(f"{JOB}/approve") == {"planHash": HASH}


@pytest.mark.parametrize("typed", ["yes", HASH[:7], HASH[:9], ""])
def test_anything_else_approves_nothing(run: Run, api: FakeApi, typed: str) -> None:
    result = run("quicksight", "jobs", "approve", JOB_ID, input=f"{typed}\n")

    assert result.exit_code in (1, 2)
    assert api.asked("POST") == []


def test_an_approval_without_a_question_is_of_the_plan_that_was_shown(run: Run, api: FakeApi) -> None:
    result = run("quicksight", "jobs", "approve", JOB_ID, "--yes")

    assert (result.exit_code, api.body(f"{JOB}/approve")) == (0, {"planHash": HASH})
    assert HASH in result.stdout


def test_an_approval_for_scripts_names_the_hash(run: Run, api: FakeApi) -> None:
    assert run("quicksight", "jobs", "approve", JOB_ID, "--json").exit_code == 2
    assert api.asked("POST") == []


def test_a_stale_plan_is_a_conflict_and_says_where_to_look(run: Run, api: FakeApi) -> None:
    changes = [{"assetType": "THEME", "assetId": "brand", "change": "CHANGED"}]
    detail = "the target has changed since the plan was made"
    api.refuse(f"POST {JOB}/approve", 409, detail, code="PLAN_STALE", changes=changes)

    result = run("quicksight", "jobs", "approve", JOB_ID, "--plan-hash", HASH)

    assert result.exit_code == 3
    assert "THEME brand  was changed in the target" in result.stderr
    assert detail in result.stderr and f"jobs show {JOB_ID}" in result.stderr


def test_a_question_that_is_denied_changes_nothing(run: Run, api: FakeApi) -> None:
    for command in (f"jobs cancel {JOB_ID}", f"jobs reject {JOB_ID}", f"restore {JOB_ID}"):
        assert run("quicksight", *command.split(), input="n\n").exit_code == 1

    assert {request.method for request in api.requests} == {"GET"}


def test_a_plan_tells_what_is_dangerous_first(run: Run) -> None:
    shown = run("quicksight", "plan", JOB_ID).stdout

    places = [shown.index(name) for name in ("DATASOURCE", "orders", "eu-sales", "analysts")]
    assert places == sorted(places)
    assert f"{SOURCE} us-east-1 -> {TARGET} eu-west-1, on conflict PREFIX eu-" in shown
    assert "DASHBOARD        sales as eu-sales" in shown
    assert "$.overrides no data source orders-eu" in shown
    assert "the dashboard shows [bold]two[/bold] sheets less" in shown
    assert "1 in the way, 1 to change, 1 to create, 1 the same" in shown
    assert "and nobody else" in shown and GROUP not in shown


def test_a_plan_is_cut_unless_all_is_wanted(run: Run) -> None:
    short, whole = (run("quicksight", "plan", JOB_ID, *more).stdout for more in ((), ("--all",)))

    assert "$.Columns[4]" in short and "$.Columns[5]" not in short and "… and 2 more" in short
    assert "x" * 60 not in short and "dark" not in short
    assert "$.Columns[6]" in whole and "x" * 60 in whole and "dark" in whole


def test_all_pages_of_a_plan_are_shown(run: Run, api: FakeApi) -> None:
    pages = [plan_page([item("CREATE", "THEME", f"theme-{number}")]) for number in range(3)]
    api.on(f"GET {JOB}/plan", pages[0] | {"nextCursor": "a"}, pages[1] | {"nextCursor": "b"}, pages[2])

    shown = json.loads(run("quicksight", "plan", JOB_ID, "--json").stdout)

    assert [each["assetId"] for each in shown["plan"]["items"]] == ["theme-0", "theme-1", "theme-2"]
    assert [request.query.get("cursor") for request in api.requests] == [None, "a", "b"]
    assert "nextCursor" not in shown


def test_a_plan_of_a_file_changes_nothing(run: Run, api: FakeApi) -> None:
    api.on(f"GET {JOB}", job(), ended("COMPLETED", planHash=HASH))

    result = run("quicksight", "plan", "sales.yaml")

    assert result.exit_code == 0, result.output
    assert api.body("/jobs")["options"]["planOnly"] is True
    assert HASH in result.stdout


def test_a_plan_that_cannot_be_made_says_why(run: Run, api: FakeApi) -> None:
    # Given a job that ends before its plan, since something is missing in the file
    wrong = [{"path": "$.overrides.DataSources", "message": "has no entry for DATASOURCE sales"}]
    error = {"code": "PREFLIGHT_FAILED", "message": "no entry", "details": wrong}
    api.on(f"GET {JOB}", ended("FAILED", failedStep="Preflight", error=error))

    result = run("quicksight", "plan", "sales.yaml")

    # Then the file's line is told, and `show` tells it too
    assert result.exit_code == 1
    assert "sales.yaml:9 $.overrides.DataSources  has no entry for DATASOURCE sales" in result.stderr
    assert "has no entry for DATASOURCE sales" in run("quicksight", "jobs", "show", JOB_ID).stdout


def test_a_job_is_shown_as_a_timeline(run: Run) -> None:
    shown = run("quicksight", "jobs", "show", JOB_ID).stdout

    lines = {line.split()[0]: line for line in shown.splitlines() if line.strip()}
    assert "SUCCEEDED" in lines["ExportAssets"] and "4 min 30 s" in lines["ExportAssets"]
    assert "two chunks" in lines["ExportAssets"] and "█" in lines["ExportAssets"]
    assert "to come" in lines["VerifyTarget"]
    assert "somebody to approve its plan, since 2026-11-21 10:10:00 UTC" in shown
    assert f"towpath quicksight jobs approve {JOB_ID}" in shown


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ({"decision": "APPROVED", "by": "user:bob"}, "APPROVED by user:bob"),
        ({"counts": {"CREATE": 4}, "planKey": "jobs/x", "warnings": ["a", "b"]}, "4 CREATE, 2 warnings"),
        ({"bundles": [{"key": "jobs/x"}], "gone": []}, "1 bundle"),
        ({"decision": "REJECTED", "by": "aws:arn:aws:iam::1:role/deploy"}, "REJECTED by aws:role/deploy"),
        ({"assets": 3, "changed": 0}, "3 assets"),
        ({}, ""),
    ],
)
def test_what_a_step_found_is_told_in_a_line(output: dict[str, Any], shown: str) -> None:
    assert told({"output": output}) == shown


def test_a_failed_job_says_where_why_and_what_to_do(run: Run, api: FakeApi) -> None:
    api.on(f"GET {JOB}", failed())

    shown = run("quicksight", "jobs", "show", JOB_ID).stdout

    assert "ImportAssets: IMPORT_FAILED no such secret" in shown
    assert "not known: somebody has to look" in shown
    for command in (f"jobs retry {JOB_ID}", f"restore {JOB_ID}", f"jobs logs {JOB_ID}"):
        assert f"towpath quicksight {command}" in shown
    assert "to come" not in shown


def test_logs_are_lines(run: Run, api: FakeApi) -> None:
    shown = run("quicksight", "jobs", "logs", JOB_ID).stdout

    assert shown == "10:00:00.500  biops-export-assets  INFO  export started  step=ExportAssets\n"


def test_moves_of_the_machine_are_told_when_all_is_wanted(run: Run, api: FakeApi) -> None:
    # Given a page of the machine's lines before the one of a function
    def line(source: str) -> dict[str, Any]:
        return {"at": "2026-11-21T10:00:00.500000Z", "source": source, "message": source[-4:]}

    moves, worker = [line("/aws/vendedlogs/states/move")] * 3, line("/aws/lambda/work")
    api.on(f"GET {JOB}/logs", {"items": moves, "links": [], "nextCursor": "a"}, {"items": [worker], "links": []})
    assert run("quicksight", "jobs", "logs", JOB_ID, "--limit", "2").stdout.count("\n") == 1
    api.on(f"GET {JOB}/logs", {"items": moves, "links": [], "nextCursor": "a"}, {"items": [worker], "links": []})
    assert run("quicksight", "jobs", "logs", JOB_ID, "--all").stdout.count("move") == 6


def test_drift_is_waited_for_and_has_an_exit_code(run: Run, api: FakeApi, slept: list[float]) -> None:
    api.on(f"GET {REPORT}", report("RUNNING"), report())

    result = run("quicksight", "drift", "--exit-code")

    assert (result.exit_code, len(slept)) == (1, 2)
    assert result.stdout.index("DASHBOARD") < result.stdout.index("THEME")
    assert run("quicksight", "drift", "show", "latest").exit_code == 0
    api.on(f"GET {REPORT}", report(counts={"IN_SYNC": 2}))
    assert run("quicksight", "drift", "show", "latest", "--exit-code").exit_code == 0


def test_a_report_that_failed_fails(run: Run, api: FakeApi) -> None:
    api.on(f"GET {REPORT}", report("FAILED", error="no access"))

    result = run("quicksight", "drift", "show", REPORT_ID)

    assert (result.exit_code, "no access" in result.stderr) == (1, True)


def test_accounts_that_were_not_looked_at_are_named(run: Run) -> None:
    assert f"Not looked at: source {SOURCE}, AccessDenied" in run("quicksight", "drift", "show", REPORT_ID).stdout


def test_these_documents_are_those_of_the_api() -> None:
    def wrong(name: str, document: dict[str, Any]) -> list[Problem]:
        return problems(f"quicksight-migration-api#/$defs/{name}", document)

    for document in (job(), waiting(), failed(), ended("REJECTED")):
        assert wrong("job", document) == []
    assert wrong("planPage", plan_page()) == [] and wrong("driftReportDetail", report()) == []
    assert problems("migration-plan", {**plan_page()["plan"], "planHash": HASH}) == []
    assert problems("drift-report", report()["report"]) == []


def test_names_that_nobody_knows(run: Run, api: FakeApi) -> None:
    api.on("GET /jobs", {"items": []})
    api.on("GET /drift-reports", {"items": []})

    assert run("quicksight", "jobs", "show", "latest").exit_code == 5
    assert run("quicksight", "drift", "show", "latest").exit_code == 5
    assert run("quicksight", "jobs", "show", RESTORE_ID).exit_code == 5
