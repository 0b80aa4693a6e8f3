"""FilterLogEvents: ministack takes every event for a JSON pattern, forgets case and quotes, and has no second page.

Its events have no ids either, by which a reader tells those that it has seen.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
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
_ID_DIGITS = 56
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
    events = list(identified(str(request.get("logGroupName")), json.loads(answer[2])["events"]))
    page: dict[str, Any] = {"events": events[given : given + limit], "searchedLogStreams": []}
    if len(events) > given + limit:
        page["nextToken"] = str(given + limit)
    return answer[0], answer[1], json.dumps(page).encode()


def identified(group: str, events: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """The events with `eventId`: 56 digits, the same whenever an event is found; equal lines are told apart."""
    seen: Counter[str] = Counter()
    for event in events:
        what = json.dumps([group, event["logStreamName"], event["timestamp"], event["message"]])
        seen[what] += 1
        number = int(hashlib.sha256(f"{what} {seen[what]}".encode()).hexdigest(), 16)
        yield {**event, "eventId": f"{number % 10**_ID_DIGITS:0{_ID_DIGITS}}"}


def _refused(message: str) -> Answer:
    refused: Answer = error_response_json("InvalidParameterException", message, _BAD_REQUEST)
    return refused
