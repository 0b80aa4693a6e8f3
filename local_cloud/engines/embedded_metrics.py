"""Metrics embedded in log events (EMF), which CloudWatch extracts as they arrive.

Specification: "Embedded metric format" of CloudWatch Logs. A message is a JSON object whose `_aws.CloudWatchMetrics`
names the members that are metrics and the members that are dimensions.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

from ministack.services import cloudwatch

_log = logging.getLogger("towpath.metrics")
Metric = tuple[str, str, float, str, dict[str, str]]


def record(message: str) -> None:
    """Records the metrics of one log message; messages that embed none are left alone."""
    if '"_aws"' not in message or not message.startswith("{"):
        return
    try:
        for namespace, name, value, unit, dimensions in extract(json.loads(message)):
            cloudwatch.record_metric(namespace, name, value, unit, dimensions)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        _log.warning("no embedded metrics in %s: %r", message[:200], error)


def extract(document: dict[str, Any]) -> Iterator[Metric]:
    """Namespace, name, value, unit and dimensions of every value that the document holds."""
    for directive in document.get("_aws", {}).get("CloudWatchMetrics", []):
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(document[name]) for name in names}
            for metric in directive["Metrics"]:
                found = document[metric["Name"]]
                for value in found if isinstance(found, list) else [found]:
                    yield directive["Namespace"], metric["Name"], float(value), metric.get("Unit", "None"), dimensions
