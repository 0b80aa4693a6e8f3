"""`towpath transfers …`: what arrived, how it ended, every step of it, and once more."""

from __future__ import annotations

import uuid
from typing import Any

import click

from shared.clock import stamp, utc_now
from towpath.application import Group, pass_session
from towpath.contexts import TRANSFERS as SYSTEM
from towpath.errors import Missing
from towpath.output import coloured
from towpath.session import Session
from towpath.transfers import views
from towpath.transfers.lookups import TRANSFERS, arrivals, bounds_of, latest
from towpath.transfers.options import CONFIRMED, LIMIT

STATUSES = ("IN_PROGRESS", "RETRYING", "HELD", "SUCCESS", "SUPERSEDED", "PARTIAL", "FAILED", "REJECTED")
#: Arrivals of one file that are traced.
MOST_ARRIVALS = 20


@click.group("transfers", cls=Group, aliases={"ls": "list"})
@pass_session
def transfers(session: Session) -> None:
    """File transfer: what arrived, and what became of it."""
    session.system = SYSTEM


@transfers.command("list")
@click.argument("customer", required=False)
@click.option("--period", metavar="YYYY[-MM[-DD]]", help="A day, month or year of arrival; today when not given.")
@click.option("--attention", is_flag=True, help="Only what is RETRYING, PARTIAL, FAILED or REJECTED, of any day.")
@click.option("--status", type=click.Choice(STATUSES), help="Only what stands so.")
@click.option("--workflow", metavar="ID", help="Only of this workflow; without a CUSTOMER it takes a --status.")
@LIMIT
@pass_session
def list_transfers(session: Session, /, customer: str | None, limit: int, **chosen: Any) -> None:
    """List the files that came: from a CUSTOMER, of a workflow in a status, or of a day."""
    query, when = _query(customer, **chosen)
    rows = list(session.api.pages(TRANSFERS, query, limit))
    whose = f"Files of {customer}" if customer else "Files"
    session.output.show(rows, lambda: views.show_transfers(session.output, f"{whose}, {when}", rows))


@transfers.command("show")
@click.argument("customer")
@click.argument("file_name", metavar="FILE")
@click.option("--history", is_flag=True, help="Every arrival of the file, not only the latest.")
@pass_session
def show(session: Session, customer: str, file_name: str, history: bool) -> None:
    """Show how a FILE of a CUSTOMER stands."""
    if history:
        found = arrivals(session.api, customer, file_name)
        session.output.show(
            found, lambda: views.show_transfers(session.output, f"Arrivals of {file_name}", found, file=False)
        )
        return
    transfer = session.api.get(f"{TRANSFERS}/{latest(session.api, customer, file_name)}")
    session.output.show(transfer, lambda: views.show_transfer(session.output, transfer))


@transfers.command("trace")
@click.argument("customer")
@click.argument("file_name", metavar="FILE")
@pass_session
def trace(session: Session, customer: str, file_name: str) -> None:
    """Tell everything that happened to a FILE of a CUSTOMER: audit trail, failures, notifications."""
    api, events, failures = session.api, [], []
    for arrival in reversed(arrivals(api, customer, file_name, MOST_ARRIVALS)):
        key = arrival["transferKey"]
        records = list(api.pages(f"{TRANSFERS}/{key}/audit"))
        events += [{**event, "transferId": arrival["transferId"]} for record in records for event in record["events"]]
        try:
            failures.append(api.get(f"/failures/{key}"))
        except Missing:
            continue
    told = list(api.pages("/notifications", {"customerId": customer, "fileName": file_name}))
    story = {"events": events, "failures": failures, "notifications": told}
    session.output.show(story, lambda: views.show_story(session.output, file_name, story))


@transfers.command("retry")
@click.argument("customer")
@click.argument("file_name", metavar="FILE")
@CONFIRMED
@pass_session
def retry(session: Session, customer: str, file_name: str, confirmed: bool) -> None:
    """Try the latest arrival of a FILE again that ended FAILED, PARTIAL or REJECTED, or waits for its group."""
    path = f"{TRANSFERS}/{latest(session.api, customer, file_name)}/retry"
    asked = session.api.post(path, {"confirmed": True} if confirmed else {}, key=str(uuid.uuid4()))
    said = f"{file_name} was {coloured(asked['status'])} and is tried again: `towpath transfers show {customer} …`"
    session.output.show(asked, lambda: session.output.say(said))


def _query(
    customer: str | None, *, period: str | None, attention: bool, status: str | None, workflow: str | None
) -> tuple[dict[str, Any], str]:
    """The query, and the title's words for when."""
    query = {"customerId": customer, "status": status, "workflowId": workflow}
    if attention and customer:
        return {**query, "attention": "true"}, "that need somebody"
    if period is None and workflow and not customer:
        return query, f"of {workflow}"
    when = period or stamp(utc_now())[:10]
    bounds = bounds_of(when)
    if customer:
        return {**query, **bounds}, when
    if workflow and status:
        return {**query, **bounds}, f"of {workflow}, {when}"
    return {**query, "date": bounds["from"]}, bounds["from"]
