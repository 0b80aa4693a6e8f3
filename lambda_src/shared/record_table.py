"""Records in DynamoDB: consistent reads, and transactions that are conditional on each record's revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.clock import Clock, utc_now
from shared.conditional import transact_if
from shared.dynamodb import from_item, to_item
from shared.records import MAX_WRITES, Cursor, Index, Item, Key, Page, Record, checked_cursor

#: BatchGetItem takes at most 100 keys (Amazon DynamoDB API Reference).
MAX_KEYS = 100


class RecordTable:
    """`dynamodb` is a low-level boto3 client. Records expire `retention_days` after they are told to, 0 = never.

    `PARTITION` is the attribute of the partition key; records whose sort key is in `ALONE` belong to nothing that ends
    and expire so long after they were written. Raises what botocore raises for anything but a lost condition.
    """

    PARTITION: str
    ALONE: frozenset[str] = frozenset()

    def __init__(self, dynamodb: Any, table: str, retention_days: int = 0, clock: Clock = utc_now) -> None:
        self._dynamodb = dynamodb
        self._table = table
        self._retention = timedelta(days=retention_days)
        self._clock = clock

    def read(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """The items that exist, as they are now."""
        if len(keys) == 1:
            answer = self._dynamodb.get_item(TableName=self._table, Key=self._typed(keys[0]), ConsistentRead=True)
            return self._by_key([answer["Item"]]) if "Item" in answer else {}
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(keys), MAX_KEYS):
            wanted = [self._typed(key) for key in keys[start : start + MAX_KEYS]]
            while wanted:
                request = {self._table: {"Keys": wanted, "ConsistentRead": True}}
                answer = self._dynamodb.batch_get_item(RequestItems=request)
                found += answer["Responses"].get(self._table, [])
                wanted = answer.get("UnprocessedKeys", {}).get(self._table, {}).get("Keys", [])
        return self._by_key(found)

    def query(self, partition: str, prefix: str, after: str = "") -> list[Item]:
        """Items of a partition whose sort key begins with the prefix and is greater than `after`, in order."""
        #: `~` sorts behind every character that sort keys are made of.
        low, high = max(prefix, f"{after}!" if after else ""), f"{prefix}~"
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#partition = :id AND #record BETWEEN :low AND :high",
            ExpressionAttributeNames={"#partition": self.PARTITION, "#record": "record"},
            ExpressionAttributeValues=to_item({":id": partition, ":low": low, ":high": high}),
            ConsistentRead=True,
        )
        return [from_item(item) for page in pages for item in page["Items"]]

    def write(self, records: Sequence[Record], unchanged: Sequence[Record] = ()) -> bool:
        """All of up to 100 or none: False when one of them is not at the revision it was read with."""
        entries = [*(self._put(record) for record in records), *(self._check(record) for record in unchanged)]
        written, _ = transact_if(self._dynamodb, entries)
        return written

    def expire(self, partition: str) -> bool:
        """Lets a partition's items expire. False where they are kept for good.

        Whoever writes a record meanwhile wins: it stays, and its batch, until they are told to expire again.
        """
        return self._stamp(partition, {"expiresAt": {"N": str(self._expiry())}})

    def keep(self, partition: str) -> bool:
        """Takes back an expiry: the records go on living. As `expire` otherwise."""
        return self._stamp(partition, {})

    def _stamp(self, partition: str, expiry: Mapping[str, Any]) -> bool:
        if not self._retention:
            return False
        pages = self._dynamodb.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="#partition = :id",
            ExpressionAttributeNames={"#partition": self.PARTITION},
            ExpressionAttributeValues=to_item({":id": partition}),
            ConsistentRead=True,
        )
        stored = [item for page in pages for item in page["Items"]]
        items = [{**{name: item[name] for name in item if name != "expiresAt"}, **expiry} for item in stored]
        for start in range(0, len(items), MAX_WRITES):
            transact_if(self._dynamodb, [self._again(item) for item in items[start : start + MAX_WRITES]])
        return True

    def page(  # noqa: PLR0913  (a Query of an index has these parts)
        self,
        index: Index,
        value: str,
        *,
        limit: int = 100,
        cursor: Cursor | None = None,
        newest_first: bool = True,
        between: tuple[str, str] | None = None,
    ) -> Page:
        """A page of an index by its sort key, of which `between` is first and last. ValueError for a foreign cursor."""
        request: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": index.name,
            "KeyConditionExpression": "#value = :value",
            "ExpressionAttributeNames": {"#value": index.partition},
            "ExpressionAttributeValues": {":value": {"S": value}},
            "ScanIndexForward": not newest_first,
            "Limit": limit,
        }
        if between is not None:
            request["KeyConditionExpression"] += " AND #sort BETWEEN :low AND :high"
            request["ExpressionAttributeNames"]["#sort"] = index.sort
            request["ExpressionAttributeValues"] |= to_item({":low": between[0], ":high": between[1]})
        if cursor is not None:
            request["ExclusiveStartKey"] = to_item(checked_cursor(cursor, index, self.PARTITION, value))
        page = self._dynamodb.query(**request)
        last = page.get("LastEvaluatedKey")
        return Page(tuple(from_item(item) for item in page["Items"]), from_item(last) if last else None)

    def _put(self, record: Record) -> dict[str, Any]:
        item = record.to_item()
        if self._retention and record.sort_key in self.ALONE:
            item["expiresAt"] = self._expiry()
        put: dict[str, Any] = {"TableName": self._table, "Item": to_item(item)}
        if record.revision == 1:
            put["ConditionExpression"] = f"attribute_not_exists({self.PARTITION})"
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
            "Key": self._typed(record.key),
            "ConditionExpression": "revision = :now",
            "ExpressionAttributeValues": {":now": {"N": str(record.revision)}},
        }
        return {"ConditionCheck": check}

    def _typed(self, key: Key) -> dict[str, Any]:
        return {self.PARTITION: {"S": key.partition}, "record": {"S": key.record}}

    def _by_key(self, items: Sequence[Mapping[str, Any]]) -> dict[Key, Item]:
        plain = [from_item(item) for item in items]
        return {Key(item[self.PARTITION], item["record"]): item for item in plain}
