"""The table of routes, and the worker behind it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from disaster_recovery import api_handler
from disaster_recovery.api.errors import PROBLEMS, problem_of
from disaster_recovery.api.routes import API
from disaster_recovery.api.terms import EXECUTION_STATUSES
from disaster_recovery.api.wiring import home, make_services
from disaster_recovery.errors import Transient, WrongState
from disaster_recovery.plans.catalog_table import new_id
from disaster_recovery.plans.plan_resolution import Place
from disaster_recovery.records.statuses import ExecutionStatus
from disaster_recovery.settings import Settings
from shared.api.routes import Route
from shared.schemas import load

ROOT = Path(__file__).parents[3]
ARN = "arn:aws:states:eu-west-1:111122223333:stateMachine:disaster-recovery"


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


def test_what_changes_something_is_more_than_looking() -> None:
    # Given every route that is no GET
    asking = {"previewSelection", "validateRecoveryPlan", "rehearse"}
    changing = [route for route in API.routes if route.method != "GET" and route.name not in asking]
    # Then none of them is open to who may only view, and changes of stored documents name a version
    assert all("view" not in route.permissions for route in changing)
    assert all(route.versioned == (route.method in ("PUT", "DELETE")) for route in API.routes)


def test_ids_look_as_they_are_made() -> None:
    assert re.fullmatch(API.path_patterns["planId"], f"rp-{new_id()}")
    assert re.fullmatch(API.path_patterns["groupId"], f"pg-{new_id()}")


def test_statuses_are_those_of_executions() -> None:
    assert EXECUTION_STATUSES == tuple(ExecutionStatus)


def test_our_errors_are_problems_and_others_are_not() -> None:
    assert (problem_of(WrongState("is PAUSED")) or pytest.fail("none")).status == 409
    assert problem_of(Transient("later")) is None
    assert problem_of(KeyError("x")) is None
    assert len(PROBLEMS) == len(set(PROBLEMS))


def test_the_account_is_that_of_the_state_machine() -> None:
    assert home(Settings(state_machine_arn=ARN)) == Place("111122223333", "eu-west-1")
    assert home(Settings(region="eu-west-2")) == Place("", "eu-west-2")


def test_services_are_made_without_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given no client at all
    services = make_services(Settings(state_machine_arn=ARN), None)
    # Then everything is in its place, and two workers write the same cursors
    cursor = services.cursors.write("x", {"after": "1"})
    assert make_services(Settings(state_machine_arn=ARN), None).cursors.read("x", cursor) == {"after": "1"}
    assert services.home == Place("111122223333", "eu-west-1")


def test_a_worker_answers_without_touching_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a worker with groups in its settings
    monkeypatch.setenv("ROLE_GROUPS", '{"dr-view": ["view"]}')
    api_handler.application.cache_clear()
    # Then a request without a token, and one without the permission, are refused
    event = {
        "version": "2.0",
        "rawPath": "/executions",
        "headers": {},
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/executions"}},
    }
    try:
        assert api_handler.handler(event, None)["statusCode"] == 401
        claims = {"sub": "1", "cognito:groups": "[dr-view]"}
        event["requestContext"] = {**event["requestContext"], "authorizer": {"jwt": {"claims": claims}}}
        assert api_handler.handler(event, None)["statusCode"] == 403
    finally:
        api_handler.application.cache_clear()


def test_a_cold_start_imports_no_client_and_no_validator() -> None:
    # Given a fresh interpreter that imports the handler
    script = (
        "import sys, disaster_recovery.api_handler;"
        "print([name for name in ('boto3', 'jsonschema', 'disaster_recovery.reports.forecast') if name in sys.modules])"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "lambda_src", capture_output=True, text=True, check=True
    )
    # Then what only some requests need is not loaded
    assert run.stdout.strip() == "[]"
