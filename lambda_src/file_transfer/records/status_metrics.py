"""Metrics of settled transfers in embedded metric format: one line per workflow and status of a batch.

Dimensions are the workflow and the status, and once more the service alone, which alarms watch. Each combination is a
metric to pay for, so they are bounded: workflows that are named to the recorder (those that ship with the stack) have
one of their own, all others share `other`, and the customer is never one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit

from file_transfer.observe import new_metrics, service_name
from file_transfer.records.claim import HELD, RETRYING, WAITING
from file_transfer.records.identity import arrival_of
from shared.clock import parse

Image = Mapping[str, Any]
Key = tuple[str, str]

#: Below the 100 values a metric may have in one line (CloudWatch Logs, embedded metric format specification).
VALUES_A_LINE = 90
NAMES = {
    "SUCCESS": "FileTransferSuccess",
    "SUPERSEDED": "FileTransferSuperseded",
    "PARTIAL": "FileTransferPartial",
    "FAILED": "FileTransferFailed",
    "REJECTED": "FileTransferRejected",
    RETRYING: "FileTransferRetry",
    HELD: "FileTransferHeld",
}


OTHER = "other"


def workflow_dimension(new: Image, named: frozenset[str]) -> str:
    """The workflow if it has metrics of its own; definitions come by the thousand without a deploy."""
    return str(new["workflowId"]) if new["workflowId"] in named else OTHER


def emit(settled: Iterable[Image], named: frozenset[str]) -> None:
    """Counts of each outcome; for ends also the seconds since arrival and the bytes."""
    groups: dict[Key, list[Image]] = defaultdict(list)
    for new in settled:
        groups[workflow_dimension(new, named), new["status"]].append(new)
    for (workflow_id, status), images in _in_lines(groups):
        metrics = new_metrics()
        metrics.add_dimension("workflowId", workflow_id)
        metrics.add_dimension("status", status)
        metrics.add_dimensions(service=service_name())
        for new in images:
            metrics.add_metric(NAMES[status], MetricUnit.Count, 1)
            if status not in WAITING:
                metrics.add_metric("SecondsSinceArrival", MetricUnit.Seconds, _seconds(new))
                metrics.add_metric("FileSize", MetricUnit.Bytes, float(new["metadata"].get("fileSizeBytes", 0)))
        metrics.flush_metrics()


def _in_lines(groups: Mapping[Key, list[Image]]) -> Iterable[tuple[Key, list[Image]]]:
    for key, images in groups.items():
        for start in range(0, len(images), VALUES_A_LINE):
            yield key, images[start : start + VALUES_A_LINE]


def _seconds(new: Image) -> float:
    return max((parse(new["timestamp"]) - parse(arrival_of(new["SK"]))).total_seconds(), 0.0)
