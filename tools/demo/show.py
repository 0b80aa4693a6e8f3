"""How the demo looks: headings, steps with the seconds since the act began, tables."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

COLOURS = {
    "SUCCESS": "green",
    "SENT": "green",
    "PARTIAL": "yellow",
    "RETRYING": "yellow",
    "IN_PROGRESS": "cyan",
    "FAILED": "red",
    "REJECTED": "red",
}


class Screen:
    """Prints to one console; `act` restarts the clock that `step` shows."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def title(self, text: str) -> None:
        """The heading of the whole demo."""
        self._console.rule(f"[bold]{escape(text)}[/bold]")

    def act(self, text: str) -> None:
        """The heading of one act."""
        self._console.print()
        self._console.rule(f"[bold cyan]{escape(text)}[/bold cyan]", align="left")
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """A line of prose; may hold rich markup."""
        self._console.print(text)

    def command(self, words: Sequence[str]) -> None:
        """A command that is about to run, as it would be typed."""
        self._console.print(f"\n[bold]$ {escape(shlex.join(words))}[/bold]", soft_wrap=True)

    def step(self, what: str, detail: str = "") -> None:
        """Something that just happened, with the seconds since the act began."""
        seconds = time.monotonic() - self._began
        self._console.print(
            f"  [dim]{seconds:6.2f} s[/dim]  {coloured(what)}{' ' * max(1, 13 - len(what))}{escape(detail)}",
            soft_wrap=True,
        )

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table; cells that are a status get its colour."""
        table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*(coloured(cell) for cell in row))
        self._console.print(table)

    def item(self, title: str, item: Mapping[str, Any], names: Sequence[str]) -> None:
        """Some attributes of one item, one a line."""
        self.table(title, ("attribute", "value"), [(name, item[name]) for name in names if name in item])


def coloured(value: Any) -> str:
    """Text of a cell as rich markup."""
    text = str(value)
    colour = COLOURS.get(text)
    return f"[{colour}]{text}[/{colour}]" if colour else escape(text)
