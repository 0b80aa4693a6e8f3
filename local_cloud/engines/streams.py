"""Event source mappings from DynamoDB streams.

ministack 1.5.33 reads the streams but knows no retries, bisection, partial failures, batching window, parallelization
or failure queue by number of attempts. Here each mapping has a `StreamRunner` per lane; settings that were not given
have AWS's defaults, so that Terraform finds what it expects.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import error_response_json
from ministack.services import dynamodb, lambda_svc

from local_cloud import aws_client
from local_cloud.engines import stream_permissions, wake
from local_cloud.engines.mapping_runners import MappingRunners
from local_cloud.engines.stream_runner import StreamRunner
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.lambda_svc"
_PATCHED = {
    "_create_esm": "d351521bb6cdd30f",
    "_esm_response": "342077ea51fb7b0b",
    "_execute_function": "3ceb16d6480a2161",
    "_get_func_record_for_qualifier": "a86e90478088123d",
    "_init_stream_position": "bef560b23a1a9826",
    "_poll_dynamodb_streams": "2b2460e933a9f3c3",
    "_resolve_request_scoped_name": "7c6bf4ec0abd5528",
    "_update_esm": "1b7e0409cb6593c2",
    "load_persisted_state": "140113ddcd3634e1",
}
SYMBOLS = (
    *(PatchedSymbol(_MODULE, name, digest) for name, digest in _PATCHED.items()),
    *stream_permissions.SYMBOLS,
    *wake.SYMBOLS,
)

# "CreateEventSourceMapping", request parameters of stream sources and their defaults.
_DEFAULTS: dict[str, Any] = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
    "TumblingWindowInSeconds": 0,
}
# What ministack drops at creation.
_KEPT = ("TumblingWindowInSeconds", "MetricsConfig", "LoggingConfig", "KMSKeyArn")
_MAPPINGS_PATH = "/event-source-mappings"
_MOVING = ("LastProcessingResult", "State", "Tags")


def _start(mapping: dict[str, Any], current: Callable[[], bool]) -> None:
    lambda_svc._init_stream_position(mapping["UUID"], mapping["EventSourceArn"], mapping["StartingPosition"])
    lanes = mapping.get("ParallelizationFactor") or 1
    table = mapping["EventSourceArn"].split(":table/")[1].split("/")[0]
    # Streams begin anew with the server, positions that were kept do not.
    kept = lambda_svc._dynamodb_stream_positions[mapping["UUID"]]
    positions = [min(kept, dynamodb.stream_end_position(table))] * lanes

    def advanced(lane: int, position: int) -> None:
        positions[lane] = position
        if current():
            lambda_svc._dynamodb_stream_positions[mapping["UUID"]] = min(positions)

    for lane in range(lanes):
        aws_client.spawn(StreamRunner(mapping, lane, positions[lane], current, advanced).run)


def install() -> None:
    """Takes the streams away from ministack's poller and wraps its API of mappings."""
    runners = MappingRunners(":dynamodb:", _MOVING, _start)
    wake.install()
    stream_permissions.install()
    create, update, restore = lambda_svc._create_esm, lambda_svc._update_esm, lambda_svc.load_persisted_state
    handle = lambda_svc.handle_request

    def create_with_defaults(request: dict[str, Any]) -> Any:
        streaming = ":dynamodb:" in request.get("EventSourceArn", "")
        answer = create({**copy.deepcopy(_DEFAULTS), **request} if streaming else request)
        uuid = json.loads(answer[2]).get("UUID")
        if not streaming or uuid is None:
            return answer
        mapping = lambda_svc._esms[uuid]
        defaults = {name: _DEFAULTS[name] for name in _DEFAULTS if name not in mapping}
        mapping.update({**defaults, **{name: request[name] for name in _KEPT if name in request}})
        runners.start_all()
        return _answer(answer, mapping)

    def update_and_restart(uuid: str, request: dict[str, Any]) -> Any:
        answer = update(uuid, request)
        mapping = lambda_svc._esms.get(uuid)
        if mapping is None:
            return answer
        mapping.update({name: request[name] for name in _KEPT if name in request})
        if ":dynamodb:" in mapping.get("EventSourceArn", ""):
            runners.start_all()
            wake.notify()
        return _answer(answer, mapping)

    async def handle_with_access(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any, *more: Any
    ) -> Any:
        if method == "POST" and path.rstrip("/").endswith(_MAPPINGS_PATH):
            refused = await run_reentrant(_refuse_unreadable, json.loads(body or b"{}"), thread_name="towpath-stream")
            if refused:
                return refused
        return await handle(method, path, headers, body, query, *more)

    def restore_and_run(state: Any) -> None:
        restore(state)
        runners.start_all()

    lambda_svc._create_esm = create_with_defaults
    lambda_svc._update_esm = update_and_restart
    lambda_svc._poll_dynamodb_streams = lambda: False
    lambda_svc.load_persisted_state = restore_and_run
    lambda_svc.handle_request = handle_with_access


def _answer(answer: Any, mapping: dict[str, Any]) -> Any:
    return answer[0], answer[1], json.dumps(lambda_svc._esm_response(mapping)).encode()


def _refuse_unreadable(request: dict[str, Any]) -> Any:
    """The refusal of a mapping whose function's role may not read the stream; None when it may."""
    source = request.get("EventSourceArn", "")
    name = lambda_svc._resolve_request_scoped_name(request.get("FunctionName", ""))
    function = lambda_svc._functions.get(name) if name else None
    if ":dynamodb:" not in source or not function:
        return None
    configuration = function["config"]
    streams = aws_client.client("dynamodbstreams", configuration["Role"], configuration["FunctionName"])
    try:
        shards = streams.describe_stream(StreamArn=source)["StreamDescription"]["Shards"]
        for shard in shards[:1]:
            start = {"ShardId": shard["ShardId"], "ShardIteratorType": "LATEST"}
            iterator = streams.get_shard_iterator(StreamArn=source, **start)["ShardIterator"]
            streams.get_records(ShardIterator=iterator, Limit=1)
    except ClientError as error:
        if "AccessDenied" not in error.response["Error"]["Code"]:
            return None
        message = (
            f"Cannot access stream {source}. Please ensure the role can perform the GetRecords, GetShardIterator, "
            f"DescribeStream, and ListStreams Actions on your stream in IAM. ({error})"
        )
        return error_response_json("InvalidParameterValueException", message, 400)
    return None
