"""Lines that services of AWS write into CloudWatch Logs: one JSON object each.

They deliver them themselves, so they are no API calls. A rule may lose or delay a line: operation `WriteLog` of the
service.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch_logs

from local_cloud.aws_client import spawn
from local_cloud.faults.rules import IN_FORCE, ON_CALLS, Occasion
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.cloudwatch_logs"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_create_log_group", "ce6fd1931ae9eb64"),
    PatchedSymbol(_MODULE, "_create_log_stream", "99fc231b967774aa"),
    PatchedSymbol(_MODULE, "_put_log_events", "acd4fda33a3857d7"),
)


def write(service: str, group: str, stream: str, about: str, line: Mapping[str, Any]) -> None:
    """Writes a line into a stream that is made if need be; `about` is what rules see as the resource.

    A group that is not there gets nothing.
    """
    struck = IN_FORCE.decide(Occasion(service, "WriteLog", about, ""), ON_CALLS)
    if struck and struck.action["type"] != "latency":
        return
    if struck:
        spawn(_write_late, struck.action["ms"] / 1000, group, stream, line)
    else:
        _write(group, stream, line)


def _write_late(seconds: float, group: str, stream: str, line: Mapping[str, Any]) -> None:
    time.sleep(seconds)
    _write(group, stream, line)


def _write(group: str, stream: str, line: Mapping[str, Any]) -> None:
    event = {"timestamp": time.time_ns() // 1_000_000, "message": json.dumps(line)}
    cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    cloudwatch_logs._put_log_events({"logGroupName": group, "logStreamName": stream, "logEvents": [event]})


def make_group(group: str) -> None:
    """Makes a group, unless it is there."""
    cloudwatch_logs._create_log_group({"logGroupName": group})
