"""Logger and metrics of the handlers, set up from the environment by Powertools."""

from __future__ import annotations

import os

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

NAMESPACE = "Towpath"
SERVICE = "towpath"


def service_name() -> str:
    """The dimension `service` of every metric and line."""
    return os.environ.get("POWERTOOLS_SERVICE_NAME", SERVICE)


logger = Logger(service=service_name())


def count(name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    """One metric without dimensions but the service, as a line of embedded metric format."""
    metrics = new_metrics()
    metrics.add_metric(name, unit, value)
    metrics.flush_metrics()


def new_metrics() -> Metrics:
    """An empty set of metrics of the system's namespace."""
    namespace = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", NAMESPACE)
    metrics = Metrics(namespace=namespace, service=service_name())
    metrics.clear_metrics()
    return metrics
