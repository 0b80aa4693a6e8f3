"""What became of a wave, and how many jobs fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disaster_recovery.drs.answers import Job, Participant
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.launch.chunks import Room, chunks, room
from disaster_recovery.plans.plan import PlanAction, PlanWave
from disaster_recovery.records.execution import Counts, Intent, Server
from disaster_recovery.watch.judgement import judge, total


def server(number: int, status: str, criticality: str = "CRITICAL") -> Server:
    return Server(
        execution_id="ex-1",
        wave_number=1,
        source_server_id=f"s-{number}",
        launch_status=status,
        criticality=criticality,
    )


def planned(**changes: object) -> PlanWave:
    return PlanWave(**{"number": 1, "position": 0, "name": "a", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("servers", "percent", "status"),
    [
        (["LAUNCHED", "LAUNCHED"], 100, "COMPLETED"),
        (["LAUNCHED", "FAILED"], 0, "FAILED"),
        (["LAUNCHED", "TERMINATED"], 0, "FAILED"),
        (["LAUNCHED", "IN_PROGRESS"], 0, "FAILED"),
        (["LAUNCHED", "-FAILED"], 50, "PARTIAL"),
        (["LAUNCHED", "-FAILED"], 51, "FAILED"),
        (["-LAUNCHED", "-FAILED", "-FAILED"], 33, "PARTIAL"),
        (["-LAUNCHED", "-FAILED", "-FAILED"], 34, "FAILED"),
        (["LAUNCHED", "SKIPPED"], 100, "PARTIAL"),
        (["-FAILED"], 0, "PARTIAL"),
    ],
)
def test_critical_servers_and_the_threshold_judge_a_wave(servers: list[str], percent: int, status: str) -> None:
    members = [
        server(number, each.removeprefix("-"), "OPTIONAL" if each.startswith("-") else "CRITICAL")
        for number, each in enumerate(servers)
    ]
    assert judge(planned(minimum_launched_percent=percent), members).status == status


def test_a_failed_wave_runs_no_post_actions() -> None:
    wave = planned(post_actions=(PlanAction("a", "LAMBDA"),), on_failure="CONTINUE")
    assert judge(wave, [server(1, "FAILED")]).next == "NEXT"
    assert judge(wave, [server(1, "LAUNCHED")]).next == "POST_ACTIONS"


def test_many_missing_servers_do_not_flood_the_message() -> None:
    message = judge(planned(), [server(number, "FAILED") for number in range(100)]).message
    assert "and 95 more" in message
    assert len(message) < 200


def test_counts_add_up() -> None:
    assert total([Counts(servers=2, launched=1), Counts(servers=3, failed=2)]) == Counts(
        servers=5, launched=1, failed=2
    )


def job(number: int, servers: int) -> Job:
    parts = tuple(Participant(f"s-{number}-{each}", "PENDING") for each in range(servers))
    return Job(f"drsjob-{number}", "LAUNCH", "STARTED", parts)


def intent(state: str, job_id: str | None = None) -> Intent:
    return Intent(
        execution_id="ex-1",
        wave_number=1,
        attempt=1,
        chunk=1,
        source_server_ids=("s-1", "s-2"),
        intent_state=state,
        job_id=job_id,
    )


def test_room_counts_jobs_that_do_not_show_yet_once() -> None:
    quotas = Quotas(20, 100, 500)
    assert room(quotas, [job(1, 3)], []) == Room(19, 497, 100)
    assert room(quotas, [job(1, 3)], [intent("STARTED", "drsjob-1")]) == Room(19, 497, 100)
    assert room(quotas, [job(1, 3)], [intent("STARTED", "drsjob-2")]) == Room(18, 495, 100)
    assert room(quotas, [job(1, 3)], [intent("SENT")]) == Room(18, 495, 100)
    assert room(quotas, [job(1, 3)], [intent("ENDED", "drsjob-0"), intent("REFUSED")]) == Room(19, 497, 100)


@given(st.integers(0, 40), st.integers(-2, 8), st.integers(-2, 50), st.integers(1, 12))
def test_chunks_never_exceed_what_is_left(servers: int, jobs: int, in_all: int, in_one: int) -> None:
    ids = [f"s-{number}" for number in range(servers)]
    planned_chunks = chunks(ids, Room(jobs, in_all, in_one))
    flat = [each for chunk in planned_chunks for each in chunk]
    assert flat == ids[: len(flat)]
    assert len(planned_chunks) <= max(jobs, 0)
    assert len(flat) <= max(in_all, 0)
    assert all(1 <= len(chunk) <= in_one for chunk in planned_chunks)
    # And what could be started is: all, or the quota of jobs or of servers is used up
    assert len(flat) == servers or len(planned_chunks) >= max(jobs, 0) or len(flat) >= in_all
