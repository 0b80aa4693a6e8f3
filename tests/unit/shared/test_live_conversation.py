"""What clients can say, and what they hear."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.live.connections import MAX_TOPICS
from shared.live.conversation import Conversation
from shared.live.tickets import Holder
from shared.live.topics import Snapshot
from tests.unit.live_world import ANN, GONE, THROTTLED, World

TOPIC = "number:north-1"


@pytest.fixture
def world(dynamodb: Any) -> World:
    made = World(dynamodb)
    made.topics.values["north-1"] = (4, {"n": 4})
    made.topics.values["south-1"] = (9, {"n": 9})
    return made


def conversation(world: World) -> Conversation:
    return Conversation(world.connections, world.poster, world.topics)


def event(kind: str, body: Any = None, who: Holder | None = ANN) -> dict[str, Any]:
    authorizer = {"authorizer": {"holder": json.dumps(who.attributes())}} if who else {}
    text = body if isinstance(body, str) else json.dumps(body)
    return {"requestContext": {"connectionId": "c1=", "eventType": kind, **authorizer}, "body": text}


def connect(world: World, who: Holder | None = ANN) -> int:
    return int(conversation(world).handle(event("CONNECT", who=who))["statusCode"])


def say(world: World, body: Any) -> Any:
    """The answer to a message."""
    assert conversation(world).handle(event("MESSAGE", body)) == {"statusCode": 200}
    return world.gateway.posted["c1="][-1]


def test_nothing_is_posted_while_a_client_connects(world: World) -> None:
    assert connect(world) == 200
    assert world.connections.holder("c1=") == ANN
    assert world.gateway.tries == []


def test_a_connection_that_no_authorizer_has_seen_is_refused(world: World) -> None:
    assert connect(world, who=None) == 401
    assert world.items() == []


def test_who_subscribes_gets_a_snapshot_with_its_number(world: World) -> None:
    connect(world)
    heard = say(world, {"action": "subscribe", "topic": TOPIC})
    assert heard == {"type": "snapshot", "topic": TOPIC, "seq": 4, "data": {"n": 4}}
    assert world.connections.followers(TOPIC) == ["c1="]


def test_the_subscription_is_there_before_the_snapshot_is_read(world: World) -> None:
    """What changes in between is told as a delta: the other way round it would be lost."""
    connect(world)
    seen: list[list[str]] = []

    def snapshot(kind: str, name: str) -> Snapshot:
        seen.append(world.connections.followers(f"{kind}:{name}"))
        return Snapshot(1, {})

    world.topics.snapshot = snapshot  # type: ignore[method-assign]
    say(world, {"action": "subscribe", "topic": TOPIC})
    assert seen == [["c1="]]


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("number:south-1", "NO_SUCH_TOPIC"),
        ("number:north-9", "NO_SUCH_TOPIC"),
        ("letter:a", "NO_SUCH_TOPIC"),
        ("number", "NO_SUCH_TOPIC"),
        ("number:" + "x" * 500, "NO_SUCH_TOPIC"),
        ("number:a b", "NO_SUCH_TOPIC"),
        (None, "NO_SUCH_TOPIC"),
        (7, "NO_SUCH_TOPIC"),
        ({"a": 1}, "NO_SUCH_TOPIC"),
    ],
)
def test_what_is_not_theirs_is_refused_like_what_is_not_there(world: World, topic: Any, code: str) -> None:
    connect(world)
    heard = say(world, {"action": "subscribe", "topic": topic})
    assert (heard["type"], heard["code"]) == ("error", code)
    assert world.connections.topics("c1=") == []
    assert world.topics.asked == []


def test_another_tenant_s_topic_and_none_are_refused_in_the_same_words(world: World) -> None:
    connect(world)
    theirs = say(world, {"action": "subscribe", "topic": "number:south-1"})
    none = say(world, {"action": "subscribe", "topic": "number:north-9"})
    assert theirs["message"].replace("south-1", "x") == none["message"].replace("north-9", "x")


def test_following_needs_a_permission(world: World) -> None:
    connect(world, Holder("user:bob"))
    assert say(world, {"action": "subscribe", "topic": TOPIC})["code"] == "FORBIDDEN"


def test_a_connection_follows_so_many_topics(world: World) -> None:
    # Given a connection that follows as many as it may
    connect(world)
    for number in range(MAX_TOPICS):
        world.topics.values[f"north-x{number}"] = (1, {})
        world.connections.follow("c1=", f"number:north-x{number}")

    # Then it may follow one of them again, and no further one
    assert say(world, {"action": "subscribe", "topic": "number:north-x3"})["type"] == "snapshot"
    assert say(world, {"action": "subscribe", "topic": TOPIC})["code"] == "TOO_MANY_TOPICS"


def test_who_unsubscribes_follows_no_more(world: World) -> None:
    connect(world)
    say(world, {"action": "subscribe", "topic": TOPIC})
    assert say(world, {"action": "unsubscribe", "topic": TOPIC}) == {"type": "unsubscribed", "topic": TOPIC}
    assert world.connections.followers(TOPIC) == []


def test_a_ping_is_answered(world: World) -> None:
    connect(world)
    assert say(world, {"action": "ping"}) == {"type": "pong"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("no json", "NOT_JSON"),
        ("", "NOT_JSON"),
        ([], "NOT_JSON"),
        ("[" * 100_000, "NOT_JSON"),
        ({}, "UNKNOWN_ACTION"),
        ({"action": "delete"}, "UNKNOWN_ACTION"),
        ({"action": ["ping"]}, "UNKNOWN_ACTION"),
    ],
)
def test_what_nobody_understands_is_answered(world: World, body: Any, code: str) -> None:
    connect(world)
    heard = say(world, body)
    assert (heard["type"], heard["code"]) == ("error", code)


def test_who_was_forgotten_is_told_to_connect_again(world: World) -> None:
    assert say(world, {"action": "subscribe", "topic": TOPIC})["code"] == "CONNECTION_UNKNOWN"


def test_nothing_is_left_of_a_client_that_is_gone(world: World) -> None:
    connect(world)
    say(world, {"action": "subscribe", "topic": TOPIC})
    assert conversation(world).handle(event("DISCONNECT")) == {"statusCode": 200}
    assert world.items() == []


def test_a_client_that_is_gone_before_its_answer_is_forgotten(world: World) -> None:
    connect(world)
    world.gateway.answers["c1="] = [GONE]
    assert conversation(world).handle(event("MESSAGE", {"action": "subscribe", "topic": TOPIC})) == {"statusCode": 200}
    assert world.items() == []


def test_an_answer_that_could_not_be_sent_is_a_failure(world: World) -> None:
    connect(world)
    world.gateway.answers["c1="] = [THROTTLED]
    assert conversation(world).handle(event("MESSAGE", {"action": "ping"})) == {"statusCode": 503}
