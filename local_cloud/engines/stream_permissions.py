"""Policies on streams: calls of the DynamoDB Streams API are about the stream that they name.

ministack checks them against `*`, so that a policy for one stream's ARN, as AWS wants it, permits nothing. GetRecords
names the stream by its iterator.
"""

from __future__ import annotations

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import dynamodb_streams

from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    PatchedSymbol("ministack.core.iam_actions", "extract_resource_arn", "82f51700695c62fd"),
    PatchedSymbol("ministack.services.dynamodb_streams", "_decode_iterator", "7e5b4a5bf8d89329"),
)


def install() -> None:
    """Wraps ministack's mapping of requests to the resources that policies are about."""
    original = iam_actions.extract_resource_arn

    def extract(service: str, method: str, path: str, headers: dict[str, str], body: bytes, *more: Any) -> str:
        if headers.get("x-amz-target", "").startswith("DynamoDBStreams_"):
            return _stream_of(body)
        return str(original(service, method, path, headers, body, *more))

    iam_actions.extract_resource_arn = extract


def _stream_of(body: bytes) -> str:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return "*"
    iterator = dynamodb_streams._decode_iterator(request.get("ShardIterator", "")) or {}
    return str(request.get("StreamArn") or iterator.get("arn") or "*")
