"""WebSockets of a running local cloud as their clients see them."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

_SECONDS = 35  # API Gateway waits for an integration for at most 29 seconds


class LiveConnection:
    """An open connection. Raises websockets.InvalidStatus with the answer when it is refused.

    The name of the API's host resolves nowhere, so the socket is opened to the cloud itself.
    """

    def __init__(self, cloud: str, url: str, query: Mapping[str, str] | None = None) -> None:
        address = urlsplit(cloud)
        opened = socket.create_connection((address.hostname or "", address.port or 0), timeout=_SECONDS)
        asked = f"{url}?{urlencode(query)}" if query else url
        opening = connect(asked, sock=opened, open_timeout=_SECONDS, compression=None, proxy=None, max_size=None)
        self._open = ExitStack()
        self._socket: ClientConnection = self._open.enter_context(opening)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: Any, _trace: TracebackType | None) -> None:
        self.close()

    def say(self, message: Any) -> None:
        """Sends a message; what is no text becomes JSON."""
        self._socket.send(message if isinstance(message, str) else json.dumps(message))

    def say_in_frames(self, *parts: str) -> None:
        """Sends one message, each part a frame of its own."""
        self._socket.send(iter(parts))

    def hear(self, seconds: float = _SECONDS) -> Any:
        """The next message, parsed. Raises TimeoutError when none comes, ConnectionClosed at the end."""
        return json.loads(self._socket.recv(timeout=seconds))

    def ended(self, seconds: float = _SECONDS) -> int:
        """Waits for the end of the connection; returns the server's code. What comes until then is thrown away."""
        try:
            while True:
                self._socket.recv(timeout=seconds)
        except ConnectionClosed as end:
            return end.rcvd.code if end.rcvd else 1006

    def close(self) -> None:
        """Ends the connection."""
        self._open.close()
