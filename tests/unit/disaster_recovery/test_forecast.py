"""Forecasts: jobs as the quotas cut them, the same answer for the same seed, verdicts, and what a drill costs."""

from __future__ import annotations

import random
from typing import Any

import pytest

from disaster_recovery.drs.durations import seconds_of, text_of
from disaster_recovery.reports.drill_cost import CostInput, estimate, price_per_hour
from disaster_recovery.reports.duration_model import DurationModel, Range, Spread, range_of
from disaster_recovery.reports.forecast import Capacity, ForecastServer, ForecastWave, Question, forecast

#: Every phase takes exactly so long: 100 s a server, 10 s more for the end of a job, 5 s between waves.
EXACT = DurationModel(
    snapshot=Spread(20, 20, 20),
    conversion=Spread(30, 30, 30),
    launch=Spread(50, 50, 50),
    job_end=Spread(10, 10, 10),
    hand_over=Spread(5, 5, 5),
    lost_event_share=0.0,
)


def wave(number: int, servers: int, **more: Any) -> ForecastWave:
    members = [ForecastServer(f"s-{number}-{each}") for each in range(servers)]
    return ForecastWave(number, f"wave-{number}", members, **more)


def ask(*waves: ForecastWave, capacity: Capacity | None = None, **more: Any) -> dict[str, Any]:
    return forecast(Question(waves, capacity or Capacity(), **{"model": EXACT, "trials": 5, **more}))


def test_waves_follow_each_other_and_servers_of_a_wave_run_side_by_side() -> None:
    told = ask(wave(1, 3), wave(2, 50))
    assert [each["seconds"]["median"] for each in told["waves"]] == [105, 105]
    assert [each["sinceStart"]["worst"] for each in told["waves"]] == [105, 210]
    assert told["rto"]["seconds"] == {"min": 210, "median": 210, "worst": 210}


