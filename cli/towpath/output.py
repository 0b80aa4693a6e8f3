"""What the user sees: tables for people, JSON for scripts, and never both on standard output."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from disaster_recovery.drs.durations import text_of

#: Columns when the output goes to a file: a terminal that is not there has no width.
FILE_WIDTH = 160

#: Columns that stay in one piece in a narrow terminal: what is copied, and what is looked for.
WHOLE = frozenset(
    {
        "status",
        "execution",
        "plan",
        "group",
        "server",
        "instance",
        "job",
        "report",
        "from, to",
        "took",
        "started",
        "reason",
        "workflow",
    }
)

COLOURS = {
    "green": (
        "SUCCESS",
        "SENT",
        "COMPLETED",
        "LAUNCHED",
        "SUCCEEDED",
        "READY",
        "OK",
        "PASS",
        "CONTINUOUS",
        "TERMINATED",
        "IN_SYNC",
        "MET",
        "TRANSFER",
        "PREPARE",
        "REDRIVE",
    ),
    "yellow": (
        "PARTIAL",
        "RETRYING",
        "PAUSED",
        "SKIPPED",
        "CANCELLED",
        "WARN",
        "WARNING",
        "SUPERSEDED",
        "CANCELLING",
        "WAITING_FOR_APPROVAL",
        "SOURCE_CHANGED",
        "SOURCE_DELETED",
        "HELD",
        "LATE",
        "MET_LATE",
        "EXCEEDED",
        "IGNORE",
        "SETTLED",
    ),
    "cyan": (
        "IN_PROGRESS",
        "RUNNING",
        "STARTING",
        "LAUNCHING",
        "POLLING",
        "INITIATED",
        "STARTED",
        "PRE_ACTIONS",
        "POST_ACTIONS",
        "PENDING",
        "OPEN",
    ),
    "red": (
        "FAILED",
        "REJECTED",
        "NOT_READY",
        "FAIL",
        "TIMED_OUT",
        "STALLED",
        "DISCONNECTED",
        "ERROR",
        "NEEDS_ATTENTION",
        "TARGET_CHANGED",
        "TARGET_DELETED",
        "BOTH_CHANGED",
        "MISSED",
        "REJECT",
        "UNREADABLE",
    ),
}
_COLOUR_OF = {status: colour for colour, statuses in COLOURS.items() for status in statuses}


class Output:
    """Standard output, as tables or as JSON; remarks go to standard error when the output is JSON."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        self.console = _console(sys.stdout)
        self._remarks = _console(sys.stderr) if as_json else self.console

    def show(self, data: Any, render: Callable[[], None]) -> None:
        """The data as JSON, or whatever `render` prints."""
        if self.as_json:
            print(json.dumps(data, indent=2, default=_plain))
        else:
            render()

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], empty: str = "none") -> None:
        """A table, or its title and `empty` when there are no rows."""
        listed = list(rows)
        if not listed:
            self.console.print(f"[bold]{escape(title)}[/bold]: {escape(empty)}")
            return
        self.console.print(table(title, columns, listed))

    def fields(self, title: str, values: Mapping[str, Any]) -> None:
        """Named values, one a line; what is None or empty is left out."""
        rows = [(name, value) for name, value in values.items() if value not in (None, "", [], {})]
        self.console.print(table(title, ("", ""), rows, header=False))

    def say(self, text: str) -> None:
        """A remark; may hold rich markup."""
        self._remarks.print(text)

    def json_line(self, data: Any) -> None:
        """One document on one line, at once: for a program that follows what happens."""
        print(json.dumps(data, default=_plain), flush=True)

    def coloured_line(self, text: str, colour: str) -> None:
        """A line in one colour, not wrapped."""
        self.console.print(f"  [{colour}]{escape(text)}[/{colour}]", soft_wrap=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], header: bool = True) -> Table:
    """A rich table in the house's look; cells that are a status get its colour, columns without a cell are left out."""
    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold", show_header=header)
    cells = [[coloured(cell) for cell in row] for row in rows]
    kept = [index for index in range(len(columns)) if any(row[index] for row in cells)]
    for index in kept:
        made.add_column(columns[index], overflow="fold", no_wrap=columns[index] in WHOLE)
    for row in cells:
        made.add_row(*(row[index] for index in kept))
    return made


def coloured(value: Any) -> str:
    """Text of a cell as rich markup."""
    text = "" if value is None else _text(value)
    colour = _COLOUR_OF.get(text)
    return f"[{colour}]{text}[/{colour}]" if colour else escape(text)


def duration(seconds: float | Decimal | None) -> str:
    """`45 s`, `12 min 5 s`, `2 h 3 min`; nothing for None."""
    return "" if seconds is None else text_of(round(seconds))


def moment(text: Any) -> str:
    """`2026-01-02 03:04:05` of a stamp; nothing for None."""
    return str(text)[:19].replace("T", " ") if text else ""


def pairs(values: Mapping[str, Any]) -> str:
    """`key=value, key=value`, as tags are written."""
    return ", ".join(f"{key}={value}" for key, value in values.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping | list):
        return json.dumps(value, default=_plain)
    return str(value)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return str(value)


def _console(stream: Any) -> Console:
    console = Console(file=stream, highlight=False)
    return console if console.is_terminal else Console(file=stream, highlight=False, width=FILE_WIDTH)
