"""The virtual cloud itself: order by seed, time without waiting, sandboxes that die."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local_cloud.virtual.functions import Functions
from local_cloud.virtual.kernel import Kernel, Killed, Signal
from local_cloud.virtual.machines import Machine
from local_cloud.virtual.queues import Queue
from local_cloud.virtual.traffic import Call, Traffic

ARN = "arn:aws:states:eu-west-1:123456789012:stateMachine:small"
INVOKE = "arn:aws:states:::lambda:invoke"


def ordered_letters(seed: int) -> str:
    kernel, said = Kernel(seed), []

    def talk(letter: str) -> None:
        for _ in range(3):
            said.append(letter)
            kernel.sleep(60)

    for letter in "abcde":
        kernel.spawn(letter, lambda letter=letter: talk(letter))
    kernel.run(until=3600)
    return "".join(said)


def test_order_is_a_function_of_the_seed() -> None:
    """Given actors that do something at the same moments, when run twice, then a seed always gives the same order."""
    assert ordered_letters(1) == ordered_letters(1)
    assert len({ordered_letters(seed) for seed in range(6)}) > 1


def test_signals_wake_before_the_limit() -> None:
    """Given one actor that waits for an hour, when another one signals after ten seconds, then it goes on then."""
    kernel, woken = Kernel(), []
    signal = Signal(kernel)

    def wait() -> None:
        kernel.wait(signal, kernel.now + 3600)
        woken.append(kernel.now)

    kernel.spawn("waiting", wait)
    kernel.spawn("signalling", signal.notify_all, after=10)
    kernel.run(until=7200)
    assert woken == [10]


def test_what_an_actor_raises_reaches_the_caller() -> None:
    """Given an actor with a bug, when the cloud runs, then the bug is raised, not lost in its thread."""
    kernel = Kernel()
    kernel.spawn("wrong", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        kernel.run(until=1)


def small_cloud(definition: dict[str, Any], handler: Any) -> tuple[Kernel, Traffic, Machine]:
    kernel = Kernel()
    traffic = Traffic(kernel)
    functions = Functions(kernel, traffic)
    functions.add("work", lambda: handler, 30)
    return kernel, traffic, Machine(kernel, functions, {"QueryLanguage": "JSONata", **definition}, ARN)


def task(**fields: Any) -> dict[str, Any]:
    arguments = {"FunctionName": "work", "Payload": {"token": "none"}}
    state = {"Type": "Task", "Resource": INVOKE, "Arguments": arguments, "End": True}
    return {"StartAt": "Work", "States": {"Work": {**state, **fields}}}


def outcome_of(machine: Machine, kernel: Kernel) -> Any:
    started = machine.call("StartExecution", {"stateMachineArn": ARN, "name": "one", "input": "{}"})
    run = machine.runs[started["executionArn"]]
    kernel.run(until=30 * 86_400, finished=lambda: run.outcome is not None)
    return run.outcome


def test_a_machine_waits_for_weeks_in_no_time() -> None:
    """Given a task that is answered after ten days, when it runs, then the execution ends with that answer."""
    tokens: list[str] = []
    waiting = task(
        Resource=f"{INVOKE}.waitForTaskToken",
        Arguments={"FunctionName": "work", "Payload": {"token": "{% $states.context.Task.Token %}"}},
    )
    kernel, _, machine = small_cloud(waiting, lambda event, _: tokens.append(event["token"]))

    def answer() -> None:
        machine.call("SendTaskSuccess", {"taskToken": tokens[0], "output": '{"answer": 42}'})

    kernel.after(10 * 86_400, answer)
    outcome = outcome_of(machine, kernel)
    assert (outcome.status, json.loads(outcome.output)) == ("SUCCEEDED", {"answer": 42})
    assert kernel.now == pytest.approx(10 * 86_400, abs=5)


def test_a_silent_task_misses_its_heartbeat() -> None:
    """Given a task that nobody answers, when its heartbeat interval passes, then the catcher of that name is taken."""
    silent = task(
        Resource=f"{INVOKE}.waitForTaskToken",
        HeartbeatSeconds=900,
        TimeoutSeconds=7200,
        Catch=[{"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "Missed"}],
    )
    silent["States"]["Missed"] = {"Type": "Succeed", "Output": "missed"}
    kernel, _, machine = small_cloud(silent, lambda event, _: None)
    assert outcome_of(machine, kernel).output == '"missed"'
    assert kernel.now == pytest.approx(900, abs=5)


def test_a_killed_sandbox_is_an_error_of_the_runtime_and_is_retried() -> None:
    """Given a function killed in its first AWS call, when the machine retries, then the second sandbox succeeds."""
    retrying = task(Retry=[{"ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 1, "MaxAttempts": 2}])
    cells: list[Traffic] = []
    kernel, traffic, machine = small_cloud(
        retrying, lambda event, _: cells[0].through("drs", "DescribeJobs", {}, lambda: "done")
    )
    cells.append(traffic)

    def kill_first(call: Call) -> None:
        if call.number == 1:
            raise Killed

    traffic.before.append(kill_first)
    outcome = outcome_of(machine, kernel)
    assert outcome.status == "SUCCEEDED"
    assert traffic.calls["work", "drs", "DescribeJobs"] == 2
    assert [kind for _, _, kind, _ in machine.functions.failures] == ["Runtime.ExitError"]


def test_a_queue_delivers_again_what_failed_and_then_gives_up() -> None:
    """Given a function that always names one message, when the queue has tried five times, then it is a dead letter."""
    kernel = Kernel()
    functions = Functions(kernel, Traffic(kernel))
    seen: list[str] = []

    def handler(event: dict[str, Any], _: object) -> dict[str, Any]:
        seen.extend(record["body"] for record in event["Records"])
        bad = [record["messageId"] for record in event["Records"] if record["body"] == "bad"]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in bad]}

    functions.add("finder", lambda: handler, 30)
    queue = Queue(kernel, functions, "finder", "arn:aws:sqs:eu-west-1:123456789012:wake")
    queue.send("good", delay=5)
    queue.send("bad")
    kernel.run(until=86_400)
    assert sorted(seen) == ["bad"] * 5 + ["good"]
    assert [message.body for message in queue.dead_letters] == ["bad"]
