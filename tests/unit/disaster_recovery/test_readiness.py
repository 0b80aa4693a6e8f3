"""Readiness and recovery points: what keeps a server from launching, what only makes the run worse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disaster_recovery.drs.answers import Snapshot
from disaster_recovery.errors import Throttled
from disaster_recovery.plans.plan import RecoveryPoint
from disaster_recovery.plans.recovery_points import NoRecoveryPoint, Point, choose, choose_for_servers
from disaster_recovery.reports.forecast import Capacity
from disaster_recovery.reports.readiness import Inspection, PlannedServer, ServerFacts, assess, refusal

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
READY = {"replication_state": "CONTINUOUS", "lag_seconds": 20, "launch_template_id": "lt-1"}


def inspect(*facts: ServerFacts, critical: bool = True, **more: Any) -> dict[str, Any]:
    servers = [PlannedServer(1, each.source_server_id, critical) for each in facts]
    known = {each.source_server_id: each for each in facts}
    return assess(Inspection(servers, known, **{"capacity": Capacity(), "now": NOW, **more}))


def facts(server_id: str = "s-1", **more: Any) -> ServerFacts:
    return ServerFacts(server_id, **{**READY, **more})


def test_a_plan_that_would_work_is_ready() -> None:
    report = inspect(facts(hostname="db"), rpo_seconds=60)
    assert (report["ready"], report["counts"]["launchable"]) == (True, 1)
    assert [each["level"] for each in report["findings"]] == ["OK"]
    assert report["servers"][0]["exposureSeconds"] == 20


@pytest.mark.parametrize(
    ("more", "check", "level"),
    [
        ({"known": False}, "EXISTS", "BLOCKER"),
        ({"replication_state": "DISCONNECTED"}, "REPLICATION", "BLOCKER"),
        ({"replication_state": "INITIAL_SYNC"}, "REPLICATION", "BLOCKER"),
        ({"replication_state": "STALLED"}, "REPLICATION", "WARNING"),
        ({"replication_state": "SOMETHING_NEW"}, "REPLICATION", "WARNING"),
        ({"point": None, "point_problem": "gone"}, "RECOVERY_POINT", "BLOCKER"),
        ({"lag_seconds": 61}, "RPO", "WARNING"),
        ({"lag_seconds": None}, "RPO", "WARNING"),
        ({"point": Point("pit-1", NOW - timedelta(hours=1))}, "RPO", "WARNING"),
        ({"launch_template_id": ""}, "LAUNCH_TEMPLATE", "BLOCKER"),
        ({"launch_template_id": "", "launch_template_read": False}, "LAUNCH_TEMPLATE", "WARNING"),
        ({"locked_by": "ex-1"}, "CONFLICT", "WARNING"),
        ({"live_job_id": "drsjob-1"}, "CONFLICT", "WARNING"),
    ],
)
def test_each_check_names_the_server(more: dict[str, Any], check: str, level: str) -> None:
    report = inspect(facts(**more), rpo_seconds=60)
    (found,) = [each for each in report["findings"] if each["level"] != "OK"]
    assert (found["check"], found["level"], found["sourceServerId"]) == (check, level, "s-1")
    assert report["ready"] is (level != "BLOCKER")


def test_an_optional_server_blocks_nothing() -> None:
    report = inspect(facts(known=False), critical=False)
    assert (report["ready"], report["counts"]["warnings"]) == (True, 1)


@pytest.mark.parametrize(("policy", "level"), [("WAIT", "WARNING"), ("SKIP", "WARNING"), ("FAIL", "BLOCKER")])
def test_a_conflict_weighs_as_the_plan_says(policy: str, level: str) -> None:
    report = inspect(facts(locked_by="ex-1"), conflict_policy=policy)
    assert [each["level"] for each in report["findings"] if each["check"] == "CONFLICT"] == [level]


@pytest.mark.parametrize(
    ("capacity", "level"),
    [
        (None, "BLOCKER"),
        (Capacity(jobs_in_use=20), "WARNING"),
        (Capacity(servers_in_use=500), "WARNING"),
        (Capacity(servers_in_jobs=1), "WARNING"),
        (Capacity(), "OK"),
    ],
)
def test_quotas_are_part_of_it(capacity: Capacity | None, level: str) -> None:
    report = inspect(facts("s-1"), facts("s-2"), capacity=capacity)
    assert [each["level"] for each in report["findings"] if each["check"] == "QUOTAS"] == [level]


def test_the_worst_comes_first() -> None:
    report = inspect(facts("s-1", replication_state="STALLED"), facts("s-2", known=False))
    assert [each["level"] for each in report["findings"]] == ["BLOCKER", "WARNING", "OK"]


@pytest.mark.parametrize(("kind", "refused"), [("DRILL", True), ("RECOVERY", False)])
def test_a_recovery_goes_on_with_what_is_left(kind: str, refused: bool) -> None:
    report = inspect(facts("s-1"), facts("s-2", replication_state="DISCONNECTED"))
    assert bool(refusal(report, kind)) is refused


def test_nothing_to_launch_is_refused_for_a_recovery_too() -> None:
    report = inspect(facts("s-1", known=False))
    assert "s-1: DRS does not know" in refusal(report, "RECOVERY")
    assert refusal(inspect(facts()), "DRILL") == ""


def test_many_blockers_are_told_briefly() -> None:
    report = inspect(*(facts(f"s-{number}", known=False) for number in range(6)))
    assert refusal(report, "DRILL").endswith("and 3 more")


# --- recovery points

HOURS = [Snapshot(f"pit-{hour}", "s-1", NOW - timedelta(hours=hour)) for hour in range(5)]
EXPECTED = Snapshot("pit-soon", "s-1", None, NOW)


def test_the_latest_point_is_none_and_asks_nothing() -> None:
    def asked() -> list[Snapshot]:
        raise AssertionError("LATEST needs no list")

    assert choose(RecoveryPoint(), None, asked) == Point()


def test_before_takes_the_newest_at_or_before_the_moment() -> None:
    rule = RecoveryPoint("BEFORE", (NOW - timedelta(hours=2)).isoformat())
    assert choose(rule, None, lambda: [EXPECTED, *HOURS]).snapshot_id == "pit-2"
    assert choose(rule, None, lambda: reversed(HOURS)).snapshot_id == "pit-2"


def test_before_the_oldest_there_is_nothing() -> None:
    rule = RecoveryPoint("BEFORE", (NOW - timedelta(days=9)).isoformat())
    with pytest.raises(NoRecoveryPoint, match="at or before 2025-12-24"):
        choose(rule, None, lambda: HOURS)


def test_an_exact_point_has_to_exist_still() -> None:
    assert choose(RecoveryPoint("EXACT"), "pit-3", lambda: HOURS).age_seconds(NOW) == 3 * 3600
    for named in ("pit-9", "pit-soon"):
        with pytest.raises(NoRecoveryPoint, match=named):
            choose(RecoveryPoint("EXACT"), named, lambda: [*HOURS, EXPECTED])
    with pytest.raises(NoRecoveryPoint, match="names none"):
        choose(RecoveryPoint("EXACT"), None, lambda: HOURS)


def test_servers_without_a_point_are_told_apart() -> None:
    def snapshots_of(server_id: str) -> Iterator[Snapshot]:
        yield from HOURS if server_id == "s-1" else []

    chosen = choose_for_servers(RecoveryPoint("EXACT"), {"s-1": "pit-1", "s-2": "pit-1"}, snapshots_of)
    assert (list(chosen.points), list(chosen.problems)) == (["s-1"], ["s-2"])


def test_what_cannot_be_asked_is_not_a_missing_point() -> None:
    def snapshots_of(_: str) -> list[Snapshot]:
        raise Throttled("slow down")

    with pytest.raises(Throttled):
        choose_for_servers(RecoveryPoint("EXACT"), {"s-1": "pit-1"}, snapshots_of)
