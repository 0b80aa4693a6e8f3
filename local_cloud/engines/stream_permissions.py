"""Policies on streams: calls of the DynamoDB Streams API are about the stream that they name.

ministack checks them against `*`, so that a policy for one stream's ARN, as AWS wants it, permits nothing. GetRecords
names the stream by its iterator.
"""

from __future__ import annotations

import json

from ministack.services import dynamodb_streams

from local_cloud import policy_resources
from local_cloud.policy_resources import Asked
from local_cloud.symbols import PatchedSymbol

SYMBOLS = (
    *policy_resources.SYMBOLS,
    PatchedSymbol("ministack.services.dynamodb_streams", "_decode_iterator", "7e5b4a5bf8d89329"),
)


def install() -> None:
    """Names the stream of every request of the Streams API."""
    policy_resources.name_resources(_resource_of)


def _resource_of(asked: Asked) -> str | None:
    if asked.headers.get("x-amz-target", "").startswith("DynamoDBStreams_"):
        return _stream_of(asked.body)
    return None


def _stream_of(body: bytes) -> str:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return "*"
    iterator = dynamodb_streams._decode_iterator(request.get("ShardIterator", "")) or {}
    return str(request.get("StreamArn") or iterator.get("arn") or "*")
