"""Bodies in files: small ones stay bytes, slices are views, and a snapshot of the state has all of it."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from local_cloud.s3_bodies import LEAST, FileBody, as_bytes, joined


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOWPATH_STATE_DIR", str(tmp_path))
    return tmp_path


def test_small_bodies_stay_bytes() -> None:
    assert joined([b"a", memoryview(b"bc")]) == b"abc"


def test_large_bodies_are_files_without_a_name(state: Path) -> None:
    # Given a body of several pieces, one of them a view into another file
    first = joined([b"x" * 2 * LEAST])
    assert isinstance(first, FileBody)
    body = joined([first[10:], b"yz"])
    # Then it reads as if it were bytes, and copies for the snapshot are bytes
    assert isinstance(body, FileBody)
    assert len(body) == 2 * LEAST - 8
    assert bytes(body[-3:]) == b"xyz"
    assert as_bytes(body) == copy.deepcopy({"body": body})["body"] == b"x" * (2 * LEAST - 10) + b"yz"
    # And nothing has to be cleaned up
    assert [path for path in state.rglob("*") if path.is_file()] == []
