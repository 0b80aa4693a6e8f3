"""One file on its way to a remote server: its record, and which of those that wait may go next. Pure.

A send is WAITING in its connector's line, STARTING (the intent to start it is written, nobody knows yet whether
StartFileTransfer was heard), STARTED (the connector named a transfer for it) and DONE. It is called by its operation,
which is part of the key of what is sent: the connector's event names that key, so even a start whose answer was lost
is recognised.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from shared.canonical import sha256_hex
from shared.clock import stamp

WAITING, STARTING, STARTED, DONE = "WAITING", "STARTING", "STARTED", "DONE"
IN_FLIGHT = (STARTING, STARTED)
SUCCEEDED, SKIPPED, FAILED = "SUCCEEDED", "SKIPPED", "FAILED"
#: Files of one StartFileTransfer (Transfer Family quotas).
BATCH = 10
SEND_KIND = "SEND"
#: The message that has a connector's line moved.
LINE_KIND = "towpath.line"


@dataclass(frozen=True)
class Send:
    """A send as the table holds it. Times are fixed-width UTC; `order` is the marker of the version that is sent.

    `pk` and `sk` are those of the transfer's status item, `target` its target, `version` the id of the transfer.
    `path` is where the file goes on the remote server, `outbox` the key of what is sent.
    """

    operation: str
    connector: str
    path: str
    outbox: str
    pk: str
    sk: str
    target: str
    version: str
    order: str
    size: int
    queued_at: str
    due_at: str
    state: str = WAITING
    batch: str = ""
    transfer_id: str = ""
    started_at: str = ""
    outcome: str = ""
    reason: str = ""
    message: str = ""
    ended_at: str = ""

    @property
    def directory(self) -> str:
        """The remote folder."""
        return self.path.rsplit("/", 1)[0] or "/"


@dataclass(frozen=True)
class PathMemory:
    """What is known of one path on a remote server: the version that is there, and the operation on its way to it."""

    order: str = ""
    version: str = ""
    in_flight: str = ""


@dataclass(frozen=True)
class Verdicts:
    """What becomes of sends that wait: `go` in one batch, the others end without being sent."""

    go: list[Send]
    adopted: list[Send]
    superseded: list[Send]


def send_key(operation: str) -> dict[str, str]:
    """Key of a send's record."""
    return {"PK": f"SEND#{operation}", "SK": SEND_KIND}


def path_key(connector: str, path: str) -> dict[str, str]:
    """Key of a path's memory; a path may be longer than a key."""
    return {"PK": f"PATH#{connector}#{sha256_hex(path)}", "SK": "PATH"}


def line_of(connector: str, state: str) -> str:
    """Partition of the index LineIndex: the ones that wait for a connector, or those under way."""
    return f"{connector}#{WAITING if state == WAITING else STARTED}"


def to_record(send: Send, expires_at: int) -> dict[str, Any]:
    """The item of a send. Only what is not over stands in a line."""
    item = {camel(name): value for name, value in asdict(send).items() if value != ""}
    line = {} if send.state == DONE else {"line": line_of(send.connector, send.state)}
    return {**send_key(send.operation), "kind": SEND_KIND, **item, **line, "expiresAt": expires_at}


def from_record(item: Mapping[str, Any]) -> Send:
    """The send of an item."""
    return Send(**{each.name: item[camel(each.name)] for each in fields(Send) if camel(each.name) in item})


def choose(waiting: Sequence[Send], paths: Mapping[str, PathMemory], room: int) -> Verdicts:
    """The next batch: one remote folder, no path twice, nothing to a path that something is on its way to.

    `paths` has what is known of the path of each send, `room` is how many more the connector takes. A version that was
    delivered before is adopted (an earlier start was heard after all); one that is older than what went there is left.
    """
    verdicts = Verdicts([], [], [])
    taken: set[str] = set()
    folder = ""
    for send in waiting:
        known = paths.get(send.path, PathMemory())
        if known.in_flight or send.path in taken:
            continue
        if known.version == send.version:
            verdicts.adopted.append(send)
        elif known.version and is_older(send.order, known.order):
            verdicts.superseded.append(send)
        elif len(verdicts.go) < min(BATCH, room) and folder in ("", send.directory):
            folder = send.directory
            verdicts.go.append(send)
        taken.add(send.path)
    return verdicts


def is_older(order: str, other: str) -> bool:
    """True when a version is certainly older than another of the same remote path.

    Arrival decides; within one second of S3 the sequencers do, where both have one (a retry carries none).
    """
    arrived_at, _, rest = order.partition("#")
    other_arrived_at, _, other_rest = other.partition("#")
    if arrived_at != other_arrived_at:
        return arrived_at < other_arrived_at
    sequencer, source = rest.partition("#")[::2]
    other_sequencer, other_source = other_rest.partition("#")[::2]
    if not sequencer or not other_sequencer or source != other_source:
        return False
    width = max(len(sequencer), len(other_sequencer))
    return sequencer.rjust(width, "0") < other_sequencer.rjust(width, "0")


def started(send: Send, batch: str, now: datetime, look_seconds: int) -> Send:
    """The intent: the send as it is written before StartFileTransfer."""
    due = stamp(now + timedelta(seconds=look_seconds))
    return replace(send, state=STARTING, batch=batch, started_at=stamp(now), due_at=due, transfer_id="")


def returned(send: Send, now: datetime, delay_seconds: int) -> Send:
    """Back in the line: the connector said that it has not begun."""
    due = stamp(now + timedelta(seconds=delay_seconds))
    return replace(send, state=WAITING, batch="", started_at="", due_at=due)


def ended(send: Send, outcome: str, reason: str, message: str, now: datetime) -> Send:
    """Over."""
    return replace(send, state=DONE, outcome=outcome, reason=reason, message=message[:500], ended_at=stamp(now))


def due(sends: Iterable[Send], now: datetime) -> list[Send]:
    """Those whose time to go has come, in the order in which they were queued."""
    moment = stamp(now)
    return sorted((each for each in sends if each.due_at <= moment), key=lambda each: (each.queued_at, each.operation))


def camel(name: str) -> str:
    """`due_at` → `dueAt`, the name of an attribute."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
