"""Plans: defaults, the order of waves, and what only the whole plan shows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_recovery.errors import PlanInvalid
from disaster_recovery.plans.plan import Account, parse_plan
from disaster_recovery.plans.wave_order import dependencies, run_order


def wave(name: str, *servers: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "servers": [{"sourceServerId": each} for each in servers or (f"s-{name}",)], **more}


def plan(*waves: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "shop", "waves": list(waves), **more}


def problems_of(document: dict[str, Any]) -> list[str]:
    with pytest.raises(PlanInvalid) as raised:
        parse_plan(document)
    return [problem.path for problem in raised.value.problems]


def test_defaults_are_those_of_the_schema() -> None:
    parsed = parse_plan(plan(wave("a")))
    (only,) = parsed.waves
    assert (parsed.conflict_policy, parsed.account, parsed.drill_ttl_seconds) == ("WAIT", Account(), None)
    assert (only.number, only.on_failure, only.minimum_launched_percent, only.timeout_seconds) == (
        1,
        "STOP",
        100,
        14400,
    )
    assert (only.pause.deadline_seconds, only.pause.on_timeout, only.pause_before) == (86400, "ABORT", False)
    assert only.servers[0].criticality == "CRITICAL"
    assert only.recovery_point.mode == "LATEST"


def test_everything_a_plan_says_is_read() -> None:
    parsed = parse_plan(
        plan(
            wave(
                "a",
                pauseBeforeWave=True,
                pause={"deadlineSeconds": 60, "onTimeout": "CONTINUE", "approverGroup": "ops", "requireComment": True},
                minimumLaunchedPercent=50,
                onFailure="PAUSE",
                timeoutSeconds=600,
                recoveryPoint={"mode": "BEFORE", "at": "2026-01-02T00:00:00Z"},
                preActions=[{"name": "dns", "type": "LAMBDA", "functionName": "switch", "timeoutSeconds": 9}],
            ),
            account={"accountId": "111122223333", "region": "eu-west-1", "roleArn": "arn", "externalId": "x"},
            objectives={"rtoSeconds": 3600, "rpoSeconds": 60},
            drillTtlSeconds=7200,
            conflictPolicy="SKIP",
        )
    )
    (only,) = parsed.waves
    assert parsed.account == Account("111122223333", "eu-west-1", "arn", "x")
    assert (parsed.rto_seconds, parsed.rpo_seconds, parsed.drill_ttl_seconds) == (3600, 60, 7200)
    assert (only.pause.approver_group, only.pause.require_comment, only.pause_before) == ("ops", True, True)
    (action,) = only.pre_actions
    assert (action.arguments, action.timeout_seconds, action.on_failure) == ({"functionName": "switch"}, 9, "STOP")
    assert parsed.wave(1) is only
    with pytest.raises(PlanInvalid):
        parsed.wave(2)


def test_waves_follow_their_dependencies_and_else_the_document() -> None:
    # Given a plan that names its last wave first
    parsed = parse_plan(plan(wave("web", dependsOn=["app"]), wave("db", dependsOn=[]), wave("app", dependsOn=["db"])))
    assert [(each.number, each.name, each.position) for each in parsed.waves] == [
        (1, "db", 1),
        (2, "app", 2),
        (3, "web", 0),
    ]


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        (plan(), ["$.waves"]),
        (plan(wave("a"), wave("a", "s-2")), ["$.waves[1].name"]),
        (plan(wave("a", dependsOn=["x"])), ["$.waves[0].dependsOn[0]"]),
        (plan(wave("a", dependsOn=["a"])), ["$.waves[0].dependsOn"]),
        (
            plan(wave("a", dependsOn=["b"]), wave("b", dependsOn=["a"]), wave("c", dependsOn=[])),
            ["$.waves[0].dependsOn", "$.waves[1].dependsOn"],
        ),
        (plan(wave("a", "s-1"), wave("b", "s-1")), ["$.waves[1].servers[0].sourceServerId"]),
        (plan(wave("a", "s-1", "s-1")), ["$.waves[0].servers[1].sourceServerId"]),
    ],
)
def test_what_cannot_be_run_is_told_with_its_path(document: dict[str, Any], paths: list[str]) -> None:
    assert problems_of(document) == paths


@given(st.data())
def test_every_wave_runs_once_and_after_what_it_waits_for(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 8))
    ranks = data.draw(st.permutations(range(count)))
    waves = []
    for position in range(count):
        earlier = [f"w{other}" for other in range(count) if ranks[other] < ranks[position]]
        chosen = data.draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
        waves.append(wave(f"w{position}", dependsOn=chosen))
    order = run_order(waves)
    assert sorted(order) == list(range(count))
    for position, needed in dependencies(waves).items():
        assert all(order.index(other) < order.index(position) for other in needed)
