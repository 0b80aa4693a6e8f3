"""Cursors go back to the list they came from, and nowhere else."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.api.cursors import Cursors
from shared.api.problems import ApiProblem

POSITION = {"executionId": "ex-1", "startedAt": "2026-01-02T03:04:05.000000Z"}


def refused(cursors: Cursors, scope: str, cursor: str) -> bool:
    with pytest.raises(ApiProblem) as caught:
        cursors.read(scope, cursor)
    return caught.value.status == 400 and caught.value.errors[0].path == "$query.cursor"


def test_a_cursor_leads_back() -> None:
    cursors = Cursors("secret")
    assert cursors.read("executions", cursors.write("executions", POSITION)) == POSITION


def test_another_list_filter_or_key_refuses_it() -> None:
    cursor = Cursors("secret").write("executions PAUSED", POSITION)
    assert refused(Cursors("secret"), "executions FAILED", cursor)
    assert refused(Cursors("another"), "executions PAUSED", cursor)


def test_an_invented_cursor_is_refused() -> None:
    made_up = base64.urlsafe_b64encode(b"x" * 16 + json.dumps({"executionId": "LOCK#1"}).encode()).decode()
    assert refused(Cursors("secret"), "executions", made_up)


@given(st.data())
def test_any_changed_character_is_noticed(data: st.DataObject) -> None:
    cursors = Cursors("secret")
    cursor = cursors.write("executions", POSITION)
    place = data.draw(st.integers(0, len(cursor) - 2))
    letter = data.draw(st.sampled_from("AZaz09-_").filter(lambda each: each != cursor[place]))
    assert refused(cursors, "executions", cursor[:place] + letter + cursor[place + 1 :])


@given(st.text(max_size=200))
def test_no_text_breaks_it(text: str) -> None:
    assert refused(Cursors("secret"), "executions", text)
