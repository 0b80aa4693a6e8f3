"""Logs of a job: of all functions in order, page by page without a line twice or lost, and links to the console."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from quicksight_migration.api import job_logs
from quicksight_migration.api.job_logs import READS, Window, console_links, milliseconds, pattern_of
from quicksight_migration.api.routes import JOB_ROUTES
from quicksight_migration.records.statuses import JobStatus
from shared.schemas import problems
from tests.unit.quicksight_migration.api_world import NOW, SETTINGS, World, job_id

EXPORT, IMPORT = SETTINGS.log_groups
START = milliseconds(NOW) + 60_000


@pytest.fixture
def world() -> World:
    world = World()
    world.add(1, status=JobStatus.RUNNING, execution_arn="arn:aws:states:us-east-1:0:execution:biops-migration:r1")
    return world


def line(text: str, number: int = 1, **more: object) -> str:
    return json.dumps({"level": "INFO", "message": text, "jobId": job_id(number), "location": "x:1", **more})


def read(world: World, **query: str) -> tuple[list[str], str]:
    answer = world.ask("GET", f"/jobs/{job_id()}/logs", query=query)
    assert answer.status == 200, answer.text
    assert problems("quicksight-migration-api#/$defs/logPage", answer.body) == []
    return [item["message"] for item in answer.body["items"]], answer.body.get("nextCursor", "")


def test_lines_of_all_functions_are_merged_by_time(world: World) -> None:
    for at in range(6):
        world.logs.add((EXPORT, IMPORT)[at % 2], START + at, line(f"line {at}", step="ExportAssets"))
    world.logs.add(EXPORT, START, line("of another job", number=2))
    assert read(world) == ([f"line {at}" for at in range(6)], "")


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
@pytest.mark.parametrize("per_call", [1, 2, 100])
def test_pages_tell_every_line_once(world: World, limit: int, per_call: int) -> None:
    # Given many lines of one millisecond, and calls that give few of them, or none at first
    world.logs.per_call, world.logs.empty_answers = per_call, 3
    for number in range(12):
        world.logs.add((EXPORT, IMPORT)[number % 2], START + number // 5, line(f"line {number}"))
    # When all pages are read
    seen, cursor = read(world, limit=str(limit))
    while cursor:
        more, cursor = read(world, limit=str(limit), cursor=cursor)
        assert 0 < len(more) <= limit
        seen += more
    # Then each line was there once
    assert sorted(seen) == sorted(f"line {number}" for number in range(12))


def test_a_structured_line_shows_its_members_and_another_its_text(world: World) -> None:
    world.logs.add(EXPORT, START, line("export started", step="ExportAssets", attempt=1, xray_trace_id="1"))
    world.logs.add(EXPORT, START + 1, f"REPORT of {job_id()}\n")
    world.logs.add(
        IMPORT,
        START + 2,
        json.dumps({"type": "TaskStateEntered", "id": "7", "details": {"name": "NextStep", "input": job_id()}}),
    )
    items = world.ask("GET", f"/jobs/{job_id()}/logs").body["items"]
    assert items[0] == {
        "at": "2026-11-21T12:01:00.000000Z",
        "source": EXPORT,
        "level": "INFO",
        "message": "export started",
        "fields": {"jobId": job_id(), "step": "ExportAssets", "attempt": 1},
    }
    assert items[1]["message"] == f"REPORT of {job_id()}"
    assert (items[2]["message"], list(items[2]["fields"])) == ("TaskStateEntered NextStep", ["details"])


def test_a_text_narrows_the_search(world: World) -> None:
    world.logs.add(EXPORT, START, line("export started"))
    world.logs.add(EXPORT, START + 1, line("export failed"))
    assert read(world, contains="failed")[0] == ["export failed"]
    assert pattern_of("job-1", 'a "b"').startswith('"job-1" "a \\"b\\"" -get')


def test_questions_about_the_job_are_no_part_of_its_log(world: World) -> None:
    world.logs.add(EXPORT, START, line("answered", operation="getJob"))
    world.logs.add(EXPORT, START + 1, line("answered", operation="cancelJob"))
    assert [item["fields"]["operation"] for item in world.ask("GET", f"/jobs/{job_id()}/logs").body["items"]] == [
        "cancelJob"
    ]
    assert list(READS) == sorted(route.name for route in JOB_ROUTES if route.placeholders)


def test_the_search_ends_soon_after_the_job(world: World) -> None:
    world.add(2, status=JobStatus.COMPLETED, ended_at="2026-11-21T12:30:00.000000Z")
    world.ask("GET", f"/jobs/{job_id(2)}/logs")
    asked = world.logs.calls[-1]
    assert (asked["startTime"], asked["endTime"]) == (START, START + 44 * 60_000)


def test_a_function_that_never_ran_has_no_lines_and_no_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(**_: object) -> None:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "FilterLogEvents")

    monkeypatch.setattr(world.logs, "filter_log_events", missing)
    assert read(world) == ([], "")


def test_a_search_without_end_is_given_up(world: World) -> None:
    world.logs.empty_answers = job_logs.MOST_CALLS
    world.logs.add(EXPORT, START, line("x"))
    answer = world.ask("GET", f"/jobs/{job_id()}/logs")
    assert (answer.status, answer.body["code"]) == (503, "TRANSIENT")


def test_very_long_lines_are_cut(world: World) -> None:
    world.logs.add(EXPORT, START, line("m" * 20_000, details="d" * 20_000))
    item = world.ask("GET", f"/jobs/{job_id()}/logs").body["items"][0]
    assert len(item["message"]) == job_logs.MOST_TEXT
    assert len(item["fields"]["details"]) < job_logs.MOST_TEXT


def test_links_lead_to_the_console(world: World) -> None:
    links = world.ask("GET", f"/jobs/{job_id()}/logs").body["links"]
    assert [link["title"] for link in links] == ["Run of the state machine", EXPORT, IMPORT]
    # The console encodes names twice and writes $ for %
    url = console_links("job-1", ["/aws/lambda/x"], "us-east-1")[0]["url"]
    assert url.endswith("log-group/$252Faws$252Flambda$252Fx/log-events$253FfilterPattern$253D$2522job-1$2522")


def test_a_position_keeps_what_was_seen_at_its_time() -> None:
    lines = [job_logs.Line(5, "g", "a", ""), job_logs.Line(5, "g", "b", "")]
    assert Window(5, seen=frozenset({"g x"})).position(lines) == {"start": 5, "seen": ["g a", "g b", "g x"]}
    assert Window(4, seen=frozenset({"g x"})).position(lines) == {"start": 5, "seen": ["g a", "g b"]}
