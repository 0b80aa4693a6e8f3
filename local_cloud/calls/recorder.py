"""The record of calls, and how it is read: `/_towpath/calls`."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from local_cloud.control_plane import BadRequest, Request

# The oldest calls are forgotten beyond this; a test that marks before it acts sees all of its own.
KEPT = 200_000


@dataclass(frozen=True, slots=True)
class Call:
    """One API call. `error` is the service's error code, `injected` the id of the fault rule that changed the call."""

    n: int
    time: float
    service: str
    operation: str
    principal: str
    resource: str
    status: int
    error: str | None
    injected: str | None
    duration_ms: float
    write_units: float
    read_units: float


class Recorder:
    """Keeps calls in the order in which they were answered."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._last = 0
        self._lock = threading.Lock()

    def add(self, **facts: Any) -> None:
        """Records a call; the arguments are the fields of Call other than `n`."""
        with self._lock:
            self._last = next(self._numbers)
            self._calls.append(Call(n=self._last, **facts))

    def mark(self, _request: Request) -> dict[str, int]:
        """POST calls/mark: the number of the last call so far."""
        return {"mark": self._last}

    def read(self, request: Request) -> dict[str, Any]:
        """GET calls?since=n&principal=glob: the calls after a mark."""
        try:
            since = int(request.query.get("since", "0"))
        except ValueError as error:
            raise BadRequest(f"since must be the number of a mark, not {request.query['since']!r}") from error
        pattern = request.query.get("principal", "*")
        with self._lock:
            newest_first = itertools.takewhile(lambda call: call.n > since, reversed(self._calls))
            found = [call for call in newest_first if fnmatchcase(call.principal, pattern)]
        return {"calls": [asdict(call) for call in reversed(found)]}
