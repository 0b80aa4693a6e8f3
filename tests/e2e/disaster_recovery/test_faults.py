"""The world broken on purpose while a recovery runs; it ends in the right status all the same."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from shared.clock import parse
from tests.e2e.disaster_recovery.recoveries import Recoveries
from tests.e2e.faults import fault, killed

SYSTEM = "*assumed-role/*disaster-recovery*"
FUNCTIONS = ("orchestration", "execution-poller", "execution-finder")


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one stamp to another."""
    return (parse(later) - parse(earlier)).total_seconds()


def test_a_wave_starts_within_seconds_of_the_last_launch(recoveries: Recoveries) -> None:
    """On the real clock: without a tick of the schedule between the waves, launch events alone move the plan on."""
    # Given two waves, and a DRS in which a launch takes some seconds
    first, second = recoveries.servers(2), recoveries.servers(1)
    recoveries.drs.clock(120)
    drill = recoveries.start(recoveries.plan(first, second))

    # When nobody ticks
    ended = recoveries.wait(drill, ticking=None, seconds=120)

    # Then the second wave's launch was sent within five seconds of the first one's last launch event
    assert ended["status"] == "COMPLETED"
    sent = min(intent.sent_at or "" for intent in recoveries.store.intents(drill, 2))
    launched = max(str(each["launchedAt"]) for each in recoveries.servers_of(drill) if each["waveNumber"] == 1)
    assert 0 <= seconds_between(launched, sent) <= 5
    recoveries.check(drill)


def test_a_plan_runs_when_every_event_is_lost(recoveries: Recoveries) -> None:
    """Nothing but the real one-minute schedule moves it."""
    recoveries.drs.inject({"action": {"type": "lose_event"}})
    drill = recoveries.start(recoveries.plan(recoveries.servers(1), recoveries.servers(1)))
    ended = recoveries.wait(drill, ticking=None, seconds=240)
    assert ended["status"] == "COMPLETED"
    recoveries.check(drill)


@pytest.mark.parametrize(
    "action", [{"type": "duplicate_event", "times": 5}, {"type": "delay_event", "seconds": 900}], ids=["twice", "late"]
)
def test_events_that_come_often_or_late_do_no_harm(recoveries: Recoveries, action: dict[str, Any]) -> None:
    recoveries.drs.inject({"action": action})
    drill = recoveries.start(recoveries.plan(recoveries.servers(3), recoveries.servers(2)))
    assert recoveries.wait(drill)["status"] == "COMPLETED"
    recoveries.check(drill)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_that_is_killed_again_and_again_delays_and_does_not_harm(
    recoveries: Recoveries, function: str
) -> None:
    # Given every second invocation of a function killed, at once or in the middle of its calls
    first, second = recoveries.servers(3), recoveries.servers(2)
    slow = fault("dynamodb", "*", "latency", principal=f"*{function}*", ms=25)
    recoveries.cloud.inject([slow, killed(function, 5, nth=[1, 5]), killed(function, 60, nth=[2, 5])])

    # When a drill runs
    drill = recoveries.start(recoveries.plan(first, second))
    ended = recoveries.wait(drill, seconds=120)

    # Then each server was launched once
    assert ended["status"] == "COMPLETED"
    assert all(len(recoveries.jobs(server)) == 1 for server in [*first, *second])
    recoveries.check(drill)


def test_a_poller_that_is_dead_for_a_while_is_made_up_for(recoveries: Recoveries) -> None:
    """The machine's heartbeat ends: it asks DRS itself, and goes on when the poller is back."""
    first, second = recoveries.servers(2), recoveries.servers(1)
    recoveries.cloud.inject([killed("execution-poller", 1)])
    drill = recoveries.start(recoveries.plan(first, second))
    time.sleep(12)  # longer than the local heartbeat
    assert recoveries.execution(drill)["status"] not in ("FAILED", "CANCELLED")
    recoveries.cloud.clear_faults()
    assert recoveries.wait(drill)["status"] == "COMPLETED"
    recoveries.check(drill)


@pytest.mark.parametrize("service", ["dynamodb", "drs", "states", "sqs", "lambda"])
def test_throttling_delays_and_does_not_harm(recoveries: Recoveries, service: str) -> None:
    servers = [*recoveries.servers(2)]
    plan = recoveries.plan([servers[0]], [servers[1]])
    drill = recoveries.start(plan)
    recoveries.cloud.inject([fault(service, "*", "throttle", principal=SYSTEM, probability=0.3, times=4)])
    assert recoveries.wait(drill, seconds=120)["status"] == "COMPLETED"
    assert all(len(recoveries.jobs(server)) == 1 for server in servers)
    recoveries.check(drill)


