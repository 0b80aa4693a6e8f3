"""A boto3 client whose calls are answered in this process: real serialisation and real errors, no network.

client = boto3.client("drs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
bind(client, simulator)
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError

from local_cloud.aws_models.errors import LostResponse
from local_cloud.aws_models.message import Message
from local_cloud.aws_models.service import Implementation, ModelledService


def bind(client: Any, implementation: Implementation, principal: str = "") -> None:
    """Lets `implementation` answer every call of `client`; `principal` is the ARN that it sees as the caller.

    An answer that gets lost is a closed connection to the client. botocore's own retries apply, as on the network.
    """
    service = ModelledService(client.meta.service_model.service_name, implementation)

    def answer(request: AWSRequest, **_more: Any) -> AWSResponse:
        parts = urlsplit(request.url)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        message = Message(request.method, parts.path, parse_qs(parts.query), headers, _bytes(request.body))
        try:
            status, sent, body = service.answer(message, principal)
        except LostResponse as lost:
            raise ConnectionClosedError(endpoint_url=request.url) from lost
        return AWSResponse(request.url, status, sent, _Raw(body))

    client.meta.events.register_first(f"before-send.{client.meta.service_model.service_id.hyphenize()}", answer)


class _Raw:
    """What botocore reads an answer's body from."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_more: Any) -> list[bytes]:
        """The body in one piece."""
        return [self._body]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    return body.encode() if isinstance(body, str) else bytes(body.read())
