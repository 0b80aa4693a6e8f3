"""Limits of connections, as in "Quotas for configuring and running a WebSocket API"; tests shorten the long ones.

`POST /_towpath/websockets` sets some of them, `DELETE` all as they were. Frames are measured where hypercorn puts
messages together out of them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from hypercorn.protocol import ws_stream

from local_cloud.control_plane import BadRequest, Request
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("hypercorn.protocol.ws_stream", "WebsocketBuffer", "31c9b1345f308f4c"),)
KIB = 1024


@dataclass
class Limits:
    """What is in force. `waiting_messages` are posts that a connection has not taken yet; more get 429."""

    message_bytes: int = 128 * KIB
    frame_bytes: int = 32 * KIB
    idle_seconds: float = 10 * 60
    duration_seconds: float = 2 * 60 * 60
    waiting_messages: int = 1000

    def replace(self, request: Request) -> dict[str, Any]:
        """POST websockets: the limits that the body names, from now on and for connections that are open."""
        named = request.body
        known = {field.name for field in fields(self)}
        if not isinstance(named, dict) or not named.keys() <= known:
            raise BadRequest(f"limits are an object with some of {sorted(known)}")
        for name, value in named.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                raise BadRequest(f"{name} must be a number of 0 or more")
            setattr(self, name, value)
        return asdict(self)

    def reset(self, _request: Request) -> dict[str, Any]:
        """DELETE websockets: all limits as AWS has them."""
        self.__init__()  # type: ignore[misc]
        return asdict(self)


IN_FORCE = Limits()


class MeasuredBuffer(ws_stream.WebsocketBuffer):
    """Refuses frames and messages that are too large; hypercorn closes the connection with 1009 then.

    What still comes is swallowed, so that hypercorn gets to see the client's own end behind it.
    """

    def __init__(self, max_length: int) -> None:
        super().__init__(max_length)
        self._frame = self._message = 0
        self._is_over = False

    def extend(self, event: Any) -> None:
        """Adds what has arrived of a frame."""
        if self._is_over:
            return
        size = len(event.data.encode() if isinstance(event.data, str) else event.data)
        self._frame += size
        self._message += size
        if self._frame > IN_FORCE.frame_bytes or self._message > IN_FORCE.message_bytes:
            self._is_over = True
            raise ws_stream.FrameTooLargeError
        if event.frame_finished:
            self._frame = 0
        super().extend(event)

    def to_message(self) -> dict[str, Any]:
        """The message, of which nobody takes notice when it was too large."""
        message: dict[str, Any] = super().to_message()
        return {"type": "towpath.too-large"} if self._is_over else message

    def clear(self) -> None:
        """After a message."""
        super().clear()
        self._frame = self._message = 0


def install() -> None:
    """Measures what clients send."""
    ws_stream.WebsocketBuffer = MeasuredBuffer  # type: ignore[misc]
