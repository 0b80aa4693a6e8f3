"""Named runs, each with what it must come to. A scenario returns what went wrong in words, nothing when all is well."""

from __future__ import annotations

from typing import Any

from local_cloud.virtual.faults import CallFault
from local_cloud.virtual.people import Person
from local_cloud.virtual.recovery.handlers import FINDER, POLLER
from local_cloud.virtual.recovery.system import Options
from local_cloud.virtual.traffic import Call
from tests.properties.disaster_recovery import plans
from tests.properties.disaster_recovery.runs import items_of
from tests.properties.disaster_recovery.trial import Trial, is_locked, is_terminated, waits
from tests.properties.mutation import Scenario

#: How long after its last launch DRS says that a job is over, at most.
JOB_END_SECONDS = 5.0
LOST_EVENTS = {"action": {"type": "lose_event"}}


def a_server_fails() -> list[str]:
    """A job that is COMPLETED with a FAILED server: the run is PARTIAL, the next wave is not started."""
    trial = Trial(injections=[{"server": plans.server_id(1), "phase": "CONVERSION", "action": {"type": "fail"}}])
    trial.start(plans.simple(2, 1))
    return trial.ended("PARTIAL")


def many_pages() -> list[str]:
    """Every list comes in pages of one item, and others have jobs of their own."""
    trial = Trial(servers=8, quotas={"serversPerJob": 1})
    trial.cloud.account.inject(
        {"action": {"type": "external_job", "servers": [plans.server_id(7)], "afterSeconds": 30}}
    )
    trial.start(plans.simple(3, 2))
    trial.cloud.account.simulator.configure(page_size=1)
    return trial.ended("COMPLETED")


def describing_fails() -> list[str]:
    """DRS does not answer for a while: that is unknown, not failed."""
    faults = (CallFault("throttle", nth=tuple(range(2, 8)), caller=POLLER, operation="DescribeJobs"),)
    trial = Trial(faults=faults)
    trial.start(plans.simple(2, 1))
    return trial.ended("COMPLETED")


def a_plain_drill() -> list[str]:
    """Three waves, nothing goes wrong: it takes as long as DRS does."""
    trial = Trial()
    trial.start(plans.simple(2, 1, 2))
    broken = trial.ended("COMPLETED", hours=1)
    trial.check(not trial.cloud.functions.failures, f"functions failed: {trial.cloud.functions.failures}")
    return [*broken, *trial.found]


def somebody_cancels() -> list[str]:
    """Cancelled in the first wave: its job ends, nothing else starts."""
    trial = Trial()
    execution_id = trial.start(plans.simple(2, 1))
    trial.person(5, lambda: trial.cloud.commands.cancel(Person(), execution_id))
    broken = trial.ended("CANCELLED")
    jobs = len(trial.promises.jobs)
    return broken + ([] if jobs == 1 else [f"{jobs} jobs were started"])


def every_event_is_lost() -> list[str]:
    """The next wave still starts within the minute's tick after the last launch."""
    trial = Trial(injections=[LOST_EVENTS])
    execution_id = trial.start(plans.simple(2, 1, 1))
    broken = trial.ended("COMPLETED")
    return broken + waits(trial, execution_id)


def nobody_started_the_machine() -> list[str]:
    """The API's function dies between the record and the machine: the finder finds the record, PENDING."""
    trial = Trial(faults=(CallFault("refuse", nth=(1,), operation="StartExecution"),))
    trial.person(0, lambda: trial.cloud.start(plans.simple(1), key="once"))
    with trial.cloud:
        trial.cloud.run(hours=2, finished=lambda: bool(trial.cloud.machine.runs) and trial.cloud.is_over())
        trial.check(bool(trial.cloud.machine.runs), "the machine was never started")
        statuses = [str(item["status"]) for item in items_of(trial.cloud.peek) if item["record"] == "EXECUTION"]
        trial.check(statuses == ["COMPLETED"], f"ended as {statuses}")
    return [each for each in trial.found if not each.startswith("refused")]


