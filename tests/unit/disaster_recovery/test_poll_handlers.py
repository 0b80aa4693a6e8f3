"""The handlers of the finder and the poller: what they are given and what they answer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from disaster_recovery import execution_finder, execution_poller
from disaster_recovery.errors import Throttled
from disaster_recovery.watch.finding import Finder
from tests.unit.disaster_recovery.recovery_world import ID, World


class FakeFunctions:
    """Lambda's Invoke."""

    def __init__(self, error: Exception | None = None) -> None:
        self.invoked: list[dict[str, Any]] = []
        self._error = error

    def invoke(self, **request: Any) -> dict[str, Any]:
        if self._error:
            raise self._error
        self.invoked.append(request)
        return {"StatusCode": 202}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(execution_poller, "tools", lambda: world.tools)
    return world


def find_with(world: World, functions: FakeFunctions, monkeypatch: pytest.MonkeyPatch) -> None:
    invoke = execution_finder.PollerInvoke(functions, "disaster-recovery-execution-poller")
    monkeypatch.setattr(execution_finder, "finder", lambda: Finder(world.store, invoke))


def test_the_schedule_polls_what_moves(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    functions = FakeFunctions()
    find_with(world, functions, monkeypatch)
    assert execution_finder.handler({"source": "aws.events"}, None) == {"polled": 1}
    (request,) = functions.invoked
    assert (request["FunctionName"], request["InvocationType"]) == ("disaster-recovery-execution-poller", "Event")
    assert json.loads(request["Payload"]) == {"executionId": ID, "reason": "TICK"}


def test_a_batch_is_answered_with_what_has_to_come_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [{"messageId": "m1", "body": json.dumps({"executionId": ID, "reason": "AWAIT_WAVE"})}]
    functions = FakeFunctions()
    find_with(world, functions, monkeypatch)
    assert execution_finder.handler({"Records": records}, None) == {"batchItemFailures": []}
    assert json.loads(functions.invoked[0]["Payload"])["reason"] == "AWAIT_WAVE"
    find_with(world, FakeFunctions(Throttled("slow down")), monkeypatch)
    again = execution_finder.handler({"Records": records}, None)
    assert again == {"batchItemFailures": [{"itemIdentifier": "m1"}]}


def test_the_poller_says_how_the_execution_stands(world: World) -> None:
    assert execution_poller.handler({"executionId": ID}, None) == {"executionId": ID, "status": "PENDING"}
    assert execution_poller.handler({"executionId": "ex-none", "reason": "EVENT"}, None)["status"] == "UNKNOWN"
