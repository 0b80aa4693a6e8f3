"""`towpath quicksight jobs …`: looking at jobs; `accounts`."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import click

from quicksight_migration.api.terms import JOB_STATUSES
from towpath.application import Command, Group, pass_session
from towpath.output import moment
from towpath.quicksight import job_views as views
from towpath.quicksight.lookups import JOBS, job_path
from towpath.session import Session

DEFAULT_ROWS = 50
DEFAULT_LINES = 200
#: Part of the name of the state machine's log group.
MACHINE = "/states/"
#: What every line of a job's log has.
SAME = ("jobId", "execution_arn")
COLUMNS = ("job", "type", "status", "step", "from, to", "tenant", "started", "by", "")


@click.group("jobs", cls=Group)
def jobs() -> None:
    """Migrations and restores; JOB is an id, or `latest`."""


@jobs.command("list")
@click.option("--status", type=click.Choice(JOB_STATUSES, case_sensitive=False), help="Only those in this status.")
@click.option("--source", metavar="ACCOUNT", help="Only those out of this account.")
@click.option("--target", metavar="ACCOUNT", help="Only those into this account.")
@click.option("--tenant", metavar="ID", help="Only those of this tenant.")
@click.option("--from", "since", metavar="TIME", help="Only those made since: 2026-01-02, or 2026-01-02T03:04:05Z.")
@click.option("--to", "until", metavar="TIME", help="Only those made before.")
@click.option("--limit", type=click.IntRange(1), default=DEFAULT_ROWS, show_default=True, help="At most so many.")
@pass_session
def list_jobs(  # noqa: PLR0913  (click hands in each option)
    session: Session,
    /,
    *,
    status: str | None,
    source: str | None,
    target: str | None,
    tenant: str | None,
    since: str | None,
    until: str | None,
    limit: int,
) -> None:
    """List jobs, the latest first."""
    query = {
        "status": status,
        "sourceAccountId": source,
        "targetAccountId": target,
        "tenantId": tenant,
        "from": since,
        "to": until,
    }
    rows = list(session.api.pages(JOBS, query, most=limit))
    session.output.show(rows, lambda: session.output.table("Jobs", COLUMNS, views.rows_of(rows)))


@jobs.command("show")
@click.argument("job")
@pass_session
def show(session: Session, job: str) -> None:
    """Show a JOB with its steps as a timeline."""
    found = session.api.get(job_path(session.api, job))
    session.output.show(found, lambda: views.show_job(session.output, found))


@jobs.command("logs")
@click.argument("job")
@click.option("--contains", metavar="TEXT", help="Only lines with this text.")
@click.option("--limit", type=click.IntRange(1), default=DEFAULT_LINES, show_default=True, help="At most so many.")
@click.option("--all", "everything", is_flag=True, help="Each move of the state machine too.")
@click.option("--links", is_flag=True, help="Only where the AWS console shows them.")
@pass_session
def logs(  # noqa: PLR0913  (click hands in each option)
    session: Session, /, *, job: str, contains: str | None, limit: int, everything: bool, links: bool
) -> None:
    """Show what all functions have logged about a JOB."""
    path = f"{job_path(session.api, job)}/logs"
    if links:
        found = session.api.get(path, {"limit": 1})["links"]
        rows = [(each["title"], each["url"]) for each in found]
        session.output.show(found, lambda: session.output.table("In the console", ("", "page"), rows))
        return
    told = (
        line for line in session.api.pages(path, {"contains": contains}) if everything or MACHINE not in line["source"]
    )
    lines = list(islice(told, limit))

    def render() -> None:
        for line in lines:
            session.output.console.print(_line(line), markup=False, soft_wrap=True)
        if not lines:
            session.output.say("nothing was logged yet")

    session.output.show(lines, render)


@jobs.command("audit")
@click.argument("job")
@pass_session
def audit(session: Session, job: str) -> None:
    """Tell who did what to a JOB."""
    rows = list(session.api.pages(f"{job_path(session.api, job)}/audit"))
    shown = [(moment(row["at"]), row["action"], views.who(row["actor"]), _pairs(row.get("detail", {}))) for row in rows]
    session.output.show(rows, lambda: session.output.table("Audit", ("at", "what", "who", ""), shown))


@click.command("accounts", cls=Command)
@pass_session
def accounts(session: Session) -> None:
    """List the accounts between which assets can be migrated."""
    rows = list(session.api.pages("/accounts"))
    columns = ("side", "account", "name", "Region", "tenant", "approval")
    names = ("side", "accountId", "name", "region", "tenantId", "approval")
    shown = [tuple(row.get(name) for name in names) for row in rows]
    session.output.show(rows, lambda: session.output.table("Accounts", columns, shown))


def _line(line: dict[str, Any]) -> str:
    source = line["source"].rpartition("/")[2]
    return "  ".join(
        part
        for part in (
            str(line["at"])[11:23],
            source,
            line.get("level", ""),
            line["message"],
            _pairs({name: value for name, value in line.get("fields", {}).items() if name not in SAME}),
        )
        if part
    )


def _pairs(values: dict[str, Any]) -> str:
    return " ".join(
        f"{name}={value if isinstance(value, str) else json.dumps(value)}" for name, value in values.items()
    )
