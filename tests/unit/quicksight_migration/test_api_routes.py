"""The table of routes, and the two workers behind it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quicksight_migration import api_handler, errors, start_job
from quicksight_migration.api import terms, views
from quicksight_migration.api.errors import PROBLEMS, problem_of
from quicksight_migration.api.routes import API, START_API, WATCH_API, function_of
from quicksight_migration.api.wiring import make_services
from quicksight_migration.errors import NotFound, PlanStale, SecondPersonRequired, Transient, WrongState
from quicksight_migration.machine.tools import Tools
from quicksight_migration.records.job import OPTION_DEFAULTS
from quicksight_migration.records.memory_store import MemoryStore
from quicksight_migration.records.statuses import ORDER, JobStatus, TargetState
from quicksight_migration.records.store import LISTED
from quicksight_migration.settings import Settings
from shared.api.routes import Route
from shared.clock import utc_now
from shared.ids import new_id
from shared.schemas import load
from tests.unit.quicksight_migration.api_world import FakeMachine

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("route", API.routes, ids=lambda route: route.name)
def test_each_route_names_what_exists(route: Route) -> None:
    # Endpoint, permissions, placeholders and schemas
    assert callable(route.load())
    assert route.permissions and set(route.permissions) <= set(API.permissions)
    assert set(route.placeholders) <= set(API.path_patterns)
    for name in filter(None, (route.body, route.answer)):
        file, _, pointer = name.partition("#")
        assert not pointer or pointer.rpartition("/")[2] in load(file)["$defs"]


def test_no_two_routes_are_the_same() -> None:
    assert len({(route.method, route.path) for route in API.routes}) == len(API.routes)
    assert len({route.name for route in API.routes}) == len(API.routes)


def test_what_changes_something_is_more_than_looking() -> None:
    changing = [route for route in API.routes if route.method != "GET" and route.name != "createLiveTicket"]
    assert all("view" not in route.permissions for route in changing)
    assert {route.name for route in API.routes if route.once} == {"startJob", "retryJob", "restoreJob"}


def test_each_request_has_one_function() -> None:
    assert set(START_API.routes) | set(WATCH_API.routes) == set(API.routes)
    assert not set(START_API.routes) & set(WATCH_API.routes)
    for api, function in ((START_API, "start-job"), (WATCH_API, "api-handler")):
        for route in api.routes:
            path = re.sub(r"{\w+}", "job-22222222222222222222", route.path)
            assert function_of(route.method, path) == function, route.name


def test_the_http_api_leads_to_the_function_that_serves_the_route() -> None:
    # Given the routes of the module, the narrowest of which wins
    text = (ROOT / "modules/quicksight-migration/api.tf").read_text()
    routes = dict(re.findall(r'"(\w+ /[^"]*)"\s*=\s*"([\w-]+)"', text))
    # Then those that are spelled out are those of start-job
    named = {key for key, function in routes.items() if function == "start-job"}
    assert named == {f"{route.method} {route.path}" for route in START_API.routes}
    assert {key.split()[0] for key in set(routes) - named} == {route.method for route in WATCH_API.routes}


def test_ids_look_as_they_are_made() -> None:
    assert re.fullmatch(API.path_patterns["jobId"], new_id("job", NOW))
    assert re.fullmatch(API.path_patterns["reportId"], new_id("drift", NOW))


def test_words_are_those_of_the_records() -> None:
    properties = load("migration-job")["properties"]
    assert terms.JOB_STATUSES == tuple(JobStatus) == tuple(properties["status"]["enum"])
    assert list(ORDER) == properties["currentStep"]["enum"]
    assert [str(each) for each in TargetState] == properties["targetState"]["enum"]


def test_lists_show_what_the_indexes_hold() -> None:
    assert set(views.SUMMARY) <= {*LISTED, "jobId"}
    assert set(load("migration-job")["$defs"]["summary"]["properties"]) == set(views.SUMMARY)
    assert set(load("migration-job")["properties"]) == {*views.JOB, *views.PARTS, "error"}


def test_options_that_a_start_names_are_those_with_defaults() -> None:
    options = load("start-migration-job")["$defs"]["options"]["properties"]
    assert set(options) == {*OPTION_DEFAULTS, "prefix", "approval"}


def test_our_errors_are_problems_and_others_are_not() -> None:
    def status(error: Exception) -> Any:
        problem = problem_of(error)
        return problem and problem.status

    assert [status(each) for each in (WrongState("x"), PlanStale("x"), SecondPersonRequired("x"))] == [409, 409, 403]
    assert [status(each) for each in (Transient("later"), NotFound("x"), KeyError("x"))] == [None, None, None]
    own = {each for each in vars(errors).values() if isinstance(each, type) and each.__module__ == errors.__name__}
    assert own <= set(PROBLEMS)


def test_services_are_made_without_a_call() -> None:
    # Given no client at all
    settings = Settings(state_machine_arn="arn:aws:states:eu-west-1:1:stateMachine:m")
    tools = Tools(MemoryStore(), FakeMachine(), lambda *_: None, lambda *_: None, utc_now, settings)
    # Then everything is in its place, and two workers write the same cursors
    cursor = make_services(settings, tools).cursors.write("x", {"after": "1"})
    assert make_services(settings, tools).cursors.read("x", cursor) == {"after": "1"}


@pytest.mark.parametrize(
    ("module", "path"), [(api_handler, "/jobs/job-22222222222222222222/cancel"), (start_job, "/jobs")]
)
def test_a_worker_answers_without_touching_a_table(module: Any, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a worker with groups in its settings
    monkeypatch.setenv("ROLE_GROUPS", '{"bi-view": ["view"]}')
    module.application.cache_clear()
    event: dict[str, Any] = {
        "version": "2.0",
        "rawPath": path,
        "headers": {},
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": path}},
    }
    # Then a request without a token, and one without the permission, are refused
    try:
        assert module.handler(event, None)["statusCode"] == 401
        claims = {"sub": "1", "cognito:groups": "[bi-view]"}
        event["requestContext"] = {**event["requestContext"], "authorizer": {"jwt": {"claims": claims}}}
        assert module.handler(event, None)["statusCode"] == 403
    finally:
        module.application.cache_clear()


@pytest.mark.parametrize("module", ["api_handler", "start_job"])
def test_a_cold_start_imports_no_client_and_no_validator(module: str) -> None:
    # Given a fresh interpreter that imports the handler
    script = (
        f"import sys, json, quicksight_migration.{module};"
        "print(json.dumps([name for name in ('boto3', 'jsonschema') if name in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "lambda_src", capture_output=True, text=True, check=True
    )
    # Then what only some requests need is not loaded
    assert json.loads(run.stdout) == []