def test_the_same_seed_tells_the_same() -> None:
    first, again, other = (forecast(Question([wave(1, 20)], Capacity(), seed=seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_a_wave_is_cut_into_jobs() -> None:
    told = ask(wave(1, 250))
    assert (told["waves"][0]["jobs"], told["quotas"]["concurrentJobs"]["peak"]) == (3, 3)
    assert told["quotas"]["serversInJobs"] == {"limit": 500, "inUse": 0, "peak": 250, "headroom": 250}
    assert told["waves"][0]["seconds"]["median"] == 105


@pytest.mark.parametrize(
    ("capacity", "seconds"),
    [
        # Two jobs at a time: the third of three waits until the first has ended, 110 s after it began.
        (Capacity(jobs=2), 215),
        # One job at a time, since somebody else has the other.
        (Capacity(jobs=2, jobs_in_use=1), 325),
        # Room for 200 servers in all jobs: as two jobs at a time.
        (Capacity(servers_in_jobs=500, servers_in_use=300), 215),
        # Room for 60: five jobs of 60, one after the other.
        (Capacity(servers_in_jobs=60), 545),
    ],
)
def test_jobs_wait_for_room(capacity: Capacity, seconds: int) -> None:
    assert ask(wave(1, 300), capacity=capacity)["waves"][0]["seconds"]["median"] == seconds


@pytest.mark.parametrize("capacity", [Capacity(jobs_in_use=20), Capacity(servers_in_use=500)])
def test_without_any_room_nothing_is_predicted(capacity: Capacity) -> None:
    told = ask(wave(1, 1), capacity=capacity, rto_seconds=10)
    assert "are taken" in told["blocked"]
    assert (told["rto"]["seconds"], told["rto"]["verdict"], told["trials"]) == (None, "UNKNOWN", 0)
    assert "seconds" not in told["waves"][0]


@pytest.mark.parametrize(("target", "verdict"), [(105, "MET"), (104, "MISSED"), (None, "UNKNOWN")])
def test_the_objective_is_judged(target: int | None, verdict: str) -> None:
    assert ask(wave(1, 1), rto_seconds=target)["rto"]["verdict"] == verdict


def test_an_objective_between_median_and_worst_is_likely() -> None:
    told = forecast(Question([wave(1, 1)], Capacity()))["rto"]["seconds"]
    again = forecast(Question([wave(1, 1)], Capacity(), rto_seconds=told["worst"] - 1))
    assert (told["min"] < told["median"] < told["worst"], again["rto"]["verdict"]) == (True, "LIKELY")


def test_a_drill_of_one_server_takes_ten_to_twelve_minutes() -> None:
    told = forecast(Question([wave(1, 1)], Capacity(), trials=1001))["rto"]["seconds"]
    assert 500 < told["min"] and told["worst"] < 800
    assert 600 <= told["median"] <= 720


def test_what_a_server_took_before_is_what_it_is_expected_to_take() -> None:
    slow = ForecastWave(1, "one", [ForecastServer("s-1", usual_seconds=1000)])
    assert ask(slow)["waves"][0]["seconds"]["median"] == 1005


def test_a_wave_that_may_take_longer_than_it_is_given_is_told() -> None:
    told = ask(wave(1, 1, timeout_seconds=104), wave(2, 1, timeout_seconds=105))
    assert [each["mayExceedTimeout"] for each in told["waves"]] == [True, False]


def test_actions_and_pauses_are_in_it() -> None:
    told = ask(wave(1, 1, action_timeouts=[10], pause={"deadlineSeconds": 600, "onTimeout": "ABORT"}))
    assert 106 <= told["rto"]["seconds"]["min"] <= told["rto"]["seconds"]["worst"] <= 115
    assert told["pauses"] == [{"waveNumber": 1, "name": "wave-1", "deadlineSeconds": 600, "onTimeout": "ABORT"}]


def test_the_data_that_would_be_lost_is_told_for_each_server() -> None:
    servers = [
        ForecastServer("s-1", exposure_seconds=60),
        ForecastServer("s-2", exposure_seconds=61),
        ForecastServer("s-3"),
    ]
    told = ask(ForecastWave(1, "one", servers), rpo_seconds=60)["rpo"]
    assert [(each["sourceServerId"], each["met"]) for each in told] == [("s-1", True), ("s-2", False), ("s-3", None)]


def test_a_range_needs_trials() -> None:
    assert range_of([3.4, 1, 2]) == Range(1, 2, 3)
    with pytest.raises(ValueError, match="at least one"):
        range_of([])


def test_a_model_stays_within_its_bounds() -> None:
    dice, model = random.Random(4), DurationModel()
    drawn = [model.server(dice) for _ in range(500)]
    assert 480 <= min(drawn) and max(drawn) <= 720
    assert all(1 <= model.action(dice, 20) <= 20 for _ in range(100))


# --- cost


@pytest.mark.parametrize(
    ("kind", "millionths"),
    [("m5.large", 96_000), ("m5.4xlarge", 768_000), ("t3.micro", 10_400), ("r5.xlarge", 252_000)]
    + [("x9.2xlarge", 384_000), ("", 96_000), ("m5.metal", 96_000)],
)
def test_prices_are_those_of_the_size(kind: str, millionths: int) -> None:
    assert price_per_hour(kind) == millionths


def test_a_drill_is_priced_by_what_it_keeps() -> None:
    # Given ten m5.large with 7,300 GiB that are kept for an hour
    told = estimate(CostInput(["m5.large"] * 10, disk_gib=7300, run_seconds=0, kept_seconds=3600))
    # Then an hour of them, a 730th of a month of their disks, and a tenth of an hour for each conversion
    assert (told["instancesUsd"], told["disksUsd"], told["conversionUsd"]) == ("0.96", "0.80", "0.10")
    assert (told["usd"], told["hoursKept"], len(told["assumptions"])) == ("1.86", "1.0", 1)


def test_what_is_assumed_is_said() -> None:
    told = estimate(CostInput(["x9.large", "m5.large"], disk_gib=0, run_seconds=600, kept_seconds=None))
    assert [each.split()[0] for each in told["assumptions"]] == ["Linux", "the", "1", "disk"]


# --- durations


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT0S", 0),
        ("PT2M30S", 150),
        ("P1DT1H", 90_000),
        ("P0D", 0),
        ("PT1.6S", 2),
        ("P", None),
        ("", None),
        (None, None),
    ]
    + [("PT", None), ("2 minutes", None)],
)
def test_durations_of_drs_are_read(text: str | None, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (14, "14 s"), (302, "5 min 2 s"), (7500, "2 h 5 min"), (90_061, "1 d 1 h"), (None, "unknown")],
)
def test_durations_are_written_for_people(seconds: int | None, text: str) -> None:
    assert text_of(seconds) == text
