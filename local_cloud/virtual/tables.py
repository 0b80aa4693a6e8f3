"""DynamoDB in one process: the tables of the local cloud's emulator, called as Python instead of over HTTP."""

from __future__ import annotations

import itertools
import json
import weakref
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from ministack.services import dynamodb

from local_cloud.aws_models.errors import ApiError
from shared.dynamodb import from_item

#: Called with an operation and its request, when it was carried out and before the caller knows.
Watcher = Callable[[str, Mapping[str, Any]], None]
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"})
_TARGET = "DynamoDB_20120810."
_clouds = itertools.count(1)


class Tables:
    """The tables of one cloud; `drop` gives their memory back, at the latest when nobody knows them any more.

    `watchers` see what was written. Nothing expires: virtual time is not the emulator's.
    """

    def __init__(self) -> None:
        self._suffix = f"-{next(_clouds)}"  # the emulator's tables are those of the whole process
        self._made: list[str] = []
        self.watchers: list[Watcher] = []
        self.drop = weakref.finalize(self, _drop, self._made)

    def create(self, name: str, keys: tuple[str, ...], indexes: Mapping[str, tuple[str, ...]] | None = None) -> str:
        """A table with keys and indexes of strings; returns the name that it has in this cloud."""
        indexes = indexes or {}
        attributes = sorted({*keys, *(each for index in indexes.values() for each in index)})
        request: dict[str, Any] = {
            "TableName": name + self._suffix,
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": _schema(keys),
            "AttributeDefinitions": [{"AttributeName": each, "AttributeType": "S"} for each in attributes],
        }
        if indexes:
            request["GlobalSecondaryIndexes"] = [
                {"IndexName": index, "KeySchema": _schema(each), "Projection": {"ProjectionType": "ALL"}}
                for index, each in indexes.items()
            ]
        _ask("CreateTable", request)
        self._made.append(request["TableName"])
        return str(request["TableName"])

    def call(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The answer of an operation. Raises ApiError."""
        answer = _ask(operation, parameters)
        if operation in WRITES:
            for watcher in self.watchers:
                watcher(operation, parameters)
        return answer

    def items(self, table: str) -> list[dict[str, Any]]:
        """Everything in a table, as plain values."""
        found: list[dict[str, Any]] = []
        request: dict[str, Any] = {"TableName": table}
        while True:
            page = _ask("Scan", request)
            found += [from_item(item) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _drop(tables: list[str]) -> None:
    for table in tables:
        _ask("DeleteTable", {"TableName": table})


def _schema(keys: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)]


def _ask(operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    headers = {"x-amz-target": _TARGET + operation}
    handling = dynamodb.handle_request("POST", "/", headers, json.dumps(request).encode(), {})
    try:
        handling.send(None)  # it waits for nothing, so it ends at once
    except StopIteration as ended:
        status, _, body = ended.value
    answer: dict[str, Any] = json.loads(body)
    if status == HTTPStatus.OK:
        return answer
    code = str(answer.pop("__type", "InternalServerError")).rpartition("#")[2]
    raise ApiError(code, str(answer.pop("message", answer.pop("Message", ""))), status, **answer)
