"""Bodies in files: small ones stay bytes, slices are views, and a snapshot of the state names the file."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from local_cloud.s3_bodies import KEPT, LEAST, FileBody, as_bytes, joined, opened


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOWPATH_STATE_DIR", str(tmp_path))
    return tmp_path


def test_small_bodies_stay_bytes() -> None:
    assert joined([b"a", memoryview(b"bc")]) == b"abc"


def files(state: Path) -> list[str]:
    """Names of the files that bodies lie in."""
    return [path.name for path in (state / "s3").glob("*")]


def test_large_bodies_are_files_that_go_with_them(state: Path) -> None:
    # Given a body of several pieces, one of them a view into another file
    first = joined([b"x" * 2 * LEAST])
    assert isinstance(first, FileBody)
    body = joined([first[10:], b"yz"])
    # Then it reads as if it were bytes, and a copy of it is itself
    assert isinstance(body, FileBody)
    assert len(body) == 2 * LEAST - 8
    assert bytes(body[-3:]) == b"xyz"
    assert as_bytes(body) == b"x" * (2 * LEAST - 10) + b"yz"
    assert copy.deepcopy({"body": body})["body"] is body
    # And its file is there as long as it is
    assert len(files(state)) == 2
    del first, body
    assert files(state) == []


def test_a_snapshot_names_the_file(state: Path) -> None:
    body = joined([b"x" * LEAST])
    assert isinstance(body, FileBody)
    named = body.kept()
    del body
    assert files(state) == [named[KEPT]]
    again = opened(named[KEPT])
    assert as_bytes(again) == b"x" * LEAST
    del again
    assert files(state) == []
