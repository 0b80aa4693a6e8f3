"""The management API of connections, `/{stage}/@connections/{connectionId}`, by botocore's model of it.

Whether the caller may use it has been asked before (execute-api:ManageConnections).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from ministack.services import apigateway

from local_cloud.websocket_api.limits import IN_FORCE

Answer = tuple[int, dict[str, str], bytes]


async def handle(method: str, api_id: str, stage: str, connection_id: str, body: bytes, _headers: Any) -> Answer:
    """PostToConnection, GetConnection or DeleteConnection."""
    found = apigateway._ws_connections.get(unquote(connection_id))
    if not found or (found["apiId"], found["stage"]) != (api_id, stage):
        return _refused(410, "GoneException")
    if method == "POST":
        return await _post(found, body)
    if method == "GET":
        return _json(
            200,
            {
                "connectedAt": _iso(found["connectedAt"]),
                "identity": found["identity"],
                "lastActiveAt": _iso(found["lastActiveAt"]),
            },
        )
    if method == "DELETE":
        found["close_event"].set()
        return 204, {}, b""
    return _refused(403, "ForbiddenException", "Forbidden")


async def _post(found: dict[str, Any], body: bytes) -> Answer:
    if len(body) > IN_FORCE.message_bytes:
        return _refused(413, "PayloadTooLargeException", "The message is too large")
    if found["outbox"].qsize() >= IN_FORCE.waiting_messages:
        return _refused(429, "LimitExceededException")
    await found["outbox"].put(apigateway._post_to_connection_text(body))
    return 200, {"Content-Type": "application/json"}, b""


def _refused(status: int, code: str, message: str | None = None) -> Answer:
    answer = _json(status, {"message": message or code})
    return answer[0], {**answer[1], "x-amzn-ErrorType": code}, answer[2]


def _json(status: int, value: dict[str, Any]) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
