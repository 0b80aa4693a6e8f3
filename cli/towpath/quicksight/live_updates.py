"""When to look again: told by the WebSocket of live updates, and by the clock where there is none.

What a message says is only that something is new; how things stand is read over the API, which always tells the whole.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from towpath.api import Api
from towpath.errors import CliError
from towpath.transport import is_loopback

#: Between two looks where nobody tells, and where somebody does but might have been lost.
POLL_SECONDS, TRUST_SECONDS = 2.0, 30.0
CONNECT_SECONDS = 10
SECURE, PLAIN = "wss", "ws"
PORTS = {SECURE: 443, PLAIN: 80}


class Updates(Protocol):
    """Waits for the next moment to look."""

    @property
    def live(self) -> bool:
        """True while a connection tells of changes."""

    def wait(self, revision: int, most: float | None = None) -> None:
        """Returns when the job may be at a later revision than that."""


class Polling:
    """Looks again after a while."""

    live = False

    def __init__(self, sleep: Callable[[float], None], seconds: float = POLL_SECONDS) -> None:
        self._sleep = sleep
        self._seconds = seconds

    def wait(self, revision: int, most: float | None = None) -> None:
        self._sleep(self._seconds if most is None else min(most, self._seconds))


class Live:
    """Looks again when told to. When the connection is lost, `instead` takes over."""

    def __init__(self, connection: Any, topic: str, instead: Polling) -> None:
        self._connection = connection
        self._instead = instead
        self._seq = 0
        self.live = True
        self._say({"action": "subscribe", "topic": topic})

    def wait(self, revision: int, most: float | None = None) -> None:
        if not self.live:
            self._instead.wait(revision, most)
            return
        try:
            while self._seq <= revision:
                self._take(json.loads(self._connection.recv(timeout=TRUST_SECONDS if most is None else most)))
        except TimeoutError:
            self._say({"action": "ping"})  # API Gateway closes a connection that is idle for ten minutes
        except Exception:  # noqa: BLE001  (whatever broke it, there is another way to learn how things stand)
            self.live = False

    def _take(self, message: dict[str, Any]) -> None:
        if message.get("type") == "error":
            raise ConnectionError(message.get("code", ""))
        self._seq = max(self._seq, int(message.get("seq", 0)))

    def _say(self, message: dict[str, str]) -> None:
        try:
            self._connection.send(json.dumps(message))
        except Exception:  # noqa: BLE001
            self.live = False


@contextmanager
def updates(api: Api, topic: str, polling: Polling, connect: Callable[[str], Any] | None = None) -> Iterator[Updates]:
    """Live updates of a topic, or polling where they cannot be had: no ticket, no connection."""
    try:
        ticket = api.post("/live/tickets", {})
        connection = (connect or open_socket)(f"{ticket['url']}?{urlencode({'ticket': ticket['ticket']})}")
    except (CliError, OSError, ValueError, ImportError, KeyError):
        yield polling
        return
    with connection:
        yield Live(connection, topic, polling)


def open_socket(url: str) -> Any:
    """An open connection. Raises OSError or ValueError; of a refusal too."""
    from websockets.exceptions import WebSocketException  # noqa: PLC0415  (only a watch needs it)
    from websockets.sync.client import connect  # noqa: PLC0415

    address = urlsplit(url)
    host = address.hostname or ""
    if address.scheme != SECURE and not is_loopback(host):
        raise ValueError("a ticket is not sent in the clear, except to this machine")
    try:
        if not is_loopback(host):
            return connect(url, open_timeout=CONNECT_SECONDS, compression=None)
        # Names below `localhost` are this machine's, whether or not its resolver knows that.
        opened = socket.create_connection(("127.0.0.1", address.port or PORTS[address.scheme]), timeout=CONNECT_SECONDS)
        return connect(url, sock=opened, open_timeout=CONNECT_SECONDS, compression=None, proxy=None)
    except WebSocketException as error:
        raise ConnectionError(type(error).__name__) from None
