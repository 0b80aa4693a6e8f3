"""The API as the commands use it: pages followed, problems turned into errors, reads repeated when nobody answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from towpath.errors import Unreachable, of_status
from towpath.transport import Request, Response, Transport

PAUSES_SECONDS = (0.5, 1.5)
"""Between the tries of a request that may be repeated."""
FIRST_FAILURE = 400

Document = dict[str, Any]


class Api:
    """Requests to one system's API. Raises Invalid, Conflict, NotAllowed, Missing, Unreachable, CliError."""

    def __init__(self, transport: Transport, sleep: Callable[[float], None] = time.sleep) -> None:
        self._transport = transport
        self._sleep = sleep

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """The body of an answer."""
        return self._send(Request("GET", path, _texts(query)), again=True).body

    def pages(self, path: str, query: Mapping[str, Any] | None = None, most: int | None = None) -> Iterator[Document]:
        """Items of all pages, or the first `most` of them."""
        asked = _texts(query)
        given = 0
        while True:
            page = self.get(path, asked)
            for item in page["items"]:
                yield item
                given += 1
                if given == most:
                    return
            if not page.get("nextCursor"):
                return
            asked = {**asked, "cursor": page["nextCursor"]}

    def post(self, path: str, body: Any = None, *, key: str = "", query: Mapping[str, Any] | None = None) -> Any:
        """The body of an answer. `key` is an Idempotency-Key: with it the request may be repeated."""
        headers = {"idempotency-key": key} if key else {}
        return self._send(Request("POST", path, _texts(query), headers, body), again=bool(key)).body

    def put(self, path: str, body: Any, version: int) -> Any:
        """Replaces what is at that version."""
        return self._send(Request("PUT", path, headers=_if_match(version), body=body)).body

    def delete(self, path: str, version: int) -> None:
        """Deletes what is at that version."""
        self._send(Request("DELETE", path, headers=_if_match(version)))

    def _send(self, request: Request, again: bool = False) -> Response:
        pauses = PAUSES_SECONDS if again else ()
        for pause in (*pauses, None):
            try:
                return self._once(request)
            except Unreachable:
                if pause is None:
                    raise
                self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _once(self, request: Request) -> Response:
        response = self._transport.send(request)
        if response.status >= FIRST_FAILURE:
            raise of_status(response.status, response.body, f"{request.method} {request.path}")
        return response


def _if_match(version: int) -> dict[str, str]:
    return {"if-match": f'"{version}"'}


def _texts(query: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (query or {}).items() if value is not None}
