"""DynamoDB tables in memory for what the recorder asks of them; the same calls run against moto beside it."""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

Typed = dict[str, Any]


class ConditionLost(ClientError):
    """ConditionalCheckFailedException."""


class FakeTables:
    """Knows two conditions: the item is new, or it is new or has a lower revision."""

    exceptions = SimpleNamespace(ConditionalCheckFailedException=ConditionLost)

    def __init__(self) -> None:
        self._items: dict[str, dict[tuple[str, str], Typed]] = defaultdict(dict)

    def put_item(self, TableName: str, Item: Typed, ConditionExpression: str = "", **request: Any) -> None:  # noqa: N803
        key = (Item["PK"]["S"], Item["SK"]["S"])
        old = self._items[TableName].get(key)
        if old is not None and ConditionExpression and not self._is_newer(old, ConditionExpression, request):
            raise ConditionLost({"Error": {"Code": "ConditionalCheckFailedException"}}, "PutItem")
        self._items[TableName][key] = Item

    def get_item(self, TableName: str, Key: Typed, **_: Any) -> dict[str, Any]:  # noqa: N803
        found = self._items[TableName].get((Key["PK"]["S"], Key["SK"]["S"]))
        return {"Item": found} if found else {}

    def query(self, TableName: str, ExpressionAttributeValues: Typed, **_: Any) -> dict[str, Any]:  # noqa: N803
        key = {"PK": ExpressionAttributeValues[":pk"], "SK": ExpressionAttributeValues[":sk"]}
        found = self.get_item(TableName, key)
        return {"Items": [found["Item"]] if found else []}

    def scan(self, TableName: str) -> dict[str, Any]:  # noqa: N803
        return {"Items": list(self._items[TableName].values())}

    @staticmethod
    def _is_newer(old: Typed, condition: str, request: dict[str, Any]) -> bool:
        if "revision < :revision" not in condition:
            return False
        return int(old["revision"]["N"]) < int(request["ExpressionAttributeValues"][":revision"]["N"])
