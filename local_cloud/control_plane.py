"""The part of the server that is not AWS: `/_towpath/…`, JSON, for the command line, tests and the console."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
PREFIX = "/_towpath/"


@dataclass(frozen=True)
class Request:
    """A control-plane request: `query` has the last value of each parameter, `body` the decoded JSON or None."""

    query: dict[str, str]
    body: Any


class BadRequest(ValueError):
    """The request cannot be carried out as written; the message says what to change."""


@dataclass(frozen=True)
class Content:
    """An answer that is no JSON."""

    status: int
    kind: str
    body: bytes


Handler = Callable[[Request], Any]
"""Answers a JSON value, or Content."""


@dataclass
class ControlPlane:
    """Answers `/_towpath/…` from its routes (method and path → handler) and passes everything else on to AWS."""

    aws: Application
    patched: list[str]
    routes: dict[tuple[str, str], Handler] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.routes["GET", "health"] = self.health

    def health(self, _request: Request) -> dict[str, Any]:
        """Ready as soon as it answers at all, since the gaps are installed before the port is bound."""
        return {"ready": True, "pid": os.getpid(), "version": version("ministack"), "patched": self.patched}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI entry point."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.aws(scope, receive, send)
            return
        status, answer = self.answer(scope, await _body(receive))
        content = answer if isinstance(answer, Content) else Content(status, "application/json", _json(answer))
        headers = [(b"content-type", content.kind.encode()), (b"content-length", str(len(content.body)).encode())]
        await send({"type": "http.response.start", "status": content.status, "headers": headers})
        await send({"type": "http.response.body", "body": content.body})

    def answer(self, scope: Scope, body: bytes) -> tuple[int, Any]:
        """Status and JSON value for one request."""
        handler = self.routes.get((scope["method"], scope["path"].removeprefix(PREFIX)))
        if handler is None:
            return 404, {"error": f"no {scope['method']} {scope['path']}; there is {sorted(self.routes)}"}
        query = dict(parse_qsl(scope["query_string"].decode()))
        try:
            return 200, handler(Request(query, json.loads(body or b"null")))
        except ValueError as error:
            return 400, {"error": str(error)}


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