def a_wake_up_is_lost_while_terminating() -> list[str]:
    """The instances of a drill are terminated although nobody is woken for it."""
    trial = Trial()
    execution_id = trial.start(plans.simple(2))
    with trial.cloud:
        trial.cloud.run(hours=2)
        trial.cloud.queue.function = "nobody"
        trial.cloud.functions.add("nobody", lambda: lambda _event, _context: None, 30)
        trial.cloud.terminations.request(Person(), execution_id)
        trial.cloud.run(hours=1, finished=lambda: is_terminated(trial, execution_id))
        trial.check(is_terminated(trial, execution_id), "the instances are still there")
    return [*trial.found, *trial.promises.at_the_end()]


def a_drill_outlives_its_time() -> list[str]:
    """A drill with a time to live is terminated by itself."""
    trial = Trial()
    execution_id = trial.start(plans.simple(2) | {"drillTtlSeconds": 3600})
    with trial.cloud:
        trial.cloud.run(hours=4, finished=lambda: is_terminated(trial, execution_id))
        trial.check(is_terminated(trial, execution_id), "the instances are still there")
    return [*trial.found, *trial.promises.at_the_end()]


def a_job_outlives_its_wave() -> list[str]:
    """The wave's limit is over long before its job: what it still launches is known, its lock is given back."""
    trial = Trial(injections=[{"phase": "CONVERSION", "action": {"type": "slow", "factor": 6}}, LOST_EVENTS])
    execution_id = trial.start(plans.plan(plans.wave("one", [0], timeoutSeconds=900)))
    with trial.cloud:
        trial.cloud.run(hours=2)
        trial.check(trial.status(execution_id) == "FAILED", f"ended as {trial.status(execution_id)}")
        trial.cloud.run(hours=3, finished=lambda: not is_locked(trial))
        trial.check(not is_locked(trial), "the lock was never given back")
        servers = trial.cloud.peek.servers(execution_id)
        trial.check(
            [str(each.launch_status) for each in servers] == ["LAUNCHED"], f"what it launched is lost: {servers}"
        )
    return [*trial.found, *trial.promises.at_the_end()]


def an_answer_of_start_recovery_is_lost() -> list[str]:
    """The job was made and nobody was told: it is adopted, and StartRecovery is not sent a second time."""
    trial = Trial(
        injections=[{"operation": "StartRecovery", "nth": [1], "action": {"type": "lost_response"}}],
        options=Options(wire=True),
    )
    sent: list[str] = []
    answer = trial.cloud.account.simulator.call

    def counted(operation: str, parameters: Any = None, principal: str = "") -> dict[str, Any]:
        sent.append(operation)
        return answer(operation, parameters, principal)

    trial.cloud.account.simulator.call = counted  # type: ignore[method-assign]
    trial.start(plans.simple(2))
    broken = trial.ended("COMPLETED")
    count = sent.count("StartRecovery")
    return broken + ([] if count == 1 else [f"StartRecovery was sent {count} times"])


def an_answer_is_lost_and_the_job_shows_late() -> list[str]:
    """As before, with the job invisible for half a minute."""
    trial = Trial(
        faults=(CallFault("lose", nth=(1,), operation="StartRecovery"),),
        injections=[{"operation": "StartRecovery", "action": {"type": "late_visibility", "seconds": 30}}],
    )
    trial.start(plans.simple(2, 1))
    return trial.ended("COMPLETED")


def answers_are_as_strict_as_the_model() -> list[str]:
    """DRS answers by the letter of its model, not as the live service was seen to."""
    trial = Trial(options=Options(fidelity="model"))
    trial.start(plans.simple(2, 1))
    return trial.ended("COMPLETED")


def the_next_wave_follows_at_once() -> list[str]:
    """Events that arrive start the next wave seconds after the job of the one before has ended."""
    trial = Trial()
    execution_id = trial.start(plans.simple(2, 1, 1))
    return trial.ended("COMPLETED") + waits(trial, execution_id, at_most=JOB_END_SECONDS + 10)


def nobody_polls_for_an_hour() -> list[str]:
    """Without poller or finder the machine misses heartbeats, looks for itself, and waits on."""
    trial = Trial()
    for name in (POLLER, FINDER):
        trial.cloud.functions.dead[name] = (300, 3900)
    trial.start(plans.simple(2, 1))
    return trial.ended("COMPLETED")


