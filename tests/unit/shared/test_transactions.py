"""Transactions under conditions: all or none, and what stood in the way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from shared.conditional import TRANSACTION_ATTEMPTS, transact_if
from shared.dynamodb import to_item

TABLE = "FileTransferAuditLog"


def put(sort_key: str, value: int, condition: str = "attribute_not_exists(PK)") -> dict[str, Any]:
    item = to_item({"PK": "p", "SK": sort_key, "value": value})
    return {"Put": {"TableName": TABLE, "Item": item, "ConditionExpression": condition}}


def stored(dynamodb: Any) -> list[str]:
    return sorted(item["SK"]["S"] for item in dynamodb.scan(TableName=TABLE)["Items"])


def test_all_of_it_is_written(dynamodb: Any) -> None:
    assert transact_if(dynamodb, [put("a", 1), put("b", 2)]) == (True, [])
    assert stored(dynamodb) == ["a", "b"]


def test_none_of_it_is_written_when_one_condition_is_lost(dynamodb: Any) -> None:
    transact_if(dynamodb, [put("a", 1)])
    written, in_the_way = transact_if(dynamodb, [put("b", 2), put("a", 3)])
    assert not written
    assert in_the_way == [{}, {"PK": "p", "SK": "a", "value": 1}]
    assert stored(dynamodb) == ["a"]


class Cancelled(ClientError):
    """TransactionCanceledException."""


class Colliding:
    """A client whose transactions meet others a few times."""

    exceptions = SimpleNamespace(TransactionCanceledException=Cancelled, ClientError=ClientError)

    def __init__(self, error: ClientError, times: int) -> None:
        self._error, self._times = error, times
        self.calls = 0

    def transact_write_items(self, **_: Any) -> None:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error


def cancelled(code: str) -> ClientError:
    answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": [{"Code": code}]}
    return Cancelled(answer, "TransactWriteItems")  # type: ignore[arg-type]


IN_PROGRESS = ClientError({"Error": {"Code": "TransactionInProgressException"}}, "TransactWriteItems")


@pytest.mark.parametrize("error", [cancelled("TransactionConflict"), IN_PROGRESS])
def test_a_collision_is_tried_again_but_not_for_ever(error: ClientError) -> None:
    client = Colliding(error, times=2)
    assert transact_if(client, [put("a", 1)]) == (True, [])
    assert client.calls == 3
    client = Colliding(error, times=99)
    with pytest.raises(ClientError):
        transact_if(client, [put("a", 1)])
    assert client.calls == TRANSACTION_ATTEMPTS


@pytest.mark.parametrize(
    "error", [cancelled("ThrottlingError"), ClientError({"Error": {"Code": "ValidationException"}}, "X")]
)
def test_everything_else_is_raised(error: ClientError) -> None:
    with pytest.raises(ClientError):
        transact_if(Colliding(error, times=1), [put("a", 1)])
