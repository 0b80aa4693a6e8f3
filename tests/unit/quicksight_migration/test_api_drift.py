"""Drift reports over the API: asked for once, told when they are made, and about accounts of the caller's tenants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration.records.record import changed
from shared.errors import Throttled
from shared.schemas import problems
from tests.unit.quicksight_migration.api_world import GUARDED, OPEN, SOURCE, TARGET, World, job_id, paths

SCHEMA = "quicksight-migration-api#/$defs"


@pytest.fixture
def world() -> World:
    return World()


def asked(world: World, body: Mapping[str, Any] | None = None, groups: str = "[bi-migrate]") -> Any:
    return world.ask("POST", "/drift-reports", body or {}, groups=groups)


def test_a_report_is_asked_for_and_made_by_its_own_function(world: World) -> None:
    # When a report on one target is asked for
    answer = asked(world, {"targetAccountId": TARGET})
    # Then the function gets the report's id and the report is under way
    report_id = answer.body["reportId"]
    assert (answer.status, answer.headers["location"]) == (202, f"/drift-reports/{report_id}")
    assert world.invoked == [("biops-drift-report", {"reportId": report_id, "targetAccountId": TARGET})]
    assert (answer.body["status"], answer.body["initiatedBy"]) == ("RUNNING", "user:ada")
    assert problems(f"{SCHEMA}/driftReport", answer.body) == []
    # And when it is made, its document is part of the answer
    stored = world.store.drift_report(report_id)
    assert stored
    made = changed(stored, report_state="COMPLETED", counts={"IN_SYNC": 2}, report_key="drift/x.json")
    assert world.store.save(made)
    world.documents.stored["drift/x.json"] = {"assets": []}
    shown = world.ask("GET", f"/drift-reports/{report_id}").body
    assert (shown["status"], shown["counts"], shown["report"]) == ("COMPLETED", {"IN_SYNC": 2}, {"assets": []})
    assert problems(f"{SCHEMA}/driftReportDetail", shown) == []


def test_a_report_on_a_job_is_on_its_accounts(world: World) -> None:
    job = world.add(1)
    answer = asked(world, {"jobId": job.job_id})
    assert world.invoked[0][1] == {
        "reportId": answer.body["reportId"],
        "jobId": job.job_id,
        "sourceAccountId": SOURCE,
        "targetAccountId": TARGET,
    }
    assert answer.body["jobId"] == job.job_id


@pytest.mark.parametrize(
    ("body", "groups", "path"),
    [
        ({"targetAccountId": "999999999999"}, "[bi-migrate]", "$.targetAccountId"),
        ({"sourceAccountId": TARGET}, "[bi-migrate]", "$.sourceAccountId"),
        ({"jobId": job_id(9)}, "[bi-migrate]", "$.jobId"),
        ({"jobId": job_id(1), "targetAccountId": GUARDED}, "[bi-migrate]", "$.targetAccountId"),
        ({"jobId": job_id(1)}, "[finance-team]", "$.jobId"),
        ({"targetAccountId": GUARDED}, "[sales-team]", "$.targetAccountId"),
        ({}, "[sales-team]", "$.targetAccountId"),
        ({"account": TARGET}, "[bi-migrate]", "$.account"),
    ],
)
def test_what_cannot_be_compared_is_refused(world: World, body: dict[str, Any], groups: str, path: str) -> None:
    world.add(1)
    answer = asked(world, body, groups)
    assert (answer.status, paths(answer)) == (400, [path])
    assert world.invoked == []


def test_looking_is_not_enough_to_ask(world: World) -> None:
    assert asked(world, {"targetAccountId": TARGET}, "[bi-view]").status == 403
    assert asked(world, {"targetAccountId": OPEN}, "[sales-team]").status == 403


def test_a_report_that_could_not_be_asked_for_has_failed(world: World) -> None:
    def refuse(*_: Any) -> None:
        raise Throttled("too many")

    world.services = replace(world.services, invoke=refuse)
    assert asked(world).status == 503
    reports = world.ask("GET", "/drift-reports").body["items"]
    assert [report["status"] for report in reports] == ["FAILED"]


def test_reports_are_listed_for_those_who_see_what_they_are_about(world: World) -> None:
    # Given reports on everything and on one account of each tenant
    bodies: list[dict[str, Any]] = [{}, {"targetAccountId": TARGET}, {"targetAccountId": GUARDED}]
    everything, sales, finance = (asked(world, body).body["reportId"] for body in bodies)

    def listed(groups: str) -> list[str]:
        answer = world.ask("GET", "/drift-reports", groups=groups)
        assert problems(f"{SCHEMA}/driftReportPage", answer.body) == []
        return [item["reportId"] for item in answer.body["items"]]

    # Then each is listed and read by whoever may
    assert listed("[bi-view]") == [finance, sales, everything]
    assert listed("[sales-team]") == [sales]
    assert world.ask("GET", f"/drift-reports/{finance}", groups="[sales-team]").status == 404
    assert world.ask("GET", f"/drift-reports/{everything}", groups="[sales-team]").status == 404
    assert world.ask("GET", f"/drift-reports/{sales}", groups="[sales-team]").status == 200


def test_reports_come_page_by_page(world: World) -> None:
    made = [asked(world).body["reportId"] for _ in range(5)]
    query, seen = {"limit": "2"}, []
    for _ in range(3):
        answer = world.ask("GET", "/drift-reports", query=query)
        seen += [item["reportId"] for item in answer.body["items"]]
        query = {"limit": "2", "cursor": answer.body.get("nextCursor", "")}
    assert seen == made[::-1] and not query["cursor"]
