"""The report of a rehearsal."""

from __future__ import annotations

import json

import pytest

from disaster_recovery.errors import PlanInvalid
from local_cloud.virtual.recovery.rehearsal import rehearse
from local_cloud.virtual.recovery.system import VirtualRecovery
from tests.properties.disaster_recovery import plans

GROUP = "pg-aaaaaaaaaaaaaaaaaaaa"
THREE_WAVES = plans.simple(2, 1, 2) | {"objectives": {"rtoSeconds": 3600, "rpoSeconds": 300}}


def test_predicted_times_grow_from_wave_to_wave() -> None:
    """Given a plan of three waves, when it is rehearsed, then each takes about ten minutes and the target is met."""
    report = rehearse(THREE_WAVES, plans.inventory(5), seeds=5)
    json.dumps(report)
    assert report["outcomes"] == {"COMPLETED": 5}
    medians = [wave["sinceStart"]["median"] for wave in report["waves"]]
    assert medians == sorted(medians)
    assert all(480 <= wave["seconds"]["min"] <= wave["seconds"]["worst"] <= 780 for wave in report["waves"])
    assert (report["rto"]["seconds"]["worst"], report["rto"]["verdict"]) == (
        report["waves"][2]["sinceStart"]["worst"],
        "MET",
    )
    assert report["quotas"]["serversInJobs"]["peak"] == 2
    assert report["historyEvents"]["worst"] < 150


def test_a_seed_gives_the_same_report_each_time() -> None:
    """Given a plan and an inventory, when they are rehearsed twice, then the reports are equal."""
    assert rehearse(THREE_WAVES, plans.inventory(5), seeds=2) == rehearse(THREE_WAVES, plans.inventory(5), seeds=2)


def test_launch_events_are_heard_wherever_the_inventory_is_from() -> None:
    """Given servers of another account and Region, when they launch, then their events bring the poller at once."""
    elsewhere = plans.inventory(2) | {"account": "210987654321", "region": "us-east-1"}
    with VirtualRecovery(elsewhere, seed=1) as cloud:
        reasons: list[str] = []
        invoke_later = cloud.functions.invoke_later
        cloud.functions.invoke_later = lambda name, event: (  # type: ignore[method-assign]
            reasons.append(str(event.get("reason"))),
            invoke_later(name, event),
        )[1]
        cloud.start(plans.simple(2))
        cloud.run(hours=1)
    assert "EVENT" in reasons


def test_pauses_are_named_and_not_waited_for() -> None:
    """Given a pause of up to a day, when the plan is rehearsed, then it is in the report and not in its times."""
    paused = plans.plan(plans.wave("one", [0]), plans.wave("two", [1], pauseBeforeWave=True))
    report = rehearse(paused, plans.inventory(2), seeds=2)
    assert [pause["waveNumber"] for pause in report["pauses"]] == [2]
    assert report["waves"][1]["sinceStart"]["worst"] < 1800


def test_what_is_measured_of_a_server_is_used() -> None:
    """Given a server whose last launch took an hour, when the plan is rehearsed, then so does its wave."""
    inventory = plans.inventory(1)
    inventory["servers"][0]["launch"] = {"snapshotSeconds": 300, "conversionSeconds": 3000, "launchSeconds": 300}
    report = rehearse(plans.simple(1), inventory, seeds=1)
    assert 3600 <= report["waves"][0]["seconds"]["median"] <= 3660


def test_small_quotas_show_in_jobs_and_headroom() -> None:
    """Given room for one job of one server, when three servers are rehearsed, then they take turns and none is left."""
    tight = plans.inventory(3, concurrentJobs=1, serversPerJob=1, serversInAllJobs=1)
    report = rehearse(plans.simple(3), tight, seeds=1)
    assert (report["outcomes"], report["waves"][0]["jobs"]) == ({"COMPLETED": 1}, 3)
    assert report["quotas"]["concurrentJobs"] == {"limit": 1, "inUse": 0, "peak": 1, "headroom": 0}
    assert report["waves"][0]["seconds"]["median"] > 3 * 480


def test_a_plan_of_unknown_servers_is_refused() -> None:
    """Given a plan that names a server the inventory does not have, when it is rehearsed, then the path is told."""
    with pytest.raises(PlanInvalid, match=r"\$\.waves\[0\]\.servers\[1\]\.sourceServerId"):
        rehearse(plans.simple(2), plans.inventory(1), seeds=1)


def test_protection_groups_select_by_tag() -> None:
    """Given a wave that names a group, when it is rehearsed, then the group's servers are launched."""
    inventory = plans.inventory(4)
    for server in inventory["servers"][:3]:
        server["tags"] = {"tier": "database"}
    groups = {GROUP: {"name": "databases", "selection": {"tags": {"tier": "database"}}}}
    plan = plans.plan({"name": "databases", "protectionGroupId": GROUP})
    report = rehearse(plan, inventory, seeds=1, groups=groups)
    assert (report["outcomes"], report["waves"][0]["servers"]) == ({"COMPLETED": 1}, 3)
