"""`towpath transfers …`: what arrived, how it ended, and every step of it. Straight over AWS credentials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from shared.clock import stamp, utc_now
from towpath.application import Group, pass_session
from towpath.errors import Missing
from towpath.output import moment
from towpath.session import Session


@click.group("transfers", cls=Group, aliases={"ls": "list"})
def transfers() -> None:
    """Look into file transfer."""


@transfers.command("list")
@click.argument("customer")
@click.option("--period", metavar="YYYY[-MM[-DD]]", help="A day, month or year; today when not given.")
@click.option("--attention", is_flag=True, help="Only what is RETRYING, PARTIAL, FAILED or REJECTED, of any day.")
@pass_session
def list_transfers(session: Session, customer: str, period: str | None, attention: bool) -> None:
    """List the files that came from a CUSTOMER."""
    queries = session.transfers
    day = period or stamp(utc_now())[:10]
    rows = queries.attention_of_customer(customer) if attention else queries.files_of_customer(customer, day)
    title = f"Files of {customer} that need somebody" if attention else f"Files of {customer}, {day}"
    session.output.show(
        rows,
        lambda: session.output.table(
            title,
            ("arrived", "file", "status", "workflow", "retries", "why"),
            [
                (
                    moment(row.get("timestamp")),
                    row.get("fileName"),
                    row.get("status"),
                    row.get("workflowId"),
                    row.get("retryCount"),
                    row.get("errorMessage"),
                )
                for row in rows
            ],
        ),
    )


@transfers.command("show")
@click.argument("customer")
@click.argument("file_name", metavar="FILE")
@click.option("--history", is_flag=True, help="Every arrival of the file, not only the latest.")
@pass_session
def show(session: Session, customer: str, file_name: str, history: bool) -> None:
    """Show how a FILE of a CUSTOMER stands."""
    arrivals = session.transfers.history(customer, file_name)
    if not arrivals:
        raise _never_came(customer, file_name)
    if history:
        session.output.show(arrivals, lambda: _show_history(session, file_name, arrivals))
    else:
        session.output.show(arrivals[0], lambda: _show_arrival(session, arrivals[0]))


@transfers.command("trace")
@click.argument("customer")
@click.argument("file_name", metavar="FILE")
@pass_session
def trace(session: Session, customer: str, file_name: str) -> None:
    """Tell everything that happened to a FILE of a CUSTOMER: audit trail, failures, notifications."""
    queries = session.transfers
    events = queries.audit_trail(customer, file_name)
    if not events:
        raise _never_came(customer, file_name)
    story = {
        "events": events,
        "failures": queries.failures_of_file(customer, file_name),
        "notifications": queries.notifications_of_file(customer, file_name),
    }
    session.output.show(story, lambda: _show_story(session, file_name, story))


def _never_came(customer: str, file_name: str) -> Missing:
    return Missing(
        f"{customer} never sent {file_name}",
        f"`towpath transfers list {customer} --period 2026-01` lists the files of a month.",
    )


def _show_history(session: Session, file_name: str, arrivals: list[dict[str, Any]]) -> None:
    session.output.table(
        f"Arrivals of {file_name}",
        ("arrived", "status", "retries", "why"),
        [
            (moment(each["timestamp"]), each["status"], each.get("retryCount"), each.get("errorMessage"))
            for each in arrivals
        ],
    )


def _show_arrival(session: Session, item: Mapping[str, Any]) -> None:
    output = session.output
    names = ("status", "workflowId", "timestamp", "retryCount", "nextAttemptAt", "failureReason", "errorMessage")
    source = f"s3://{item.get('sourceBucket')}/{item.get('sourceKey')}"
    output.fields(str(item["fileName"]), {**{name: item.get(name) for name in names}, "source": source})
    output.table(
        "Targets",
        ("target", "state", "where", "why"),
        [
            (name, record["state"], item.get("target", {}).get(name), record.get("error") or record.get("reason"))
            for name, record in item.get("targets", {}).items()
        ],
    )


def _show_story(session: Session, file_name: str, story: Mapping[str, list[dict[str, Any]]]) -> None:
    output = session.output
    output.table(
        f"What happened to {file_name}",
        ("at", "event", "status", "message"),
        [
            (str(each["at"])[:23].replace("T", " "), each["eventType"], each["status"], each.get("message"))
            for each in story["events"]
        ],
    )
    output.table(
        "Failure records",
        ("at", "status", "reason", "message"),
        [
            (moment(each["timestamp"]), each["status"], each["failureReason"], each["errorMessage"])
            for each in story["failures"]
        ],
    )
    output.table(
        "Notifications",
        ("at", "status", "retries", "topic"),
        [
            (moment(each.get("timestamp")), each["status"], each.get("retryCount"), each.get("target"))
            for each in story["notifications"]
        ],
    )
