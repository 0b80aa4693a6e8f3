"""Where a connection is: the API and stage it came to, and how it came."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from ministack.core.arn import execute_api_route_arn
from ministack.services import apigateway


def new_connection_id() -> str:
    """Letters and digits, with the = at the end that AWS's have and that paths and keys must stand."""
    return f"{uuid.uuid4().hex[:15]}="


@dataclass(frozen=True)
class Place:
    """API, stage and handshake of one connection. Header names are in lower case."""

    api_id: str
    stage: str
    account: str
    region: str
    headers: dict[str, str]
    query: dict[str, list[str]]
    source_ip: str
    connection_id: str = field(default_factory=new_connection_id)
    connected_at: int = field(default_factory=lambda: int(time.time() * 1000))

    @property
    def settings(self) -> Mapping[str, Any]:
        """The stage's settings."""
        found: Mapping[str, Any] = apigateway._stages.get_scoped(self.account, self.region, self.api_id, {})[self.stage]
        return found

    def arn(self, route_key: str) -> str:
        """The ARN of a route."""
        return str(execute_api_route_arn(self.region, self.account, self.api_id, self.stage, route_key))

    def context(self, route_key: str, event_type: str, request_id: str) -> dict[str, Any]:
        """`requestContext` of an event."""
        made: dict[str, Any] = apigateway._ws_request_context(
            self.api_id, route_key, self.stage, self.connection_id, event_type, request_id, self.source_ip, self.headers
        )
        return {**made, "connectedAt": self.connected_at, "messageDirection": "IN"}


def place_of(scope: Mapping[str, Any], api_id: str, path: str) -> Place | None:
    """Where an upgrade request leads; None where there is no such API or stage."""
    owner = apigateway._api_owner(api_id)
    if not owner or owner[0] != "WEBSOCKET":
        return None
    _, account, region = owner
    stage = path.strip("/")
    if stage not in apigateway._stages.get_scoped(account, region, api_id, {}):
        return None
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope.get("headers", [])}
    query = parse_qs(scope.get("query_string", b"").decode(), keep_blank_values=True)
    client = scope.get("client") or ("127.0.0.1", 0)
    return Place(api_id, stage, account, region, headers, query, str(client[0]))
