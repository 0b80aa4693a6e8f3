"""What is kept of WebSocket APIs is what AWS answers, or each plan would want to change it.

ministack gives them the defaults of HTTP APIs and, on plain HTTP, an endpoint for browsers that cannot be connected to.
"""

from __future__ import annotations

from typing import Any

from ministack.services import apigateway

from local_cloud.http_api.exchange import Answer
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.apigateway"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_api_endpoint_scheme", "ab3fea0194a82a07"),
    PatchedSymbol(_MODULE, "_create_integration", "970005e3a99ef0e3"),
)
_scheme, _create_integration = apigateway._api_endpoint_scheme, apigateway._create_integration


def install() -> None:
    """Puts our steps in the place of ministack's."""
    apigateway._api_endpoint_scheme, apigateway._create_integration = scheme, create_integration


def scheme(protocol: str) -> str:
    """Of an API's endpoint: that of WebSocket APIs is for WebSockets, with or without TLS."""
    found = str(_scheme(protocol))
    return found.replace("http", "ws") if protocol == "WEBSOCKET" else found


def create_integration(api_id: str, request: dict[str, Any]) -> Answer:
    """CreateIntegration: events of WebSocket APIs have one format, whose number is 1.0."""
    is_websocket = apigateway._apis.get(api_id, {}).get("protocolType") == "WEBSOCKET"
    wanted = {"payloadFormatVersion": "1.0", "timeoutInMillis": 29_000, **request} if is_websocket else request
    answer: Answer = _create_integration(api_id, wanted)
    return answer
