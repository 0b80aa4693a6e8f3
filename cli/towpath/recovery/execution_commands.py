"""`towpath drs executions …`: looking at executions."""

from __future__ import annotations

import click

from towpath.application import Group, pass_session
from towpath.output import moment
from towpath.recovery import execution_views as views
from towpath.recovery.lookups import execution_id
from towpath.session import Session

EXECUTIONS = "/executions"
DEFAULT_ROWS = 50


@click.group("executions", cls=Group)
def executions() -> None:
    """Executions of plans; EXECUTION is an id, or `latest`."""


@executions.command("list")
@click.option("--status", help="Only those in this status, such as PAUSED.")
@click.option("--limit", type=click.IntRange(1), default=DEFAULT_ROWS, show_default=True, help="At most so many.")
@pass_session
def list_executions(session: Session, status: str | None, limit: int) -> None:
    """List executions, the latest first."""
    rows = list(session.api.pages(EXECUTIONS, {"status": status.upper() if status else None}, most=limit))
    session.output.show(
        rows,
        lambda: session.output.table(
            "Executions",
            ("execution", "plan", "type", "status", "wave", "started", "ended"),
            [
                (
                    row["executionId"],
                    row["planName"],
                    row["type"],
                    row["status"],
                    f"{row.get('currentWave', 0)} of {row.get('waveCount', '?')}",
                    moment(row["startedAt"]),
                    moment(row.get("endedAt")),
                )
                for row in rows
            ],
        ),
    )


@executions.command("show")
@click.argument("execution")
@pass_session
def show(session: Session, execution: str) -> None:
    """Show an EXECUTION with its waves."""
    found = session.api.get(f"{EXECUTIONS}/{execution_id(session.api, execution)}")
    session.output.show(found, lambda: views.show_execution(session.output, found))


@executions.command("servers")
@click.argument("execution")
@click.option("--failed", is_flag=True, help="Only those that failed.")
@pass_session
def servers(session: Session, execution: str, failed: bool) -> None:
    """List the servers of an EXECUTION."""
    rows = list(session.api.pages(f"{EXECUTIONS}/{execution_id(session.api, execution)}/servers"))
    if failed:
        rows = [row for row in rows if row["launchStatus"] == "FAILED"]
    columns = ("wave", "server", "host", "", "status", "instance", "took", "why")
    session.output.show(rows, lambda: session.output.table("Servers", columns, views.server_rows(rows)))


@executions.command("timeline")
@click.argument("execution")
@pass_session
def timeline(session: Session, execution: str) -> None:
    """Tell what happened in an EXECUTION, and who did it."""
    rows = list(session.api.pages(f"{EXECUTIONS}/{execution_id(session.api, execution)}/timeline"))
    session.output.show(
        rows,
        lambda: session.output.table(
            "Timeline",
            ("at", "what", "wave", "who", ""),
            [
                (
                    str(row["at"])[:23].replace("T", " "),
                    row["kind"],
                    row.get("waveNumber"),
                    row.get("actor"),
                    row.get("message"),
                )
                for row in rows
            ],
        ),
    )


@executions.command("job-log")
@click.argument("execution")
@click.option("--wave", type=click.IntRange(1), help="Only this wave.")
@pass_session
def job_log(session: Session, execution: str, wave: int | None) -> None:
    """Show the job logs of AWS DRS for an EXECUTION."""
    path = f"{EXECUTIONS}/{execution_id(session.api, execution)}/job-log"
    rows = list(session.api.pages(path, {"waveNumber": wave}))
    session.output.show(
        rows,
        lambda: session.output.table(
            "Job log",
            ("at", "job", "wave", "event", "server", "error"),
            [
                (
                    moment(row["at"]),
                    row["jobId"],
                    row.get("waveNumber"),
                    row["event"],
                    row.get("sourceServerId"),
                    row.get("rawError"),
                )
                for row in rows
            ],
        ),
    )
