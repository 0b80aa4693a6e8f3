"""Endpoints that show AWS DRS itself: its source servers and quotas."""

from __future__ import annotations

from typing import Any

from disaster_recovery.api import views
from disaster_recovery.api.services import Services
from disaster_recovery.drs.quotas import CONCURRENT_JOBS, SERVERS_IN_A_JOB, SERVERS_IN_ALL_JOBS
from shared.api.answers import Answer
from shared.api.paging import page_of
from shared.api.requests import Request


def list_source_servers(request: Request, services: Services) -> Answer:
    """Source servers by id."""
    account, cursor, limit = services.account_of_query(request), request.query.get("cursor"), request.query["limit"]
    place = services.home.of(account)
    scope = f"source-servers {place.account_id} {place.region}"
    after = services.cursors.read(scope, cursor)["after"] if cursor else ""
    servers = sorted(services.drs(account).source_servers(), key=lambda each: each.source_server_id)
    left = [server for server in servers if server.source_server_id > after]
    shown = left[:limit]
    more = len(left) > limit
    following = services.cursors.write(scope, {"after": shown[-1].source_server_id}) if more else None
    return Answer(page_of([views.source_server(server) for server in shown], following))


def quotas(request: Request, services: Services) -> Answer:
    """The limits of DRS, and what jobs of every kind use of them now."""
    account = services.account_of_query(request)
    limits = services.quotas(account)
    live = services.drs(account).live_jobs(services.clock())
    in_jobs = sum(len(job.participants) for job in live)
    items = [
        _quota("Concurrent jobs in progress", CONCURRENT_JOBS, limits.jobs, len(live)),
        _quota("Source servers in all jobs", SERVERS_IN_ALL_JOBS, limits.servers_in_all_jobs, in_jobs),
        {"name": "Source servers in a job", "quotaCode": SERVERS_IN_A_JOB, "limit": limits.servers_in_a_job},
    ]
    return Answer({"account": services.place(account), "items": items})


def _quota(name: str, code: str, limit: int, used: int) -> dict[str, Any]:
    return {"name": name, "quotaCode": code, "limit": limit, "used": used, "free": max(0, limit - used)}
