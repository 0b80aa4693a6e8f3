"""Reports over the API: readiness, forecast, inventory, evidence, source servers and quotas."""

from __future__ import annotations

from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.records.history import OWN, server_lock
from disaster_recovery.reports.evidence import verify
from shared.schemas import problems
from tests.unit.disaster_recovery.api_world import (
    ACCOUNT,
    OTHER,
    REGION,
    World,
    create_tables,
    paths,
    plan,
    server_id,
    snapshot_id,
    wave,
)


@pytest.fixture
def world(moto_client: Any) -> World:
    dynamodb_backends.reset()
    create_tables(moto_client)
    return World(moto_client)


def stored(world: World, *waves: dict[str, Any], **more: Any) -> str:
    """The path of a new plan."""
    answer = world.ask("POST", "/recovery-plans", plan(*(waves or (wave("databases", 1, 3), wave("web", 2))), **more))
    assert answer.status == 201, answer.text
    return f"/recovery-plans/{answer.body['planId']}"


def state_of(world: World, number: int) -> dict[str, Any]:
    """What the simulator says of a server's replication; to be changed."""
    found: dict[str, Any] = world.simulators[ACCOUNT].state.servers[server_id(number)]["dataReplicationInfo"]
    return found


def findings(report: dict[str, Any], check: str) -> list[tuple[str, str]]:
    return [(each["level"], each.get("sourceServerId", "")) for each in report["findings"] if each["check"] == check]


def test_a_plan_that_works_is_ready(world: World) -> None:
    report = world.ask("GET", f"{stored(world)}/readiness", groups="[dr-view]").body
    assert (report["ready"], report["mayStart"], report["type"], report["planVersion"]) == (True, True, "DRILL", 1)
    assert report["counts"] == {"servers": 3, "launchable": 3, "blockers": 0, "warnings": 0}


def test_what_would_go_wrong_is_told_server_by_server(world: World) -> None:
    # Given a server that is cut off, one that lags behind, one that another execution holds
    path = stored(world, objectives={"rpoSeconds": 60})
    state_of(world, 1)["dataReplicationState"] = "STOPPED"
    state_of(world, 2)["lagDuration"] = "PT1H"
    key = server_lock(OWN, REGION, server_id(3))
    assert world.store.acquire([key], owner="ex-other#1", holder="ex-other", locked_at="2026-03-01T12:00:00Z") == {}
    # Then each is a finding, and a drill must not begin
    report = world.ask("GET", f"{path}/readiness").body
    assert findings(report, "REPLICATION") == [("BLOCKER", server_id(1))]
    assert findings(report, "RPO") == [("WARNING", server_id(2))]
    assert findings(report, "CONFLICT") == [("WARNING", server_id(3))]
    assert (report["ready"], report["mayStart"]) == (False, False)
    assert server_id(1) in report["refusal"]
    # But a recovery may: not one server being launchable would be worse than two of three
    assert world.ask("GET", f"{path}/readiness", query={"type": "RECOVERY"}).body["mayStart"]


def test_a_job_of_somebody_else_is_a_conflict(world: World) -> None:
    path = stored(world)
    world.simulators[ACCOUNT].call("StartRecovery", {"sourceServers": [{"sourceServerID": server_id(2)}]})
    assert findings(world.ask("GET", f"{path}/readiness").body, "CONFLICT") == [("WARNING", server_id(2))]
    forecast = world.ask("POST", f"{path}/rehearse").body
    assert [each["sourceServerId"] for each in forecast["conflicts"]] == [server_id(2)]
    assert forecast["quotas"]["concurrentJobs"]["inUse"] == 1


