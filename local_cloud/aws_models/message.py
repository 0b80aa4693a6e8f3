"""HTTP as services see it."""

from __future__ import annotations

from dataclasses import dataclass, field

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


@dataclass(frozen=True)
class Message:
    """A request: `path` without the query, header names in lower case, all values of each query parameter."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
