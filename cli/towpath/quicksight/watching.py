"""`towpath quicksight jobs watch`: the steps of a job on the screen, until it ends or somebody has to decide."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import click

from towpath.application import Command, pass_session
from towpath.errors import OUTCOME_CODES, Unreachable
from towpath.quicksight import job_views as views
from towpath.quicksight.live_updates import POLL_SECONDS, Polling, Updates, updates
from towpath.quicksight.lookups import job_path
from towpath.session import Session
from towpath.watch_screens import Look, Quiet, Screen, screen_of

SECONDS_AFTER_TROUBLE = 5.0
LOOK = Look(views.live_view, views.changes, views.show_job)


@click.command("watch", cls=Command)
@click.argument("job")
@click.option("--stop-at-approval", is_flag=True, help="End, with exit code 0, when the plan waits for approval.")
@click.option("--poll", is_flag=True, help="Ask again and again instead of listening to live updates.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.1),
    default=POLL_SECONDS,
    show_default=True,
    help="Between two looks without live updates.",
)
@pass_session
def watch(session: Session, /, job: str, stop_at_approval: bool, poll: bool, seconds: float) -> None:
    """Watch a JOB (id, or `latest`) to its end; exits with 0 COMPLETED, 1 FAILED, 7 NEEDS_ATTENTION, 8 CANCELLED or
    REJECTED.

    With --json one line is printed for each change.
    """
    path = job_path(session.api, job)
    watch_to_end(session, path, stop_at_approval=stop_at_approval, poll=poll, seconds=seconds)


def watch_to_end(session: Session, path: str, **how: Any) -> None:
    """Shows a job until it ends, then raises SystemExit with the code of its outcome; returns at an approval."""
    job = watched(session, path, **how)
    if job["status"] in OUTCOME_CODES:
        raise SystemExit(OUTCOME_CODES[job["status"]])


def watched(
    session: Session,
    path: str,
    *,
    stop_at_approval: bool = False,
    poll: bool = False,
    seconds: float = POLL_SECONDS,
    after_revision: int = 0,
    quiet: bool = False,
) -> dict[str, Any]:
    """The job as it ended, or as it waits for approval. `after_revision`: one that was just decided does not count.

    `quiet`: nothing is shown but what is a trouble.
    """
    screen = Quiet(session.output) if quiet else screen_of(session.output, LOOK)
    polling = Polling(session.sleep, seconds)
    topic = f"job:{path.rpartition('/')[2]}"

    def stops(job: dict[str, Any]) -> bool:
        waits = stop_at_approval and job["status"] == views.WAITING and job["revision"] > after_revision
        return waits or job["status"] in OUTCOME_CODES

    with screen:
        job = _look(session, path, screen)
        if not stops(job):
            told_by: AbstractContextManager[Updates] = (
                nullcontext(polling) if poll else updates(session.api, topic, polling, session.open_socket)
            )
            with told_by as told:
                while not stops(job):
                    told.wait(job["revision"])
                    job = _look(session, path, screen)
    if job["status"] in OUTCOME_CODES:
        screen.end(job)
    return job


def _look(session: Session, path: str, screen: Screen) -> dict[str, Any]:
    while True:
        try:
            job: dict[str, Any] = session.api.get(path)
        except Unreachable as error:
            screen.trouble(error.message)
            session.sleep(SECONDS_AFTER_TROUBLE)
            continue
        screen.show(job)
        return job
