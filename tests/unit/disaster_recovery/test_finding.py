"""Which executions are polled."""

from __future__ import annotations

import json
from typing import Any

import pytest

from disaster_recovery.errors import Throttled
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.history import Termination, server_lock
from disaster_recovery.records.statuses import ExecutionStatus
from disaster_recovery.watch.finding import Finder
from tests.unit.disaster_recovery.recovery_world import World, server_id

NOW = "2026-01-02T03:04:05.000000Z"


class Polls:
    """The poller's invocations; `refused` are executions that Lambda does not take."""

    def __init__(self, refused: tuple[str, ...] = ()) -> None:
        self.made: list[tuple[str, str]] = []
        self._refused = refused

    def __call__(self, execution_id: str, reason: str) -> None:
        if execution_id in self._refused:
            raise Throttled("too many requests")
        self.made.append((execution_id, reason))


def message(number: int, body: Any) -> dict[str, Any]:
    return {"messageId": f"m{number}", "body": body if isinstance(body, str) else json.dumps(body)}


def event(server: str, account: str = "111122223333") -> dict[str, Any]:
    return {
        "source": "aws.drs",
        "detail-type": "DRS Source Server Launch Result",
        "resources": [f"arn:aws:drs:us-east-1:{account}:source-server/{server}"],
        "detail": {"state": "RECOVERY_LAUNCH_SUCCEEDED"},
    }


def test_a_tick_polls_everything_that_is_not_over() -> None:
    # Given an execution in every status, and terminations that run or wait
    store = FileStore()
    for status in ExecutionStatus:
        assert store.save(Execution(execution_id=f"ex-{status}", status=status, started_at=NOW))
    for name, state in (("ex-COMPLETED", "TERMINATING"), ("ex-PARTIAL", "SCHEDULED"), ("ex-FAILED", None)):
        assert store.save(Termination(execution_id=name, status=state, started_at=NOW))
    # When the minute's tick comes
    polls = Polls()
    assert Finder(store, polls).tick() == 8
    # Then exactly what moves is polled
    assert {execution_id for execution_id, _ in polls.made} == {
        f"ex-{name}"
        for name in (
            "PENDING",
            "INITIATED",
            "POLLING",
            "LAUNCHING",
            "PAUSED",
            "CANCELLING",
            "COMPLETED",
            "PARTIAL",
        )
    }


def test_a_tick_reads_all_pages() -> None:
    store = FileStore()
    for number in range(250):
        assert store.save(Execution(execution_id=f"ex-{number:03d}", status="PAUSED", started_at=NOW))
    assert Finder(store, Polls()).tick() == 250


def test_one_execution_that_cannot_be_polled_does_not_keep_the_others_from_it() -> None:
    store = FileStore()
    for number in range(3):
        assert store.save(Execution(execution_id=f"ex-{number}", status="POLLING", started_at=NOW))
    polls = Polls(refused=("ex-1",))
    with pytest.raises(Throttled):
        Finder(store, polls).tick()
    assert [execution_id for execution_id, _ in polls.made] == ["ex-0", "ex-2"]


def test_a_batch_of_events_is_one_poll_an_execution() -> None:
    # Given a wave of two servers, and a server of nobody
    world = World()
    world.start()
    polls = Polls()
    batch = [message(1, event(server_id(1))), message(2, event(server_id(2))), message(3, event(server_id(9)))]
    # When their events come together
    assert Finder(world.store, polls).batch(batch) == []
    # Then the execution is polled once, the stranger's event is ignored
    assert polls.made == [("ex-00000000000000000001", "EVENT")]


def test_events_of_other_accounts_find_their_locks() -> None:
    store = FileStore()
    key = server_lock("444455556666", "us-east-1", server_id(1))
    assert not store.acquire([key], owner="ex-7#001#A01#C001", holder="ex-7", locked_at=NOW)
    polls = Polls()
    Finder(store, polls).batch([message(1, event(server_id(1), "444455556666"))])
    assert polls.made == [("ex-7", "EVENT")]


def test_news_goes_before_a_poll_that_has_counted_along() -> None:
    polls = Polls()
    bodies = [
        {"executionId": "ex-1", "reason": "QUICK#7"},
        {"executionId": "ex-1", "reason": "AWAIT_WAVE"},
        {"executionId": "ex-2", "reason": "QUICK#7"},
        {"executionId": "ex-2", "reason": "QUICK#2"},
    ]
    Finder(FileStore(), polls).batch([message(number, body) for number, body in enumerate(bodies)])
    assert polls.made == [("ex-1", "AWAIT_WAVE"), ("ex-2", "QUICK#2")]


def test_only_the_messages_that_failed_come_again() -> None:
    polls = Polls(refused=("ex-1",))
    bodies = [{"executionId": "ex-1"}, {"executionId": "ex-2"}, {"executionId": "ex-1"}]
    records = [message(number, body) for number, body in enumerate(bodies)]
    assert Finder(FileStore(), polls).batch(records) == ["m0", "m2"]
    assert polls.made == [("ex-2", "EVENT")]


@pytest.mark.parametrize(
    "body",
    ["no JSON", "[]", {"executionId": 7}, {"executionId": "../x"}, {"resources": "arn"}, {"resources": [7, "arn:x"]}],
)
def test_what_says_nothing_is_dropped(body: Any) -> None:
    polls = Polls()
    assert Finder(FileStore(), polls).batch([message(1, body)]) == []
    assert polls.made == []
