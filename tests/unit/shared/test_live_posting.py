"""What an answer to a post means: 410 deletes, 403 never does, 429 and silence come again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.live.broadcast import AT_ONCE, Broadcast
from shared.live.changes import Change
from shared.live.posting import Outcome
from shared.live.stream import tell
from tests.unit.live_world import BROKEN, FORBIDDEN, GONE, SILENT, THROTTLED, World, refused

TOPIC, OTHER = "number:north-1", "number:north-2"


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


@pytest.fixture
def broadcast(world: World) -> Broadcast:
    return Broadcast(world.connections, world.poster)


def change(seq: int, topic: str = TOPIC) -> Change:
    return Change(topic, seq, seq - 1, {"n": seq - 1}, {"n": seq})


def record(seq: int, topic: str = TOPIC) -> dict[str, Any]:
    return {"dynamodb": {"SequenceNumber": f"{topic}-{seq}"}, "change": change(seq, topic)}


def test_messages_arrive_in_their_order(world: World) -> None:
    world.follow(TOPIC, "c1=")
    assert world.poster.post("c1=", ["1", "2", "3"]) is Outcome.DELIVERED
    assert world.gateway.posted == {"c1=": [1, 2, 3]}


def test_a_connection_that_is_gone_is_forgotten(world: World) -> None:
    # Given a connection of which the gateway knows nothing
    world.follow(TOPIC, "c1=", "c2=")
    world.gateway.answers["c1="] = [GONE]

    # When something is posted
    assert world.poster.post("c1=", ["1", "2"]) is Outcome.GONE

    # Then nothing of it is left, and it was tried once
    assert {item["pk"] for item in world.items() if "c1=" in item["pk"] + item["sk"]} == set()
    assert world.connections.followers(TOPIC) == ["c2="]
    assert world.gateway.tries == ["c1="]


@pytest.mark.parametrize("error", [FORBIDDEN, refused(413, "PayloadTooLargeException"), refused(400, "BadRequest")])
def test_what_is_our_fault_deletes_nobody(world: World, error: Exception) -> None:
    # Given a gateway that lets us post nothing
    world.follow(TOPIC, "c1=")
    before = world.items()
    world.gateway.answers["c1="] = [error] * 10

    # When something is posted, often
    outcomes = {world.poster.post("c1=", ["1"]) for _ in range(10)}

    # Then the connection stays, and it is said
    assert outcomes == {Outcome.REFUSED}
    assert world.items() == before
    assert world.said == ["a post was refused"] * 10


@pytest.mark.parametrize("error", [THROTTLED, BROKEN, SILENT])
def test_what_passes_deletes_nobody(world: World, error: Exception) -> None:
    world.follow(TOPIC, "c1=")
    before = world.items()
    world.gateway.answers["c1="] = [error]
    assert world.poster.post("c1=", ["1"]) is Outcome.LATE
    assert world.items() == before


def test_each_follower_gets_what_it_follows(world: World, broadcast: Broadcast) -> None:
    # Given followers of one topic, of the other, and of both
    world.follow(TOPIC, "c1=", "both=")
    world.follow(OTHER, "c2=")
    world.connections.follow("both=", OTHER)

    # When both topics change
    told = broadcast.tell([change(2), change(7, OTHER), change(3)])

    # Then each hears of its own, once
    seqs = {who: [(each["topic"], each["seq"]) for each in heard] for who, heard in world.gateway.posted.items()}
    assert seqs["c1="] == [(TOPIC, 3)]
    assert seqs["c2="] == [(OTHER, 7)]
    assert sorted(seqs["both="]) == [(TOPIC, 3), (OTHER, 7)]
    assert (told.outcomes[Outcome.DELIVERED], told.late) == (3, frozenset())


def test_nobody_follows(broadcast: Broadcast, world: World) -> None:
    assert broadcast.tell([change(2)]).late == frozenset()
    assert world.gateway.tries == []


def test_who_is_throttled_gets_a_second_try_after_the_others(world: World, broadcast: Broadcast) -> None:
    world.follow(TOPIC, "c1=", "c2=", "c3=")
    world.gateway.answers["c1="] = [THROTTLED]
    told = broadcast.tell([change(2)])
    assert world.gateway.tries[-1] == "c1="
    assert (told.outcomes[Outcome.DELIVERED], told.outcomes[Outcome.LATE]) == (3, 0)


def test_who_is_throttled_again_is_reported_with_its_topics(world: World, broadcast: Broadcast) -> None:
    # Given two topics, and a follower of one that is throttled for long
    world.follow(TOPIC, "c1=", "c2=")
    world.follow(OTHER, "c3=")
    world.gateway.answers["c1="] = [THROTTLED] * 9

    # When both change
    told = broadcast.tell([change(2), change(2, OTHER)])

    # Then the topic is late, two tries were made, and everybody else has heard
    assert (told.late, told.outcomes[Outcome.LATE]) == ({TOPIC}, 1)
    assert world.gateway.tries.count("c1=") == 2
    assert set(world.gateway.posted) == {"c2=", "c3="}


def test_no_more_than_so_many_posts_at_once(world: World, broadcast: Broadcast) -> None:
    # Given many followers of a slow gateway
    world.follow(TOPIC, *[f"c{number}=" for number in range(4 * AT_ONCE)])
    world.gateway.seconds = 0.01

    # When they are told
    broadcast.tell([change(2)])

    # Then some at the same time, but never too many
    assert 1 < world.gateway.busiest <= AT_ONCE
    assert len(world.gateway.posted) == 4 * AT_ONCE


def test_a_batch_that_all_have_got_is_done(world: World, broadcast: Broadcast) -> None:
    world.follow(TOPIC, "c1=")
    records = [record(2), record(3)]
    assert tell(records, lambda each: [each["change"]], broadcast) == {"batchItemFailures": []}
    assert [each["seq"] for each in world.gateway.posted["c1="]] == [3]


def test_a_batch_comes_again_from_the_first_record_that_somebody_lacks(world: World, broadcast: Broadcast) -> None:
    # Given a follower that is throttled
    world.follow(OTHER, "c1=")
    world.follow(TOPIC, "c2=")
    world.gateway.answers["c1="] = [THROTTLED] * 2
    records = [record(2), record(3, OTHER), record(3), record(4, OTHER)]

    # When the batch is told, and once more as the stream brings it
    first = tell(records, lambda each: [each["change"]], broadcast)
    assert first == {"batchItemFailures": [{"itemIdentifier": f"{OTHER}-3"}]}
    again = tell(records[1:], lambda each: [each["change"]], broadcast)

    # Then it is done, and nobody lacks anything
    assert again == {"batchItemFailures": []}
    assert world.gateway.posted["c1="][-1]["seq"] == 4
    assert [each["seq"] for each in world.gateway.posted["c2="]] == [3, 3]


def test_records_that_tell_nothing_are_done(broadcast: Broadcast) -> None:
    assert tell([record(2)], lambda _: [], broadcast) == {"batchItemFailures": []}


def test_what_was_delivered_is_counted(world: World, broadcast: Broadcast, capsys: pytest.CaptureFixture[str]) -> None:
    world.follow(TOPIC, "c1=", "c2=")
    world.gateway.answers["c2="] = [GONE]
    tell([record(2)], lambda each: [each["change"]], broadcast)
    metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [(each["LiveUpdatesDelivered"], each["LiveUpdatesGone"]) for each in metrics] == [([1.0], [1.0])]
