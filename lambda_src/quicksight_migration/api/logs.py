"""Endpoint of the logs."""

from __future__ import annotations

from datetime import timedelta

from quicksight_migration.api.job_logs import Window, console_links, line_view, milliseconds, pattern_of
from quicksight_migration.api.services import Services
from quicksight_migration.records.job import Job
from quicksight_migration.records.statuses import TERMINAL_STATUSES
from shared.api.answers import Answer
from shared.api.paging import page_of
from shared.api.requests import Request
from shared.clock import parse

#: The first line may be a moment older than the record, by the clocks; the last ones come after the end.
BEFORE, AFTER = timedelta(minutes=1), timedelta(minutes=15)


def get_logs(request: Request, services: Services) -> Answer:
    """Lines of all functions that name the job, the earliest first, and where the console shows them."""
    job = services.visible_job(request.principal, request.path["jobId"])
    contains, cursor = request.query.get("contains", ""), request.query.get("cursor")
    scope = f"logs {job.job_id} {contains}"
    position = services.cursors.read(scope, cursor) if cursor else None
    window = _window(job)
    if position:
        window = Window(position["start"], window.end, frozenset(position["seen"]))
    lines, more = services.logs.page(pattern_of(job.job_id, contains), window, request.query["limit"])
    following = services.cursors.write(scope, window.position(lines)) if more else None
    links = console_links(job.job_id, services.logs.groups, services.settings.region, job.execution_arn or "")
    return Answer({**page_of([line_view(line) for line in lines], following), "links": links})


def _window(job: Job) -> Window:
    start = milliseconds(parse(job.created_at) - BEFORE)
    ended = job.status in TERMINAL_STATUSES and job.ended_at
    return Window(start, milliseconds(parse(job.ended_at) + AFTER) if ended and job.ended_at else None)
