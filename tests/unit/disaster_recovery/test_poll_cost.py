"""What a poll costs over DynamoDB: calls are counted, since each takes its milliseconds of the poller's two minutes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from disaster_recovery.records.dynamo_store import DynamoStore
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.record import Item, Key, Record
from tests.unit.disaster_recovery.moto_history import TABLE, create_history_table
from tests.unit.disaster_recovery.recovery_world import SWITCH, World


@pytest.fixture
def calls(moto_client: Any) -> Iterator[Counter[str]]:
    """Calls of DynamoDB by operation."""
    counted: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        counted[model.name] += 1

    moto_client.meta.events.register("before-call.dynamodb", count)
    yield counted
    moto_client.meta.events.unregister("before-call.dynamodb", count)


@pytest.fixture
def world(moto_client: Any) -> World:
    """A wave of 100 servers in one job, on its way, in DynamoDB."""
    dynamodb_backends.reset()
    create_history_table(moto_client)
    world = World(waves=[range(1, 101)], store=DynamoStore(moto_client, TABLE))
    assert world.start() == {"started": 100, "waiting": 0}
    world.wait_for()
    return world


def test_a_poll_that_finds_nothing_new_reads_a_handful_of_items(world: World, calls: Counter[str]) -> None:
    world.later(60)
    world.poll()
    calls.clear()
    SWITCH.calls = []
    world.poll()
    assert SWITCH.calls == ["DescribeJobs"]
    assert calls["TransactWriteItems"] == 0
    assert sum(calls.values()) <= 8


def test_a_hundred_servers_that_settle_at_once_are_a_few_transactions(world: World, calls: Counter[str]) -> None:
    # Given a job whose servers have all launched since the last poll
    world.later(5000)
    SWITCH.calls = []
    # When one poll comes
    world.poll()
    # Then the wave is settled and answered: servers, wave and intent, locks, judgement, token, outbox
    assert world.machine.answers == [{"next": "NEXT"}]
    assert set(world.states()) == {"LAUNCHED"}
    assert world.owners() == set()
    assert calls["TransactWriteItems"] <= 7
    assert sum(calls.values()) <= 45
    assert SWITCH.calls == ["DescribeJobs", "DescribeRecoveryInstances"]


class CountingStore(FileStore):
    """Counts what would be calls of DynamoDB."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        self.calls["read"] += 1 + max(len(keys) - 1, 0) // 100
        return super().read(keys)

    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        self.calls["query"] += 1
        return super().query(partition, prefix, after)

    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        self.calls["write"] += 1
        return super().write(records, unchanged)


def test_a_wave_of_five_hundred_servers_is_started_with_few_calls() -> None:
    store = CountingStore()
    world = World(waves=[range(1, 501)], store=store)
    store.calls.clear()
    assert world.start() == {"started": 500, "waiting": 0}
    assert SWITCH.calls == ["DescribeJobs", *["StartRecovery"] * 5]
    assert sum(store.calls.values()) <= 90


def test_five_hundred_servers_settle_in_one_poll() -> None:
    store = CountingStore()
    world = World(waves=[range(1, 501)], store=store)
    world.start()
    world.wait_for()
    world.later(9000)
    store.calls.clear()
    SWITCH.calls = []
    world.poll()
    assert world.machine.answers == [{"next": "NEXT"}]
    assert SWITCH.calls.count("DescribeJobs") == 1
    assert store.calls["write"] <= 15
    assert sum(store.calls.values()) <= 60
