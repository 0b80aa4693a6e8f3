"""`towpath drs watch`: the waves of an execution on the screen, until it ends or somebody has to decide."""

from __future__ import annotations

from typing import Any

import click

from towpath.application import Command, pass_session
from towpath.errors import OUTCOME_CODES, Unreachable
from towpath.recovery import execution_views as views
from towpath.recovery.lookups import execution_id
from towpath.session import Session
from towpath.watch_screens import Look, screen_of

SECONDS_BETWEEN = 2.0
SECONDS_AFTER_TROUBLE = 5.0


@click.command("watch", cls=Command)
@click.argument("execution")
@click.option("--stop-at-pause", is_flag=True, help="End, with exit code 0, when the execution is paused.")
@click.option("--seconds", type=click.FloatRange(0.1), default=SECONDS_BETWEEN, help="Between two looks.")
@pass_session
def watch(session: Session, execution: str, stop_at_pause: bool, seconds: float) -> None:
    """Watch an EXECUTION (id, or `latest`) to its end; exits with 0 COMPLETED, 7 PARTIAL, 1 FAILED, 8 CANCELLED.

    With --json one line is printed for each change.
    """
    watch_to_end(session, execution_id(session.api, execution), stop_at_pause=stop_at_pause, seconds=seconds)


def watch_to_end(
    session: Session,
    chosen: str,
    *,
    stop_at_pause: bool = False,
    seconds: float = SECONDS_BETWEEN,
    after_revision: int = 0,
) -> None:
    """Shows an execution until it ends, then raises SystemExit with the code of its outcome.

    `after_revision`: a pause at this revision is one that was just answered.
    """
    look = screen_of(session.output, Look(views.live_view, _changes, views.show_execution))
    with look:
        while True:
            try:
                execution = session.api.get(f"/executions/{chosen}")
            except Unreachable as error:
                look.trouble(error.message)
                session.sleep(SECONDS_AFTER_TROUBLE)
                continue
            look.show(execution)
            if execution["status"] in OUTCOME_CODES:
                break
            if stop_at_pause and execution["status"] == "PAUSED" and execution["revision"] > after_revision:
                return
            session.sleep(seconds)
    look.end(execution)
    raise SystemExit(OUTCOME_CODES[execution["status"]])


def _changes(execution: dict[str, Any]) -> list[tuple[str, ...]]:
    lines = [
        (f"wave {wave['waveNumber']} {wave['name']}", wave["waveStatus"], views.counts(wave.get("counts", {})))
        for wave in execution["waves"]
        if wave["waveStatus"] != "PENDING"
    ]
    return [*lines, (execution["planName"], execution["status"], views.paused(execution))]
