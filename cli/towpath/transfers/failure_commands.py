"""`towpath failures …`, `dead-letters …`: what went wrong, and doing it again."""

from __future__ import annotations

import uuid
from typing import Any

import click

from towpath.application import Group, pass_session
from towpath.contexts import TRANSFERS as SYSTEM
from towpath.errors import Invalid
from towpath.session import Session
from towpath.transfers import views
from towpath.transfers.lookups import latest
from towpath.transfers.options import CONFIRMED, LIMIT, YES, as_query, failure_filters

FAILURES, REPLAYS, LETTERS = "/failures", "/replays", "/dead-letters"
COMPLETED = "COMPLETED"
SECONDS_BETWEEN_LOOKS = 1.0


@click.group("failures", cls=Group)
@pass_session
def failures(session: Session) -> None:
    """Transfers that ended without reaching all their targets, and replays of them."""
    session.system = SYSTEM


@failures.command("list")
@failure_filters
@click.option("--open/--replayed", "is_open", default=None, help="Only what nobody has replayed, or somebody has.")
@LIMIT
@pass_session
def list_failures(session: Session, /, is_open: bool | None, limit: int, **filters: Any) -> None:
    """List failures of a customer, of a workflow or with a reason."""
    replayed = {} if is_open is None else {"replayed": "false" if is_open else "true"}
    rows = list(session.api.pages(FAILURES, {**as_query(filters), **replayed}, limit))
    session.output.show(rows, lambda: views.show_failures(session.output, "Failures", rows))


@failures.command("show")
@click.argument("customer")
@click.argument("file_name", metavar="FILE")
@pass_session
def show(session: Session, customer: str, file_name: str) -> None:
    """Show the failure of the latest arrival of a FILE of a CUSTOMER."""
    failure = session.api.get(f"{FAILURES}/{latest(session.api, customer, file_name)}")
    session.output.show(failure, lambda: views.show_failure(session.output, failure))


@failures.command("replay")
@failure_filters
@click.option("--file", "file_name", metavar="NAME", help="Only the latest arrival of this file of the --customer.")
@click.option("--include-replayed", is_flag=True, help="Also what was replayed before.")
@CONFIRMED
@click.option("--dry-run", is_flag=True, help="Say what would be replayed, and do nothing.")
@YES
@click.option("--watch", is_flag=True, help="Wait until all of it was given to the intake.")
@click.option("--key", metavar="TEXT", help="Idempotency key: the same key replays once.")
@pass_session
def replay(  # noqa: PLR0913  (click hands in each option)
    session: Session,
    /,
    *,
    file_name: str | None,
    include_replayed: bool,
    confirmed: bool,
    dry_run: bool,
    yes: bool,
    watch: bool,
    key: str | None,
    **filters: Any,
) -> None:
    """Judge and try failures again, many at a time; what was reached is not copied again."""
    body = as_query(filters)
    if file_name:
        if not filters["customer"]:
            raise Invalid("--file goes with --customer")
        body["transferKeys"] = [latest(session.api, filters["customer"], file_name)]
    body |= {"includeReplayed": True} if include_replayed else {}
    body |= {"confirmed": True} if confirmed else {}
    if dry_run or not yes:
        preview = session.api.post(f"{REPLAYS}/preview", body)
        if dry_run:
            session.output.show(preview, lambda: views.show_preview(session.output, preview))
            return
        if not session.as_json:
            views.show_preview(session.output, preview)
        click.confirm("Replay them?", abort=True, err=True)
    started = session.api.post(REPLAYS, body, key=key or str(uuid.uuid4()))
    if watch:
        started = _completed(session, started)
    session.output.show(started, lambda: views.show_replay(session.output, started))


@failures.command("progress")
@click.argument("replay_id", metavar="REPLAY")
@pass_session
def progress(session: Session, replay_id: str) -> None:
    """Show how far a REPLAY is."""
    found = session.api.get(f"{REPLAYS}/{replay_id}")
    session.output.show(found, lambda: views.show_replay(session.output, found))


@click.group("dead-letters", cls=Group)
@pass_session
def dead_letters(session: Session) -> None:
    """Messages that the intake gave up."""
    session.system = SYSTEM


@dead_letters.command("list")
@click.option("--limit", type=click.IntRange(1, 100), default=50, show_default=True, help="At most so many.")
@pass_session
def list_letters(session: Session, limit: int) -> None:
    """List dead letters, each with what would become of it; they stay where they are."""
    rows = session.api.get(LETTERS, {"limit": limit})["items"]
    session.output.show(rows, lambda: views.show_letters(session.output, "Dead letters", rows))


@dead_letters.command("redrive")
@click.argument("message_ids", nargs=-1, metavar="[MESSAGE]...")
@YES
@pass_session
def redrive(session: Session, message_ids: tuple[str, ...], yes: bool) -> None:
    """Send dead letters (all, or those named) to the intake again; those whose transfer has ended are dropped."""
    if not yes:
        click.confirm("Send them to the intake again?", abort=True, err=True)
    done = session.api.post(f"{LETTERS}/redrive", {"messageIds": list(message_ids)} if message_ids else {})
    said = f"{done['redriven']} sent, {done['dropped']} dropped, {done['left']} left"

    def render() -> None:
        views.show_letters(session.output, "Dead letters", done["items"])
        session.output.say(said)

    session.output.show(done, render)


def _completed(session: Session, replay: dict[str, Any]) -> dict[str, Any]:
    while replay["status"] != COMPLETED:
        session.sleep(SECONDS_BETWEEN_LOOKS)
        replay = session.api.get(f"{REPLAYS}/{replay['replayId']}")
    return replay
