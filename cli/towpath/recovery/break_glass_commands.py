"""`towpath drs break-glass …`: recover when the API, the sign-in, the database and the state machine are down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from disaster_recovery.commands.restarting import Restarter
from disaster_recovery.commands.running import Commands
from disaster_recovery.records.execution import DRILL, RECOVERY, Execution
from disaster_recovery.records.file_store import FileStore
from disaster_recovery.reports.evidence_html import render
from disaster_recovery.reports.evidence_records import evidence_of
from towpath.application import Group, pass_session
from towpath.errors import OUTCOME_CODES, Missing
from towpath.output import Output
from towpath.recovery import execution_views as views
from towpath.recovery.accounts import accounts_of
from towpath.recovery.emergency import Emergency, execution_in, journal, whoever_runs_this
from towpath.recovery.emergency_run import Control
from towpath.recovery.emergency_screen import Screen, document_of
from towpath.recovery.emergency_start import begin, journal_of, must_go_on
from towpath.recovery.evidence_files import write_evidence
from towpath.recovery.plan_files import read_plan
from towpath.session import Session

FILE = click.Path(dir_okay=False, path_type=Path)
JOURNAL = click.Path(dir_okay=False, exists=True, path_type=Path)
POLL_SECONDS = 10.0
INTERRUPTED = 130

poll_seconds = click.option(
    "--poll-seconds", type=click.FloatRange(0.1), default=POLL_SECONDS, show_default=True, help="Between two looks."
)
default_quotas = click.option(
    "--default-quotas", is_flag=True, help="Take AWS's default quotas when Service Quotas cannot be read."
)
pauses = click.option(
    "--pauses",
    type=click.Choice(["ask", "continue"]),
    default="ask",
    show_default=True,
    help="At a pause of the plan: ask, or go on. A wave that failed is always asked about.",
)


@click.group("break-glass", cls=Group)
def break_glass() -> None:
    """Recover with credentials for AWS DRS and nothing else. No API, no sign-in, no database, no state machine.

    Everything that happens is in a journal file; a run that was interrupted is taken up from it.
    """


@break_glass.command("run")
@click.argument("file", metavar="PLAN-FILE", type=FILE)
@click.option("--drill", "kind", flag_value=DRILL, default=True, help="Beside the source servers. The default.")
@click.option("--recovery", "kind", flag_value=RECOVERY, help="The real thing.")
@click.option("--journal", "path", type=FILE, help="The journal file; towpath-<plan>.journal.json when not given.")
@click.option("--yes", is_flag=True, help="Do not ask whether to start; a RECOVERY is asked about all the same.")
@click.option("--confirm", metavar="NAME", help="For --recovery: the plan's name once more.")
@default_quotas
@pauses
@poll_seconds
@pass_session
def run(  # noqa: PLR0913  (click hands in each option)
    session: Session,
    /,
    *,
    file: Path,
    kind: str,
    path: Path | None,
    yes: bool,
    confirm: str | None,
    default_quotas: bool,
    pauses: str,
    poll_seconds: float,
) -> None:
    """Run the plan of PLAN-FILE; given again after an interruption, take it up where it was.

    Exits with 0 COMPLETED, 7 PARTIAL, 1 FAILED, 8 CANCELLED, 130 when it was interrupted.
    """
    located = read_plan(file)
    chosen = path or journal_of(located.value["name"])
    with journal(chosen) as store:
        screen = Screen(session.output, store)
        emergency = _emergency(session, store, screen, default_quotas)
        execution = execution_in(store)
        if execution is None:
            execution = begin(session.output, emergency, located, kind, confirm, yes)
        else:
            must_go_on(execution, chosen, located.value["name"])
        control = Control(emergency, screen, session.sleep, poll_seconds, go_on_at_pauses=pauses == "continue")
        _walk(session, control, execution, chosen)


@break_glass.command("resume")
@click.argument("path", metavar="JOURNAL", type=JOURNAL)
@default_quotas
@pauses
@poll_seconds
@pass_session
def resume(session: Session, /, path: Path, default_quotas: bool, pauses: str, poll_seconds: float) -> None:
    """Take up the run of a JOURNAL where it was; the plan is in it."""
    with _control(session, path, default_quotas, poll_seconds, pauses) as (control, execution):
        must_go_on(execution, path, execution.plan_name)
        _walk(session, control, execution, path)


@break_glass.command("restart")
@click.argument("path", metavar="JOURNAL", type=JOURNAL)
@click.option("--from-wave", type=click.IntRange(1), help="The first wave that did not complete when not given.")
@default_quotas
@pauses
@poll_seconds
@pass_session
def restart(  # noqa: PLR0913  (click hands in each option)
    session: Session, /, path: Path, from_wave: int | None, default_quotas: bool, pauses: str, poll_seconds: float
) -> None:
    """Run what a JOURNAL holds again, when it ended PARTIAL, FAILED or CANCELLED; what launched is left alone."""
    with _control(session, path, default_quotas, poll_seconds, pauses) as (control, execution):
        tools = control.tools
        again = Restarter(tools.store, tools.machine, tools.clock)
        run_again = again.restart(whoever_runs_this(), execution.execution_id, from_wave=from_wave)
        _walk(session, control, run_again, path)


@break_glass.command("cancel")
@click.argument("path", metavar="JOURNAL", type=JOURNAL)
@click.option("--reason", metavar="TEXT", default="", help="Why; it is in the timeline.")
@poll_seconds
@pass_session
def cancel(session: Session, /, path: Path, reason: str, poll_seconds: float) -> None:
    """Cancel the run of a JOURNAL that was interrupted: nothing more starts, jobs that run come to their end."""
    with _control(session, path, True, poll_seconds) as (control, execution):
        tools = control.tools
        commands = Commands(tools.store, tools.machine, tools.wake, tools.clock)
        if not execution.cancel_requested:
            commands.cancel(whoever_runs_this(), execution.execution_id, reason=reason)
        _walk(session, control, execution, path)


@break_glass.command("terminate")
@click.argument("path", metavar="JOURNAL", type=JOURNAL)
@click.option("--confirm", metavar="EXECUTION", default="", help="For a RECOVERY: the execution's id once more.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@poll_seconds
@pass_session
def terminate(session: Session, /, path: Path, confirm: str, yes: bool, poll_seconds: float) -> None:
    """Terminate the instances that the run of a JOURNAL launched, and no others."""
    with _control(session, path, True, poll_seconds) as (control, execution):
        if execution.type == RECOVERY and not confirm:
            confirm = click.prompt("These are instances of a RECOVERY. Type the execution's id to go on", err=True)
        elif not yes and not confirm:
            click.confirm(f"Terminate the instances of {execution.plan_name}'s drill?", abort=True, err=True)
        control.terminate(execution, whoever_runs_this(), confirm)
        _show(session.output, control.emergency, execution.execution_id, after_events=True)


@break_glass.command("show")
@click.argument("path", metavar="JOURNAL", type=JOURNAL)
@pass_session
def show(session: Session, /, path: Path) -> None:
    """Show what a JOURNAL holds."""
    with _control(session, path, True, POLL_SECONDS) as (control, execution):
        _show(session.output, control.emergency, execution.execution_id)


@break_glass.command("evidence")
@click.argument("path", metavar="JOURNAL", type=JOURNAL)
@click.option("--html", type=FILE, help="Write the page to print there.")
@click.option("--out", type=FILE, help="Write the data there; standard output when neither is given.")
@pass_session
def evidence(session: Session, /, path: Path, html: Path | None, out: Path | None) -> None:
    """Make the evidence pack of what a JOURNAL holds."""
    with _control(session, path, True, POLL_SECONDS) as (control, execution):
        pack = evidence_of(control.emergency.store, execution, session.clock())
        write_evidence(session.output, html, out, lambda: render(pack), lambda: pack)


@contextmanager
def _control(
    session: Session, path: Path, default_quotas: bool, poll_seconds: float, pauses: str = "ask"
) -> Iterator[tuple[Control, Execution]]:
    with journal(path) as store:
        execution = execution_in(store)
        if execution is None:
            raise Missing(f"{path} holds no execution")
        screen = Screen(session.output, store)
        emergency = _emergency(session, store, screen, default_quotas)
        yield Control(emergency, screen, session.sleep, poll_seconds, pauses == "continue"), execution


def _emergency(session: Session, store: FileStore, screen: Screen, default_quotas: bool) -> Emergency:
    return Emergency(store, accounts_of(session), screen.tell, default_quotas, clock=session.clock, count=screen.count)


def _walk(session: Session, control: Control, execution: Execution, path: Path) -> None:
    try:
        status = control.run(execution)
    except KeyboardInterrupt:
        session.output.say(
            f"Stopped. What AWS DRS has begun goes on. `towpath drs break-glass resume {path}` takes the run up, "
            f"`cancel {path}` ends it."
        )
        raise SystemExit(INTERRUPTED) from None
    _show(session.output, control.emergency, execution.execution_id, after_events=True)
    raise SystemExit(OUTCOME_CODES[status])


def _show(output: Output, emergency: Emergency, execution_id: str, after_events: bool = False) -> None:
    """As tables, or as JSON: on one line when events came before it, each on a line of its own."""
    store = emergency.store
    execution = store.execution(execution_id)
    if execution is None:
        return
    found = document_of(store, execution)
    servers = [server.to_item() for server in store.servers(execution_id)]

    def show_tables() -> None:
        views.show_execution(output, found)
        columns = ("wave", "server", "host", "", "status", "instance", "took", "why")
        output.table("Servers", columns, views.server_rows(servers))

    document = {**found, "servers": servers}
    if output.as_json and after_events:
        output.json_line(document)
    else:
        output.show(document, show_tables)
