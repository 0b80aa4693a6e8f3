"""Posting to connections: what each answer of `PostToConnection` means for the connection.

410 says that it is closed, and only then its rows go. 403 says that we may not post, which is our fault and never the
client's. 429, a server's fault and silence say nothing about it: the message has to come again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import http_status
from shared.live.connections import Connections
from shared.observe import logger

GONE, THROTTLED, SERVER_FAULT = 410, 429, 500


class Outcome(Enum):
    """What became of messages to one connection."""

    DELIVERED = "DELIVERED"
    GONE = "GONE"
    REFUSED = "REFUSED"
    LATE = "LATE"


@dataclass(frozen=True)
class Poster:
    """Posts as API Gateway's management API of one stage. `gateway` tries each call once: what comes of it is ours to
    judge, and a call repeated by the SDK would only add to the throttling."""

    gateway: Any
    connections: Connections
    log: Callable[..., None] = logger.warning

    def post(self, connection_id: str, messages: Sequence[str]) -> Outcome:
        """Sends the messages in their order and stops with the first one that cannot be delivered."""
        for message in messages:
            outcome = self._one(connection_id, message)
            if outcome is not Outcome.DELIVERED:
                return outcome
        return Outcome.DELIVERED

    def _one(self, connection_id: str, message: str) -> Outcome:
        try:
            self.gateway.post_to_connection(ConnectionId=connection_id, Data=message.encode())
        except ClientError as error:
            return self._judged(connection_id, error)
        except BotoCoreError as error:
            self.log("no answer to a post", connection=connection_id, error=str(error))
            return Outcome.LATE
        return Outcome.DELIVERED

    def _judged(self, connection_id: str, error: ClientError) -> Outcome:
        status = http_status(error)
        if status == GONE:
            self.connections.close(connection_id)
            return Outcome.GONE
        if status == THROTTLED or status >= SERVER_FAULT:
            return Outcome.LATE
        self.log("a post was refused", connection=connection_id, error=str(error))
        return Outcome.REFUSED
