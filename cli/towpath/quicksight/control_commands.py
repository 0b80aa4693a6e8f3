"""The commands to a job: cancel, retry, approve, reject; and the restore, which is a job of its own."""

from __future__ import annotations

import uuid
from typing import Any

import click

from towpath.application import Command, pass_session
from towpath.errors import Conflict, Invalid
from towpath.output import coloured
from towpath.quicksight import job_views as views
from towpath.quicksight.lookups import JOBS, job_path, whole_plan
from towpath.quicksight.options import approval_options
from towpath.quicksight.plan_views import short_hash, show_plan
from towpath.quicksight.watching import watch_to_end
from towpath.session import Session

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command("cancel", cls=Command)
@click.argument("job")
@click.option("--reason", metavar="TEXT", help="Why; it is in the audit trail.")
@yes_option
@pass_session
def cancel(session: Session, job: str, reason: str | None, yes: bool) -> None:
    """Cancel a JOB: no further step begins; what runs in QuickSight comes to its end first."""
    path = job_path(session.api, job)
    if not yes:
        click.confirm(f"Cancel {path.rpartition('/')[2]}?", abort=True, err=True)
    _command(session, path, "cancel", {"reason": reason} if reason else {})


@click.command("retry", cls=Command)
@click.argument("job")
@click.option("--watch", is_flag=True, help="Watch it until it ends, or its plan waits for approval.")
@pass_session
def retry(session: Session, job: str, watch: bool) -> None:
    """Run a JOB that has ended again, from the step that did not succeed."""
    path = job_path(session.api, job)
    _command(session, path, "retry", {}, key=str(uuid.uuid4()))
    if watch:
        watch_to_end(session, path, stop_at_approval=True)


@click.command("approve", cls=Command)
@click.argument("job")
@click.option("--comment", metavar="TEXT", help="Why; it is in the audit trail.")
@click.option("--plan-hash", metavar="HASH", help="Of the plan that was looked at: nothing is shown, nothing is asked.")
@click.option("--all", "everything", is_flag=True, help="Show what stays the same too, and every difference in full.")
@click.option("--yes", is_flag=True, help="Do not ask: the plan that is shown is approved.")
@click.option("--watch", is_flag=True, help="Watch it until it ends.")
@pass_session
def approve(  # noqa: PLR0913  (click hands in each option)
    session: Session,
    /,
    *,
    job: str,
    comment: str | None,
    plan_hash: str | None,
    everything: bool,
    yes: bool,
    watch: bool,
) -> None:
    """Show the plan of a JOB and approve it, by typing the beginning of its hash."""
    path = job_path(session.api, job)
    chosen = plan_hash or _looked_at(session, path, everything, yes)
    body = {"planHash": chosen, **({"comment": comment} if comment else {})}
    try:
        state = _command(session, path, "approve", body)
    except Conflict as error:
        error.problems += [
            (f"{each['assetType']} {each['assetId']}", f"was {each['change'].lower()} in the target")
            for each in error.members.get("changes", [])
        ]
        error.hint = error.hint or f"`towpath quicksight jobs show {path.rpartition('/')[2]}` says how it stands now."
        raise
    if watch:
        watch_to_end(session, path, stop_at_approval=True, after_revision=state["revision"])


@click.command("reject", cls=Command)
@click.argument("job")
@click.option("--comment", metavar="TEXT", help="Why; it is in the audit trail.")
@yes_option
@pass_session
def reject(session: Session, job: str, comment: str | None, yes: bool) -> None:
    """Reject the plan of a JOB: nothing is changed in the target."""
    path = job_path(session.api, job)
    if not yes:
        click.confirm(f"Reject the plan of {path.rpartition('/')[2]}?", abort=True, err=True)
    _command(session, path, "reject", {"comment": comment} if comment else {})


@click.command("restore", cls=Command)
@click.argument("job")
@approval_options
@click.option("--plan-only", is_flag=True, help="End after the plan: nothing is changed.")
@click.option("--watch", is_flag=True, help="Watch it until it ends, or its plan waits for approval.")
@yes_option
@pass_session
def restore(  # noqa: PLR0913  (click hands in each option)
    session: Session, /, *, job: str, approval: str | None, plan_only: bool, watch: bool, yes: bool
) -> None:
    """Put the target back as it was before a JOB: its backup is imported, what it created is deleted."""
    path = job_path(session.api, job)
    if not yes and not plan_only:
        found = session.api.get(path)
        text = f"Put {found['targetAccountId']} back as it was before {found['jobId']}?"
        click.confirm(text, abort=True, err=True)
    body: dict[str, Any] = {
        **({"approval": approval} if approval else {}),
        **({"planOnly": True} if plan_only else {}),
    }
    state = session.api.post(f"{path}/restore", body, key=str(uuid.uuid4()))
    if watch:
        watch_to_end(session, f"{JOBS}/{state['jobId']}", stop_at_approval=True)
        return
    said = f"{state['jobId']} is {coloured(state['status'])}: `towpath quicksight jobs watch {state['jobId']}`"
    session.output.show(state, lambda: session.output.say(said))


def _looked_at(session: Session, path: str, everything: bool, yes: bool) -> str:
    """The hash of the plan that was shown, when the user has typed how it begins. Raises Invalid for another."""
    if session.as_json:
        raise Invalid("with --json no plan is shown", "Name the plan that was looked at with --plan-hash.")
    found = whole_plan(session.api, path)
    show_plan(session.output, found, everything)
    plan_hash = str(found["planHash"])
    if yes:
        return plan_hash
    typed = click.prompt(f"To approve it, type the first {len(short_hash(plan_hash))} characters of its hash", err=True)
    if typed.strip().lower() not in (short_hash(plan_hash), plan_hash):
        raise Invalid("that is not the hash of this plan", "Nothing was approved.")
    return plan_hash


def _command(session: Session, path: str, command: str, body: dict[str, Any], key: str = "") -> dict[str, Any]:
    state: dict[str, Any] = session.api.post(f"{path}/{command}", body, key=key)
    detail = f", waits for {views.waiting(state)}" if views.waiting(state) else ""
    said = f"{command}: accepted. {state['jobId']} is {coloured(state['status'])}{detail}"
    session.output.show(state, lambda: session.output.say(said))
    return state


CONTROLS = (cancel, retry, approve, reject)