def test_a_server_that_is_gone_blocks_the_plan_with_its_place(world: World) -> None:
    path = stored(world)
    del world.simulators[ACCOUNT].state.servers[server_id(2)]
    report = world.ask("GET", f"{path}/readiness").body
    assert (report["ready"], report["findings"][0]["path"]) == (False, "$.waves[1].servers[0].sourceServerId")
    assert report["counts"]["servers"] == 2
    # And a forecast of it cannot be made
    for method, report_path in (("POST", f"{path}/rehearse"), ("GET", f"{path}/inventory")):
        answer = world.ask(method, report_path)
        assert (answer.status, answer.body["code"]) == (409, "PLAN_INVALID")
        assert paths(answer) == ["$.waves[1].servers[0].sourceServerId"]


def test_a_quota_that_cannot_be_read_blocks_and_is_not_guessed(world: World) -> None:
    path = stored(world)
    world.quotas = None
    assert findings(world.ask("GET", f"{path}/readiness").body, "QUOTAS") == [("BLOCKER", "")]
    for method, asked in (("POST", f"{path}/rehearse"), ("GET", "/quotas"), ("GET", f"{path}/inventory")):
        answer = world.ask(method, asked)
        assert (answer.status, answer.body["code"], answer.headers["retry-after"]) == (503, "QUOTA_UNREADABLE", "2")


def test_a_forecast_is_the_same_for_the_same_seed(world: World) -> None:
    # Given a plan that waits for a person, goes back to a point in time, and wants to be quick
    exact = wave("databases", recoveryPoint={"mode": "EXACT"})
    exact["servers"] = [{"sourceServerId": server_id(1), "recoverySnapshotId": snapshot_id(1, 1)}]
    path = stored(world, exact, wave("web", 2, pauseBeforeWave=True), objectives={"rtoSeconds": 3600, "rpoSeconds": 60})
    first, again, other = (
        world.ask("POST", f"{path}/rehearse", query={"seed": seed}, groups="[dr-view]").body for seed in ("7", "7", "8")
    )
    # Then seeds decide, and all that was asked for is there
    assert first == again and first["rto"] != other["rto"]
    assert first["rto"]["verdict"] == "MET"
    assert [each["waveNumber"] for each in first["pauses"]] == [2]
    assert [(each["sourceServerId"], each["met"]) for each in first["rpo"]] == [
        (server_id(1), False),
        (server_id(2), True),
    ]
    assert first["cost"]["usd"]
    # And nothing was started
    assert world.simulators[ACCOUNT].state.jobs == {}


def test_a_forecast_goes_by_what_the_last_launch_took(world: World) -> None:
    # Given a server that was launched before
    path = stored(world, wave("databases", 1))
    before = world.ask("POST", f"{path}/rehearse").body["rto"]["seconds"]
    simulator = world.simulators[ACCOUNT]
    simulator.call("StartRecovery", {"sourceServers": [{"sourceServerID": server_id(1)}], "isDrill": True})
    simulator.clock.move(7200)
    simulator.advance_to(simulator.clock.now())
    # Then its time is in the forecast
    assert world.ask("POST", f"{path}/rehearse").body["rto"]["seconds"] != before


def test_an_inventory_is_what_a_rehearsal_starts_from(world: World) -> None:
    inventory = world.ask("GET", f"{stored(world)}/inventory").body
    assert problems("drs-inventory", inventory) == []
    assert (inventory["account"], inventory["region"], inventory["quotas"]["concurrentJobs"]) == (ACCOUNT, REGION, 20)
    assert [each["hostname"] for each in inventory["servers"]] == ["host-1", "host-2", "host-3"]


def test_evidence_is_data_and_a_page(world: World) -> None:
    body = {"planId": stored(world).rpartition("/")[2], "type": "DRILL"}
    execution_id = world.ask("POST", "/executions", body).body["executionId"]
    pack = world.ask("GET", f"/executions/{execution_id}/evidence").body
    assert (pack["execution"]["executionId"], len(pack["servers"])) == (execution_id, 3)
    assert [each["kind"] for each in pack["timeline"]] == ["EXECUTION_STARTED"]
    assert verify(pack) == []
    page = world.ask("GET", f"/executions/{execution_id}/evidence", query={"format": "html"})
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert execution_id in page.text and "<script" not in page.text


