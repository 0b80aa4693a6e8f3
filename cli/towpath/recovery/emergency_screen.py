"""What a break-glass run shows: events of the timeline as lines, and the waves as a table that stays up to date."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import click
from rich.live import Live
from rich.markup import escape

from disaster_recovery import notifications
from disaster_recovery.errors import TowpathError
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.history import Event
from disaster_recovery.records.store import Store
from shared.clock import utc_now
from towpath.output import Output
from towpath.recovery import execution_views as views

CHOICES = ("CONTINUE", "RETRY", "SKIP", "NEXT", "STOP")
HELP = {
    "CONTINUE": "go on as planned",
    "RETRY": "start the failed servers again",
    "SKIP": "take the wave as it is, or leave it out",
    "NEXT": "go on to the next wave",
    "STOP": "end here",
}


def document_of(store: Store, execution: Execution) -> dict[str, Any]:
    """The execution as the API would show it."""
    return {**execution.to_item(), "waves": [wave.to_item() for wave in store.waves(execution.execution_id)]}


#: What would be a metric, and what a person makes of it.
TROUBLE = {
    "DescribeErrors": "AWS DRS did not tell how things stand. What it has begun goes on. If credentials have expired: "
    "Ctrl-C, then `break-glass resume` with new ones.",
    "QuotaUnreadable": "The quotas cannot be read: nothing starts until they can, or `--default-quotas` is given.",
    "AnswersFailed": "A step could not be carried out; it is tried again.",
}
TROUBLE_SECONDS = 60


class Screen:
    """Lines and a live table on a terminal; lines only in a file; one JSON document an event with --json."""

    def __init__(self, output: Output, store: Store) -> None:
        self._output = output
        self._store = store
        self._live = Live(console=output.console, auto_refresh=False, transient=True)
        self._complained: dict[str, float] = {}

    def count(self, name: str, value: float) -> None:
        """Tells of trouble, each kind once a minute."""
        now = time.monotonic()
        if name in TROUBLE and now - self._complained.get(name, -TROUBLE_SECONDS) >= TROUBLE_SECONDS:
            self._complained[name] = now
            self._output.say(f"[yellow]{TROUBLE[name]}[/yellow]")

    def tell(self, execution: Execution, events: Sequence[Event]) -> None:
        """Shows what happened."""
        for event in events:
            if self._output.as_json:
                self._output.json_line(notifications.message(execution, event))
            else:
                self._output.say(f"{event.at[11:19]}  {escape(event.message)}")

    def show(self, execution: Execution) -> None:
        """Brings the table up to date."""
        if self._output.as_json or not self._output.console.is_terminal:
            return
        if not self._live.is_started:
            self._live.start()
        self._live.update(views.live_view(document_of(self._store, execution), utc_now()), refresh=True)

    def stop(self) -> None:
        """Takes the table away, so that something can be asked or the terminal is left as it was."""
        if self._live.is_started:
            self._live.stop()

    def ask(self, execution: Execution) -> tuple[str, str]:
        """(what to do about a pause, the comment if it wants one)."""
        self.stop()
        failed = execution.pause is not None and execution.pause.reason == "WAVE_FAILED"
        offered = CHOICES if failed else ("CONTINUE", "SKIP", "STOP")
        click.echo(f"Paused: {views.paused(document_of(self._store, execution))}", err=True)
        for choice in offered:
            click.echo(f"  {choice:<9} {HELP[choice]}", err=True)
        chosen = click.prompt("What now", type=click.Choice(offered, case_sensitive=False), err=True)
        comment = click.prompt("Comment", err=True) if execution.pause and execution.pause.require_comment else ""
        return str(chosen).upper(), str(comment)

    def complain(self, error: TowpathError) -> None:
        """What a person asked for cannot be done."""
        self._output.say(f"[red]{escape(str(error))}[/red]")
