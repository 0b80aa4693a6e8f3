"""CloudWatch over the Query protocol, as Terraform speaks it, with all fields.

ministack's Query answers leave most fields of an alarm out, so that every plan wants to change it; its JSON answers are
complete. So a Query request becomes a JSON request, and the JSON answer becomes XML.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import botocore.session
from ministack.services import cloudwatch

from local_cloud import query_protocol
from local_cloud.symbols import PatchedSymbol

Response = tuple[int, dict[str, str], bytes]
SYMBOLS = (PatchedSymbol("ministack.services.cloudwatch", "handle_request", "0e8a6c92a042e65c"),)


def install() -> None:
    """Puts the translation in front of ministack's CloudWatch."""
    original: Callable[..., Awaitable[Response]] = cloudwatch.handle_request
    model = botocore.session.get_session().get_service_model("cloudwatch")

    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Response:
        form = query_protocol.read_form(body) if "form-urlencoded" in headers.get("content-type", "") else {}
        if form.get("Action") not in model.operation_names:
            return await original(method, path, headers, body, query)
        operation = model.operation_model(form["Action"])
        wanted = query_protocol.read_input(operation.input_shape, form) if operation.input_shape else {}
        target = f"{model.metadata['targetPrefix']}.{operation.name}"
        as_json = {**headers, "content-type": "application/x-amz-json-1.0", "x-amz-target": target}
        status, _, answer = await original("POST", "/", as_json, json.dumps(wanted).encode(), {})
        return status, {"Content-Type": "text/xml"}, _as_xml(operation, status, json.loads(answer or b"{}"))

    cloudwatch.handle_request = handle_request


def _as_xml(operation: Any, status: int, answer: dict[str, Any]) -> bytes:
    namespace, request_id = operation.service_model.metadata["xmlNamespace"], str(uuid.uuid4())
    if status == HTTPStatus.OK:
        return query_protocol.write_response(operation.name, operation.output_shape, answer, namespace, request_id)
    code = str(answer.get("__type", "InternalServiceError")).rpartition("#")[2]
    message = str(answer.get("message") or answer.get("Message") or "")
    return query_protocol.write_error(code, message, namespace, request_id)