@pytest.mark.parametrize("operation", ["TransactWriteItems", "PutItem", "UpdateItem"])
def test_a_write_whose_answer_is_lost_is_not_made_twice(recoveries: Recoveries, operation: str) -> None:
    servers = recoveries.servers(2)
    recoveries.cloud.inject(
        [fault("dynamodb", operation, "lost_response", principal=SYSTEM, probability=0.2, times=10)]
    )
    drill = recoveries.start(recoveries.plan([servers[0]], [servers[1]]))
    assert recoveries.wait(drill, seconds=120)["status"] == "COMPLETED"
    assert all(len(recoveries.jobs(server)) == 1 for server in servers)
    numbers = [event["number"] for event in recoveries.timeline(drill)]
    assert numbers == sorted(set(numbers))
    recoveries.check(drill)


def test_servers_that_hang_are_given_up_when_the_wave_s_time_is_over(recoveries: Recoveries) -> None:
    good, hanging = recoveries.servers(2)
    recoveries.drs.inject({"server": hanging, "phase": "CONVERSION", "action": {"type": "hang"}})
    drill = recoveries.start(recoveries.plan({"servers": [good, hanging], "timeoutSeconds": 60}))
    recoveries.eventually(lambda: len(recoveries.launched(drill)) == 1, "the good one", between=recoveries.tick)
    recoveries.rewind(drill, "WAVE#001", "startedAt")
    ended = recoveries.wait(drill)
    assert ended["status"] == "PARTIAL"
    assert [each["sourceServerId"] for each in recoveries.launched(drill)] == [good]


def test_a_job_that_completes_with_servers_left_behind_is_judged_by_its_servers(recoveries: Recoveries) -> None:
    good, left = recoveries.servers(2)
    recoveries.drs.inject({"server": left, "phase": "LAUNCH", "action": {"type": "leave"}})
    drill = recoveries.start(recoveries.plan([good, left]))
    assert recoveries.wait(drill)["status"] == "PARTIAL"
    recoveries.check(drill)


def test_the_strict_model_of_drs_is_spoken_too(recoveries: Recoveries) -> None:
    recoveries.drs.mode(fidelity="model", pageSize=1)
    drill = recoveries.start(recoveries.plan(recoveries.servers(3), recoveries.servers(2)))
    assert recoveries.wait(drill)["status"] == "COMPLETED"
    recoveries.check(drill)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_faults_at_once_end_in_a_status_that_is_true(recoveries: Recoveries, seed: int) -> None:
    # Given five per cent of everything going wrong, and some servers that fail
    choose = random.Random(seed)
    waves = [recoveries.servers(choose.randint(1, 4)) for _ in range(3)]
    recoveries.drs.inject(
        {"phase": "LAUNCH", "probability": 0.1, "action": {"type": "fail"}},
        {"operation": "StartRecovery", "probability": 0.3, "action": {"type": "lost_response"}},
        {"operation": "Describe*", "probability": 0.1, "action": {"type": "throttle"}},
        {"probability": 0.5, "action": {"type": "lose_event"}},
    )
    recoveries.cloud.inject(
        [
            fault("dynamodb", "*", "throttle", principal=SYSTEM, probability=0.05),
            fault("dynamodb", "*", "lost_response", principal=SYSTEM, probability=0.03),
            fault("states", "SendTask*", "lost_response", principal=SYSTEM, probability=0.2),
            killed("execution-poller", 20, probability=0.1),
        ],
        seed=seed,
    )

    # When a plan runs that goes on after failures
    drill = recoveries.start(recoveries.plan(*[{"servers": wave, "onFailure": "CONTINUE"} for wave in waves]))
    ended = recoveries.wait(drill, seconds=150)
    recoveries.calm()

    # Then its status is what DRS says
    launched = {each["sourceServerId"] for each in recoveries.launched(drill)}
    everybody = {server for wave in waves for server in wave}
    instances = recoveries.cloud.client("drs").describe_recovery_instances(filters={"sourceServerIDs": [*everybody]})
    assert launched == {instance["sourceServerID"] for instance in instances["items"]}
    expected = "COMPLETED" if launched == everybody else "PARTIAL" if launched else "FAILED"
    assert ended["status"] == expected
    recoveries.check(drill)