def test_source_servers_come_by_id_page_by_page(world: World) -> None:
    first = world.ask("GET", "/source-servers", query={"limit": "4"}, groups="[dr-view]").body
    rest = world.ask("GET", "/source-servers", query={"limit": "4", "cursor": first["nextCursor"]}).body
    assert [each["hostname"] for each in (*first["items"], *rest["items"])] == [f"host-{each}" for each in range(1, 7)]
    assert "nextCursor" not in rest
    assert first["items"][0]["replicationState"] == "CONTINUOUS"
    assert first["items"][0]["tags"] == {"tier": "db", "app": "shop"}


def test_only_accounts_that_plans_or_groups_name_are_looked_into(world: World) -> None:
    # Given an account that nobody has named
    query = {"accountId": OTHER, "region": REGION}
    for path in ("/source-servers", "/quotas"):
        assert paths(world.ask("GET", path, query=query)) == ["$query.accountId"]
    assert paths(world.ask("GET", "/quotas", query={"region": "us-west-2"})) == ["$query.region"]
    # When a group does
    account = {**query, "roleArn": f"arn:aws:iam::{OTHER}:role/dr"}
    world.ask(
        "POST", "/protection-groups", {"name": "there", "account": account, "selection": {"tags": {"app": "shop"}}}
    )
    # Then its servers and quotas can be seen
    assert [each["hostname"] for each in world.ask("GET", "/source-servers", query=query).body["items"]] == [
        "host-1",
        "host-2",
    ]
    assert world.ask("GET", "/quotas", query=query).body["account"] == query


def test_quotas_show_what_jobs_of_every_kind_use(world: World) -> None:
    # Given other limits than the defaults, and a job of two servers
    world.quotas = Quotas(30, 100, 600)
    servers = [{"sourceServerID": server_id(number)} for number in (1, 2)]
    world.simulators[ACCOUNT].call("StartRecovery", {"sourceServers": servers})
    items = {each["quotaCode"]: each for each in world.ask("GET", "/quotas").body["items"]}
    assert [(each["limit"], each.get("used"), each.get("free")) for each in items.values()] == [
        (30, 1, 29),
        (600, 2, 598),
        (100, None, None),
    ]


def test_reports_are_as_their_schemas_say(world: World) -> None:
    # Given a plan with a finding of every kind, and an execution of it
    path = stored(world, objectives={"rtoSeconds": 60, "rpoSeconds": 60})
    execution = world.ask("POST", "/executions", {"planId": path.rpartition("/")[2], "type": "DRILL"}).body
    state_of(world, 1)["dataReplicationState"] = "STOPPED"
    world.simulators[ACCOUNT].call("StartRecovery", {"sourceServers": [{"sourceServerID": server_id(2)}]})
    # Then reports pass the schemas that the OpenAPI document names
    for method, asked, name in (
        ("GET", f"{path}/readiness", "readiness"),
        ("POST", f"{path}/rehearse", "forecast"),
        ("GET", f"{path}/inventory", "inventory"),
        ("GET", f"/executions/{execution['executionId']}/evidence", "evidence"),
    ):
        answer = world.ask(method, asked)
        assert (answer.status, problems(f"disaster-recovery-api#/$defs/{name}", answer.body)) == (200, []), asked
    # Also where there is no room for a prediction, or a server is gone
    world.quotas = Quotas(1, 100, 500)
    blocked = world.ask("POST", f"{path}/rehearse").body
    assert blocked["blocked"] and problems("disaster-recovery-api#/$defs/forecast", blocked) == []
    del world.simulators[ACCOUNT].state.servers[server_id(3)]
    report = world.ask("GET", f"{path}/readiness").body
    assert problems("disaster-recovery-api#/$defs/readiness", report) == []
