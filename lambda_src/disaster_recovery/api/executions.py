"""Endpoints that read executions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from disaster_recovery.api import views
from disaster_recovery.api.listing import all_statuses, one_status
from disaster_recovery.api.services import Services
from disaster_recovery.drs.answers import LogEntry
from disaster_recovery.records.execution import Execution
from disaster_recovery.records.record import Record
from disaster_recovery.records.transitions import known
from shared.api.answers import Answer
from shared.api.paging import page_of
from shared.api.requests import Request
from shared.clock import stamp

R = TypeVar("R", bound=Record)
Job = tuple[str, int | None]


def list_executions(request: Request, services: Services) -> Answer:
    """The latest first, of one status or of all."""
    status, limit, cursor = request.query.get("status"), request.query["limit"], request.query.get("cursor")
    scope = f"executions {status or ''}"
    position = services.cursors.read(scope, cursor) if cursor else None
    listing = (
        one_status(services.store, status, limit, position) if status else all_statuses(services.store, limit, position)
    )
    following = services.cursors.write(scope, listing.position) if listing.position else None
    return Answer(page_of([views.execution_summary(item) for item in listing.items], following))


def get_execution(request: Request, services: Services) -> Answer:
    """An execution, its waves and the end of its instances."""
    execution = known(services.store, request.path["executionId"])
    termination = services.store.termination(execution.execution_id)
    waves = [views.wave(wave) for wave in services.store.waves(execution.execution_id)]
    return Answer({**views.execution(execution, termination), "waves": waves})


def list_servers(request: Request, services: Services) -> Answer:
    """By wave and id."""
    execution = known(services.store, request.path["executionId"])
    records = services.store.servers(execution.execution_id)
    return _page(request, services, records, lambda record: record.sort_key, views.server)


def timeline(request: Request, services: Services) -> Answer:
    """The earliest first."""
    execution = known(services.store, request.path["executionId"])
    records = services.store.events(execution.execution_id)
    return _page(request, services, records, lambda record: record.sort_key, views.event)


def job_log(request: Request, services: Services) -> Answer:
    """What DRS logged of each of our jobs, in the order in which they were started."""
    execution, wanted = known(services.store, request.path["executionId"]), request.query.get("waveNumber")
    jobs = [job for job in _jobs(services, execution) if wanted is None or job[1] == wanted]
    scope = f"{request.route.name} {execution.execution_id} {wanted or ''}"
    cursor, limit = request.query.get("cursor"), request.query["limit"]
    position: dict[str, Any] = services.cursors.read(scope, cursor) if cursor else {"job": "", "skip": 0}
    first = next((index for index, (job_id, _) in enumerate(jobs) if job_id == position["job"]), 0)
    drs = services.drs(execution.account.account())
    items: list[views.View] = []
    skip = position["skip"]
    for job_id, wave_number in jobs[first:]:
        entries = sorted(drs.job_log(job_id), key=_moment)[skip:]
        room = limit - len(items)
        items += [views.log_entry(job_id, wave_number, entry) for entry in entries[:room]]
        if len(entries) > room:
            return Answer(page_of(items, services.cursors.write(scope, {"job": job_id, "skip": skip + room})))
        skip = 0
    return Answer(page_of(items))


def _moment(entry: LogEntry) -> str:
    """Entries whose time cannot be read come first."""
    return stamp(entry.at) if entry.at else ""


def _jobs(services: Services, execution: Execution) -> list[Job]:
    """Our jobs with the wave they belong to, None for those that terminate."""
    intents = services.store.intents(execution.execution_id)
    termination = services.store.termination(execution.execution_id)
    jobs: list[Job] = [(intent.job_id, intent.wave_number) for intent in intents if intent.job_id]
    return jobs + [(job_id, None) for job_id in (termination.job_ids if termination else ())]


def _page(
    request: Request,
    services: Services,
    records: Sequence[R],
    key: Callable[[R], str],
    view: Callable[[R], views.View],
) -> Answer:
    """A page of records that stay in the order of their keys."""
    scope = f"{request.route.name} {request.path['executionId']}"
    cursor, limit = request.query.get("cursor"), request.query["limit"]
    after = services.cursors.read(scope, cursor)["after"] if cursor else ""
    left = [record for record in records if key(record) > after]
    shown = left[:limit]
    following = services.cursors.write(scope, {"after": key(shown[-1])}) if len(left) > limit else None
    return Answer(page_of([view(record) for record in shown], following))
