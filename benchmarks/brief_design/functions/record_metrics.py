"""Record Metrics: one number by one API call."""

from __future__ import annotations

from typing import Any

import boto3

cloudwatch = boto3.client("cloudwatch")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    dimensions = {"Customer": event["customerId"], "WorkflowId": event["workflowId"]}
    cloudwatch.put_metric_data(
        Namespace="FileTransfer",
        MetricData=[
            {
                "MetricName": "FileTransferSuccess",
                "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                "Value": 1,
            }
        ],
    )
    return event
