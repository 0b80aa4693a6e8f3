"""Open connections and what they follow, in one table: keys `pk` and `sk`, TTL `expiresAt`.

`CONNECTION#<id>`/`CONNECTION` is the connection with its holder. A subscription is two items, deleted with it:
`TOPIC#<topic>`/`CONNECTION#<id>` to find who follows, `CONNECTION#<id>`/`TOPIC#<topic>` to find what is followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from shared.clock import Clock, stamp, utc_now
from shared.conditional import transact_if
from shared.dynamodb import from_item, to_item
from shared.live.tickets import Holder, holder_of

#: API Gateway ends a connection after two hours; what is older than this was not told of its end.
LIFETIME = timedelta(hours=2, minutes=15)
MAX_TOPICS = 50
CONNECTION = "CONNECTION"


class ConnectionUnknown(Exception):
    """There is no such connection, or no longer."""


@dataclass(frozen=True)
class Connections:
    """The connections in a live table. Methods raise what botocore raises."""

    dynamodb: Any
    table: str
    clock: Clock = utc_now

    def open(self, connection_id: str, holder: Holder) -> None:
        """Keeps a new connection; again, the same."""
        item = {
            "pk": _connection(connection_id),
            "sk": CONNECTION,
            **holder.attributes(),
            "connectedAt": stamp(self.clock()),
            "expiresAt": self._expiry(),
        }
        self.dynamodb.put_item(TableName=self.table, Item=to_item(item))

    def holder(self, connection_id: str) -> Holder:
        """Who is at the other end. Raises ConnectionUnknown."""
        key = to_item({"pk": _connection(connection_id), "sk": CONNECTION})
        found = self.dynamodb.get_item(TableName=self.table, Key=key, ConsistentRead=True).get("Item")
        if not found:
            raise ConnectionUnknown(connection_id)
        return holder_of(from_item(found))

    def topics(self, connection_id: str) -> list[str]:
        """What the connection follows."""
        found = self._query(_connection(connection_id), "TOPIC#")
        return [str(item["sk"]).removeprefix("TOPIC#") for item in found]

    def follow(self, connection_id: str, topic: str) -> None:
        """Adds a subscription; again, the same. Raises ConnectionUnknown when the connection was closed meanwhile."""
        exists = {
            "TableName": self.table,
            "Key": to_item({"pk": _connection(connection_id), "sk": CONNECTION}),
            "ConditionExpression": "attribute_exists(pk)",
        }
        rows = [{**key, "expiresAt": self._expiry()} for key in _subscription(connection_id, topic)]
        puts = [{"Put": {"TableName": self.table, "Item": to_item(row)}} for row in rows]
        written, _ = transact_if(self.dynamodb, [{"ConditionCheck": exists}, *puts])
        if not written:
            raise ConnectionUnknown(connection_id)

    def leave(self, connection_id: str, topic: str) -> None:
        """Ends a subscription, whether or not there is one."""
        for key in _subscription(connection_id, topic):
            self.dynamodb.delete_item(TableName=self.table, Key=to_item(key))

    def close(self, connection_id: str) -> None:
        """Forgets a connection and what it follows; again, the same.

        The connection goes first: from then on nothing is added to what is deleted after it.
        """
        own = {"pk": _connection(connection_id), "sk": CONNECTION}
        self.dynamodb.delete_item(TableName=self.table, Key=to_item(own))
        for topic in self.topics(connection_id):
            self.leave(connection_id, topic)

    def followers(self, topic: str) -> list[str]:
        """Ids of the connections that follow a topic and can still be open."""
        now = self.clock().timestamp()
        rows = self._query(f"TOPIC#{topic}", f"{CONNECTION}#")
        return [str(row["sk"]).removeprefix(f"{CONNECTION}#") for row in rows if int(row["expiresAt"]) > now]

    def _expiry(self) -> int:
        return int((self.clock() + LIFETIME).timestamp())

    def _query(self, partition: str, prefix: str) -> Iterator[Mapping[str, Any]]:
        asked: dict[str, Any] = {
            "TableName": self.table,
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
            "ExpressionAttributeValues": to_item({":pk": partition, ":prefix": prefix}),
            "ConsistentRead": True,
        }
        while True:
            page = self.dynamodb.query(**asked)
            yield from (from_item(item) for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return
            asked["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _connection(connection_id: str) -> str:
    return f"{CONNECTION}#{connection_id}"


def _subscription(connection_id: str, topic: str) -> tuple[dict[str, str], dict[str, str]]:
    own, about = _connection(connection_id), f"TOPIC#{topic}"
    return {"pk": about, "sk": own}, {"pk": own, "sk": about}
