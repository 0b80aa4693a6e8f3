"""A client knows how things stand, or knows that it does not."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.live import messages
from shared.live.changes import Change, coalesced
from shared.live.following import Following, News
from shared.live.topics import Snapshot

TOPIC, LIST = "number:1", "numbers:north"


def snapshot(seq: int, data: dict[str, Any]) -> Any:
    return json.loads(messages.snapshot(TOPIC, Snapshot(seq, data)))


def delta(seq: int, previous: int, **data: Any) -> Any:
    return json.loads(messages.delta(TOPIC, seq, previous, data))


def kinds(news: list[News]) -> list[tuple[str, int]]:
    return [(each.kind, each.seq) for each in news]


def test_a_delta_changes_what_the_snapshot_said() -> None:
    client = Following()
    client.take(snapshot(3, {"status": "RUNNING", "step": "A"}))
    (news,) = client.take(delta(4, 3, status="FAILED", step=None))
    assert (news.kind, news.seq, news.data) == ("state", 4, {"status": "FAILED"})


def test_a_missing_number_is_seen_and_a_snapshot_heals_it() -> None:
    # Given a client at 3
    client = Following()
    client.take(snapshot(3, {"n": 3}))

    # When 4 is lost
    assert kinds(client.take(delta(5, 4, n=5))) == [("gap", 5)]

    # Then it stays seen until a snapshot comes
    assert kinds(client.take(delta(6, 5, n=6))) == [("gap", 6)]
    assert kinds(client.take(snapshot(6, {"n": 6}))) == [("state", 6)]
    assert kinds(client.take(delta(7, 6, n=7))) == [("state", 7)]


def test_what_is_known_is_no_news() -> None:
    client = Following()
    client.take(snapshot(3, {"n": 3}))
    assert client.take(delta(3, 2, n=3)) == []
    assert client.take(delta(2, 1, n=2)) == []
    assert client.take(snapshot(3, {"n": 3})) == []


def test_a_patch_over_more_than_is_missing_is_a_gap() -> None:
    """It was made for another base: what went to and fro in between is not in it."""
    client = Following()
    client.take(snapshot(4, {"n": 4}))
    assert kinds(client.take(delta(5, 2, n=5))) == [("gap", 5)]


def test_deltas_that_overtake_the_snapshot_wait_for_it() -> None:
    client = Following()
    assert client.take(delta(4, 3, n=4)) == []
    assert client.take(delta(5, 4, n=5)) == []
    assert kinds(client.take(snapshot(3, {"n": 3}))) == [("state", 3), ("state", 4), ("state", 5)]


def test_what_did_not_fit_is_read_elsewhere() -> None:
    client = Following()
    large = {"text": "x" * 40_000}
    assert kinds(client.take(json.loads(messages.snapshot(TOPIC, Snapshot(3, large))))) == [("gap", 3)]
    assert kinds(client.take(json.loads(messages.delta(TOPIC, 4, 3, large)))) == [("gap", 4)]


def test_things_of_a_list_have_numbers_of_their_own() -> None:
    # Given a list of two
    client = Following()
    items = [{"key": "a", "seq": 3, "data": {"n": 3}}, {"key": "b", "seq": 8, "data": {"n": 8}}]
    first = client.take(json.loads(messages.snapshot(LIST, Snapshot(0, {"items": items}))))
    assert [(each.key, each.seq) for each in first] == [("a", 3), ("b", 8)]

    # When one changes, far ahead, and one is new
    def among(key: str, seq: int, previous: int) -> list[News]:
        return client.take(json.loads(Change(LIST, seq, previous, {}, {"n": seq}, key).message()))

    # Then both are told whole, and what is older than what is known is no news
    assert [(each.key, each.seq, each.data) for each in among("a", 7, 6)] == [("a", 7, {"n": 7})]
    assert [(each.key, each.seq) for each in among("c", 1, 0)] == [("c", 1)]
    assert among("b", 7, 6) == []
    late = client.take(json.loads(messages.snapshot(LIST, Snapshot(0, {"items": items}))))
    assert late == []
    assert client.known[LIST, "a"] == (7, {"n": 7})


def test_errors_are_passed_on() -> None:
    (news,) = Following().take(json.loads(messages.error("NO_SUCH_TOPIC", "no", TOPIC)))
    assert (news.kind, news.topic, news.data["code"]) == ("error", TOPIC, "NO_SUCH_TOPIC")


@given(st.data())
def test_a_client_is_right_or_knows_that_it_is_not(data: st.DataObject) -> None:
    """Whatever is lost, comes twice, comes late or is put together on the way."""
    # Given a thing that changed some times, told in batches of which each may be lost or come twice
    states = [{"n": number, f"k{number % 3}": number} for number in range(data.draw(st.integers(2, 12)))]
    changes = [Change(TOPIC, at + 1, at, states[at - 1] if at else {}, states[at]) for at in range(len(states))]
    sent: list[Any] = []
    while changes:
        size = data.draw(st.integers(1, 3))
        batch, changes = coalesced(changes[:size]), changes[size:]
        sent += [json.loads(each.message()) for each in batch] * data.draw(st.integers(0, 2))
    seen = data.draw(st.integers(1, len(states)))
    sent.insert(data.draw(st.integers(0, len(sent))), snapshot(seen, states[seen - 1]))
    if data.draw(st.booleans()):
        sent = data.draw(st.permutations(sent))

    # When a client hears it
    client, told_gap = Following(), False
    for message in sent:
        told_gap |= any(news.kind == "gap" for news in client.take(message))

        # Then what it knows is always how the thing was at that number
        for seq, known in client.known.values():
            assert known == states[seq - 1]

    # And when it is behind what it was told of, it knows
    seq, _ = client.known[TOPIC, ""]
    newest = max(message["seq"] for message in sent)
    assert seq == newest or told_gap