def a_failed_run_is_restarted() -> list[str]:
    """Restarted from its checkpoint: what launched is left alone, the rest is launched, the run is COMPLETED."""
    broken_once = {"server": plans.server_id(2), "phase": "LAUNCH", "times": 1, "action": {"type": "fail"}}
    trial = Trial(injections=[broken_once])
    execution_id = trial.start(plans.simple(2, 1, 1))
    with trial.cloud:
        trial.cloud.run(hours=3)
        trial.check(trial.status(execution_id) == "PARTIAL", f"ended as {trial.status(execution_id)}")
        trial.promises.ended.clear()
        trial.cloud.restarter.restart(Person(), execution_id)
        trial.cloud.run(hours=3)
        trial.check(trial.status(execution_id) == "COMPLETED", f"ended as {trial.status(execution_id)}")
        servers = [launch.server for launch in trial.promises.launches.values()]
        trial.check(len(servers) == len(set(servers)), "a server was launched twice")
    return [*trial.found, *trial.promises.at_the_end()]


def somebody_is_faster() -> list[str]:
    """Somebody launches the same server in the moment before our call: their job is not ours, their instance stays."""
    trial = Trial()
    act = {"type": "external_job", "servers": [plans.server_id(0)], "isDrill": True}

    def overtake(call: Call) -> None:
        if call.operation == "StartRecovery" and not trial.promises.jobs and not trial.promises.launches:
            trial.cloud.account.inject({"action": act})

    trial.cloud.traffic.before.append(overtake)
    execution_id = trial.start(plans.simple(1, 1))
    with trial.cloud:
        trial.check(trial.cloud.run(hours=12), "it did not end")
        trial.check(len(trial.promises.jobs) == 2, f"{len(trial.promises.jobs)} jobs were started, not one a wave")
        trial.cloud.terminations.request(Person(), execution_id)
        trial.cloud.run(hours=2, finished=lambda: False)
    return [*trial.found, *trial.promises.at_the_end()]


def two_plans_share_a_server() -> list[str]:
    """Both run; the second waits for the server that the first has."""
    trial = Trial()
    trial.start(plans.plan(plans.wave("one", [0, 1]), plans.wave("two", [2]), name="first"))
    trial.start(plans.plan(plans.wave("one", [2, 3]), plans.wave("two", [0]), name="second"))
    return trial.ended("COMPLETED", "COMPLETED")


def a_pause_is_resumed() -> list[str]:
    """The machine waits for a person, and goes on when they say so."""
    trial = Trial()
    paused = plans.plan(plans.wave("one", [0]), plans.wave("two", [1], pauseBeforeWave=True))
    execution_id = trial.start(paused)
    trial.person(60, lambda: trial.check(trial.status(execution_id) == "PAUSED", "it did not pause"))
    trial.person(61, lambda: trial.cloud.commands.resume(Person(), execution_id))
    return trial.ended("COMPLETED")


def failed_servers_are_tried_again() -> list[str]:
    """A wave that failed pauses; only its failed server is launched again, and the run is COMPLETED after all."""
    broken_once = {"server": plans.server_id(1), "phase": "LAUNCH", "times": 1, "action": {"type": "fail"}}
    trial = Trial(injections=[broken_once])
    execution_id = trial.start(plans.plan(plans.wave("one", [0, 1], onFailure="PAUSE"), plans.wave("two", [2])))
    trial.person(60, lambda: trial.cloud.commands.retry_failed(Person(), execution_id))
    broken = trial.ended("COMPLETED")
    launched = [launch.server for launch in trial.promises.launches.values()]
    return broken + ([] if sorted(launched) == sorted(set(launched)) else ["a server was launched twice"])


ALL: tuple[Scenario, ...] = (
    a_plain_drill,
    a_server_fails,
    many_pages,
    describing_fails,
    somebody_cancels,
    every_event_is_lost,
    nobody_started_the_machine,
    a_wake_up_is_lost_while_terminating,
    a_drill_outlives_its_time,
    a_job_outlives_its_wave,
    an_answer_of_start_recovery_is_lost,
    an_answer_is_lost_and_the_job_shows_late,
    answers_are_as_strict_as_the_model,
    the_next_wave_follows_at_once,
    nobody_polls_for_an_hour,
    a_failed_run_is_restarted,
    somebody_is_faster,
    two_plans_share_a_server,
    a_pause_is_resumed,
    failed_servers_are_tried_again,
)
