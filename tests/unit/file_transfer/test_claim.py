"""Claims under any order of messages, crashes and duplicates: one worker writes at a time, and every transfer ends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from file_transfer.intake.judgement import Case
from file_transfer.intake.source import Source
from file_transfer.intake.taking import Intake
from file_transfer.records import claim
from file_transfer.records.claim import Claimant, Verdict, decide
from file_transfer.records.identity import StatusKey
from file_transfer.records.status_store import Item
from file_transfer.workflows.arrival import Arrival
from file_transfer.workflows.targets import Target
from shared.clock import stamp
from tests.unit.given import ARCHIVE, NOW, SETTINGS, TickingClock, record, retry_message, s3_event

LATER, EARLIER = "2025-06-28T22:05:00.000000Z", "2025-06-28T22:00:00.000000Z"


@pytest.mark.parametrize(
    ("existing", "message", "receives", "expected", "exhausted"),
    [
        (None, "m1", 1, Verdict.CREATE, False),
        ({"status": "SUCCESS"}, "m1", 1, Verdict.DROP, False),
        ({"status": "REJECTED"}, "m1", 9, Verdict.DROP, False),
        ({"status": "IN_PROGRESS", "leaseOwner": "m1", "leaseUntil": LATER}, "m2", 1, Verdict.DROP, False),
        ({"status": "IN_PROGRESS", "leaseOwner": "m1", "leaseUntil": LATER}, "m1", 2, Verdict.TAKE_OVER, False),
        ({"status": "IN_PROGRESS", "leaseOwner": "m1", "leaseUntil": EARLIER}, "m2", 1, Verdict.TAKE_OVER, False),
        ({"status": "IN_PROGRESS", "leaseOwner": "m1", "leaseUntil": LATER}, "m1", 5, Verdict.TAKE_OVER, True),
        ({"status": "IN_PROGRESS", "leaseOwner": "m1", "takeovers": ["x"] * 4}, "m2", 1, Verdict.TAKE_OVER, True),
        ({"status": "RETRYING", "nextAttemptAt": EARLIER}, "m1", 1, Verdict.RECLAIM, False),
        ({"status": "RETRYING"}, "m1", 1, Verdict.RECLAIM, False),
        ({"status": "RETRYING", "nextAttemptAt": LATER}, "m1", 1, Verdict.WAIT, False),
    ],
)
def test_the_item_met_decides(
    existing: dict[str, Any] | None, message: str, receives: int, expected: Verdict, exhausted: bool
) -> None:
    decision = decide(existing, Claimant(message, receives), NOW, max_receives=5)
    assert (decision.verdict, decision.exhausted) == (expected, exhausted)


@pytest.mark.parametrize("status", ["REJECTED", "IN_PROGRESS"])
@pytest.mark.parametrize(("vouches", "expected"), [(True, Verdict.REPLACE), (False, Verdict.DROP)])
def test_a_whole_upload_takes_back_that_it_failed(status: str, vouches: bool, expected: Verdict) -> None:
    existing = {"status": status, "leaseOwner": "m1", "leaseUntil": LATER, "review": {"uploadFailed": True}}
    assert decide(existing, Claimant("m2", vouches=vouches), NOW, 5).verdict is expected


def test_a_wait_is_as_long_as_sqs_allows() -> None:
    existing = {"status": "RETRYING", "nextAttemptAt": "2025-06-29T22:00:00.000000Z"}
    assert decide(existing, Claimant("m1"), NOW, 5).delay_seconds == claim.MAX_DELAY_SECONDS


class FakeStore:
    """The status table for one transfer, with the conditions that file_transfer.records.status_store writes."""

    def __init__(self) -> None:
        self.item: Item = {}

    def put_new(self, item: Item) -> tuple[bool, Item]:
        if self.item:
            return False, dict(self.item)
        self.item = dict(item)
        return True, {}

    def claim_retry(self, key: StatusKey, attempt: int, owner: str, now: datetime) -> tuple[bool, Item]:
        soon = claim.lease_until(now, claim.EARLY_SECONDS)
        seen = self.item.get("attempt") == attempt and self.item.get("status") == "RETRYING"
        if not seen or self.item.get("nextAttemptAt", "") > soon:
            return False, dict(self.item)
        self._lease(owner, now)
        self.item.pop("nextAttemptAt", None)
        return True, dict(self.item)

    def reclaim(self, existing: Mapping[str, Any], owner: str, now: datetime) -> tuple[bool, Item]:
        return self.claim_retry(StatusKey(existing["PK"], existing["SK"]), existing["attempt"], owner, now)

    def take_over(self, existing: Mapping[str, Any], owner: str, now: datetime) -> tuple[bool, Item]:
        if self.item["attempt"] != existing["attempt"] or self.item["status"] != "IN_PROGRESS":
            return False, dict(self.item)
        self._lease(owner, now)
        self.item["takeovers"] = [*self.item.get("takeovers", []), stamp(now)]
        return True, dict(self.item)

    def count_duplicate(self, existing: Mapping[str, Any], now: datetime) -> None:
        self.item |= {"duplicates": self.item.get("duplicates", 0) + 1, "revision": self.item["revision"] + 1}

    def find_version(self, partition: str, identity: str, etag: str) -> Item | None:
        return dict(self.item) or None

    def settle(self, transfer: Mapping[str, Any], changes: Item) -> bool:
        """The state machine's write, under the fence."""
        if self.item["attempt"] != transfer["attempt"] or self.item["status"] != "IN_PROGRESS":
            return False
        self.item |= {**changes, "revision": self.item["revision"] + 1}
        return True

    def _lease(self, owner: str, now: datetime) -> None:
        until = claim.lease_until(now, SETTINGS.lease_seconds)
        attempt = self.item["attempt"] + 1
        self.item |= {"status": "IN_PROGRESS", "attempt": attempt, "leaseUntil": until, "leaseOwner": owner}


