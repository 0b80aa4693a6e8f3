"""Error answers in the protocol of the request."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

Response = tuple[int, dict[str, str], bytes]
# What each service says when it is called too often: its own API reference, "Errors".
_THROTTLING: dict[str, tuple[str, int]] = {
    "s3": ("SlowDown", 503),
    "lambda": ("TooManyRequestsException", 429),
    "sqs": ("RequestThrottled", 403),
    "sns": ("Throttled", 429),
    "drs": ("ThrottlingException", 429),
    "quicksight": ("ThrottlingException", 429),
    "execute-api": ("LimitExceededException", 429),
    "servicequotas": ("TooManyRequestsException", 400),
}
_OTHERS = ("ThrottlingException", 400)


def throttled(service: str, headers: Mapping[str, str]) -> Response:
    """The service's own throttling error."""
    return refused(service, headers, *_THROTTLING.get(service, _OTHERS))


def failed(service: str, headers: Mapping[str, str], action: Mapping[str, Any]) -> Response:
    """The error that a rule asks for: `code` and `status` (default 500)."""
    return refused(service, headers, str(action["code"]), int(action.get("status", HTTPStatus.INTERNAL_SERVER_ERROR)))


def lost(service: str, headers: Mapping[str, str]) -> Response:
    """What a client sees of a call that was carried out and whose answer got lost."""
    return refused(service, headers, "InternalError", HTTPStatus.INTERNAL_SERVER_ERROR)


def refused(service: str, headers: Mapping[str, str], code: str, status: int) -> Response:
    """An error answer with a code and a status."""
    request_id, message = str(uuid.uuid4()), f"{code}: injected by the local cloud"
    common = {"x-amzn-RequestId": request_id, "x-amz-request-id": request_id}
    details = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if service == "s3":
        xml = f"<Error>{details}<RequestId>{request_id}</RequestId></Error>"
        return status, {"Content-Type": "application/xml", **common}, xml.encode()
    if "form-urlencoded" in headers.get("content-type", ""):
        error = f"<Error><Type>Sender</Type>{details}</Error><RequestId>{request_id}</RequestId>"
        return status, {"Content-Type": "text/xml", **common}, f"<ErrorResponse>{error}</ErrorResponse>".encode()
    body = json.dumps({"__type": code, "message": message}).encode()
    return status, {"Content-Type": "application/x-amz-json-1.0", "x-amzn-ErrorType": code, **common}, body


def error_code(status: int, headers: Mapping[str, str], body: object) -> str | None:
    """The error code of an answer: None for a success, the status when the answer names none."""
    if "X-Amz-Function-Error" in headers:
        return headers["X-Amz-Function-Error"]
    if status < HTTPStatus.BAD_REQUEST:
        return None
    text = body.decode(errors="replace") if isinstance(body, bytes) else ""
    if "<Code>" in text:
        return text.partition("<Code>")[2].partition("</Code>")[0]
    try:
        kind = json.loads(text).get("__type", "")
    except (ValueError, AttributeError):
        kind = ""
    return kind.rpartition("#")[2] or next(
        (value.partition(":")[0] for name, value in headers.items() if name.lower() == "x-amzn-errortype"), str(status)
    )
