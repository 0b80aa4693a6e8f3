"""The table ConnectorTransfer: sends, paths, and how much is pending at each connector.

What is counted is changed in the transaction that changes what it counts, so the count is exact whatever is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from file_transfer.connectors import sends
from file_transfer.connectors.sends import FAILED, PathMemory, Send
from file_transfer.observe import logger
from shared.batch_reads import read_batches
from shared.clock import Clock, stamp
from shared.conditional import put_if, transact_if
from shared.dynamodb import from_item, to_item, to_value

LINE_INDEX = "LineIndex"
#: Sends looked at for one batch: enough to find another folder behind a path that is busy.
LOOKED_AT = 100
#: Times a transaction is made anew that met others, beyond those of transact_if.
COLLISIONS = 6


@dataclass(frozen=True)
class PathChange:
    """What a send does to the memory of its path; `:operation` is its own."""

    condition: str
    update: str
    notes_version: bool = False


STILL_STARTING = "#state = :starting AND #batch = :batch"
OCCUPIED = PathChange("attribute_not_exists(inFlight)", ", inFlight = :operation")
FREED = PathChange("inFlight = :operation", " REMOVE inFlight")
DELIVERED = PathChange("inFlight = :operation", ", version = :version, #order = :order REMOVE inFlight", True)


def together(dynamodb: Any, writes: Sequence[Mapping[str, Any]]) -> bool:
    """All of the writes or none. False when a condition was lost.

    Everything that starts or ends at a connector changes its count, so collisions are common; each is over in
    milliseconds.
    """
    for _ in range(COLLISIONS):
        try:
            return transact_if(dynamodb, writes)[0]
        except dynamodb.exceptions.TransactionCanceledException:
            logger.debug("collided with another transaction")
    return transact_if(dynamodb, writes)[0]


def alone(dynamodb: Any, write: Mapping[str, Any]) -> bool:
    """One write of a transaction by itself, at half the price. False when its condition was lost."""
    ((kind, request),) = write.items()
    call = dynamodb.put_item if kind == "Put" else dynamodb.update_item
    try:
        call(**request)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return False
    return True


@dataclass(frozen=True)
class ConnectorTable:
    """Raises what botocore raises; a lost condition is an answer."""

    dynamodb: Any
    name: str
    clock: Clock
    memory_days: int

    def add(self, send: Send) -> tuple[bool, Send]:
        """(True, the send) if it is new, else (False, the one that is there)."""
        new, there = put_if(self.dynamodb, self.name, self._record(send), "attribute_not_exists(PK)")
        return (True, send) if new else (False, sends.from_record(there))

    def send(self, operation: str) -> Send | None:
        """The send of an operation."""
        found = self.item(sends.send_key(operation))
        return sends.from_record(found) if found else None

    def item(self, key: Mapping[str, str]) -> dict[str, Any]:
        """Any item as it is now, {} if there is none."""
        answer = self.dynamodb.get_item(TableName=self.name, Key=to_item(key), ConsistentRead=True)
        return from_item(answer.get("Item", {}))

    def line(self, connector: str, state: str, until: datetime, limit: int = LOOKED_AT) -> list[dict[str, Any]]:
        """Items of a line whose time has come, longest due first. The index may lag behind by a moment."""
        answer = self.dynamodb.query(
            TableName=self.name,
            IndexName=LINE_INDEX,
            KeyConditionExpression="line = :line AND dueAt <= :until",
            ExpressionAttributeValues=to_item({":line": sends.line_of(connector, state), ":until": stamp(until)}),
            Limit=limit,
        )
        return [from_item(each) for each in answer["Items"]]

    def paths(self, waiting: Sequence[Send]) -> dict[str, PathMemory]:
        """What is known of the paths that sends of one connector go to. Raises Throttled when keys stay unread."""
        keys = {each.path: sends.path_key(each.connector, each.path) for each in waiting}
        batches = read_batches(self.dynamodb, self.name, keys.values(), ConsistentRead=True)
        return {item["path"]: _memory(item) for batch in batches for item in batch}

    def pending(self, connector: str) -> int:
        """Files that the connector was given and has not done with."""
        return int(self.item(pending_key(connector)).get("pending", 0))

    def start(self, batch: Sequence[Send], max_pending: int) -> bool:
        """Writes the intent of a whole batch: each still waits, its path is free, and the connector has room."""
        writes = [self.counted(batch[0].connector, len(batch), max_pending)]
        for send in batch:
            writes.append(self._put(send, "#state = :waiting", {":waiting": sends.WAITING}))
            writes.append(self._path(send, OCCUPIED))
        return together(self.dynamodb, writes)

    def confirm(self, send: Send, transfer_id: str) -> bool:
        """Notes the connector's transfer. False when the end of the send was heard before."""
        confirmed = replace(send, state=sends.STARTED, transfer_id=transfer_id)
        write = self._put(confirmed, STILL_STARTING, _batch_values(send))
        return alone(self.dynamodb, write)

    def give_back(self, batch: Sequence[Send], returned: Sequence[Send]) -> bool:
        """The connector said that it has not begun: all of the batch wait again."""
        writes = [self.counted(batch[0].connector, -len(batch))]
        for send, waiting in zip(batch, returned, strict=True):
            writes.append(self._put(waiting, STILL_STARTING, _batch_values(send)))
            writes.append(self._path(send, FREED))
        return together(self.dynamodb, writes)

    def finish(self, before: Send, after: Send) -> bool:
        """Ends a send as it was seen; one that was in flight makes room for the next.

        The path remembers a version that reached it, so that it is not sent again under another operation.
        """
        condition, values = "#state = :seen", {":seen": before.state}
        if before.outcome:
            condition, values = f"{condition} AND outcome = :outcome", {**values, ":outcome": before.outcome}
        writes = [self._put(after, condition, values)]
        if before.state in sends.IN_FLIGHT:
            writes.append(self.counted(before.connector, -1))
            writes.append(self._path(after, FREED if after.outcome == FAILED else DELIVERED))
        return together(self.dynamodb, writes)

    def look_again(self, key: Mapping[str, str], seen_due_at: str, due_at: str) -> bool:
        """Moves the next look at an item of a line. False when somebody else has, or when it is over."""
        write = {
            "TableName": self.name,
            "Key": to_item(key),
            "UpdateExpression": "SET dueAt = :due",
            "ConditionExpression": "dueAt = :seen AND attribute_exists(line)",
            "ExpressionAttributeValues": to_item({":due": due_at, ":seen": seen_due_at}),
        }
        return alone(self.dynamodb, {"Update": write})

    def counted(self, connector: str, files: int, most: int | None = None) -> dict[str, Any]:
        """The part of a transaction that counts files in or out; with `most` only as long as they fit."""
        update: dict[str, Any] = {
            "TableName": self.name,
            "Key": to_item(pending_key(connector)),
            "UpdateExpression": "ADD pending :files",
            "ExpressionAttributeValues": to_item({":files": files}),
        }
        if most is not None:
            update["ConditionExpression"] = "attribute_not_exists(pending) OR pending <= :room"
            update["ExpressionAttributeValues"][":room"] = to_value(most - files)
        return {"Update": update}

    def expires_at(self) -> int:
        """When what is written now may be forgotten, in seconds of the epoch."""
        return int((self.clock() + timedelta(days=self.memory_days)).timestamp())

    def _record(self, send: Send) -> dict[str, Any]:
        return sends.to_record(send, self.expires_at())

    def _put(self, send: Send, condition: str, values: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "Put": {
                "TableName": self.name,
                "Item": to_item(self._record(send)),
                "ConditionExpression": condition,
                "ExpressionAttributeNames": {"#state": "state"}
                | ({"#batch": "batch"} if "#batch" in condition else {}),
                "ExpressionAttributeValues": to_item(values),
            }
        }

    def _path(self, send: Send, change: PathChange) -> dict[str, Any]:
        values = {":path": send.path, ":expires": self.expires_at(), ":operation": send.operation}
        if change.notes_version:
            values |= {":version": send.version, ":order": send.order}
        return {
            "Update": {
                "TableName": self.name,
                "Key": to_item(sends.path_key(send.connector, send.path)),
                "UpdateExpression": f"SET #path = :path, expiresAt = :expires{change.update}",
                "ConditionExpression": change.condition,
                "ExpressionAttributeNames": {"#path": "path"} | ({"#order": "order"} if change.notes_version else {}),
                "ExpressionAttributeValues": to_item(values),
            }
        }


def pending_key(connector: str) -> dict[str, str]:
    """Key of the count of what a connector was given."""
    return {"PK": f"CONNECTOR#{connector}", "SK": "PENDING"}


def _batch_values(send: Send) -> dict[str, Any]:
    return {":starting": sends.STARTING, ":batch": send.batch}


def _memory(item: Mapping[str, Any]) -> PathMemory:
    return PathMemory(item.get("order", ""), item.get("version", ""), item.get("inFlight", ""))
