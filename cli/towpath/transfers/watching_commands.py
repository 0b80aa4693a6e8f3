"""`towpath expectations …`, `notifications …`: files that have to come, and who was told what."""

from __future__ import annotations

import uuid
from typing import Any

import click

from towpath.application import Group, pass_session
from towpath.contexts import TRANSFERS as SYSTEM
from towpath.errors import Missing
from towpath.session import Session
from towpath.transfers import views
from towpath.transfers.options import LIMIT

EXPECTATIONS, NOTIFICATIONS = "/expectations", "/notifications"
#: Windows in which something was otherwise than expected.
INCIDENTS = ("LATE", "MISSED", "MET_LATE", "EXCEEDED")
WINDOW_STATUSES = ("OPEN", "MET", *INCIDENTS)


@click.group("expectations", cls=Group)
@pass_session
def expectations(session: Session) -> None:
    """Windows in which files are expected."""
    session.system = SYSTEM


@expectations.command("list")
@click.option("--customer", metavar="ID", help="Of this customer.")
@click.option("--status", type=click.Choice(WINDOW_STATUSES), help="In this status.")
@click.option("--unacknowledged", is_flag=True, help="Only what nobody looks after.")
@LIMIT
@pass_session
def list_windows(
    session: Session, /, customer: str | None, status: str | None, unacknowledged: bool, limit: int
) -> None:
    """List windows of a customer or in a status; without either, those that are late or missed."""
    more = {"unacknowledged": "true"} if unacknowledged else {}
    statuses = [status] if status or customer else list(INCIDENTS)
    rows: list[dict[str, Any]] = []
    for each in statuses:
        rows += session.api.pages(EXPECTATIONS, {"customerId": customer, "status": each, **more}, limit)
    rows = sorted(rows, key=lambda row: str(row["dueAt"]), reverse=True)[:limit]
    session.output.show(rows, lambda: views.show_windows(session.output, "Expected files", rows))


@expectations.command("acknowledge")
@click.argument("workflow")
@click.argument("expectation")
@click.option("--comment", default="", help="What is done about it.")
@click.option("--due", metavar="TIME", help="Only the window that was due then; all when not given.")
@pass_session
def acknowledge(session: Session, workflow: str, expectation: str, comment: str, due: str | None) -> None:
    """Say that you look after an EXPECTATION of a WORKFLOW whose files were late, missed or too many."""
    found = [
        window
        for status in INCIDENTS
        for window in session.api.pages(EXPECTATIONS, {"status": status, "unacknowledged": "true"})
        if (window["workflowId"], window["expectationId"]) == (workflow, expectation)
        and (due is None or str(window["dueAt"]).startswith(due))
    ]
    if not found:
        raise Missing(f"nothing of {expectation} of {workflow} waits for somebody", "`towpath expectations list`")
    body = {"comment": comment} if comment else {}
    done = [session.api.post(f"{EXPECTATIONS}/{each['expectationKey']}/acknowledge", body) for each in found]
    session.output.show(done, lambda: views.show_windows(session.output, "Acknowledged", done))


@click.group("notifications", cls=Group)
@pass_session
def notifications(session: Session) -> None:
    """Who was told what became of files."""
    session.system = SYSTEM


@notifications.command("list")
@click.argument("customer", required=False)
@click.argument("file_name", metavar="[FILE]", required=False)
@click.option("--status", type=click.Choice(["SENT", "RETRYING", "FAILED"]), help="In this status.")
@click.option("--failed-on", metavar="DAY", help="Of all customers, what failed for good on a day, 2026-01-02.")
@LIMIT
@pass_session
def list_notifications(
    session: Session, /, customer: str | None, file_name: str | None, limit: int, **filters: Any
) -> None:
    """List notifications of a CUSTOMER, of one FILE of theirs, or those that failed on a day."""
    query = {"customerId": customer, "fileName": file_name, "status": filters["status"], "date": filters["failed_on"]}
    rows = list(session.api.pages(NOTIFICATIONS, query, limit))
    session.output.show(rows, lambda: views.show_notifications(session.output, "Notifications", rows))


@notifications.command("resend")
@click.argument("customer")
@click.argument("file_name", metavar="FILE")
@click.option("--all", "everything", is_flag=True, help="Also what was sent, not only what failed.")
@pass_session
def resend(session: Session, customer: str, file_name: str, everything: bool) -> None:
    """Send the notifications about a FILE of a CUSTOMER that failed once more."""
    query = {"customerId": customer, "fileName": file_name, "status": None if everything else "FAILED"}
    found = list(session.api.pages(NOTIFICATIONS, query))
    if not found:
        raise Missing(f"no notification about {file_name} failed", "`--all` sends those again that were sent.")
    done = [
        session.api.post(f"{NOTIFICATIONS}/{each['notificationKey']}/resend", key=str(uuid.uuid4())) for each in found
    ]
    session.output.show(done, lambda: views.show_notifications(session.output, "Sent once more", done))
