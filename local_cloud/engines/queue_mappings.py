"""Event source mappings from SQS queues.

ministack 1.5.33 reads the queues itself, past the policies of the function's role, ignores batching windows, takes ids
it never sent for failed messages, and accepts mappings that could never work. As documented under "Using Lambda with
Amazon SQS".
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from typing import Any

from botocore.exceptions import ClientError
from ministack.core.concurrency import run_reentrant
from ministack.core.responses import error_response_json
from ministack.services import lambda_svc, sqs

from local_cloud import aws_client
from local_cloud.engines import sqs_batch_actions, wake
from local_cloud.engines.mapping_runners import MappingRunners
from local_cloud.engines.pipe_targets import reported_failures
from local_cloud.engines.queue_runner import CONCURRENT_BATCHES, DeliveryFailed, QueueRunner, QueueSource, Records
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.lambda_svc"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_create_esm", "d351521bb6cdd30f"),
    PatchedSymbol(_MODULE, "_execute_function", "3ceb16d6480a2161"),
    PatchedSymbol(_MODULE, "_get_func_record_for_qualifier", "a86e90478088123d"),
    PatchedSymbol(_MODULE, "_poll_sqs", "e438a6a1e09482dc"),
    PatchedSymbol(_MODULE, "_resolve_request_scoped_name", "7c6bf4ec0abd5528"),
    PatchedSymbol(_MODULE, "_update_esm", "1b7e0409cb6593c2"),
    PatchedSymbol(_MODULE, "load_persisted_state", "140113ddcd3634e1"),
    PatchedSymbol("ministack.services.sqs", "_queue_by_arn", "b4981875c8186c19"),
    *wake.SYMBOLS,
    *sqs_batch_actions.SYMBOLS,
)
_LARGEST_WITHOUT_WINDOW = 10
_DEFAULT_BATCH = 10
_MAPPINGS_PATH = "/event-source-mappings"
_MOVING = ("LastProcessingResult", "LastModified", "State", "StateTransitionReason", "Tags")
_log = logging.getLogger("towpath.queue-mappings")


def install() -> None:
    """Takes the queues away from ministack's poller and starts runners with the mappings."""
    runners = MappingRunners(":sqs:", _MOVING, _start)
    wake.install()
    sqs_batch_actions.install()
    create, update, restore = lambda_svc._create_esm, lambda_svc._update_esm, lambda_svc.load_persisted_state
    handle = lambda_svc.handle_request

    def create_and_run(request: dict[str, Any]) -> Any:
        answer = create(request)
        runners.start_all()
        return answer

    def update_and_run(uuid: str, request: dict[str, Any]) -> Any:
        answer = update(uuid, request)
        runners.start_all()
        wake.notify()
        return answer

    async def handle_with_checks(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any, *more: Any
    ) -> Any:
        if method == "POST" and path.rstrip("/").endswith(_MAPPINGS_PATH):
            refused = await run_reentrant(refusal, json.loads(body or b"{}"), thread_name="towpath-queue-mapping")
            if refused:
                return error_response_json("InvalidParameterValueException", refused, 400)
        return await handle(method, path, headers, body, query, *more)

    def restore_and_run(state: Any) -> None:
        restore(state)
        runners.start_all()

    lambda_svc._create_esm, lambda_svc._update_esm = create_and_run, update_and_run
    lambda_svc.handle_request, lambda_svc.load_persisted_state = handle_with_checks, restore_and_run
    lambda_svc._poll_sqs = lambda: False


def _start(mapping: dict[str, Any], current: Callable[[], bool]) -> None:
    aws_client.spawn(QueueRunner(partial(_source_of, mapping), current).run)


