"""One connection: let in, messages to its routes, posts to its client, the end.

The order is that of "Manage connected users and client apps": nothing is posted before `$connect` has ended well, and
`$disconnect` runs after the connection is closed. API Gateway does not wait for the answer to one message before it
passes on the next.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from typing import Any

from ministack.services import apigateway

from local_cloud import function_policy
from local_cloud.control_plane import Receive, Scope, Send
from local_cloud.http_api import access_log
from local_cloud.http_api.throttling import Throttle
from local_cloud.websocket_api.invocation import NO_PERMISSION, Result, invoke
from local_cloud.websocket_api.limits import IN_FORCE
from local_cloud.websocket_api.place import Place

Refusal = tuple[int, str]
THROTTLE = Throttle()
GOING_AWAY, NORMAL = 1001, 1000
#: How often a connection looks whether its time is over, at most.
_LOOK_SECONDS = 0.2
_FORBIDDEN: Refusal = (403, "Forbidden")
_TOO_MANY: Refusal = (429, "Too Many Requests")
_FAILED: Refusal = (502, "Internal server error")


class Connection:
    """A connection in the making, open, or over."""

    def __init__(self, place: Place, send: Send) -> None:
        self._place, self._send = place, send
        self._authorizer: dict[str, Any] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._record: dict[str, Any] = {}

    async def serve(self, scope: Scope, receive: Receive) -> None:
        """From the handshake to the end."""
        refused = await self._connect(scope)
        if refused:
            await apigateway._refuse_ws_handshake(
                scope, self._send, *refused, self._place.connection_id, str(uuid.uuid4())
            )
            return
        await self._send({"type": "websocket.accept"})
        self._register()
        posting = asyncio.ensure_future(self._post())
        code, reason = GOING_AWAY, "Going away"
        try:
            code, reason = await self._converse(receive)
        finally:
            self._record["close_event"].set()
            apigateway._ws_connections.pop(self._place.connection_id, None)
            posting.cancel()
            await self._send({"type": "websocket.close", "code": code if code == GOING_AWAY else NORMAL})
            extra = {"disconnectStatusCode": code, "disconnectReason": reason}
            await self._event("DISCONNECT", "$disconnect", "", extra)

    async def _connect(self, scope: Scope) -> Refusal | None:
        route = apigateway._match_ws_route(self._place.api_id, "$connect")
        if not THROTTLE.lets_in((self._place.api_id, self._place.stage, "$connect"), self._place.settings):
            return _TOO_MANY
        if route is None or route["routeKey"] != "$connect":
            return None
        refused = await self._authorize(scope, route)
        if refused:
            self._log("CONNECT", "$connect", Result(refused[0]), error=refused[1])
            return refused
        result = await self._event("CONNECT", "$connect", "")
        if result is None or result.is_success:
            return None
        return (result.status, _FAILED[1]) if result.error else (result.status, "")

    async def _authorize(self, scope: Scope, route: dict[str, Any]) -> Refusal | None:
        place, kind = self._place, str(route.get("authorizationType") or "NONE")
        if kind == "AWS_IAM":
            refused: Refusal | None = apigateway._authorize_ws_iam(
                scope, place.arn("$connect"), place.headers, place.query, place.region
            )
            return refused
        if kind != "CUSTOM":
            return None
        authorizer = apigateway._authorizers.get(place.api_id, {}).get(route.get("authorizerId"), {})
        function = apigateway._extract_lambda_ref_from_integration_uri(authorizer.get("authorizerUri", ""))
        if not function_policy.lets_in(function, "apigateway", self._authorizer_arn(str(route.get("authorizerId")))):
            return 500, NO_PERMISSION
        context = place.context("$connect", "CONNECT", str(uuid.uuid4()))
        refused, self._authorizer = await apigateway._authorize_ws_connect(
            place.api_id, route, context, place.headers, place.query, place.account, place.region
        )
        return refused

    def _authorizer_arn(self, authorizer_id: str) -> str:
        api = self._place.arn("").removesuffix(f"/{self._place.stage}/")
        return f"{api}/authorizers/{authorizer_id}"

    def _register(self) -> None:
        place = self._place
        self._record = {
            "apiId": place.api_id,
            "accountId": place.account,
            "stage": place.stage,
            "connectedAt": time.time(),
            "lastActiveAt": time.time(),
            "identity": {"sourceIp": place.source_ip, "userAgent": place.headers.get("user-agent", "")},
            "outbox": asyncio.Queue(),
            "close_event": asyncio.Event(),
        }
        apigateway._ws_connections[place.connection_id] = self._record

    async def _post(self) -> None:
        """Sends what is posted, in its order."""
        while True:
            text = await self._record["outbox"].get()
            if text is not None:
                self._record["lastActiveAt"] = time.time()
                await self._send({"type": "websocket.send", "text": text})

    async def _converse(self, receive: Receive) -> tuple[int, str]:
        """Takes messages until somebody ends it; returns code and reason of the end."""
        receiving = asyncio.ensure_future(receive())
        deleted = asyncio.ensure_future(self._record["close_event"].wait())
        try:
            while True:
                await asyncio.wait({receiving, deleted}, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if deleted.done() or self._is_over():
                    return (NORMAL, "") if deleted.done() else (GOING_AWAY, "Going away")
                if not receiving.done():
                    continue
                message = receiving.result()
                if message["type"] == "websocket.disconnect":
                    return int(message.get("code") or 1005), str(message.get("reason") or "")
                receiving = asyncio.ensure_future(receive())
                if message["type"] != "websocket.receive":
                    continue
                self._record["lastActiveAt"] = time.time()
                self._take(message.get("text") or (message.get("bytes") or b"").decode(errors="replace"))
        finally:
            receiving.cancel()
            deleted.cancel()

    def _is_over(self) -> bool:
        now = time.time()
        idle, age = now - self._record["lastActiveAt"], now - self._record["connectedAt"]
        return bool(idle > IN_FORCE.idle_seconds or age > IN_FORCE.duration_seconds)

    def _take(self, text: str) -> None:
        task = asyncio.create_task(self._message(text))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _message(self, text: str) -> None:
        expression = apigateway._apis.get(self._place.api_id, {}).get("routeSelectionExpression", "")
        key = apigateway._evaluate_route_selection(expression, text)
        route = apigateway._match_ws_route(self._place.api_id, key)
        if route is None:
            await self._tell(_FORBIDDEN[1])
            return
        if not THROTTLE.lets_in((self._place.api_id, self._place.stage, route["routeKey"]), self._place.settings):
            self._log("MESSAGE", route["routeKey"], Result(_TOO_MANY[0]), error=_TOO_MANY[1])
            await self._tell(_TOO_MANY[1])
            return
        result = await self._event("MESSAGE", route["routeKey"], text, {"messageId": str(uuid.uuid4())})
        if result is None or result.error:
            await self._tell(_FAILED[1])
        elif result.body and apigateway._route_responses.get(self._place.api_id, {}).get(route["routeId"]):
            await self._record["outbox"].put(result.body)

    async def _tell(self, message: str) -> None:
        """What API Gateway says by itself."""
        told = {"message": message, "connectionId": self._place.connection_id, "requestId": str(uuid.uuid4())}
        await self._record["outbox"].put(json.dumps(told))

    async def _event(self, kind: str, route_key: str, body: str, extra: dict[str, Any] | None = None) -> Result | None:
        """Hands an event to a route; None where there is no such route."""
        route = apigateway._match_ws_route(self._place.api_id, route_key)
        if route is None or (kind != "MESSAGE" and route["routeKey"] != route_key):
            return None
        context = {**self._place.context(route["routeKey"], kind, str(uuid.uuid4())), **(extra or {})}
        if self._authorizer is not None:
            context["authorizer"] = self._authorizer
        event: dict[str, Any] = {"requestContext": context, "isBase64Encoded": False}
        if kind == "CONNECT":
            event |= apigateway._ws_connect_fields(self._place.headers, self._place.query)
        if kind == "MESSAGE":
            event["body"] = body
        result = await invoke(self._place, route, event)
        self._log(kind, route["routeKey"], result, error=_FAILED[1] if result.error else "")
        return result

    def _log(self, kind: str, route_key: str, result: Result, error: str = "") -> None:
        """One line of the access log."""
        place, now = self._place, time.time()
        variables = {
            "apiId": place.api_id,
            "stage": place.stage,
            "connectionId": place.connection_id,
            "eventType": kind,
            "routeKey": route_key,
            "status": result.status,
            "requestId": str(uuid.uuid4()),
            "requestTimeEpoch": int(now * 1000),
            "connectedAt": place.connected_at,
            "identity.sourceIp": place.source_ip,
            "identity.userAgent": place.headers.get("user-agent"),
            "integrationErrorMessage": result.error,
            "integrationLatency": round(result.seconds * 1000) if result.seconds else None,
            "error.message": error,
            **{f"authorizer.{name}": value for name, value in (self._authorizer or {}).items()},
        }
        access_log.write(place.settings, variables)
