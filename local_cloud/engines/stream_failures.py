"""The on-failure destination of a stream mapping: what becomes of records that were given up.

Shape as documented under "Retain discarded records for a DynamoDB event source in Lambda". It is sent under the
function's role, which needs the permission to send, as on AWS.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from local_cloud.engines import destinations

_SHARD = "shardId-00000000000000000000-00000000"
Records = list[dict[str, Any]]


def give_up(
    mapping: dict[str, Any], function: dict[str, Any], records: Records, condition: str, invocations: int
) -> None:
    """Tells the destination, if the mapping has one, which records were discarded and why.

    `condition` is RetryAttemptsExhausted or MaximumRecordAgeExceeded, `function` the function's configuration.
    """
    destination = ((mapping.get("DestinationConfig") or {}).get("OnFailure") or {}).get("Destination")
    if not destination or not records:
        return
    destinations.send(function, destination, json.dumps(_message(mapping, function, records, condition, invocations)))


def _message(
    mapping: dict[str, Any], function: dict[str, Any], records: Records, condition: str, invocations: int
) -> dict[str, Any]:
    first, last = records[0]["dynamodb"], records[-1]["dynamodb"]
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": mapping["FunctionArn"],
            "condition": condition,
            "approximateInvokeCount": invocations,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": function.get("Version", "$LATEST"),
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": _moment(time.time()),
        "DDBStreamBatchInfo": {
            "shardId": _SHARD,
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": _moment(first["ApproximateCreationDateTime"]),
            "approximateArrivalOfLastRecord": _moment(last["ApproximateCreationDateTime"]),
            "batchSize": len(records),
            "streamArn": mapping["EventSourceArn"],
        },
    }


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))
