"""What the server says, as text that fits into one frame.

A message has at most 128 KB and a frame 32 KB, also where it is posted ("Quotas for configuring and running a WebSocket
API"). Ours are one frame; a client reads what is larger over the API.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.live.topics import Snapshot

MAX_BYTES = 32 * 1024


def snapshot(topic: str, found: Snapshot) -> str:
    """`{"type": "snapshot", "topic", "seq", "data"}`, or `"truncated": true` in the place of data."""
    return _fitting({"type": "snapshot", "topic": topic, "seq": found.seq}, found.data)


def delta(topic: str, seq: int, previous_seq: int, data: Mapping[str, Any], **more: Any) -> str:
    """`{"type": "delta", "topic", "seq", "previousSeq", "data"}`; `more` may have `key` and `whole`.

    `data` is a merge patch (RFC 7396) of what the client has at `previousSeq`. With `whole` it needs no base.
    """
    return _fitting({"type": "delta", "topic": topic, **more, "seq": seq, "previousSeq": previous_seq}, data)


def confirmation(kind: str, topic: str) -> str:
    """`{"type": "unsubscribed", "topic"}`."""
    return _text({"type": kind, "topic": topic})


def pong() -> str:
    """The answer to a ping."""
    return _text({"type": "pong"})


def error(code: str, message: str, topic: str = "") -> str:
    """`{"type": "error", "code", "message"}`, with the topic where the error is about one."""
    about = {"topic": topic} if topic else {}
    return _text({"type": "error", "code": code, "message": message, **about})


def _fitting(head: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    text = _text({**head, "data": data})
    return text if len(text) <= MAX_BYTES else _text({**head, "truncated": True})


def _text(message: Mapping[str, Any]) -> str:
    """Without blanks and in ASCII, so that characters are bytes."""
    return json.dumps(message, separators=(",", ":"), default=_plain)


def _plain(value: object) -> int | float:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} has no place in a message")
