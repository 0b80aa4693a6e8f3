"""Items by their keys, whatever DynamoDB leaves for later."""

from __future__ import annotations

from typing import Any

import pytest

from shared.batch_reads import BATCH, ROUNDS, read_batches
from shared.dynamodb import to_item
from shared.errors import Throttled
from shared.questions import Asker


class ReluctantDynamoDb:
    """Answers one key a call while `reluctant` calls are left, then all."""

    def __init__(self, reluctant: int) -> None:
        self.reluctant = reluctant
        self.asked: list[dict[str, Any]] = []

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803  (boto3's name)
        ((table, wanted),) = RequestItems.items()
        keys = wanted["Keys"]
        assert 0 < len(keys) <= BATCH
        assert len({str(key) for key in keys}) == len(keys), "a key comes twice"
        self.asked.append(wanted)
        answered = keys if self.reluctant <= 0 else keys[:1]
        self.reluctant -= 1
        left = keys[len(answered) :]
        return {
            "Responses": {table: [key | to_item({"n": 1}) for key in answered]},
            "UnprocessedKeys": {table: {**wanted, "Keys": left}} if left else {},
        }


def keys_of(many: int) -> list[dict[str, str]]:
    return [{"PK": f"P{number}", "SK": "S"} for number in range(many)]


def test_what_is_left_is_asked_for_again_with_the_same_options() -> None:
    dynamodb = ReluctantDynamoDb(2)
    (found,) = read_batches(dynamodb, "T", keys_of(4), ConsistentRead=True)
    assert sorted(item["PK"] for item in found) == ["P0", "P1", "P2", "P3"]
    assert [len(asked["Keys"]) for asked in dynamodb.asked] == [4, 3, 2]
    assert all(asked["ConsistentRead"] for asked in dynamodb.asked)


def test_keys_go_by_the_hundred_and_once_each() -> None:
    dynamodb = ReluctantDynamoDb(0)
    batches = list(read_batches(dynamodb, "T", [*keys_of(BATCH + 1), *keys_of(BATCH + 1)[-1:]]))
    assert [len(batch) for batch in batches] == [BATCH, 1]
    assert list(read_batches(dynamodb, "T", [])) == []


def test_keys_that_stay_unread_are_an_error_and_no_gap() -> None:
    with pytest.raises(Throttled):
        list(read_batches(ReluctantDynamoDb(ROUNDS), "T", keys_of(ROUNDS + 2)))
    with pytest.raises(Throttled):
        Asker(ReluctantDynamoDb(ROUNDS)).all_of("T", keys_of(ROUNDS + 2))
