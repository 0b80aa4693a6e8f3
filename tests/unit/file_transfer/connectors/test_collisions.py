"""Transactions on one connector's count meet each other; that is no failure."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from file_transfer.connectors.table import COLLISIONS, together
from shared.conditional import TRANSACTION_ATTEMPTS

MOST = (COLLISIONS + 1) * TRANSACTION_ATTEMPTS


class Canceled(ClientError):
    """TransactionCanceledException of a transaction that met another one."""

    def __init__(self, code: str) -> None:
        super().__init__({"Error": {"Code": "TransactionCanceledException"}}, "TransactWriteItems")
        self.response["CancellationReasons"] = [{"Code": code}]  # type: ignore[typeddict-unknown-key]


class Busy:
    """A table that says no so many times."""

    exceptions = SimpleNamespace(TransactionCanceledException=Canceled, ClientError=ClientError)

    def __init__(self, times: int, code: str = "TransactionConflict") -> None:
        self.times = times
        self.code = code

    def transact_write_items(self, **_: Any) -> None:
        if self.times:
            self.times -= 1
            raise Canceled(self.code)


def test_a_transaction_that_meets_others_is_made_in_the_end() -> None:
    assert together(Busy(MOST - 1), []) is True


def test_collisions_that_do_not_end_are_an_error() -> None:
    with pytest.raises(Canceled):
        together(Busy(MOST), [])


def test_a_lost_condition_is_an_answer_at_once() -> None:
    busy = Busy(MOST, "ConditionalCheckFailed")
    assert together(busy, []) is False
    assert busy.times == MOST - 1