class FixedWorld:
    """One upload with one target; the sources and the rules always say the same."""

    def find(self, _arrival: Arrival) -> Source:
        return Source("v1", "e1", EARLIER, 7)

    def judge(self, _arrival: Arrival, _source: Source | None, _denial: str = "") -> Case:
        return Case("bankpacific", None, None, [Target("s3", "S3", ARCHIVE, "k", f"s3://{ARCHIVE}/k")])


class Queue:
    """SQS: a message comes back until it is acknowledged, and its receives are counted."""

    def __init__(self) -> None:
        self.messages: dict[str, Any] = {}
        self.receives: dict[str, int] = {}
        self.sent = 0

    def send(self, body: Any) -> None:
        self.sent += 1
        self.messages[f"m{self.sent}"] = body
        self.receives[f"m{self.sent}"] = 0

    def receive(self, choice: int) -> tuple[str, Any]:
        message_id = sorted(self.messages)[choice % len(self.messages)]
        self.receives[message_id] += 1
        return message_id, self.messages[message_id]

    def acknowledge(self, message_id: str) -> None:
        self.messages.pop(message_id, None)


class Machine:
    """Workers as the state machine runs them: take, copy, settle, send the retry, acknowledge. Any may die between."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.clock = TickingClock()
        self.queue = Queue()
        world: Any = FixedWorld()
        self.intake = Intake(SETTINGS, world, world, self.store, self.clock, world)
        self.workers: list[tuple[str, dict[str, Any]]] = []
        self.terminal: list[str] = []
        self.copied = False

    def start(self, choice: int) -> None:
        """A worker takes a message."""
        if not self.queue.messages:
            return
        message_id, body = self.queue.receive(choice)
        answer = self.intake.take(record(body, message_id, self.queue.receives[message_id]))
        if answer["action"] == "DROP":
            self.queue.acknowledge(message_id)
        elif answer["action"] == "WAIT":
            self.queue.send(retry_message(answer["transfer"]))
            self.queue.acknowledge(message_id)
        else:
            self.workers.append((message_id, answer))

    def finish(self, choice: int, fails: bool, dies_after_settle: bool) -> None:
        """A worker copies and settles; it may die before it sends the retry and acknowledges."""
        if not self.workers:
            return
        message_id, answer = self.workers.pop(choice % len(self.workers))
        transfer = answer["transfer"]
        if answer["action"] == "REVIEW":
            changes = {"status": answer["status"]}
        elif not fails:
            self.copied = True
            changes = {"status": "SUCCESS", "targets": {"s3": {"state": "SUCCEEDED", "attempts": 1}}}
        elif transfer["retryCount"] >= transfer["maxRetries"]:
            changes = {"status": "FAILED"}
        else:
            due = TickingClock(self.clock())
            due.forward(5)
            changes = {"status": "RETRYING", "retryCount": transfer["retryCount"] + 1, "nextAttemptAt": stamp(due())}
        if self.store.settle(transfer, changes):
            if changes["status"] != "RETRYING":
                self.terminal.append(changes["status"])
            elif not dies_after_settle:
                self.queue.send(retry_message(transfer))
            if not dies_after_settle:
                self.queue.acknowledge(message_id)
        # A lost fence is not acknowledged: the message comes back and meets what the other worker made of it.

    def die(self, choice: int) -> None:
        if self.workers:
            self.workers.pop(choice % len(self.workers))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["start", "finish", "die", "time", "event"]),
        st.integers(0, 7),
        st.booleans(),
        st.booleans(),
        st.sampled_from([1, 6, 200, 400]),
    ),
    max_size=60,
)


@given(STEPS)
@settings(max_examples=400, deadline=None)
def test_any_run_ends_once(steps: list[tuple[str, int, bool, bool, int]]) -> None:
    # Given an upload, reported twice
    machine = Machine()
    machine.queue.send(s3_event())
    machine.queue.send(s3_event())
    # When workers start, stop, die and overtake each other in any order
    for kind, choice, fails, dies, seconds in steps:
        if kind == "start":
            machine.start(choice)
        elif kind == "finish":
            machine.finish(choice, fails, dies)
        elif kind == "die":
            machine.die(choice)
        elif kind == "time":
            machine.clock.forward(seconds)
        else:
            machine.queue.send(s3_event())
        assert len(machine.terminal) <= 1
    # And the faults stop; who was at work is past the five minutes an execution may last
    machine.workers.clear()
    for _ in range(200):
        machine.clock.forward(400)
        machine.start(0)
        machine.finish(0, fails=False, dies_after_settle=False)
        if not machine.queue.messages and not machine.workers:
            break
    # Then there is one final status, nothing is stuck, and success was a copy
    assert len(machine.terminal) == 1
    assert machine.store.item["status"] == machine.terminal[0]
    assert machine.queue.messages == {}
    assert machine.terminal[0] in ("SUCCESS", "FAILED")
    assert machine.terminal[0] == "FAILED" or machine.copied
