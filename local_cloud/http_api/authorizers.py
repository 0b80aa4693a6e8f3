"""Authorizers are answered without the members that belong to those of another kind.

ministack gives every authorizer a payload format, a cache time, a function and settings of JWTs: each plan would want
to take them away. Of the authorizers that are functions only those of HTTP APIs have a format and a cache.
"""

from __future__ import annotations

from typing import Any

from ministack.services import apigateway

from local_cloud.http_api.exchange import Answer
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.services.apigateway", "_create_authorizer", "acfa0e4818febf81"),)
_OF_FUNCTIONS = (
    "authorizerCredentialsArn",
    "authorizerPayloadFormatVersion",
    "authorizerResultTtlInSeconds",
    "authorizerUri",
    "enableSimpleResponses",
)
_OF_HTTP_APIS = (
    "authorizerCredentialsArn",
    "authorizerPayloadFormatVersion",
    "authorizerResultTtlInSeconds",
    "enableSimpleResponses",
    "jwtConfiguration",
)
_create = apigateway._create_authorizer


def install() -> None:
    """Puts our step in the place of ministack's."""
    apigateway._create_authorizer = create


def create(api_id: str, data: dict[str, Any]) -> Answer:
    """CreateAuthorizer; what is kept of a JWT authorizer, or of one of a WebSocket API, is what was asked for."""
    before = set(apigateway._authorizers.get(api_id, {}))
    answer: Answer = _create(api_id, data)
    for authorizer_id, kept in apigateway._authorizers.get(api_id, {}).items():
        foreign = _foreign(api_id, kept["authorizerType"])
        if authorizer_id not in before and foreign:
            for member in foreign:
                if member not in data:
                    kept.pop(member, None)
            return apigateway._apigw_response(kept, answer[0])  # type: ignore[no-any-return]
    return answer


def _foreign(api_id: str, kind: str) -> tuple[str, ...]:
    if kind == "JWT":
        return _OF_FUNCTIONS
    return _OF_HTTP_APIS if apigateway._apis.get(api_id, {}).get("protocolType") == "WEBSOCKET" else ()
