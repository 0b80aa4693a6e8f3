"""What is wrong with a plan is told at once, each error with its exact place (rule 10)."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto.dynamodb.models import dynamodb_backends

from disaster_recovery.plans.validation import group_problems, in_order, plan_problems
from disaster_recovery.records.file_store import FileStore
from shared.schemas import Problem, load, problems
from tests.unit.disaster_recovery.api_world import (
    ACCOUNT,
    NOW,
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

Document = dict[str, Any]
MISSING = object()
GROUP_ID = "pg-" + "a" * 20

PROBE = {"name": "up", "type": "HTTP_PROBE", "url": "https://example.com/health"}
RUNBOOK = {"name": "dns", "type": "SSM_AUTOMATION", "documentName": "switch-dns"}
BASE = plan(
    wave("databases", 1, 3, preActions=[RUNBOOK], postActions=[PROBE]),
    wave("web", 2, pauseBeforeWave=True, pause={"deadlineSeconds": 600, "onTimeout": "CONTINUE"}),
    wave("reports", 4, dependsOn=["databases"]),
)


@pytest.fixture
def world(moto_client: Any) -> World:
    dynamodb_backends.reset()
    create_tables(moto_client)
    return World(moto_client)


def found(path: str, value: Any, hosts: tuple[str, ...] | None = ("example.com",)) -> list[str]:
    """Where the problems are of the plan with this value at `waves.0.name`; MISSING takes it away."""
    document = copy.deepcopy(BASE)
    *way, last = (int(part) if part.isdigit() else part for part in path.split("."))
    thing: Any = document
    for part in way:
        thing = thing[part]
    if value is MISSING:
        del thing[last]
    else:
        thing[last] = value
    return [problem.path for problem in plan_problems(document, NOW, hosts)]


def point(mode: str, at: str = "") -> Document:
    return {"mode": mode, **({"at": at} if at else {})}


def test_the_plan_itself_is_right() -> None:
    assert found("name", "shop") == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("name", MISSING, ["name"]),
        ("name", " padded ", ["name"]),
        ("name", "line\n", ["name"]),
        ("name", "x" * 129, ["name"]),
        ("surprise", 1, ["surprise"]),
        ("waves", [], ["waves"]),
        ("waves", {}, ["waves"]),
        ("waves.1", "web", ["waves[1]"]),
        ("conflictPolicy", "HOPE", ["conflictPolicy"]),
        ("objectives", {"rtoSeconds": 0, "rtoHours": 1}, ["objectives.rtoHours", "objectives.rtoSeconds"]),
        ("account", {"accountId": "12", "region": REGION}, ["account.accountId"]),
        ("account", {"accountId": "١" * 12, "region": REGION}, ["account.accountId"]),
        ("account", {"accountId": OTHER, "region": REGION, "externalId": "abc"}, ["account.roleArn"]),
        ("waves.0.servers", [], ["waves[0].servers"]),
        ("waves.0.servers", MISSING, ["waves[0]"]),
        ("waves.0.protectionGroupId", GROUP_ID, ["waves[0].servers"]),
        ("waves.0.servers.1.sourceServerId", "s-1", ["waves[0].servers[1].sourceServerId"]),
        ("waves.0.servers.1.sourceServerId", server_id(3) + "\n", ["waves[0].servers[1].sourceServerId"]),
        ("waves.0.servers.1.criticality", "HIGH", ["waves[0].servers[1].criticality"]),
        ("waves.1.name", "databases", ["waves[1].name"]),
        ("waves.0.servers.1.sourceServerId", server_id(1), ["waves[0].servers[1].sourceServerId"]),
        ("waves.2.servers.0.sourceServerId", server_id(1), ["waves[2].servers[0].sourceServerId"]),
        ("waves.2.dependsOn", ["nothing"], ["waves[2].dependsOn[0]"]),
        ("waves.2.dependsOn", ["reports"], ["waves[2].dependsOn"]),
        ("waves.0.dependsOn", ["web"], ["waves[0].dependsOn", "waves[1].dependsOn", "waves[2].dependsOn"]),
        ("waves.0.timeoutSeconds", 59, ["waves[0].timeoutSeconds"]),
        ("waves.0.minimumLaunchedPercent", 50.5, ["waves[0].minimumLaunchedPercent"]),
        ("waves.1.pause.deadlineSeconds", 31536001, ["waves[1].pause.deadlineSeconds"]),
        ("waves.0.recoveryPoint", point("BEFORE"), ["waves[0].recoveryPoint.at"]),
        ("waves.0.recoveryPoint", point("BEFORE", "yesterday"), ["waves[0].recoveryPoint.at"]),
        ("waves.0.recoveryPoint", point("BEFORE", "2026-02-30T00:00:00Z"), ["waves[0].recoveryPoint.at"]),
        ("waves.0.recoveryPoint", point("BEFORE", "2026-03-01T12:00:01Z"), ["waves[0].recoveryPoint.at"]),
        ("waves.0.recoveryPoint", point("LATEST", "2026-01-01T00:00:00Z"), ["waves[0].recoveryPoint.at"]),
        (
            "waves.0.recoveryPoint",
            point("EXACT"),
            ["waves[0].servers[0].recoverySnapshotId", "waves[0].servers[1].recoverySnapshotId"],
        ),
        ("waves.0.servers.0.recoverySnapshotId", snapshot_id(1, 1), ["waves[0].servers[0].recoverySnapshotId"]),
        (
            "waves.0",
            {"name": "databases", "protectionGroupId": GROUP_ID, "recoveryPoint": point("EXACT")},
            ["waves[0].recoveryPoint.mode"],
        ),
        ("waves.0.preActions.0.documentName", MISSING, ["waves[0].preActions[0].documentName"]),
        ("waves.0.preActions.0.url", "https://example.com/", ["waves[0].preActions[0].url"]),
        ("waves.0.preActions.0.type", "SHELL", ["waves[0].preActions[0].type"]),
        ("waves.0.preActions", [RUNBOOK, RUNBOOK], ["waves[0].preActions[1].name"]),
        ("waves.0.postActions.0.url", "http://169.254.169.254/latest", ["waves[0].postActions[0].url"]),
        ("waves.0.postActions.0.url", "https://example.com.evil.org/", ["waves[0].postActions[0].url"]),
        ("waves.0.postActions.0.url", "https://example.com@evil.org/", ["waves[0].postActions[0].url"]),
        ("waves.0.postActions.0.url", "file:///etc/passwd", ["waves[0].postActions[0].url"]),
    ],
)
def test_each_error_has_its_place(path: str, value: Any, expected: list[str]) -> None:
    assert found(path, value) == [f"$.{each}" for each in expected]


def test_without_settings_a_file_may_probe_any_host() -> None:
    where = "waves.0.postActions.0.url"
    assert found(where, "https://elsewhere.org/", None) == []
    assert found(where, "https://elsewhere.org/", ()) == ["$.waves[0].postActions[0].url"]


def test_all_errors_are_told_at_once_in_the_order_of_the_document() -> None:
    # Given one plan with errors of every kind
    document = plan(
        wave("a", 1, recoveryPoint={"mode": "EXACT"}, unknown=1),
        wave("a", 1, 2),
        {"name": "c"},
        wave("d", dependsOn=["z"], servers=[{"sourceServerId": 7}]),
        name="",
    )
    assert [problem.path for problem in plan_problems(document, NOW)] == [
        "$.name",
        "$.waves[0].servers[0].recoverySnapshotId",
        "$.waves[0].unknown",
        "$.waves[1].name",
        "$.waves[1].servers[0].sourceServerId",
        "$.waves[2]",
        "$.waves[3].dependsOn[0]",
        "$.waves[3].servers[0].sourceServerId",
    ]


def test_ten_comes_after_two() -> None:
    there = [Problem(f"$.waves[{number}].name", "") for number in (10, 2, 1)]
    assert [problem.path for problem in in_order(there)] == ["$.waves[1].name", "$.waves[2].name", "$.waves[10].name"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.sampled_from(
    [
        "waves",
        "name",
        "servers",
        "dependsOn",
        "preActions",
        "recoveryPoint",
        "mode",
        "at",
        "sourceServerId",
        "type",
        "url",
    ]
)


@settings(max_examples=200, deadline=None)
@given(st.recursive(JSON, lambda inner: st.dictionaries(PARTS, inner | st.lists(inner, max_size=3), max_size=5)))
def test_no_document_breaks_the_checks(document: Any) -> None:
    # Whatever the document, the schema's verdict is part of the answer
    assert bool(plan_problems(document, NOW, ())) or problems("recovery-plan", document) == []
    group_problems(document)


def test_a_schema_is_an_example_of_what_it_describes() -> None:
    assert problems("recovery-plan", BASE) == []
    assert load("recovery-plan")["required"] == ["name", "waves"]


# --- what only the account knows


def ask(world: World, document: Document) -> Any:
    return world.ask("POST", "/recovery-plans", document)


def test_unknown_servers_groups_and_points_in_time_are_told_at_once(world: World) -> None:
    # Given a plan whose parts do not exist
    exact = wave("exact", recoveryPoint={"mode": "EXACT"})
    exact["servers"] = [
        {"sourceServerId": server_id(1), "recoverySnapshotId": snapshot_id(1, 2)},
        {"sourceServerId": server_id(2), "recoverySnapshotId": snapshot_id(1, 1)},
        {"sourceServerId": server_id(3), "recoverySnapshotId": snapshot_id(3, 9)},
    ]
    document = plan(exact, wave("unknown", 4, 77), wave("group", protectionGroupId="pg-" + "b" * 20))
    answer = ask(world, document)
    # Then each has its place, and the point of another server is none of this one
    assert answer.status == 400
    assert sorted(paths(answer)) == [
        "$.waves[0].servers[1].recoverySnapshotId",
        "$.waves[0].servers[2].recoverySnapshotId",
        "$.waves[1].servers[1].sourceServerId",
        "$.waves[2].protectionGroupId",
    ]
    assert world.ask("GET", "/recovery-plans").body["items"] == []


def group(world: World, **body: Any) -> str:
    return str(world.ask("POST", "/protection-groups", {"name": "g", **body}).body["groupId"])


def test_a_server_of_a_group_and_of_another_wave_is_there_twice(world: World) -> None:
    # Given a group of web servers, and one of them named
    group_id = group(world, selection={"tags": {"tier": "web"}})
    answer = ask(world, plan(wave("one", 2), wave("all", protectionGroupId=group_id)))
    assert (paths(answer), server_id(2) in answer.body["errors"][0]["message"]) == (
        ["$.waves[1].protectionGroupId"],
        True,
    )


def test_a_group_that_takes_nothing_is_an_empty_wave(world: World) -> None:
    group_id = group(world, selection={"tags": {"tier": "none"}})
    assert paths(ask(world, plan(wave("all", protectionGroupId=group_id)))) == ["$.waves[0].protectionGroupId"]


def test_a_group_twice_is_told_once_without_asking_drs(world: World) -> None:
    group_id = group(world, selection={"tags": {"tier": "web"}})
    answer = ask(world, plan(wave("a", protectionGroupId=group_id), wave("b", protectionGroupId=group_id)))
    assert paths(answer) == ["$.waves[1].protectionGroupId"]


def test_servers_and_groups_of_another_account_are_refused(world: World) -> None:
    # Given a group at home, and a plan for the other account, which has servers 1 and 2 of its own
    group_id = group(world, selection={"sourceServerIds": [server_id(3)]})
    account = {"accountId": OTHER, "region": REGION, "roleArn": f"arn:aws:iam::{OTHER}:role/dr", "externalId": "x1"}
    document = plan(wave("own", 1), wave("not-there", 3), wave("home", protectionGroupId=group_id), account=account)
    answer = ask(world, document)
    assert sorted(paths(answer)) == ["$.waves[1].servers[0].sourceServerId", "$.waves[2].protectionGroupId"]
    assert ACCOUNT in next(each["message"] for each in answer.body["errors"] if "Group" in each["path"])


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ({}, "is required"),
        ({"roleArn": f"arn:aws:iam::{ACCOUNT}:role/dr"}, f"of the account {ACCOUNT}"),
        ({"roleArn": f"arn:aws:iam::{OTHER}:role/closed"}, "assume"),
    ],
)
def test_another_account_is_got_into_by_a_role_of_it(world: World, account: Document, why: str) -> None:
    # Given the other account without a role, with one of ours, or with one that does not let us in
    where = {"accountId": OTHER, "region": REGION, **account}
    selection = {"tags": {"app": "shop"}}
    for path, body in (
        ("/recovery-plans", plan(account=where)),
        ("/protection-groups", {"name": "x", "account": where, "selection": selection}),
        ("/protection-groups/preview", {"account": where, "selection": selection}),
    ):
        answer = world.ask("POST", path, body)
        assert (answer.status, paths(answer)) == (400, ["$.account.roleArn"]), path
        assert why in answer.body["errors"][0]["message"]


def test_our_own_account_is_used_without_a_role(world: World) -> None:
    # Given a role of our own, under which servers would have other locks
    account = {"accountId": ACCOUNT, "region": REGION, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/dr"}
    answer = world.ask("POST", "/recovery-plans", plan(account=account))
    assert (answer.status, paths(answer)) == (400, ["$.account.roleArn"])
    del account["roleArn"]
    assert world.ask("POST", "/recovery-plans", plan(account=account)).status == 201


def test_another_region_of_our_own_account_needs_no_role(world: World) -> None:
    body = {"account": {"accountId": ACCOUNT, "region": "eu-west-2"}, "selection": {"tags": {"app": "shop"}}}
    assert world.ask("POST", "/protection-groups/preview", body).body["account"]["region"] == "eu-west-2"


def test_a_server_whose_arn_is_of_another_account_is_refused(world: World) -> None:
    # Given an account that shows a server of somebody else
    world.simulators[ACCOUNT].state.servers[server_id(1)]["arn"] = (
        f"arn:aws:drs:{REGION}:{OTHER}:source-server/{server_id(1)}"
    )
    answer = ask(world, plan())
    assert paths(answer) == ["$.waves[0].servers[0].sourceServerId"]
    assert OTHER in answer.body["errors"][0]["message"]


def test_validation_tells_the_same_and_stores_nothing(world: World) -> None:
    # Given a wrong plan, asked by somebody who may only look
    answer = world.ask("POST", "/recovery-plans/validate", plan(wave("x", 77), bad=1), groups="[dr-view]")
    assert (answer.status, answer.body["valid"], paths(answer)) == (200, False, ["$.bad"])
    answer = world.ask("POST", "/recovery-plans/validate", plan(wave("x", 77)), groups="[dr-view]")
    assert (answer.body["valid"], paths(answer)) == (False, ["$.waves[0].servers[0].sourceServerId"])
    # And a right one
    document = plan(wave("second", 2, dependsOn=["first"]), wave("first", 1, dependsOn=[]))
    answer = world.ask("POST", "/recovery-plans/validate", document, groups="[dr-view]")
    # Then it shows the servers in the order in which waves would run
    assert [(each["name"], each["servers"][0]["hostname"]) for each in answer.body["waves"]] == [
        ("first", "host-1"),
        ("second", "host-2"),
    ]
    assert world.ask("GET", "/recovery-plans").body["items"] == []


def test_a_body_that_is_no_object_is_told_so(world: World) -> None:
    for body in ("[]", '"plan"', "7", "null"):
        answer = world.ask("POST", "/recovery-plans", body)
        assert (answer.status, paths(answer)) == (400, ["$"])
        assert paths(world.ask("POST", "/protection-groups", body)) == ["$"]


def test_a_plan_of_more_servers_than_a_call_takes_is_accepted(moto_client: Any) -> None:
    # Given 250 servers (200 ids go into a call, 100 items into a transaction) in ten waves
    dynamodb_backends.reset()
    create_tables(moto_client)
    world = World(moto_client, servers=250, store=FileStore())
    waves = [wave(f"wave-{tens}", *range(25 * tens + 1, 25 * tens + 26)) for tens in range(10)]
    created = ask(world, plan(*waves))
    assert created.status == 201
    # And starting it freezes them all
    body = {"planId": created.body["planId"], "type": "DRILL"}
    assert world.ask("POST", "/executions", body).body["counts"]["servers"] == 250
