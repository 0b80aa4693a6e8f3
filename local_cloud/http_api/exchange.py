"""What is known about one request to an HTTP API while it is served."""

from __future__ import annotations

import base64
import json
import os
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

Answer = tuple[int, dict[str, Any], Any]


@dataclass
class Exchange:
    """`route_key` and `claims` become known on the way, `problem` when API Gateway itself refuses."""

    request_id: str = field(default_factory=lambda: base64.b64encode(os.urandom(11)).decode())
    begun: float = field(default_factory=time.time)
    route_key: str | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    authorizer_error: str | None = None
    problem: str | None = None
    integration_error: str | None = None
    integration_status: int | None = None
    integration_seconds: float | None = None

    def variables(self, answer: Answer, **request: Any) -> dict[str, Any]:
        """The variables of the access log."""
        status, _, body = answer
        moment = time.gmtime(self.begun)
        milliseconds = None if self.integration_seconds is None else round(self.integration_seconds * 1000)
        claims = {f"authorizer.claims.{name}": value for name, value in self.claims.items()}
        return {
            **request,
            **claims,
            "authorizer.error": self.authorizer_error,
            "error.message": self.problem,
            "error.messageString": None if self.problem is None else json.dumps(self.problem),
            "extendedRequestId": self.request_id,
            "integrationErrorMessage": self.integration_error,
            "integration.error": self.integration_error,
            "integration.status": self.integration_status,
            "integrationStatus": self.integration_status,
            "integrationLatency": milliseconds,
            "integration.latency": milliseconds,
            "protocol": "HTTP/1.1",
            "requestId": self.request_id,
            "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", moment),
            "requestTimeEpoch": int(self.begun * 1000),
            "responseLatency": round((time.time() - self.begun) * 1000),
            "responseLength": len(body),
            "routeKey": self.route_key,
            "status": status,
        }


CURRENT: ContextVar[Exchange | None] = ContextVar("towpath_http_api_exchange", default=None)


def refuse(status: int, message: str, **headers: str) -> Answer:
    """An answer of API Gateway itself; its message goes to the access log as well."""
    exchange = CURRENT.get()
    if exchange:
        exchange.problem = message
    return status, {"Content-Type": "application/json", **headers}, json.dumps({"message": message}).encode()
