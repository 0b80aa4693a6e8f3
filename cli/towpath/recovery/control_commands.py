"""The commands to an execution: pause, resume, cancel, retry, skip, restart, terminate. They join `executions`."""

from __future__ import annotations

from typing import Any

import click

from towpath.application import Command, pass_session
from towpath.output import coloured
from towpath.recovery import execution_views as views
from towpath.recovery.execution_commands import EXECUTIONS
from towpath.recovery.lookups import execution_id
from towpath.recovery.watching import watch_to_end
from towpath.session import Session

RESUME_NEXT = ("CONTINUE", "RETRY", "SKIP", "NEXT", "STOP")


@click.command("pause", cls=Command)
@click.argument("execution")
@pass_session
def pause(session: Session, execution: str) -> None:
    """Pause an EXECUTION before its next wave."""
    _command(session, execution, "pause", {})


@click.command("resume", cls=Command)
@click.argument("execution")
@click.option("--comment", metavar="TEXT", help="Why; some plans demand it.")
@click.option(
    "--next",
    "following",
    type=click.Choice(RESUME_NEXT, case_sensitive=False),
    help="After a failed wave: RETRY it, SKIP it as it is, go to the NEXT, or STOP.",
)
@click.option("--watch", is_flag=True, help="Watch it to its end, or its next pause.")
@pass_session
def resume(session: Session, execution: str, comment: str | None, following: str | None, watch: bool) -> None:
    """Go on with a paused EXECUTION."""
    given = {"comment": comment, "next": following and following.upper()}
    state = _command(session, execution, "resume", {name: value for name, value in given.items() if value})
    if watch:
        watch_to_end(session, state["executionId"], after_revision=state["revision"])


@click.command("cancel", cls=Command)
@click.argument("execution")
@click.option("--reason", metavar="TEXT", help="Why; it is in the timeline.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def cancel(session: Session, execution: str, reason: str | None, yes: bool) -> None:
    """Cancel an EXECUTION: nothing more starts, jobs that run come to their end."""
    chosen = execution_id(session.api, execution)
    if not yes:
        click.confirm(f"Cancel {chosen}?", abort=True, err=True)
    _command(session, chosen, "cancel", {"reason": reason} if reason else {})


@click.command("retry-failed", cls=Command)
@click.argument("execution")
@click.option("--comment", metavar="TEXT", help="Why; some plans demand it.")
@pass_session
def retry_failed(session: Session, execution: str, comment: str | None) -> None:
    """Start the failed servers of the current wave of an EXECUTION again."""
    _command(session, execution, "retry-failed", {"comment": comment} if comment else {})


@click.command("skip-wave", cls=Command)
@click.argument("execution")
@click.argument("wave", type=click.IntRange(1))
@pass_session
def skip_wave(session: Session, execution: str, wave: int) -> None:
    """Leave out the WAVE (its number) of an EXECUTION."""
    _command(session, execution, "skip-wave", {"waveNumber": wave})


@click.command("restart", cls=Command)
@click.argument("execution")
@click.option("--from-wave", type=click.IntRange(1), help="The first wave that did not complete when not given.")
@pass_session
def restart(session: Session, execution: str, from_wave: int | None) -> None:
    """Run an EXECUTION that has ended again, from a wave on; what launched is left alone."""
    _command(session, execution, "restart", {"fromWave": from_wave} if from_wave else {})


@click.command("terminate-instances", cls=Command)
@click.argument("execution")
@click.option("--confirm", metavar="EXECUTION", help="For a RECOVERY: its id once more.")
@click.option("--yes", is_flag=True, help="Do not ask; a RECOVERY needs --confirm all the same.")
@pass_session
def terminate_instances(session: Session, execution: str, confirm: str | None, yes: bool) -> None:
    """Terminate the recovery instances that an EXECUTION launched, and no others."""
    found = session.api.get(f"{EXECUTIONS}/{execution_id(session.api, execution)}")
    chosen, launched = found["executionId"], found.get("counts", {}).get("launched", 0)
    if found["type"] == "RECOVERY" and not confirm and not yes:
        text = f"These are {launched} instances of a RECOVERY, not of a drill. Type the execution's id to go on"
        confirm = click.prompt(text, err=True)
    elif not yes and not confirm:
        click.confirm(f"Terminate the {launched} instances of {found['planName']}'s drill?", abort=True, err=True)
    _command(session, chosen, "terminate-instances", {"confirm": confirm} if confirm else {})


def _command(session: Session, execution: str, command: str, body: dict[str, Any]) -> dict[str, Any]:
    chosen = execution_id(session.api, execution)
    state: dict[str, Any] = session.api.post(f"{EXECUTIONS}/{chosen}/{command}", body)
    detail = views.paused(state) or views.instances(state)
    said = f"{command}: accepted. {chosen} is {coloured(state['status'])}{': ' + detail if detail else ''}"
    session.output.show(state, lambda: session.output.say(said))
    return state


CONTROLS = (pause, resume, cancel, retry_failed, skip_wave, restart, terminate_instances)
