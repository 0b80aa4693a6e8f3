"""Delivering the history of executions to CloudWatch Logs.

The format is that of "Logging using CloudWatch Logs": one JSON object per event, in streams named
`states/<machine>/<minute>/<id>`. The delivery service writes them, not the machine's role, so they are no API calls.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import datetime
from typing import Any

from ministack.services import cloudwatch_logs

from local_cloud.engines.states_history import details_name
from local_cloud.engines.states_model import Execution

_DATA = ("input", "output", "parameters")
_log = logging.getLogger("towpath.states")


def deliver(execution: Execution, configuration: dict[str, Any]) -> None:
    """Writes the events of a finished execution to the machine's log groups."""
    events = execution.history.events
    if configuration.get("level", "OFF") == "OFF" or not events:
        return
    with_data = configuration.get("includeExecutionData", False)
    entries = [
        {"timestamp": _milliseconds(event), "message": json.dumps(_entry(execution, event, with_data))}
        for event in events
    ]
    for destination in configuration.get("destinations", []):
        group = destination["cloudWatchLogsLogGroup"]["logGroupArn"].split(":log-group:")[1].removesuffix(":*")
        stream = f"states/{execution.machine_name}/{time.strftime('%Y-%m-%d-%H-%M', time.gmtime())}/00000001"
        cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
        status, _, body = cloudwatch_logs._put_log_events(
            {"logGroupName": group, "logStreamName": stream, "logEvents": entries}
        )
        if status != 200:  # noqa: PLR2004
            _log.warning("no log delivery for %s: %s", execution.arn, body)


def _entry(execution: Execution, event: dict[str, Any], with_data: bool) -> dict[str, Any]:
    details = event.get(details_name(event["type"]), {})
    return {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details if with_data else {name: details[name] for name in details if name not in _DATA},
        "previous_event_id": str(event.get("previousEventId", 0)),
        "event_timestamp": str(_milliseconds(event)),
        "execution_arn": execution.arn,
        "redrive_count": "0",
    }


def _milliseconds(event: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000)
