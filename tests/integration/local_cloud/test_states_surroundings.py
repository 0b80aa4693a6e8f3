"""A state machine on a clock of its own, without a server: waits take no time, calls are answered in place."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.engines.states_executions import Outcome, walk
from local_cloud.engines.states_history import History, wanted_at
from local_cloud.engines.states_model import Execution
from local_cloud.engines.states_surroundings import Surroundings
from local_cloud.engines.states_tokens import TokenRefused, Tokens, machine_of, new_token

START = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"


class JumpingClock:
    """Goes to the next moment at which something is to happen, as soon as somebody waits."""

    def __init__(self) -> None:
        self.seconds, self.coming = 0.0, list[tuple[float, Callable[[], None]]]()

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)

    def wait(self, _changed: threading.Condition, until: float | None) -> None:
        self.coming.sort(key=lambda entry: entry[0])
        if self.coming and (until is None or self.coming[0][0] <= until):
            self.seconds, happens = self.coming.pop(0)
            happens()
        elif until is not None:
            self.seconds = until
        else:
            raise AssertionError("nothing is to come")


def run(state: dict[str, Any], *coming: tuple[float, Callable[[Tokens, str], None]]) -> tuple[Outcome, Execution]:
    """Runs a machine of one waiting task; `coming` happens so many seconds after the task was called."""
    clock, tokens = JumpingClock(), Tokens()

    def call(_execution: Execution, _service: str, _action: str, arguments: dict[str, Any], _naming: Any) -> Any:
        token = json.loads(arguments["Payload"])["token"]
        clock.coming += [(seconds, lambda do=do: do(tokens, token)) for seconds, do in coming]
        return {"StatusCode": 200, "Payload": "null"}

    surroundings = Surroundings(clock=clock, call_api=call, start=lambda work: work(), tokens=tokens)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": {"FunctionName": "f", "Payload": {"token": "{% $states.context.Task.Token %}"}},
        "Next": "Nap",
        **state,
    }
    nap = {"Type": "Wait", "Seconds": 3600, "End": True}
    execution = Execution(
        arn="arn:aws:states:us-east-1:000000000000:execution:m:e",
        name="e",
        machine_arn=MACHINE,
        machine_name="m",
        role_arn="arn:aws:iam::000000000000:role/r",
        started_at=surroundings.timestamp(),
        input={},
        history=History([], wanted_at("ALL"), surroundings.timestamp),
        record={},
        surroundings=surroundings,
    )
    machine = {"QueryLanguage": "JSONata", "StartAt": "Ask", "States": {"Ask": task, "Nap": nap}}
    return walk(execution, machine), execution


def test_waits_take_no_time_and_answers_come_when_they_are_due() -> None:
    # When a task is answered after a day, with heartbeats on the way
    beats = [(hour * 3600.0, lambda tokens, token: tokens.heartbeat(token)) for hour in range(1, 24)]
    outcome, execution = run(
        {"HeartbeatSeconds": 4000, "TimeoutSeconds": 90_000},
        *beats,
        (86_400.0, lambda tokens, token: tokens.succeed(token, '"done"')),
    )

    # Then
    assert (outcome.status, outcome.output) == ("SUCCEEDED", '"done"')
    assert execution.history.events[-1]["timestamp"] == "2026-01-02T01:00:00.000Z"


@pytest.mark.parametrize(("limits", "after"), [({"HeartbeatSeconds": 60}, 60.0), ({"TimeoutSeconds": 300}, 300.0)])
def test_limits_are_kept_to_the_second(limits: dict[str, int], after: float) -> None:
    # When nobody answers
    outcome, execution = run(limits)

    # Then
    assert (outcome.status, outcome.error) == ("FAILED", "States.Timeout")
    assert execution.clock.monotonic() == after


def test_an_answer_at_the_last_moment_is_too_late() -> None:
    # Given somebody who answers when the time is up
    refused = []

    def late(tokens: Tokens, token: str) -> None:
        with pytest.raises(TokenRefused) as caught:
            tokens.succeed(token, "{}")
        refused.append(caught.value.code)

    # When
    outcome, _ = run({"TimeoutSeconds": 300}, (300.0, late))

    # Then
    assert (outcome.error, refused) == ("States.Timeout", ["TaskTimedOut"])


def test_a_token_says_whose_it_is() -> None:
    # Given a token
    token = new_token(MACHINE, Surroundings().random)

    # Then it names its machine, unless it was changed
    assert machine_of(token) == MACHINE
    assert [machine_of(wrong) for wrong in (token[:-6] + "AAAAAA", token[3:], "", "AQC", "AQC!")] == [None] * 5
