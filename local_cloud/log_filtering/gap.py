"""FilterLogEvents: ministack takes every event for a JSON pattern, forgets case and quotes, and has no second page."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch_logs

from local_cloud.log_filtering.patterns import BadPattern, compiled
from local_cloud.symbols import PatchedSymbol

_MODULE = "ministack.services.cloudwatch_logs"
SYMBOLS = (
    PatchedSymbol(_MODULE, "_compile_filter_pattern", "2568f38b56143b81"),
    PatchedSymbol(_MODULE, "_filter_log_events", "9b3d13c713b5d3cb"),
)
_MOST = 10_000  # FilterLogEvents, "limit"
_OK, _BAD_REQUEST = 200, 400
Answer = tuple[int, dict[str, str], bytes]
_filter = cloudwatch_logs._filter_log_events


def install() -> None:
    """Puts our patterns and pages in the place of ministack's."""
    cloudwatch_logs._compile_filter_pattern = compiled
    cloudwatch_logs._filter_log_events = filter_log_events


def filter_log_events(request: dict[str, Any]) -> Answer:
    """FilterLogEvents, a page at a time: the token says how many events were given."""
    token, limit = str(request.get("nextToken") or "0"), min(int(request.get("limit") or _MOST), _MOST)
    if not token.isdigit():
        return _refused("The specified nextToken is invalid.")
    given = int(token)
    try:
        answer: Answer = _filter({**request, "limit": given + limit + 1})
    except BadPattern as bad:
        return _refused(str(bad))
    if answer[0] != _OK:
        return answer
    events = json.loads(answer[2])["events"]
    page = {"events": events[given : given + limit], "searchedLogStreams": []}
    if len(events) > given + limit:
        page["nextToken"] = str(given + limit)
    return answer[0], answer[1], json.dumps(page).encode()


def _refused(message: str) -> Answer:
    refused: Answer = error_response_json("InvalidParameterException", message, _BAD_REQUEST)
    return refused
