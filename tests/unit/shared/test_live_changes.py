"""Changes are put together where their numbers follow each other, and told as patches."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.live import messages
from shared.live.changes import Change, coalesced, merge_patch, patched
from shared.live.topics import Snapshot

JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
VIEWS = st.dictionaries(st.text(max_size=3), JSON, max_size=5)


def change(seq: int, previous: int, topic: str = "number:1", key: str = "") -> Change:
    return Change(topic, seq, previous, {"n": previous}, {"n": seq}, key)


def told(changes: list[Change]) -> list[tuple[str, int, int]]:
    return [(each.topic, each.previous_seq, each.seq) for each in changes]


@given(VIEWS, VIEWS)
def test_a_patch_makes_one_view_of_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert patched(before, merge_patch(before, after)) == after


@given(VIEWS)
def test_nothing_new_is_an_empty_patch(view: dict[str, Any]) -> None:
    assert merge_patch(view, view) == {}


def test_what_differs_inside_is_told_alone() -> None:
    before = {"error": {"code": "A", "message": "m"}, "old": 1}
    after = {"error": {"code": "B", "message": "m"}, "new": 2}
    assert merge_patch(before, after) == {"error": {"code": "B"}, "old": None, "new": 2}


def test_true_and_one_are_different() -> None:
    assert patched({"a": 1}, merge_patch({"a": 1}, {"a": True})) == {"a": True}
    assert json.dumps(merge_patch({"a": 1}, {"a": True})) == '{"a": true}'


def test_changes_that_follow_each_other_are_one() -> None:
    one = coalesced([change(3, 2), change(4, 3), change(5, 4)])
    assert told(one) == [("number:1", 2, 5)]
    assert (one[0].before, one[0].after) == ({"n": 2}, {"n": 5})


def test_things_are_told_apart() -> None:
    many = coalesced([change(3, 2, key="a"), change(9, 8, key="b"), change(4, 3, key="a"), change(2, 1, "number:2")])
    assert [(each.key, each.previous_seq, each.seq) for each in many] == [("b", 8, 9), ("a", 2, 4), ("", 1, 2)]


def test_a_gap_stays_one() -> None:
    assert told(coalesced([change(3, 2), change(5, 4)])) == [("number:1", 2, 3), ("number:1", 4, 5)]


def test_what_came_twice_is_told_once() -> None:
    assert told(coalesced([change(3, 2), change(4, 3), change(3, 2), change(4, 3)])) == [("number:1", 2, 4)]


def test_a_thing_among_many_is_told_whole() -> None:
    (alone,) = [json.loads(change(2, 1).message())]
    (among,) = [json.loads(change(2, 1, "numbers:all", "a").message())]
    assert alone == {"type": "delta", "topic": "number:1", "seq": 2, "previousSeq": 1, "data": {"n": 2}}
    assert among == {**alone, "topic": "numbers:all", "key": "a", "whole": True}


def test_a_message_fits_into_a_frame() -> None:
    """Characters beyond ASCII take up to twelve bytes, which count."""
    small = messages.snapshot("number:1", Snapshot(1, {"text": "x" * 30_000}))
    large = messages.snapshot("number:1", Snapshot(1, {"text": "ü" * 30_000}))
    assert len(small.encode()) <= messages.MAX_BYTES
    assert json.loads(large) == {"type": "snapshot", "topic": "number:1", "seq": 1, "truncated": True}
    assert json.loads(messages.delta("t:1", 2, 1, {"text": "x" * 40_000}))["truncated"] is True
