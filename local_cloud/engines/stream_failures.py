"""The on-failure destination of a stream mapping: what becomes of records that were given up.

Shape as documented under "Retain discarded records for a DynamoDB event source in Lambda". It is sent under the
function's role, which needs the permission to send, as on AWS.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from local_cloud import aws_client
from local_cloud.engines.patience import patiently

_SHARD = "shardId-00000000000000000000-00000000"
_log = logging.getLogger("towpath.streams")
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
    message = json.dumps(_message(mapping, function, records, condition, invocations))
    service = destination.split(":")[2]
    client = aws_client.client(service, function["Role"], function["FunctionName"])
    try:
        patiently(lambda: _SENDERS[service](client, destination, message))
    except (ClientError, BotoCoreError) as error:
        _log.warning("mapping %s cannot reach %s: %s", mapping["UUID"], destination, error)


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


def _to_queue(client: Any, arn: str, message: str) -> None:
    account, name = arn.split(":")[4:6]
    client.send_message(QueueUrl=f"{aws_client.endpoint_url()}/{account}/{name}", MessageBody=message)


def _to_topic(client: Any, arn: str, message: str) -> None:
    client.publish(TopicArn=arn, Message=message)


_SENDERS: dict[str, Callable[[Any, str, str], None]] = {"sqs": _to_queue, "sns": _to_topic}
