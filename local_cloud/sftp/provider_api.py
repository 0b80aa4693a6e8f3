"""What Transfer Family's API has about identity providers: a test of one, and no users of its own beside it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from ministack.core import iam_evaluator
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import error_response_json, get_account_id, get_region
from ministack.services import transfer

from local_cloud.aws_models.message import Message
from local_cloud.aws_models.service import Checked, ModelledService
from local_cloud.connectors.records import invalid, missing
from local_cloud.settings import LOOPBACK
from local_cloud.sftp.identity_provider import Provider, kind_of
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (PatchedSymbol("ministack.services.transfer", "handle_request", "79066b858b35a4d5"),)


def test(data: dict[str, Any], _principal: str) -> dict[str, Any]:
    """TestIdentityProvider: what the function answers to a password. Raises ApiError."""
    server = transfer._servers.get(data["ServerId"])
    if server is None:
        raise missing("server")
    if kind_of(server) != "AWS_LAMBDA":
        raise invalid(f"{data['ServerId']} not configured for external auth")
    provider = Provider(get_account_id(), get_region(), server)
    reply = provider.ask(data["UserName"], data.get("UserPassword", ""), data.get("SourceIp", LOOPBACK))
    status = HTTPStatus.INTERNAL_SERVER_ERROR if reply.problem else HTTPStatus.OK
    response = json.dumps(reply.known) if reply.known else ""
    return {"Response": response, "StatusCode": int(status), "Message": reply.problem, "Url": ""}


def install() -> None:
    """Wraps the dispatcher."""
    service = ModelledService("transfer", Checked("transfer", {"TestIdentityProvider": test}))
    handle: Callable[..., Awaitable[Any]] = transfer.handle_request

    async def handle_with_providers(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        if action == "TestIdentityProvider":
            principal = iam_evaluator.request_caller_arn(headers, query)
            message = Message(method, path, query, headers, body)
            return await run_reentrant(service.answer, message, principal, thread_name="towpath-transfer")
        if action == "CreateUser" and _has_provider(json.loads(body)):
            return error_response_json(
                "InvalidRequestException", "The server's users are those of its identity provider", 400
            )
        return await handle(method, path, headers, body, query)

    transfer.handle_request = handle_with_providers


def _has_provider(data: dict[str, Any]) -> bool:
    server = transfer._servers.get(data.get("ServerId", ""))
    return server is not None and kind_of(server) != "SERVICE_MANAGED"
