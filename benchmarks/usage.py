"""Turning what the local cloud recorded into billed quantities: calls by the principals of a design, and its logs.

Rules of the AWS pricing pages that are applied here:
- S3: HEAD and GET are one class; COPY, PUT, POST and LIST the other; DELETE is free. Refused requests are billed too.
- SQS: each request, also the one by which EventBridge hands a message over.
- Pipes: each record that passes, which is the dearer reading for a batch of records below 64 KB.
- DynamoDB Streams: reads by a Lambda trigger are free.
- Logs: bytes of the message plus 26 for each event. Lambda keeps its own START, END and REPORT lines from a function
  whose LoggingConfig asks for system messages from WARN on.
- Sessions (STS), and the polls of a queue that is empty, are not counted: the former are free, the latter are a fixed
  0.26 USD a month for each poller that waits 20 s at a time, and the same in both designs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.designs import Design
from benchmarks.pricing import express_steps, gb_seconds
from local_cloud.session import LocalCloud

LOG_EVENT_OVERHEAD_BYTES = 26
_REPORT = re.compile(r"^REPORT RequestId: \S+\tDuration: ([\d.]+) ms\t.*Memory Size: (\d+) MB")
_PLATFORM_LINE = re.compile(r"^(START|END|REPORT) RequestId: ")


@dataclass
class Usage:
    """Billed quantities of some files by price item, and what they consist of.

    `calls` by `service:Operation`, `writes` in units by operation and table; `invocations`, their ms, and the AWS calls
    made by them by function.
    """

    files: int
    quantities: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    invocations: Counter[str] = field(default_factory=Counter)
    invocation_ms: Counter[str] = field(default_factory=Counter)
    calls_inside: Counter[str] = field(default_factory=Counter)
    memory_mb: dict[str, int] = field(default_factory=dict)

    def per_file(self, item: str) -> float:
        """Quantity of a price item for one file."""
        return float(self.quantities[item]) / self.files


def of_run(cloud: LocalCloud, design: Design, calls: Sequence[Mapping[str, Any]], since_ms: int, files: int) -> Usage:
    """What `files` files used, from the calls since they were sent and the logs since that time (ms of the epoch)."""
    usage = Usage(files)
    for call in calls:
        if design.owns(call["principal"]):
            _add_call(usage, call)
            usage.calls_inside[call["principal"].rsplit("/", 1)[-1]] += 1  # a function's session has its name
    for function in design.functions:
        _add_invocations(usage, cloud, function, since_ms)
    _add_arrivals(usage, design, calls)
    return usage


def _add_call(usage: Usage, call: Mapping[str, Any]) -> None:
    service, operation = call["service"], call["operation"]
    usage.calls[f"{service}:{operation}"] += 1
    match service:
        case "s3":
            usage.quantities[_s3_class(operation)] += 1
        case "sqs":
            usage.quantities["sqs_request"] += 1
        case "dynamodb":
            _add_dynamodb(usage, call)
        case "states" if operation == "StartSyncExecution":
            usage.quantities["express_execution"] += 1
            usage.quantities["express_step"] += express_steps(call["duration_ms"])
        case "sns" if operation == "Publish":
            usage.quantities["sns_publish"] += 1
        case "monitoring" if operation == "PutMetricData":
            usage.quantities["put_metric_data"] += 1


def _s3_class(operation: str) -> str:
    if operation.startswith("Delete"):
        return "s3_free"
    return "s3_read" if operation.startswith(("Head", "Get")) else "s3_write"


def _add_dynamodb(usage: Usage, call: Mapping[str, Any]) -> None:
    written = call.get("write_units") or 0
    usage.quantities["dynamodb_write"] += written
    usage.quantities["dynamodb_read"] += call.get("read_units") or 0
    if written:
        table = call["resource"].rsplit("/", 1)[-1]
        usage.writes[f"{call['operation']} {table}"] += written


def _add_arrivals(usage: Usage, design: Design, calls: Sequence[Mapping[str, Any]]) -> None:
    uploads = [call for call in calls if design.uploader in call["principal"] and call["operation"] == "PutObject"]
    usage.quantities["s3_arrival"] += len(uploads)
    usage.quantities["s3_event"] += len(uploads)  # the landing buckets announce every object, wanted or not
    messages = usage.invocations[design.functions[0]]  # the first step takes each message by itself
    usage.quantities["sqs_request"] += messages
    usage.quantities["pipe_request"] += messages


def _add_invocations(usage: Usage, cloud: LocalCloud, function: str, since_ms: int) -> None:
    configuration = cloud.client("lambda").get_function_configuration(FunctionName=function)
    usage.memory_mb[function] = configuration["MemorySize"]
    logging = configuration.get("LoggingConfig", {})
    own_lines_only = logging.get("SystemLogLevel") == "WARN"
    for message in _log_messages(cloud.client("logs"), f"/aws/lambda/{function}", since_ms):
        if report := _REPORT.match(message):
            duration_ms = float(report[1]) + 1  # the local cloud cuts off fractions, AWS rounds up
            usage.quantities["lambda_invocation"] += 1
            usage.quantities["lambda_gb_second"] += gb_seconds(duration_ms, int(report[2]))
            usage.invocations[function] += 1
            usage.invocation_ms[function] += duration_ms
        if not (own_lines_only and _PLATFORM_LINE.match(message)):
            usage.quantities["log_byte"] += len(message.encode()) + LOG_EVENT_OVERHEAD_BYTES


def _log_messages(logs: Any, group: str, since_ms: int) -> list[str]:
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, startTime=since_ms)
    try:
        return [event["message"] for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []  # the function has never run
