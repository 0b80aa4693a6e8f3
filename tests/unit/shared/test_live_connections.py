"""Connections, what they follow, and that nothing of them is left."""

from __future__ import annotations

from typing import Any

import pytest

from shared.live.connections import LIFETIME, ConnectionUnknown
from tests.unit.live_world import ANN, World

TOPIC, OTHER = "number:north-1", "number:north-2"


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


def test_who_follows_a_topic_is_found_by_it(world: World) -> None:
    # Given three connections, of which two follow
    world.follow(TOPIC, "c1=", "c2=")
    world.follow(OTHER, "c3=")

    # Then each topic has its own
    assert world.connections.followers(TOPIC) == ["c1=", "c2="]
    assert world.connections.followers(OTHER) == ["c3="]
    assert world.connections.followers("number:north-3") == []


def test_following_twice_is_following_once(world: World) -> None:
    world.follow(TOPIC, "c1=")
    world.connections.follow("c1=", TOPIC)
    assert (world.connections.followers(TOPIC), world.connections.topics("c1=")) == (["c1="], [TOPIC])


def test_a_connection_that_leaves_a_topic_follows_the_others(world: World) -> None:
    world.follow(TOPIC, "c1=")
    world.connections.follow("c1=", OTHER)
    world.connections.leave("c1=", TOPIC)
    world.connections.leave("c1=", TOPIC)
    assert (world.connections.followers(TOPIC), world.connections.topics("c1=")) == ([], [OTHER])


def test_nothing_is_left_of_a_closed_connection(world: World) -> None:
    # Given a connection that follows sixty topics, more than a page of small ones
    world.connections.open("c1=", ANN)
    for number in range(60):
        world.connections.follow("c1=", f"number:north-{number}")

    # When it is closed, and again
    world.connections.close("c1=")
    world.connections.close("c1=")

    # Then the table is empty
    assert world.items() == []


def test_who_is_gone_follows_nothing_more(world: World) -> None:
    """A subscription that meets the end of its connection must not stay behind."""
    world.connections.open("c1=", ANN)
    world.connections.close("c1=")
    with pytest.raises(ConnectionUnknown):
        world.connections.follow("c1=", TOPIC)
    with pytest.raises(ConnectionUnknown):
        world.connections.holder("c1=")
    assert world.items() == []


def test_a_connection_whose_end_nobody_told_is_forgotten(world: World) -> None:
    world.follow(TOPIC, "c1=")
    world.clock.pass_by(seconds=LIFETIME.total_seconds() - 1)
    assert world.connections.followers(TOPIC) == ["c1="]
    world.clock.pass_by(seconds=2)
    assert world.connections.followers(TOPIC) == []
    assert all(item["expiresAt"] <= world.clock().timestamp() for item in world.items())


def test_a_connection_knows_its_holder(world: World) -> None:
    world.connections.open("c1=", ANN)
    assert world.connections.holder("c1=") == ANN


def test_pages_of_followers_are_followed(world: World) -> None:
    """A page of a Query has 1 MB; the answer says that there are more."""
    pages = [
        {"Items": [{"sk": {"S": f"CONNECTION#c{page}"}, "expiresAt": {"N": "9999999999"}}]}
        | ({"LastEvaluatedKey": {"pk": {"S": str(page)}}} if page < 3 else {})
        for page in (1, 2, 3)
    ]

    class Table:
        def query(self, **asked: Any) -> Any:
            start = asked.get("ExclusiveStartKey", {}).get("pk", {}).get("S", "0")
            return pages[int(start)]

    connections = type(world.connections)(Table(), "live", world.clock)
    assert connections.followers(TOPIC) == ["c1", "c2", "c3"]