def _source_of(mapping: dict[str, Any]) -> QueueSource:
    criteria = (mapping.get("FilterCriteria") or {}).get("Filters") or []
    return QueueSource(
        queue_arn=mapping["EventSourceArn"],
        batch_size=mapping.get("BatchSize") or _DEFAULT_BATCH,
        window=mapping.get("MaximumBatchingWindowInSeconds") or 0,
        patterns=[entry["Pattern"] for entry in criteria],
        concurrency=(mapping.get("ScalingConfig") or {}).get("MaximumConcurrency") or CONCURRENT_BATCHES,
        client=partial(_client_of, mapping),
        deliver=partial(_deliver, mapping),
        note=partial(_note, mapping),
    )


def _client_of(mapping: dict[str, Any]) -> Any:
    function = _function_of(mapping)
    if function is None:
        raise DeliveryFailed(f"there is no function {mapping['FunctionArn']}")
    return aws_client.client("sqs", function["config"]["Role"], function["config"]["FunctionName"])


def _function_of(mapping: dict[str, Any]) -> dict[str, Any] | None:
    function, _ = lambda_svc._get_func_record_for_qualifier(mapping["FunctionName"], mapping.get("Qualifier"))
    return function if function and "config" in function else None


def _deliver(mapping: dict[str, Any], records: Records) -> set[str]:
    function = _function_of(mapping)
    if function is None:
        raise DeliveryFailed(f"there is no function {mapping['FunctionArn']}")
    result = lambda_svc._execute_function(function, {"Records": records})
    if result.get("throttle") or result.get("error"):
        raise DeliveryFailed(f"{mapping['FunctionArn']} failed: {result.get('body')}")
    failed: set[str] = set()
    if "ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []):
        failed = reported_failures(_decoded(result.get("body")), {record["messageId"] for record in records})
    mapping["LastProcessingResult"] = "OK"
    return failed


def _decoded(answer: Any) -> Any:
    if not isinstance(answer, str | bytes) or not answer:
        return answer
    try:
        return json.loads(answer)
    except ValueError as error:
        raise DeliveryFailed(f"the function's answer is not JSON: {error}") from error


def _note(mapping: dict[str, Any], error: Exception) -> None:
    _log.warning("mapping %s: %s", mapping["UUID"], error)
    mapping["LastProcessingResult"] = "PROBLEM: Function call failed"


def refusal(request: dict[str, Any]) -> str | None:
    """Why a mapping from a queue would not be made; None when it would, or when it is from something else."""
    source, name = request.get("EventSourceArn", ""), request.get("FunctionName", "")
    function = lambda_svc._functions.get(lambda_svc._resolve_request_scoped_name(name) or "")
    queue = sqs._queue_by_arn(source) if ":sqs:" in source else None
    if queue is None or not function:
        return None
    size, window = request.get("BatchSize", _DEFAULT_BATCH), request.get("MaximumBatchingWindowInSeconds", 0)
    if size > _LARGEST_WITHOUT_WINDOW and not window:
        return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    configuration = function["config"]
    visible, seconds = int(queue["attributes"].get("VisibilityTimeout", 30)), configuration.get("Timeout", 3)
    if visible < seconds:
        return f"Queue visibility timeout: {visible} seconds is less than Function timeout: {seconds} seconds"
    return _missing_permission(source, configuration)


def _missing_permission(source: str, configuration: dict[str, Any]) -> str | None:
    url = aws_client.queue_url(source)
    client = aws_client.client("sqs", configuration["Role"], configuration["FunctionName"])
    # Policies are asked before parameters are looked at, so these calls do nothing but ask.
    calls: dict[str, Callable[[], Any]] = {
        "ReceiveMessage": partial(client.receive_message, QueueUrl=url, MaxNumberOfMessages=0),
        "GetQueueAttributes": partial(client.get_queue_attributes, QueueUrl=url, AttributeNames=["QueueArn"]),
        "DeleteMessage": partial(client.delete_message, QueueUrl=url, ReceiptHandle="none"),
    }
    for action, call in calls.items():
        try:
            call()
        except ClientError as error:
            if "AccessDenied" in error.response["Error"]["Code"]:
                return f"The provided execution role does not have permissions to call {action} on SQS"
    return None
