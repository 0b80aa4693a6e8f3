"""What all functions have logged about a job, out of CloudWatch Logs, in the order in which it happened.

A page begins where the one before ended: at a time, without the lines of that time that were shown. Tokens of
CloudWatch Logs are of one group and end after a day, so none is handed out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from botocore.exceptions import ClientError

from shared.clock import stamp
from shared.errors import Transient
from shared.side_by_side import side_by_side

#: A call of FilterLogEvents looks at a part of the time and may find nothing in it; so many calls a group and page.
MOST_CALLS = 25
#: Groups that are searched at the same time: FilterLogEvents is throttled at some calls a second in a Region.
AT_ONCE = 5
#: Operations of the API that only read a job. Whoever follows one would fill its log with their own questions.
READS = ("getAudit", "getJob", "getLogs", "getPlan")
#: Of one line; a stack trace is as long.
MOST_TEXT = 8_000
#: Members of a structured line that say which function wrote it, and what the answer says elsewhere.
NOT_SHOWN = frozenset(
    {
        "timestamp", "level", "message", "location", "service", "cold_start", "function_name",
        "function_memory_size", "function_arn", "function_request_id", "xray_trace_id", "id", "type",
        "previous_event_id", "event_timestamp", "redrive_count",
    }
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Line:
    """One log event. `at` is in milliseconds since 1970."""

    at: int
    group: str
    event_id: str
    text: str = field(compare=False)

    @property
    def id(self) -> str:
        """Unique among all groups."""
        return f"{self.group} {self.event_id}"


@dataclass(frozen=True)
class Window:
    """Where to look: from a time on, without lines that were seen at that time, up to an end or to now."""

    start: int
    end: int | None = None
    seen: frozenset[str] = frozenset()

    def position(self, shown: Sequence[Line]) -> dict[str, Any]:
        """Where the page after these lines begins, as a cursor holds it."""
        last = shown[-1].at
        seen = {line.id for line in shown if line.at == last} | (self.seen if last == self.start else set())
        return {"start": last, "seen": sorted(seen)}


@dataclass(frozen=True)
class JobLogs:
    """`logs` is a boto3 client of CloudWatch Logs, `groups` the names of the log groups."""

    logs: Any
    groups: tuple[str, ...]

    def page(self, pattern: str, window: Window, limit: int) -> tuple[list[Line], bool]:
        """The first lines of all groups that the filter pattern takes, and whether there are more.

        Raises what botocore raises, and Transient where too much has to be searched.
        """
        wanted = limit + len(window.seen) + 1
        listed = side_by_side(lambda group: self._lines(group, pattern, window, wanted), self.groups, AT_ONCE)
        found = sorted(line for lines in listed for line in lines)
        unseen = [line for line in found if line.id not in window.seen]
        return unseen[:limit], len(unseen) > limit

    def _lines(self, group: str, pattern: str, window: Window, wanted: int) -> list[Line]:
        asked = {"logGroupName": group, "filterPattern": pattern, "startTime": window.start, "limit": wanted}
        if window.end is not None:
            asked["endTime"] = window.end
        lines: list[Line] = []
        for answer in self._answers(asked):
            lines += [Line(each["timestamp"], group, each["eventId"], each["message"]) for each in answer["events"]]
            if len(lines) >= wanted:
                break
        return lines[:wanted]

    def _answers(self, asked: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        for _ in range(MOST_CALLS):
            try:
                answer = self.logs.filter_log_events(**asked, **more)
            except ClientError as error:
                if error.response["Error"]["Code"] == "ResourceNotFoundException":
                    return  # a function that has never run
                raise
            yield answer
            if not answer.get("nextToken"):
                return
            more = {"nextToken": answer["nextToken"]}
        raise Transient(f"{asked['logGroupName']} is too large to be searched here: the links lead to its console")


def pattern_of(job_id: str, contains: str = "") -> str:
    """Lines that name the job and hold a text, but those of reads ("Filter pattern syntax", Amazon CloudWatch Logs User
    Guide: quoted terms are phrases, a minus excludes)."""
    terms = [json.dumps(term, ensure_ascii=False) for term in (job_id, contains) if term]
    return " ".join([*terms, *(f"-{name}" for name in READS)])


def line_view(line: Line) -> dict[str, Any]:
    """A line as the API shows it."""
    shown = {"at": stamp(moment(line.at)), "source": line.group}
    entry = _parsed(line.text)
    if entry is None:
        return {**shown, "message": line.text.rstrip("\n")[:MOST_TEXT]}
    fields = {name: value for name, value in entry.items() if name not in NOT_SHOWN and value is not None}
    level, message = entry.get("level"), entry.get("message") or _event(entry)
    if len(json.dumps(fields)) > MOST_TEXT:
        fields = {name: str(value)[: MOST_TEXT // 8] for name, value in list(fields.items())[:8]}
    return {
        **shown,
        **({"level": str(level)} if level else {}),
        "message": (message if isinstance(message, str) else json.dumps(message))[:MOST_TEXT],
        **({"fields": fields} if fields else {}),
    }


def console_links(job_id: str, groups: Sequence[str], region: str, execution_arn: str = "") -> list[dict[str, str]]:
    """Pages of the AWS console: the machine's run, and each log group filtered for the job."""
    host = f"https://{region}.console.aws.amazon.com"
    found = []
    if execution_arn:
        url = f"{host}/states/home?region={region}#/v2/executions/details/{execution_arn}"
        found.append({"title": "Run of the state machine", "url": url})
    for group in groups:
        name, query = _fragment(group), _fragment(f'?filterPattern="{job_id}"')
        url = f"{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/{name}/log-events{query}"
        found.append({"title": group, "url": url})
    return found


def milliseconds(at: datetime) -> int:
    """Since 1970, as CloudWatch Logs counts."""
    return int(at.timestamp() * 1000)


def moment(at: int) -> datetime:
    """The other way round."""
    return datetime.fromtimestamp(at / 1000, UTC)


def _event(entry: Mapping[str, Any]) -> str:
    """`TaskStateEntered ImportAssets`: a line of the state machine."""
    details = entry.get("details")
    name = details.get("name", "") if isinstance(details, dict) else ""
    return f"{entry.get('type', '')} {name}".strip()


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _fragment(text: str) -> str:
    """As the console writes parts of its addresses: encoded twice, with `$` for `%`."""
    return quote(quote(text, safe=""), safe="").replace("%", "$")
