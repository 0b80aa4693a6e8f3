"""WebSocket APIs at run time, as AWS serves them.

ministack connects, authorizes and routes. It knows no limits of size and time, does not throttle, writes no access
logs, invokes functions that let nobody in, one message after the other, sends their answers also where no route
response was made, tells their errors to nobody, and answers the management API in names that no SDK reads.
"""

from __future__ import annotations

from typing import Any

from ministack import app
from ministack.core.responses import _request_account_id, _request_region
from ministack.services import apigateway

from local_cloud import function_policy, traffic
from local_cloud.control_plane import Receive, Scope, Send
from local_cloud.faults.rules import Occasion
from local_cloud.symbols import PatchedSymbol
from local_cloud.websocket_api import limits, management, settings
from local_cloud.websocket_api.connection import Connection
from local_cloud.websocket_api.place import place_of

_MODULE, _LAMBDA = "ministack.services.apigateway", "ministack.services.lambda_svc"
SYMBOLS = (
    PatchedSymbol(_MODULE, "handle_websocket", "6d609b2db6a0147d"),
    PatchedSymbol(_MODULE, "handle_connections_api", "6fe56ee5b2472e1f"),
    PatchedSymbol(_MODULE, "_api_owner", "7e9ba52001c2f5c5"),
    PatchedSymbol(_MODULE, "_match_ws_route", "6383e2dc14cdc62b"),
    PatchedSymbol(_MODULE, "_evaluate_route_selection", "b830318e61ab9b64"),
    PatchedSymbol(_MODULE, "_ws_request_context", "e390977481e01074"),
    PatchedSymbol(_MODULE, "_ws_connect_fields", "104417719d1c95a1"),
    PatchedSymbol(_MODULE, "_authorize_ws_connect", "2db309604b790cfa"),
    PatchedSymbol(_MODULE, "_authorize_ws_iam", "0c38a242ae0d3bc4"),
    PatchedSymbol(_MODULE, "_refuse_ws_handshake", "2e33e15c084bc0dc"),
    PatchedSymbol(_MODULE, "_post_to_connection_text", "310b5378e0c03ba7"),
    PatchedSymbol(_MODULE, "_extract_lambda_ref_from_integration_uri", "9454805a7592f641"),
    PatchedSymbol("ministack.app", "_handle_execute_api_request", "77a20f6d604b17e3"),
    PatchedSymbol("ministack.app", "_parse_execute_api_url", "13d571174968a2ab"),
    PatchedSymbol(_LAMBDA, "_get_func_record_for_ref_in_scope", "e15d66d84246d2ac"),
    PatchedSymbol(_LAMBDA, "_execution_record_for_config", "632acaa44892bdae"),
    PatchedSymbol(_LAMBDA, "_execute_function_with_config_scope", "26a9d5f64e175204"),
    *limits.SYMBOLS,
    *settings.SYMBOLS,
    *function_policy.SYMBOLS,
)
_FORBIDDEN = 403
_OPERATIONS = {"POST": "PostToConnection", "GET": "GetConnection", "DELETE": "DeleteConnection"}
_execute = app._handle_execute_api_request


def install() -> None:
    """Puts our connections and their management in the place of ministack's."""
    apigateway.handle_websocket = handle_websocket
    apigateway.handle_connections_api = management.handle
    app._handle_execute_api_request = execute
    limits.install()
    settings.install()


async def handle_websocket(
    scope: Scope, receive: Receive, send: Send, api_id: str, path_override: str | None = None
) -> None:
    """One connection, from its handshake to its end."""
    if (await receive())["type"] != "websocket.connect":
        return
    place = place_of(scope, api_id, str(path_override if path_override is not None else scope["path"]))
    if place is None:
        await apigateway._refuse_ws_handshake(scope, send, _FORBIDDEN, "Forbidden", None, None)
        return
    account, region = _request_account_id.set(place.account), _request_region.set(place.region)
    try:
        await Connection(place, send).serve(scope, receive)
    finally:
        _request_region.reset(region)
        _request_account_id.reset(account)


async def execute(host: str, path: str, method: str, headers: Any, body: bytes, query: Any, **more: Any) -> Any:
    """A request to an API; those to connections are API calls, which faults can strike and the record knows."""
    asked = app._parse_execute_api_url(host, path)
    if asked is None or not asked[2].startswith("/@connections/"):
        return await _execute(host, path, method, headers, body, query, **more)
    occasion = _occasion(asked, method, headers, query)

    async def serve() -> Any:
        status, answer_headers, answer = await _execute(host, path, method, headers, body, query, **more)
        if status == _FORBIDDEN:
            others = {name: value for name, value in answer_headers.items() if name.lower() != "x-amzn-errortype"}
            answer_headers = {**others, "x-amzn-ErrorType": "ForbiddenException"}
        return status, answer_headers, answer

    return await traffic.watched(occasion, headers, body, serve)


def _occasion(asked: tuple[str, str, str], method: str, headers: Any, query: Any) -> Occasion:
    api_id, stage, path = asked
    _, account, region = apigateway._api_owner(api_id) or ("", "", "")
    resource = f"arn:aws:execute-api:{region}:{account}:{api_id}/{stage}/{method}{path}"
    return Occasion("execute-api", _OPERATIONS.get(method, method), resource, traffic.caller_of(headers, query))
