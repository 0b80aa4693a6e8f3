"""JWT authorizers are answered without the members that belong to Lambda authorizers.

ministack gives every authorizer a payload format, a cache time and a function: each plan would want to take them away.
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
_create = apigateway._create_authorizer


def install() -> None:
    """Puts our step in the place of ministack's."""
    apigateway._create_authorizer = create


def create(api_id: str, data: dict[str, Any]) -> Answer:
    """CreateAuthorizer; what is kept of a JWT authorizer is what was asked for."""
    before = set(apigateway._authorizers.get(api_id, {}))
    answer: Answer = _create(api_id, data)
    for authorizer_id, kept in apigateway._authorizers.get(api_id, {}).items():
        if authorizer_id not in before and kept["authorizerType"] == "JWT":
            for member in _OF_FUNCTIONS:
                if member not in data:
                    kept.pop(member, None)
            return apigateway._apigw_response(kept, answer[0])  # type: ignore[no-any-return]
    return answer
