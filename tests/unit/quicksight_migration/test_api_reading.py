"""Jobs over the API: listed by the narrowest index, shown with their steps, and to nobody of another tenant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from quicksight_migration.records.beside import Audit, TaskToken
from quicksight_migration.records.job import Approval, Asked, Failure, Job, StepRun, Waiting
from quicksight_migration.records.statuses import JobStatus
from shared.schemas import load, problems
from tests.unit.quicksight_migration.api_world import GUARDED, SOURCE, TARGET, World, job_id, paths

SCHEMA = "quicksight-migration-api#/$defs"
STAMP = "2026-11-21T12:00:00.000000Z"
HASH = "a" * 64
TOKEN = "AQC-the-machine-waits-for-this"  # noqa: S105


@pytest.fixture
def world() -> World:
    return World()


def ids(answer: Any) -> list[str]:
    return [item["jobId"] for item in answer.body["items"]]


def full(world: World) -> Job:
    """A job with everything that a job can have."""
    return world.add(
        1,
        revision=1,
        status=JobStatus.NEEDS_ATTENTION,
        description="Quarter",
        tags={"change": "CHG-1"},
        ended_at=STAMP,
        current_step="ImportAssets",
        failed_step="ImportAssets",
        waiting=Waiting(kind="APPROVAL", step="WaitForApproval", since=STAMP),
        plan_hash=HASH,
        plan_key="jobs/1/plan-A1.json",
        approval=Approval(decision="APPROVED", by="user:bob", at=STAMP, plan_hash=HASH, comment="fine"),
        cancel_requested=Asked(by="user:ada", at=STAMP),
        error=Failure(code="ROLLBACK_ERROR", message="no", details={"rollbackErrors": []}),
        results={"assets": [{"assetType": "DASHBOARD", "assetId": "sales", "arn": "arn:x", "url": "https://x"}]},
        logs_location="https://console",
        execution_arn="arn:aws:states:x",
        restore_of=job_id(9),
    )


def test_a_job_is_shown_whole_and_nothing_internal(world: World) -> None:
    # Given a job with everything, its steps, and tokens of the machine
    job = full(world)
    failed = Failure(code="ROLLBACK_ERROR", message="no", details={"rollbackErrors": [{"Arn": "x"}]})
    runs = [
        StepRun(job_id=job.job_id, step="PlanImport", step_status="SUCCEEDED", started_at=STAMP, started_revision=1),
        StepRun(
            job_id=job.job_id,
            step="ImportAssets",
            step_status="FAILED",
            started_at=STAMP,
            started_revision=1,
            ended_at=STAMP,
            output={"chunks": 1},
            error=failed,
        ),
        TaskToken(job_id=job.job_id, kind="APPROVAL", token=TOKEN),
    ]
    assert world.store.save(*runs)
    # When it is read
    answer = world.ask("GET", f"/jobs/{job.job_id}", groups="[bi-view]")
    # Then the answer is what the schema says, every member of it is there, and no token is
    assert problems(f"{SCHEMA}/job", answer.body) == []
    assert set(load("migration-job")["properties"]) | {"steps"} == set(answer.body)
    assert [step["step"] for step in answer.body["steps"]] == ["PlanImport", "ImportAssets"]
    assert answer.body["steps"][1]["error"]["details"] == {"rollbackErrors": [{"Arn": "x"}]}
    assert TOKEN not in answer.text and "retryKey" not in answer.text


def test_steps_come_in_the_order_in_which_they_began(world: World) -> None:
    job = world.add(1)
    runs = [("PlanImport", 1, 0), ("ImportAssets", 1, 0), ("PlanImport", 2, 1)]
    for revision, (step, attempt, _) in enumerate(runs):
        run = StepRun(job_id=job.job_id, step=step, attempt=attempt, started_at=STAMP, started_revision=revision)
        assert world.store.save(run)
    world.store.save(replace(job, revision=2)), world.store.save(replace(job, revision=3))
    shown = world.ask("GET", f"/jobs/{job.job_id}").body["steps"]
    assert [(step["step"], step["attempt"]) for step in shown] == [(step, attempt) for step, attempt, _ in runs]


@pytest.mark.parametrize("path", ["", "/plan", "/logs", "/audit"])
def test_what_does_not_exist_and_what_is_somebody_else_s_look_the_same(world: World, path: str) -> None:
    # Given a job of sales and none of another id
    job = world.add(1)
    answers = [
        world.ask("GET", f"/jobs/{job.job_id}{path}", groups="[finance-team]"),
        world.ask("GET", f"/jobs/{job_id(7)}{path}"),
    ]
    # Then finance is told that there is none
    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].body["detail"].replace(job.job_id, "") == answers[1].body["detail"].replace(job_id(7), "")


def test_lists_show_the_latest_first_and_page_by_page(world: World) -> None:
    for number in range(1, 8):
        world.add(number)
    query: dict[str, str] = {"limit": "3"}
    seen = []
    while True:
        answer = world.ask("GET", "/jobs", query=query)
        assert problems(f"{SCHEMA}/jobPage", answer.body) == []
        seen.append(ids(answer))
        if "nextCursor" not in answer.body:
            break
        query["cursor"] = answer.body["nextCursor"]
    assert seen == [[job_id(7), job_id(6), job_id(5)], [job_id(4), job_id(3), job_id(2)], [job_id(1)]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"status": "FAILED"}, [3]),
        ({"targetAccountId": GUARDED}, [4]),
        ({"targetAccountId": TARGET, "status": "PENDING"}, [2, 1]),
        ({"sourceAccountId": SOURCE}, [4, 3, 2, 1]),
        ({"sourceAccountId": TARGET}, []),
        ({"tenantId": "finance"}, [4]),
        ({"from": "2026-11-21T12:03:00Z"}, [4, 3]),
        ({"to": "2026-11-21T12:03:00Z"}, [2, 1]),
        ({"from": "2026-11-21", "to": "2026-11-22"}, [4, 3, 2, 1]),
        ({"from": "2026-11-21T13:02:00+01:00", "to": "2026-11-21T12:04:00Z", "status": "PENDING"}, [2]),
    ],
)
def test_filters(world: World, query: dict[str, str], found: list[int]) -> None:
    world.add(1), world.add(2), world.add(3, status=JobStatus.FAILED)
    world.add(4, target_account_id=GUARDED, tenant_id="finance")
    assert ids(world.ask("GET", "/jobs", query=query)) == [job_id(number) for number in found]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"status": "DONE"}, "$query.status"),
        ({"from": "yesterday"}, "$query.from"),
        ({"to": "2026-11-21T12:00:00"}, "$query.to"),
        ({"from": "2026-11-22", "to": "2026-11-21"}, "$query.to"),
        ({"limit": "0"}, "$query.limit"),
        ({"cursor": "abc"}, "$query.cursor"),
        ({"account": SOURCE}, "$query.account"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused(world: World, query: dict[str, str], path: str) -> None:
    answer = world.ask("GET", "/jobs", query=query)
    assert (answer.status, paths(answer)) == (400, [path])


def test_a_list_holds_jobs_of_the_caller_s_tenants_only(world: World) -> None:
    # Given jobs of two tenants, most of them of finance
    world.add(1)
    for number in range(2, 40):
        world.add(number, tenant_id="finance", target_account_id=GUARDED)
    # When sales lists them, one a page
    answer = world.ask("GET", "/jobs", groups="[sales-team]", query={"limit": "1"})
    # Then its job is found behind all of them, and asking for another tenant finds nothing
    assert ids(answer) == [job_id(1)]
    assert ids(world.ask("GET", "/jobs", groups="[sales-team]", query={"tenantId": "finance"})) == []
    # And a cursor of one caller is none of another
    cursor = world.ask("GET", "/jobs", query={"limit": "1"}).body["nextCursor"]
    refused = world.ask("GET", "/jobs", groups="[sales-team]", query={"limit": "1", "cursor": cursor})
    assert paths(refused) == ["$query.cursor"]


def test_a_page_that_finds_nothing_in_time_still_names_the_next(world: World) -> None:
    world.add(1)
    for number in range(2, 300):
        world.add(number, tenant_id="finance")
    first = world.ask("GET", "/jobs", groups="[sales-team]", query={"limit": "1"})
    assert ids(first) == []
    following = {"limit": "1", "cursor": first.body["nextCursor"]}
    assert ids(world.ask("GET", "/jobs", groups="[sales-team]", query=following)) == [job_id(1)]


def test_the_plan_is_that_of_the_job_and_comes_in_pages(world: World) -> None:
    # Given a job with a plan of five items
    job = world.add(1, plan_hash=HASH, plan_key="jobs/1/plan-A1.json")
    items = [{"assetType": "THEME", "assetId": str(number)} for number in range(5)]
    world.documents.stored["jobs/1/plan-A1.json"] = {"jobId": job.job_id, "counts": {"CREATE": 5}, "items": items}
    # Then pages hold it all, each with the hash
    query, seen = {"limit": "2"}, []
    for _ in range(3):
        answer = world.ask("GET", f"/jobs/{job.job_id}/plan", query=query)
        assert (answer.body["planHash"], answer.body["plan"]["counts"]) == (HASH, {"CREATE": 5})
        assert problems(f"{SCHEMA}/planPage", answer.body) == []
        seen += answer.body["plan"]["items"]
        query = {"limit": "2", "cursor": answer.body.get("nextCursor", "")}
    assert seen == items and not query["cursor"]
    # And a page of one plan is not continued with another
    cursor = world.ask("GET", f"/jobs/{job.job_id}/plan", query={"limit": "2"}).body["nextCursor"]
    assert world.store.save(replace(job, revision=2, plan_hash="b" * 64))
    assert paths(world.ask("GET", f"/jobs/{job.job_id}/plan", query={"cursor": cursor})) == ["$query.cursor"]


def test_there_is_no_plan_before_it_is_made(world: World) -> None:
    answer = world.ask("GET", f"/jobs/{world.add(1).job_id}/plan")
    assert (answer.status, answer.body["code"]) == (404, "NOT_FOUND")


def test_the_audit_is_told_from_the_beginning(world: World) -> None:
    job = world.add(1)
    for number in range(1, 6):
        entry = Audit(job_id=job.job_id, number=number, at=STAMP, actor="user:ada", action="STEP", detail={"n": number})
        assert world.store.save(entry)
    first = world.ask("GET", f"/jobs/{job.job_id}/audit", query={"limit": "3"})
    rest = world.ask("GET", f"/jobs/{job.job_id}/audit", query={"cursor": first.body["nextCursor"]})
    assert problems(f"{SCHEMA}/auditPage", first.body) == []
    assert [entry["revision"] for entry in first.body["items"] + rest.body["items"]] == [1, 2, 3, 4, 5]
    assert "nextCursor" not in rest.body


def test_accounts_are_those_the_caller_sees_and_no_role_is_shown(world: World) -> None:
    answers = {groups: world.ask("GET", "/accounts", groups=groups) for groups in ("[bi-view]", "[sales-team]")}
    names = {groups: [item["name"] for item in answer.body["items"]] for groups, answer in answers.items()}
    assert names == {"[bi-view]": ["dev", "prod", "books", "shared"], "[sales-team]": ["dev", "prod", "shared"]}
    assert problems(f"{SCHEMA}/accountPage", answers["[bi-view]"].body) == []
    assert "secret-id" not in answers["[bi-view]"].text and "role/" not in answers["[bi-view]"].text


def test_a_ticket_carries_who_it_is_for_and_what_they_see(world: World) -> None:
    answer = world.ask("POST", "/live/tickets", {}, groups="[sales-team]")
    assert (answer.status, answer.body["url"]) == (201, "wss://live.example/live")
    assert problems(f"{SCHEMA}/ticket", answer.body) == []
    holder = world.tickets.issued[0]
    assert (holder.actor, holder.permissions, holder.tenants) == ("user:ada", {"view", "migrate"}, {"sales"})
    # And whoever sees everything is not limited
    world.ask("POST", "/live/tickets", {}, groups="[bi-view]")
    assert world.tickets.issued[1].tenants is None


def test_nobody_without_a_group_sees_anything(world: World) -> None:
    assert [world.ask("GET", path, groups="[]").status for path in ("/jobs", "/accounts", f"/jobs/{job_id()}")] == [
        403
    ] * 3


def test_straight_over_aws_credentials_everything_is_seen(world: World) -> None:
    world.add(1), world.add(2, tenant_id="finance")
    assert ids(world.invoke("GET", "/jobs")) == [job_id(2), job_id(1)]
