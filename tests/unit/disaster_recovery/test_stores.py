"""What a store promises, held against DynamoDB (moto) and against the file alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from disaster_recovery.errors import LostRace
from disaster_recovery.records.dynamo_store import DynamoStore
from disaster_recovery.records.execution import (
    AccountPart,
    Action,
    Counts,
    Decision,
    Execution,
    FrozenPlan,
    Intent,
    Pause,
    Request,
    Server,
    Wave,
)
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.records.history import TaskToken, Termination, event_of, plan_lock, server_lock
from disaster_recovery.records.record import changed
from disaster_recovery.records.statuses import ExecutionStatus, LaunchStatus
from disaster_recovery.records.store import Store
from tests.unit.disaster_recovery.moto_history import TABLE, create_history_table

NOW = "2026-01-02T03:04:05.000000Z"


@pytest.fixture(params=["dynamodb", "memory", "file"])
def store(request: pytest.FixtureRequest, moto_client: Any, tmp_path: Path) -> Store:
    if request.param == "dynamodb":
        dynamodb_backends.reset()
        create_history_table(moto_client)
        return DynamoStore(moto_client, TABLE)
    return FileStore(tmp_path / "history.json" if request.param == "file" else None)


def execution(number: int = 1, **changes: Any) -> Execution:
    return Execution(
        execution_id=f"ex-{number:04d}",
        **{
            "plan_id": "rp-1",
            "plan_name": "shop",
            "started_at": f"2026-01-02T03:04:{number:02d}.000000Z",
            "account": AccountPart(account_id="111122223333", region="us-east-1"),
            **changes,
        },
    )


def create(store: Store, servers: int = 2) -> Execution:
    started = execution(counts=Counts(servers=servers))
    members = [
        Server(execution_id=started.execution_id, wave_number=1, source_server_id=f"s-{number:017d}")
        for number in range(servers)
    ]
    assert store.create(
        started,
        event_of(started, "EXECUTION_STARTED", NOW, "started by alice", actor="alice", data={"servers": servers}),
        FrozenPlan(
            execution_id=started.execution_id, document={"name": "shop", "waves": [{"name": "a"}]}, plan_hash="h"
        ),
        [Wave(execution_id=started.execution_id, wave_number=1, name="a")],
        members,
    )
    return started


def test_an_execution_comes_back_as_it_was_written(store: Store) -> None:
    # Given an execution with every kind of part
    decision = Decision(next="START", kind="PAUSE", at=NOW, by="bob", comment="go")
    pause = Pause(pause_id="p-1", wave_number=2, reason="WAVE_FAILED", since=NOW, deadline=NOW, decision=decision)
    whole = execution(pause=pause, cancel_requested=Request(by="bob", at=NOW), counts=Counts(servers=3, launched=1))
    # When it is saved and read
    assert store.save(whole)
    # Then nothing is lost or changed
    assert store.execution(whole.execution_id) == whole


@pytest.mark.parametrize(
    "record",
    [
        Intent(execution_id="ex-1", wave_number=1, attempt=1, chunk=2, source_server_ids=("s-1", "s-2"), sends=1),
        Action(execution_id="ex-1", wave_number=1, phase="PRE", number=1, result={"status": 200}),
        Termination(execution_id="ex-1", termination_status="TERMINATED", started_at=NOW),
        Termination(execution_id="ex-1", status="TERMINATING", instance_ids=("i-1",), started_at=NOW),
        TaskToken(execution_id="ex-1", token="t", kind="WAVE", wave_number=3),
        Server(execution_id="ex-1", wave_number=1, source_server_id="s-1", launch_settings={"copyTags": True}),
    ],
)
def test_every_record_comes_back_as_it_was_written(store: Store, record: Any) -> None:
    assert store.save(record)
    assert type(record).from_item(store.read([record.key])[record.key]) == record


def test_a_new_execution_is_there_with_all_its_records(store: Store) -> None:
    # When an execution with more servers than a transaction takes is created
    started = create(store, servers=120)
    # Then all of it can be read, in order
    assert store.execution(started.execution_id) == started
    assert [server.source_server_id for server in store.servers(started.execution_id, 1)] == [
        f"s-{number:017d}" for number in range(120)
    ]
    assert [wave.name for wave in store.waves(started.execution_id)] == ["a"]
    assert [event.kind for event in store.events(started.execution_id)] == ["EXECUTION_STARTED"]
    frozen = store.plan(started.execution_id)
    assert frozen and frozen.document["waves"] == [{"name": "a"}]


def test_a_creation_that_died_halfway_can_be_repeated_but_not_an_execution(store: Store) -> None:
    # Given a creation that died after its wave and a server
    assert store.save(Wave(execution_id="ex-0001", wave_number=1, name="a"))
    assert store.save(Server(execution_id="ex-0001", wave_number=1, source_server_id="s-00000000000000000"))
    # When it is repeated, it completes; a second time there is nothing to create
    started = create(store)
    assert len(store.servers(started.execution_id)) == 2
    frozen = FrozenPlan(execution_id=started.execution_id, document={}, plan_hash="")
    assert not store.create(started, event_of(started, "EXECUTION_STARTED", NOW, ""), frozen, [], [])


def test_what_was_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    # Given two workers that read the same execution and wave
    started = create(store)
    wave = store.wave(started.execution_id, 1)
    assert wave
    # When both write
    first = changed(started, status=ExecutionStatus.INITIATED)
    assert store.transition(first, event_of(first, "INITIATED", NOW, "initiated"))
    second = changed(started, status=ExecutionStatus.FAILED)
    # Then the second one loses, with all that it wanted to write
    assert not store.transition(second, event_of(second, "FAILED", NOW, "failed"), changed(wave, attempt=2))
    assert store.execution(started.execution_id) == first
    assert store.wave(started.execution_id, 1) == wave
    with pytest.raises(LostRace):
        store.save_or_lose(second)


def test_the_timeline_can_be_read_from_where_it_was_left(store: Store) -> None:
    current = create(store)
    for kind in ("A", "B", "C"):
        current = changed(current)
        assert store.transition(current, event_of(current, kind, NOW, kind))
    assert [event.kind for event in store.events(current.execution_id, after=2)] == ["B", "C"]


def test_an_event_must_belong_to_the_revision(store: Store) -> None:
    started = create(store)
    with pytest.raises(ValueError):
        store.transition(changed(started), event_of(started, "A", NOW, ""))


def test_records_of_one_wave_are_not_those_of_another(store: Store) -> None:
    for wave_number in (1, 2):
        assert store.save(
            Intent(execution_id="ex-1", wave_number=wave_number, attempt=1, chunk=1, source_server_ids=("s-1",)),
            Action(execution_id="ex-1", wave_number=wave_number, phase="PRE", number=1),
            Action(execution_id="ex-1", wave_number=wave_number, phase="POST", number=1),
        )
    assert [intent.wave_number for intent in store.intents("ex-1", 2)] == [2]
    assert len(store.intents("ex-1")) == 2
    assert [(action.wave_number, action.phase) for action in store.actions("ex-1", 1, "POST")] == [(1, "POST")]


def test_executions_are_listed_by_status_page_by_page(store: Store) -> None:
    # Given five paused executions, one that runs, and a termination
    for number in range(5):
        assert store.save(execution(number, status=ExecutionStatus.PAUSED))
    assert store.save(execution(9, status=ExecutionStatus.POLLING))
    assert store.save(Termination(execution_id="ex-0009", status="TERMINATING", started_at=NOW))
    # When the paused ones are read in pages of two
    pages, cursor = [], None
    while True:
        page = store.by_status("PAUSED", limit=2, cursor=cursor)
        pages.append([item["executionId"] for item in page.items])
        cursor = page.cursor
        if cursor is None:
            break
    # Then each comes once, newest first, with what a list shows
    assert [each for page in pages for each in page] == ["ex-0004", "ex-0003", "ex-0002", "ex-0001", "ex-0000"]
    (item,) = store.by_status("POLLING").items
    assert item["planName"] == "shop" and "revision" not in item
    assert [item["record"] for item in store.by_status("TERMINATING").items] == ["TERMINATION#01"]


def test_a_cursor_of_another_list_is_refused(store: Store) -> None:
    for cursor in ({"status": "PAUSED"}, {"executionId": "e", "record": "EXECUTION", "status": "X", "startedAt": NOW}):
        with pytest.raises(ValueError):
            store.by_status("PAUSED", cursor=cursor)


def test_a_name_is_claimed_once(store: Store) -> None:
    assert store.claim("alice#k1", "ex-1") == "ex-1"
    assert store.claim("alice#k1", "ex-2") == "ex-1"


def test_locks_are_taken_all_or_none_and_the_fence_grows(store: Store) -> None:
    # Given two servers, one of which another execution holds
    one, two = server_lock("1", "r", "s-1"), server_lock("1", "r", "s-2")
    assert not store.acquire([two], owner="other", holder="ex-2", locked_at=NOW)
    # When both are wanted, neither is taken and the one in the way is named
    in_the_way = store.acquire([one, two], owner="me", holder="ex-1", locked_at=NOW)
    assert {key: lock.holder for key, lock in in_the_way.items()} == {two: "ex-2"}
    assert store.locks([one]) == {}
    # When the other one lets go, both are ours, also when we ask twice
    store.release([two], owner="me")
    assert store.locks([two])[two].owner == "other"
    store.release([two], owner="other")
    fence = store.locks([two])[two].fence
    for _ in range(2):
        assert not store.acquire([one, two], owner="me", holder="ex-1", locked_at=NOW)
    assert store.locks([two])[two].fence == fence + 1


def test_a_lock_says_which_job_it_is_held_for(store: Store) -> None:
    key = plan_lock("rp-1")
    store.acquire([key], owner="me", holder="ex-1", locked_at=NOW)
    store.note_job([key], owner="someone", job_id="drsjob-0")
    store.note_job([key], owner="me", job_id="drsjob-1")
    assert store.locks([key])[key].job_id == "drsjob-1"
    store.release([key], owner="me")
    assert store.locks([key])[key].job_id is None


def test_a_lock_can_be_taken_from_an_owner_that_is_gone(store: Store) -> None:
    key = plan_lock("rp-1")
    store.acquire([key], owner="dead", holder="ex-1", locked_at=NOW)
    assert store.acquire([key], owner="me", holder="ex-2", locked_at=NOW)
    assert not store.acquire([key], owner="me", holder="ex-2", locked_at=NOW, take_from=["dead"])


def test_many_servers_are_saved_in_batches(store: Store) -> None:
    started = create(store, servers=110)
    servers = store.servers(started.execution_id)
    store.save_in_batches([changed(server, launch_status=LaunchStatus.LAUNCHED) for server in servers])
    assert {server.launch_status for server in store.servers(started.execution_id)} == {"LAUNCHED"}
    with pytest.raises(LostRace):
        store.save_in_batches([changed(server) for server in servers])


def test_a_file_is_taken_up_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    started = create(FileStore(path))
    again = FileStore(path)
    assert again.execution(started.execution_id) == started
    assert len(again.servers(started.execution_id)) == 2


def test_records_expire_after_their_execution_not_while_it_waits(moto_client: Any) -> None:
    # Given an execution with more records than a transaction takes
    dynamodb_backends.reset()
    create_history_table(moto_client)
    store = DynamoStore(moto_client, TABLE, retention_days=30)
    started = create(store, servers=120)
    assert store.acquire([plan_lock("rp-1")], owner="me", holder="ex-1", locked_at=NOW) == {}
    store.claim("key", "ex-1")

    def expiring() -> set[str]:
        items = moto_client.scan(TableName=TABLE)["Items"]
        return {item["record"]["S"].split("#")[0] for item in items if "expiresAt" in item}

    # While it runs nothing of it expires, for it may wait for longer than records are kept
    assert expiring() == {"CLAIM"}
    # When it is over, all of it does, and locks stay
    assert store.expire(started.execution_id)
    assert expiring() == {"CLAIM", "EXECUTION", "EVENT", "PLAN", "SERVER", "WAVE"}
    # And a record is what it was
    assert store.execution(started.execution_id) == started
    assert store.save(changed(started, status=ExecutionStatus.COMPLETED))


def test_without_a_retention_nothing_expires(moto_client: Any) -> None:
    dynamodb_backends.reset()
    create_history_table(moto_client)
    store = DynamoStore(moto_client, TABLE)
    started = create(store)
    assert not store.expire(started.execution_id)
    assert not [item for item in moto_client.scan(TableName=TABLE)["Items"] if "expiresAt" in item]


def test_a_token_is_not_shown() -> None:
    assert "secret" not in repr(TaskToken(execution_id="ex-1", token="secret", kind="WAVE"))
