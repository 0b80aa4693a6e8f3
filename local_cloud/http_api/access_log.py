"""Access logs: one event a request, in the format of the stage.

Variables as in "Customize HTTP API access logs"; what has no value is "-". The delivery service writes the events, not
a role, so they are no API calls.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch_logs

_VARIABLE = re.compile(r"\$context\.([A-Za-z0-9_.:-]*[A-Za-z0-9_:-])")
_HTTP_OK = 200
_log = logging.getLogger("towpath.http-api")


def write(stage: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """Writes the event of one request, if the stage has a log."""
    settings = stage.get("accessLogSettings") or {}
    if "destinationArn" not in settings or "format" not in settings:
        return
    group = str(settings["destinationArn"]).split(":log-group:")[-1].removesuffix(":*")
    stream = f"{variables['apiId']}-{variables['stage']}-{time.strftime('%Y-%m-%d', time.gmtime())}"
    cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
    event = {"timestamp": int(time.time() * 1000), "message": rendered(settings["format"], variables)}
    status, _, body = cloudwatch_logs._put_log_events(
        {"logGroupName": group, "logStreamName": stream, "logEvents": [event]}
    )
    if status != _HTTP_OK:
        _log.warning("no access log of %s: %s", variables["apiId"], body)


def rendered(form: str, variables: Mapping[str, Any]) -> str:
    """The format with its variables filled in, without its line end."""

    def value(found: re.Match[str]) -> str:
        known = variables.get(found[1])
        return "-" if known is None or known == "" else str(known).replace('"', '\\"')

    return _VARIABLE.sub(value, form).rstrip("\n")
