"""The store over DynamoDB: consistent reads, and transactions that are conditional on each record's revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from disaster_recovery.records.record import Item, Key, Record
from disaster_recovery.records.store import MAX_WRITES, Cursor, StatusPage, Store
from shared.clock import Clock, utc_now
from shared.conditional import transact_if
from shared.dynamodb import from_item, to_item

#: BatchGetItem takes at most 100 keys (Amazon DynamoDB API Reference).
MAX_KEYS = 100
#: Records that belong to no end of an execution: they expire so long after they were written.
ALONE = frozenset({"CLAIM", "OUTBOX"})
STATUS_INDEX = "StatusIndex"
CURSOR_KEYS = ("executionId", "record", "status", "startedAt")


class DynamoStore(Store):
    """`dynamodb` is a low-level boto3 client. Records expire `retention_days` after their execution, 0 = never.

    Raises what botocore raises for anything but a lost condition.
    """

    def __init__(self, dynamodb: Any, table: str, retention_days: int = 0, clock: Clock = utc_now) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._retention = timedelta(days=retention_days)
        self._clock = clock

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        if len(keys) == 1:
            answer = self._dynamodb.get_item(TableName=self._table, Key=_typed(keys[0]), ConsistentRead=True)
            return _by_key([answer["Item"]]) if "Item" in answer else {}
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(keys), MAX_KEYS):
            wanted = [_typed(key) for key in keys[start : start + MAX_KEYS]]
            while wanted:
                request = {self._table: {"Keys": wanted, "ConsistentRead": True}}
                answer = self._dynamodb.batch_get_item(RequestItems=request)
                found += answer["Responses"].get(self._table, [])
                wanted = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
        return _by_key(found)

    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        #: `~` sorts behind every character that sort keys are made of.
        low, high = max(prefix, f"{after}!" if after else ""), f"{prefix}~"
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="executionId = :id AND #record BETWEEN :low AND :high",
            ExpressionAttributeNames={"#record": "record"},
            ExpressionAttributeValues=to_item({":id": partition, ":low": low, ":high": high}),
            ConsistentRead=True,
        )
        return [from_item(item) for page in pages for item in page["Items"]]

    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        entries = [*(self._put(record) for record in records), *(self._check(record) for record in unchanged)]
        written, _ = transact_if(self._dynamodb, entries)
        return written

    def expire(self, execution_id: str) -> bool:
        """Whoever writes a record meanwhile wins: it stays, and its batch, until they are told to expire again."""
        if not self._retention:
            return False
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="executionId = :id",
            ExpressionAttributeValues=to_item({":id": execution_id}),
            ConsistentRead=True,
        )
        until = {"N": str(self._expiry())}
        items = [{**item, "expiresAt": until} for page in pages for item in page["Items"]]
        for start in range(0, len(items), MAX_WRITES):
            transact_if(self._dynamodb, [self._again(item) for item in items[start : start + MAX_WRITES]])
        return True

    def by_status(
        self, status: str, *, limit: int = 100, cursor: Cursor | None = None, newest_first: bool = True
    ) -> StatusPage:
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": STATUS_INDEX,
            "KeyConditionExpression": "#status = :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":status": {"S": status}},
            "ScanIndexForward": not newest_first,
            "Limit": limit,
        }
        if cursor is not None:
            request["ExclusiveStartKey"] = to_item(checked_cursor(cursor, status))
        page = self._dynamodb.query(**request)
        last = page.get("LastEvaluatedKey")
        return StatusPage(tuple(from_item(item) for item in page["Items"]), from_item(last) if last else None)

    def _put(self, record: Record) -> dict[str, Any]:
        item = record.to_item()
        if self._retention and record.sort_key in ALONE:
            item["expiresAt"] = self._expiry()
        put: dict[str, Any] = {"TableName": self._table, "Item": to_item(item)}
        if record.revision == 1:
            put["ConditionExpression"] = "attribute_not_exists(executionId)"
        else:
            put["ConditionExpression"] = "revision = :before"
            put["ExpressionAttributeValues"] = {":before": {"N": str(record.revision - 1)}}
        return {"Put": put}

    def _expiry(self) -> int:
        return int((self._clock() + self._retention).timestamp())

    def _again(self, item: Mapping[str, Any]) -> dict[str, Any]:
        put = {
            "TableName": self._table,
            "Item": item,
            "ConditionExpression": "revision = :now",
            "ExpressionAttributeValues": {":now": item["revision"]},
        }
        return {"Put": put}

    def _check(self, record: Record) -> dict[str, Any]:
        check = {
            "TableName": self._table,
            "Key": _typed(record.key),
            "ConditionExpression": "revision = :now",
            "ExpressionAttributeValues": {":now": {"N": str(record.revision)}},
        }
        return {"ConditionCheck": check}


def checked_cursor(cursor: Cursor, status: str) -> dict[str, str]:
    """A cursor of this status, with exactly its members. Raises ValueError otherwise."""
    if set(cursor) != set(CURSOR_KEYS) or cursor["status"] != status:
        raise ValueError("the cursor belongs to another list")
    return {name: str(cursor[name]) for name in CURSOR_KEYS}


def _typed(key: Key) -> dict[str, Any]:
    return {"executionId": {"S": key.execution_id}, "record": {"S": key.record}}


def _by_key(items: Sequence[Mapping[str, Any]]) -> dict[Key, Item]:
    plain = [from_item(item) for item in items]
    return {Key(item["executionId"], item["record"]): item for item in plain}
