"""`towpath quicksight drift …`: is what was migrated still the same at both ends?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click
from rich.markup import escape

from towpath.application import Group, pass_session
from towpath.errors import CliError
from towpath.output import Output, coloured, moment
from towpath.quicksight.job_views import who
from towpath.quicksight.lookups import REPORTS, job_path, report_path
from towpath.session import Session

POLL_SECONDS = 2.0
RUNNING, FAILED, IN_SYNC = "RUNNING", "FAILED", "IN_SYNC"
DEFAULT_ROWS = 20
DIFFERENT = 1
#: What is worth the first look comes first.
STATES = ("BOTH_CHANGED", "TARGET_CHANGED", "TARGET_DELETED", "SOURCE_CHANGED", "SOURCE_DELETED", IN_SYNC)

Document = Mapping[str, Any]


@click.group("drift", cls=Group, invoke_without_command=True)
@click.option("--source", metavar="ACCOUNT", help="Only what came out of this account.")
@click.option("--target", metavar="ACCOUNT", help="Only what went into this account.")
@click.option("--job", help="Only what this job has migrated: an id, or `latest`.")
@click.option("--no-wait", is_flag=True, help="Ask for it and do not wait.")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something has drifted, as git does.")
@click.pass_context
def drift(  # noqa: PLR0913  (click hands in each option)
    ctx: click.Context, /, *, source: str | None, target: str | None, job: str | None, no_wait: bool, exit_code: bool
) -> None:
    """Compare what was migrated with source and target as they are now: ask for a report, wait for it, show it.

    `list` and `show` are about reports that are made already.
    """
    if ctx.invoked_subcommand:
        return
    session = ctx.ensure_object(Session)
    chosen = job and job_path(session.api, job).rpartition("/")[2]
    asked = {"sourceAccountId": source, "targetAccountId": target, "jobId": chosen}
    found = session.api.post(REPORTS, {name: value for name, value in asked.items() if value})
    if no_wait:
        said = (
            f"{found['reportId']} is {coloured(found['status'])}: `towpath quicksight drift show {found['reportId']}`"
        )
        session.output.show(found, lambda: session.output.say(said))
        return
    while found["status"] == RUNNING:
        session.sleep(POLL_SECONDS)
        found = session.api.get(f"{REPORTS}/{found['reportId']}")
    _end(session, found, exit_code)


@drift.command("list")
@click.option("--limit", type=click.IntRange(1), default=DEFAULT_ROWS, show_default=True, help="At most so many.")
@pass_session
def list_reports(session: Session, limit: int) -> None:
    """List drift reports, the latest first."""
    rows = list(session.api.pages(REPORTS, most=limit))
    columns = ("report", "status", "made", "by", "target", "")
    shown = [
        (
            row["reportId"],
            row["status"],
            moment(row["createdAt"]),
            who(row.get("initiatedBy", "")),
            row.get("targetAccountId"),
            _counts(row),
        )
        for row in rows
    ]
    session.output.show(rows, lambda: session.output.table("Drift reports", columns, shown))


@drift.command("show")
@click.argument("report")
@click.option("--exit-code", is_flag=True, help="Exit with 1 when something has drifted, as git does.")
@pass_session
def show(session: Session, report: str, exit_code: bool) -> None:
    """Show a drift REPORT with its assets."""
    _end(session, session.api.get(report_path(session.api, report)), exit_code)


def _end(session: Session, found: Document, exit_code: bool) -> None:
    session.output.show(found, lambda: _show(session.output, found))
    if found["status"] == FAILED:
        raise CliError(f"the report could not be made: {found.get('error', '')}")
    if exit_code and any(count for state, count in found.get("counts", {}).items() if state != IN_SYNC):
        raise SystemExit(DIFFERENT)


def _show(output: Output, found: Document) -> None:
    output.fields(
        "Drift report",
        {
            "report": found["reportId"],
            "status": found["status"],
            "asked for": f"{moment(found['createdAt'])} by {who(found.get('initiatedBy', 'the schedule'))}",
            "made": moment(found.get("completedAt")),
            "assets": _counts(found),
        },
    )
    report = found.get("report", {})
    names = ("status", "assetType", "targetAssetId", "name", "targetAccountId", "jobId")
    rows = [tuple(asset.get(name) for name in names) for asset in sorted(report.get("assets", []), key=_order)]
    if rows:
        output.table("Assets", ("status", "type", "asset", "name", "target", "job"), rows)
    for account in report.get("unreachable", []):
        where = f"{account['side'].lower()} {account['accountId']}"
        output.say(f"[yellow]Not looked at[/yellow]: {where}, {escape(account['message'])}")


def _counts(found: Document) -> str:
    counts = found.get("counts", {})
    order = [*STATES, *sorted(set(counts) - set(STATES))]
    return ", ".join(f"{counts[state]} {state}" for state in order if counts.get(state))


def _order(asset: Document) -> tuple[int, str, str]:
    place = STATES.index(asset["status"]) if asset["status"] in STATES else len(STATES)
    return place, asset["assetType"], asset["assetId"]
