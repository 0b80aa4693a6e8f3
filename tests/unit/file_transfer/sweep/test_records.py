"""Reads of many status items: in batches, until all are answered."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer.errors import Throttled
from file_transfer.records.identity import StatusKey
from file_transfer.sweep.records import Records
from shared.dynamodb import to_item
from tests.unit.file_transfer.sweep.sweep_world import SweepWorld
from tests.unit.given import NOW

TABLE = "FileTransferStatus"


class Hesitant:
    """Answers so many keys of a batch, and leaves the others for the next request."""

    def __init__(self, answered: int) -> None:
        self.answered = answered
        self.asked: list[int] = []

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        keys = RequestItems[TABLE]["Keys"]
        self.asked.append(len(keys))
        assert len({str(key) for key in keys}) == len(keys) <= 100  # noqa: PLR2004  (DynamoDB API Reference)
        left = keys[self.answered :]
        answer = {"Responses": {TABLE: [{**key, **to_item({"status": "SUCCESS"})} for key in keys[: self.answered]]}}
        return answer | ({"UnprocessedKeys": {TABLE: {"Keys": left}}} if left else {})


def keys(number: int) -> list[StatusKey]:
    return [StatusKey(f"FILE#c#{each}", "TS#x#1") for each in range(number)]


def test_what_is_left_unanswered_is_asked_for_again() -> None:
    table = Hesitant(80)

    found = Records(table, TABLE).items(keys(150))

    assert len(found) == 150
    assert table.asked == [100, 20, 50]


def test_a_key_is_asked_for_once_in_a_batch() -> None:
    assert len(Records(Hesitant(100), TABLE).items(keys(30) + keys(30))) == 30


def test_a_table_that_answers_nothing_is_not_asked_for_ever() -> None:
    table = Hesitant(0)

    with pytest.raises(Throttled):
        Records(table, TABLE).items(keys(1))

    assert len(table.asked) == 5


def test_unfinished_transfers_come_a_hundred_at_a_time(dynamodb: Any) -> None:
    # Given more transfers that wait than one request takes
    world = SweepWorld(dynamodb)
    arrived = world.ago(minutes=5)
    for number in range(120):
        world.record(f"from-s3/acme/{number}.json", f"v{number}", arrived, status="RETRYING")

    # When they are asked for
    batches = list(Records(dynamodb, TABLE).unfinished(NOW, 0))

    # Then all of them come, and no more at once than the sweep may hold
    assert [len(batch) for batch in batches] == [100, 20]
