"""The routes of a WebSocket API: a connection begins and ends, and a client says what it wants to follow.

Answers are posted, also those to a message. Nothing is posted while `$connect` runs, since the connection is not open
before it has ended. A subscription is written first and the snapshot read after it: what happens in between comes as a
delta and cannot be missed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.live import messages
from shared.live.authorizer import admitted
from shared.live.connections import MAX_TOPICS, Connections, ConnectionUnknown
from shared.live.posting import Outcome, Poster
from shared.live.tickets import Holder
from shared.live.topics import TopicRefused, Topics, parts
from shared.observe import logger

OK, UNAUTHORIZED, UNAVAILABLE = 200, 401, 503
#: Characters of a refused topic that are sent back.
MAX_ECHO = 200


@dataclass(frozen=True)
class Conversation:
    """What a system's clients can say."""

    connections: Connections
    poster: Poster
    topics: Topics

    def handle(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """A WebSocket event → `{"statusCode"}`. Raises what botocore raises; the client hears of an internal error."""
        context = event["requestContext"]
        connection_id, kind = str(context["connectionId"]), context["eventType"]
        if kind == "CONNECT":
            return self._connect(connection_id, admitted(context))
        if kind == "DISCONNECT":
            self.connections.close(connection_id)
            return _status(OK)
        outcome = self.poster.post(connection_id, [self._reply(connection_id, event.get("body"))])
        return _status(UNAVAILABLE if outcome is Outcome.LATE else OK)

    def _connect(self, connection_id: str, holder: Holder | None) -> dict[str, Any]:
        if holder is None:
            return _status(UNAUTHORIZED)
        self.connections.open(connection_id, holder)
        logger.info("connected", connection=connection_id, actor=holder.actor)
        return _status(OK)

    def _reply(self, connection_id: str, body: Any) -> str:
        asked: Mapping[str, Any] = {}
        try:
            asked = _read(body)
            return self._done(connection_id, asked)
        except TopicRefused as refused:
            topic = asked.get("topic")
            return messages.error(refused.code, str(refused), topic[:MAX_ECHO] if isinstance(topic, str) else "")
        except ConnectionUnknown:
            return messages.error("CONNECTION_UNKNOWN", "connect again")

    def _done(self, connection_id: str, asked: Mapping[str, Any]) -> str:
        action, topic = asked.get("action"), asked.get("topic")
        if action == "ping":
            return messages.pong()
        if action == "subscribe":
            return self._subscribe(connection_id, topic)
        if action == "unsubscribe":
            return self._unsubscribe(connection_id, topic)
        raise TopicRefused("UNKNOWN_ACTION", "action is subscribe, unsubscribe or ping")

    def _subscribe(self, connection_id: str, topic: Any) -> str:
        kind, name = parts(topic)
        self.topics.admit(self.connections.holder(connection_id), kind, name)
        followed = self.connections.topics(connection_id)
        if topic not in followed and len(followed) >= MAX_TOPICS:
            raise TopicRefused("TOO_MANY_TOPICS", f"one connection follows {MAX_TOPICS} topics at the most")
        self.connections.follow(connection_id, topic)
        return messages.snapshot(topic, self.topics.snapshot(kind, name))

    def _unsubscribe(self, connection_id: str, topic: Any) -> str:
        parts(topic)
        self.connections.leave(connection_id, topic)
        return messages.confirmation("unsubscribed", topic)


def _read(body: Any) -> Mapping[str, Any]:
    """The message. Raises TopicRefused for anything but a JSON object."""
    try:
        asked = json.loads(body or "")
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise TopicRefused("NOT_JSON", "a message is one JSON object")
    return asked


def _status(code: int) -> dict[str, Any]:
    return {"statusCode": code}
