"""The table of routes, and the worker behind it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from file_transfer import transfers_api
from file_transfer.api import terms
from file_transfer.api.errors import PROBLEMS, problem_of
from file_transfer.api.routes import API
from file_transfer.api.settings import read_settings
from file_transfer.expectations import store
from file_transfer.replays.orders import replay_id_of
from file_transfer.workflows.catalog import StaleVersion
from shared.api.routes import Route
from shared.errors import NotFound, Transient, WrongState
from shared.schemas import load
from tests.unit.file_transfer.api.world import World
from tests.unit.given import NOW

ROOT = Path(__file__).parents[4]


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
    looking = {"previewReplay", "validateWorkflow", "simulate"}
    changing = [route for route in API.routes if route.method != "GET" and route.name not in looking]
    assert all("view" not in route.permissions for route in changing)
    assert {route.name for route in API.routes if route.once} == {"retryTransfer", "startReplay", "resendNotification"}
    assert {route.name for route in API.routes if route.versioned} == {"replaceWorkflow", "deleteWorkflow"}


def test_words_are_those_of_the_records() -> None:
    status = load("status-item")["properties"]["status"]["enum"]
    assert set(terms.TRANSFER_STATUSES) == set(status)
    assert set(terms.FAILURE_STATUSES) == set(load("failure-record")["properties"]["status"]["enum"])
    assert set(terms.NOTIFICATION_STATUSES) == set(load("notification-record")["properties"]["status"]["enum"])
    assert set(terms.EXPECTATION_STATUSES) == {store.OPEN, store.MET, *store.INCIDENTS}


def test_ids_look_as_they_are_made() -> None:
    pattern = API.path_patterns["replayId"]
    assert re.fullmatch(pattern, replay_id_of("ada", "", NOW)) and re.fullmatch(pattern, replay_id_of("ada", "k", NOW))
    assert replay_id_of("ada", "k", NOW) == replay_id_of("ada", "k", NOW) != replay_id_of("eve", "k", NOW)


def test_our_errors_are_problems_and_others_are_not() -> None:
    def status(error: Exception) -> Any:
        problem = problem_of(error)
        return problem and problem.status

    assert [status(each) for each in (WrongState("x"), StaleVersion("x", 3))] == [409, 409]
    assert [status(each) for each in (Transient("later"), NotFound("x"), KeyError("x"))] == [None, None, None]
    assert len(PROBLEMS) == 4


def test_settings_are_read_from_the_environment() -> None:
    env = {
        "ROLE_GROUPS": '{"bank": ["view"]}',
        "GROUP_CUSTOMERS": '{"bank": ["bankpacific"]}',
        "SFTP_TARGETS": '{"partner": {"bucket": "b", "prefix": "home/"}}',
        "ADD_ONS": '{"content": true, "connectors": false, "large_files": false, "notifications": false}',
        "SOURCE_BUCKET": "landing",
        "SOURCE_PREFIXES": '["from-sftp/"]',
        "MAX_COPY_BYTES": "7",
    }
    settings = read_settings(env).of_intake()
    assert settings.sftp_targets["partner"].prefix == "home/" and settings.max_copy_bytes == 7
    assert settings.add_ons.content and not settings.add_ons.connectors
    assert settings.watched.watches("landing", "from-sftp/x")
    assert read_settings(env).group_customers == {"bank": ("bankpacific",)}


def test_unknown_paths_and_methods_are_problems(world: World) -> None:
    assert world.ask("GET", "/nothing").status == 404
    assert world.ask("DELETE", "/transfers").status == 405
    assert world.ask("GET", "/transfers/../x").status == 404
    assert world.ask("GET", "/workflows/validate").status == 404
    assert world.ask("GET", "/replays/preview").status == 404


def test_a_worker_answers_without_touching_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a worker with groups in its settings
    monkeypatch.setenv("ROLE_GROUPS", '{"ft-view": ["view"]}')
    transfers_api.application.cache_clear()
    event: dict[str, Any] = {
        "version": "2.0",
        "rawPath": "/replays",
        "headers": {},
        "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/replays"}},
    }
    # Then a request without a token, and one without the permission, are refused
    try:
        assert transfers_api.handler(event, None)["statusCode"] == 401
        claims = {"sub": "1", "cognito:groups": "[ft-view]"}
        event["requestContext"] = {**event["requestContext"], "authorizer": {"jwt": {"claims": claims}}}
        assert transfers_api.handler(event, None)["statusCode"] == 403
    finally:
        transfers_api.application.cache_clear()


@pytest.mark.parametrize("module", ["transfers_api"])
def test_a_cold_start_imports_no_client_and_no_validator(module: str) -> None:
    # Given a fresh interpreter that imports the handler
    script = (
        f"import sys, json, file_transfer.{module};"
        "print(json.dumps([name for name in ('boto3', 'jsonschema', 're2') if name in sys.modules]))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT / "lambda_src", capture_output=True, text=True, check=True
    )
    # Then what only some requests need is not loaded
    assert json.loads(run.stdout) == []
