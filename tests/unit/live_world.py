"""What live updates meet in tests: a live table in moto, a gateway that answers as it is told, two topics, a clock."""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError, ConnectTimeoutError

from shared.dynamodb import from_item
from shared.live.connections import Connections
from shared.live.posting import Poster
from shared.live.tickets import Holder, Tickets
from shared.live.topics import Snapshot, TopicRefused, unknown

TABLE = "live"
ANN = Holder("user:ann", frozenset({"view"}), frozenset({"north"}))


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


def refused(status: int, code: str) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PostToConnection")


GONE = refused(410, "GoneException")
THROTTLED = refused(429, "LimitExceededException")
FORBIDDEN = refused(403, "ForbiddenException")
BROKEN = refused(500, "InternalServerError")
SILENT = ConnectTimeoutError(endpoint_url="https://gateway")


@dataclass
class Gateway:
    """Keeps what is posted. `answers` are errors by connection, one for each post, None for a success."""

    answers: dict[str, list[Exception | None]] = field(default_factory=dict)
    posted: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    tries: list[str] = field(default_factory=list)
    busiest: int = 0
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    pause: threading.Event = field(default_factory=threading.Event)
    seconds: float = 0.0

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:  # noqa: N803
        with self._lock:
            self.tries.append(ConnectionId)
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
            left = self.answers.get(ConnectionId, [])
            error = left.pop(0) if left else None
        self.pause.wait(self.seconds)
        with self._lock:
            self._busy -= 1
            if error is None:
                self.posted[ConnectionId].append(json.loads(Data))
        if error:
            raise error


@dataclass
class Numbers:
    """Topics `number:<name>` with values that tests change, seen by whoever may view; the tenant is in the name."""

    values: dict[str, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def admit(self, holder: Holder, kind: str, name: str) -> None:
        if kind != "number":
            raise TopicRefused("NO_SUCH_TOPIC", "topics are number:<name>")
        if not holder.may("view"):
            raise TopicRefused("FORBIDDEN", "needs the permission view")
        if name not in self.values or not holder.sees(name.partition("-")[0]):
            raise unknown(f"{kind}:{name}")

    def snapshot(self, kind: str, name: str) -> Snapshot:
        self.asked.append(f"{kind}:{name}")
        return Snapshot(*self.values[name])


@dataclass
class World:
    """All of it."""

    dynamodb: Any
    clock: Clock = field(default_factory=Clock)
    gateway: Gateway = field(default_factory=Gateway)
    topics: Numbers = field(default_factory=Numbers)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        keys = (("pk", "HASH"), ("sk", "RANGE"))
        self.dynamodb.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        )

    @property
    def tickets(self) -> Tickets:
        return Tickets(self.dynamodb, TABLE, self.clock)

    @property
    def connections(self) -> Connections:
        return Connections(self.dynamodb, TABLE, self.clock)

    @property
    def poster(self) -> Poster:
        return Poster(self.gateway, self.connections, log=lambda text, **_: self.said.append(text))

    def items(self) -> list[dict[str, Any]]:
        """Everything in the table."""
        return [from_item(item) for item in self.dynamodb.scan(TableName=TABLE)["Items"]]

    def follow(self, topic: str, *connection_ids: str) -> None:
        """Connections that follow a topic."""
        for connection_id in connection_ids:
            self.connections.open(connection_id, ANN)
            self.connections.follow(connection_id, topic)
