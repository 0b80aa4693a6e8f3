"""Who may do what, and whose jobs somebody sees."""

from __future__ import annotations

import pytest

from tests.e2e.quicksight_migration.migrations import SOURCE, TARGET, Migrations


def test_each_command_needs_its_permission(migrations: Migrations) -> None:
    assert migrations.api("GET", "/jobs", person="").status == 401
    assert migrations.api("POST", "/jobs", migrations.body(), person="viewer").status == 403
    job_id = migrations.start(person="mover")
    waiting = migrations.wait(job_id, "WAITING_FOR_APPROVAL")
    approval = {"planHash": waiting["planHash"]}
    assert migrations.command(job_id, "approve", approval, person="mover").status == 403
    assert migrations.command(job_id, "approve", approval, person="viewer").status == 403
    assert migrations.command(job_id, "approve", approval, person="approver").status == 202
    job = migrations.wait(job_id)
    assert job["status"] == "COMPLETED"
    assert (job["initiatedBy"], job["approval"]["by"]) == ("user:mover@example.com", "user:approver@example.com")
    assert migrations.command(job_id, "restore", person="mover").status == 403


def test_another_tenant_s_jobs_do_not_exist(migrations: Migrations) -> None:
    ours = migrations.start(options={"planOnly": True})
    theirs = migrations.start(options={"planOnly": True}, tenantId="another")
    for job_id in (ours, theirs):
        migrations.wait(job_id)
    # Given somebody whose group sees one tenant only
    assert migrations.api("GET", f"/jobs/{theirs}", person="stranger").status == 200
    assert migrations.api("GET", f"/jobs/{ours}", person="stranger").status == 404
    assert migrations.command(ours, "cancel", person="stranger").status in (403, 404)
    listed = {job["jobId"] for job in migrations.api("GET", "/jobs?limit=50", person="stranger").body["items"]}
    assert theirs in listed and ours not in listed


@pytest.mark.parametrize(
    ("query", "found"),
    [("status=COMPLETED", True), ("status=FAILED", False), (f"targetAccountId={TARGET}", True), ("", True)],
)
def test_jobs_are_found_by_status_account_and_time(migrations: Migrations, query: str, found: bool) -> None:
    job = migrations.migrate(options={"planOnly": True})
    items, cursor = [], ""
    for _ in range(20):
        page = migrations.api("GET", f"/jobs?limit=3&from={job['createdAt']}&{query}{cursor}").body
        items += page["items"]
        if not page.get("nextCursor"):
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert (job["jobId"] in {each["jobId"] for each in items}) == found
    stamps = [each["createdAt"] for each in items]
    assert stamps == sorted(stamps, reverse=True)


def test_all_mistakes_of_a_request_are_told_at_once(migrations: Migrations) -> None:
    body = migrations.body(colour="red", permissions=[{"principals": [], "access": "KING"}])
    body["assets"] = ["not an ARN", migrations.arn("dashboard/x", "999999999999")]
    body["targetAccountId"] = "123"
    answer = migrations.api("POST", "/jobs", body)
    assert answer.status == 400
    paths = {each["path"] for each in answer.body["errors"]}
    assert {"$.assets[0]", "$.targetAccountId"} <= paths
    assert any("colour" in str(each) for each in answer.body["errors"])
    assert any(path.startswith("$.permissions[0]") for path in paths)


def test_the_log_of_a_job_tells_of_its_steps(migrations: Migrations) -> None:
    job = migrations.migrate(options={"planOnly": True})
    lines = migrations.api("GET", f"/jobs/{job['jobId']}/logs?limit=200").body
    assert any("export" in str(line).lower() for line in lines["items"])
    assert all(job["jobId"] in str(line) for line in lines["items"])


def test_the_accounts_are_listed_without_their_secrets(migrations: Migrations) -> None:
    answer = migrations.api("GET", "/accounts", person="viewer")
    assert {each["accountId"] for each in answer.body["items"]} == {SOURCE, TARGET}
    assert "xternalId" not in answer.text
