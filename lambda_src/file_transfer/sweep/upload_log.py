"""What an SFTP server's JSON log says about uploads: closed by the client, or cut off.

Source: AWS Transfer Family User Guide, "CloudWatch log structure": activities CLOSE and PARTIAL_CLOSE with `path` and,
as text, `bytes-in`. A line names neither version nor entity tag, so it is matched by path, size and time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.sweep.versions import Version
from shared.aws_errors import classify
from shared.clock import parse

CLOSE, PARTIAL_CLOSE, RENAME = "CLOSE", "PARTIAL_CLOSE", "RENAME"
PATTERN = " || ".join(f'($.activity-type = "{kind}")' for kind in (CLOSE, PARTIAL_CLOSE, RENAME))
CLOCKS_DIFFER = timedelta(seconds=5)
#: An object that was put at once exists when its file is closed; the line about it is written then.
LINE_FOLLOWS = timedelta(minutes=15)


class Verdict(Enum):
    """WHOLE: the client closed the file, or gave it its name. PARTIAL: it was gone before. UNKNOWN: no line says."""

    WHOLE = "WHOLE"
    PARTIAL = "PARTIAL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Line:
    """One closed or renamed file. `size` is None where the line has none."""

    at: datetime
    kind: str
    size: int | None = None


Lines = Mapping[str, Sequence[Line]]


class UploadLog:
    """The log groups of the servers that write below the SFTP prefix."""

    def __init__(self, logs: Any, groups: Sequence[str]) -> None:
        self._logs = logs
        self._groups = groups

    def lines(self, versions: Iterable[Version], now: datetime) -> Lines:
        """Path → lines, over the time in which those of the versions can be. Raises the taxonomy's errors."""
        spans = [_span(version, now) for version in versions]
        found: dict[str, list[Line]] = defaultdict(list)
        if not spans:
            return found
        since, until = min(each[0] for each in spans), max(each[1] for each in spans)
        for group in self._groups:
            for event in self._events(group, since, until):
                for path, line in _read(event):
                    found[path].append(line)
        return found

    def _events(self, group: str, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group,
            startTime=int(since.timestamp() * 1000),
            endTime=int(until.timestamp() * 1000) + 1,
            filterPattern=f"{{ {PATTERN} }}",
        )
        try:
            for page in pages:
                yield from page.get("events", [])
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"read the log {group}") from error


def verdict(bucket: str, version: Version, lines: Lines, now: datetime) -> Verdict:
    """What the log says of a version: by the first line behind it that has its path and size. Pure."""
    since, until = _span(version, now)
    about = [line for line in lines.get(f"/{bucket}/{version.key}", ()) if since <= line.at <= until]
    closed = [line for line in about if line.kind != RENAME and line.size == version.size]
    if closed:
        first = min(closed, key=lambda line: (line.at, line.kind != PARTIAL_CLOSE))
        return Verdict.WHOLE if first.kind == CLOSE else Verdict.PARTIAL
    return Verdict.WHOLE if any(line.kind == RENAME for line in about) else Verdict.UNKNOWN


def _span(version: Version, now: datetime) -> tuple[datetime, datetime]:
    """When its line can have been written. An upload in parts (its entity tag says so) has the time of its start."""
    since = parse(version.modified) - CLOCKS_DIFFER
    return since, now if "-" in version.etag else min(now, since + LINE_FOLLOWS)


def _read(event: Mapping[str, Any]) -> Iterator[tuple[str, Line]]:
    try:
        entry = json.loads(event["message"])
    except ValueError:
        return
    if not isinstance(entry, dict):
        return
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    kind = entry.get("activity-type")
    if kind == RENAME:
        # AWS does not document which field holds the new name; `path` is the old one.
        names = {value for name, value in entry.items() if name != "path" and isinstance(value, str)}
        yield from ((name, Line(at, RENAME)) for name in names if name.startswith("/"))
    elif kind in (CLOSE, PARTIAL_CLOSE) and "bytes-in" in entry:
        yield str(entry.get("path")), Line(at, kind, _whole(entry["bytes-in"]))


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None
