"""`towpath quicksight jobs start`, `plan`: what a migration would change, and doing it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import click

from towpath.application import Command, pass_session
from towpath.errors import CliError
from towpath.output import coloured
from towpath.quicksight.job_files import is_file_name, read_job
from towpath.quicksight.job_views import details, why
from towpath.quicksight.lookups import JOBS, job_path, whole_plan
from towpath.quicksight.options import approval_options
from towpath.quicksight.plan_views import show_plan
from towpath.quicksight.watching import watch_to_end, watched
from towpath.session import Session
from towpath.yaml_files import Located, located_in

FILE = click.Path(dir_okay=False, path_type=Path)
COMPLETED = "COMPLETED"


@click.command("start", cls=Command)
@click.argument("file", metavar="FILE", type=FILE)
@click.option("--plan-only", is_flag=True, help="End after the plan: nothing is changed.")
@approval_options
@click.option("--watch", is_flag=True, help="Watch it until it ends, or its plan waits for approval.")
@click.option("--key", metavar="TEXT", help="Idempotency key: the same key starts it once.")
@pass_session
def start(session: Session, /, file: Path, plan_only: bool, approval: str | None, watch: bool, key: str | None) -> None:
    """Start the migration that FILE describes."""
    job = _started(session, read_job(file), key, planOnly=plan_only or None, approval=approval)
    if watch:
        watch_to_end(session, f"{JOBS}/{job['jobId']}", stop_at_approval=True)
        return
    said = f"{job['jobId']} is {coloured(job['status'])}: `towpath quicksight jobs watch {job['jobId']}`"
    session.output.show(job, lambda: session.output.say(said))


@click.command("plan", cls=Command)
@click.argument("job", metavar="JOB|FILE")
@click.option("--all", "everything", is_flag=True, help="What stays the same too, and every difference in full.")
@pass_session
def plan(session: Session, job: str, everything: bool) -> None:
    """Show what the import of a JOB (id, or `latest`) changes; for a FILE, make the plan and change nothing."""
    path = _planned(session, Path(job)) if is_file_name(job) else job_path(session.api, job)
    found = whole_plan(session.api, path)
    session.output.show(found, lambda: show_plan(session.output, found, everything))


def _planned(session: Session, file: Path) -> str:
    """A job that ends after its plan. Raises CliError, with the file's lines, when it does not get that far."""
    located = read_job(file)
    path = f"{JOBS}/{_started(session, located, None, planOnly=True)['jobId']}"
    job = watched(session, path, quiet=True)
    if job["status"] != COMPLETED and not job.get("planHash"):
        hint = f"`towpath quicksight jobs show {job['jobId']}` tells more."
        with located_in(located):
            raise CliError(f"there is no plan: {job['status']} {why(job)}".strip(), hint, details(job))
    return path


def _started(session: Session, located: Located, key: str | None, **options: Any) -> dict[str, Any]:
    chosen = {name: value for name, value in options.items() if value is not None}
    body = {**located.value}
    if chosen:
        body["options"] = {**body.get("options", {}), **chosen}
    with located_in(located):
        job: dict[str, Any] = session.api.post(JOBS, body, key=key or str(uuid.uuid4()))
    return job
