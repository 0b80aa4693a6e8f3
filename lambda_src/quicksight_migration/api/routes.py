"""The operations of the QuickSight migration API. Reading this table imports nothing of what it names.

Two functions serve it: start-job what makes a job run (START_ROUTES), api-handler everything else (WATCH_ROUTES).
"""

from __future__ import annotations

import re
from dataclasses import replace

from quicksight_migration.api.terms import (
    APPROVE,
    COMMANDS,
    DRIFT,
    FILTERS,
    JOBS,
    LOGS,
    LONG_PAGE,
    MIGRATE,
    PAGE,
    PLACES,
    PLAN_PAGE,
    RESTORE,
    STOP,
    VIEW,
    answer,
)
from shared.api.routes import PLACEHOLDER, Api, Parameter, Route


def _command(name: str, summary: str, permissions: tuple[str, ...], *, once: bool = False) -> Route:
    return Route(
        "POST",
        f"/jobs/{{jobId}}/{name}",
        f"{name}Job",
        summary,
        permissions,
        f"{COMMANDS}:{name}",
        answer("jobState"),
        answer(name),
        202,
        once=once,
        refusals=(409,),
    )


START_ROUTES = (
    Route(
        "POST",
        "/jobs",
        "startJob",
        "Start a migration",
        (MIGRATE,),
        f"{COMMANDS}:start",
        answer("jobState"),
        "start-migration-job",
        201,
        once=True,
        refusals=(409,),
        endpoint_checks_body=True,
    ),
    _command("retry", "Run an ended job again from the step that did not succeed", (MIGRATE, RESTORE), once=True),
    Route(
        "POST",
        "/jobs/{jobId}/restore",
        "restoreJob",
        "Put the target back as it was before a job: a job of its own",
        (RESTORE,),
        f"{COMMANDS}:restore",
        answer("jobState"),
        answer("restore"),
        201,
        once=True,
        refusals=(409,),
    ),
)

COMMAND_ROUTES = (
    _command("cancel", "Begin no further step; what runs in QuickSight comes to its end first", STOP),
    _command("approve", "Approve the plan with this hash", (APPROVE,)),
    _command("reject", "Reject the plan", (APPROVE,)),
)

JOB_ROUTES = (
    Route(
        "GET",
        "/jobs",
        "listJobs",
        "List jobs, the latest first",
        (VIEW,),
        f"{JOBS}:list_jobs",
        answer("jobPage"),
        query=(*PAGE, *FILTERS),
    ),
    Route(
        "GET",
        "/jobs/{jobId}",
        "getJob",
        "Read a job with its steps",
        (VIEW,),
        f"{JOBS}:get_job",
        answer("job"),
    ),
    Route(
        "GET",
        "/jobs/{jobId}/plan",
        "getPlan",
        "Read what the import would change, or has changed",
        (VIEW,),
        f"{JOBS}:get_plan",
        answer("planPage"),
        query=PLAN_PAGE,
    ),
    Route(
        "GET",
        "/jobs/{jobId}/logs",
        "getLogs",
        "Read what all functions logged about a job",
        (VIEW,),
        f"{LOGS}:get_logs",
        answer("logPage"),
        query=(*LONG_PAGE, Parameter("contains", "Only lines with this text.", max_length=200)),
    ),
    Route(
        "GET",
        "/jobs/{jobId}/audit",
        "getAudit",
        "Read who did what",
        (VIEW,),
        f"{JOBS}:get_audit",
        answer("auditPage"),
        query=LONG_PAGE,
    ),
)

DRIFT_ROUTES = (
    Route(
        "POST",
        "/drift-reports",
        "startDriftReport",
        "Compare what was migrated with source and target as they are now",
        (MIGRATE, APPROVE),
        f"{DRIFT}:start",
        answer("driftReport"),
        answer("startDriftReport"),
        202,
    ),
    Route(
        "GET",
        "/drift-reports",
        "listDriftReports",
        "List drift reports, the latest first",
        (VIEW,),
        f"{DRIFT}:list_reports",
        answer("driftReportPage"),
        query=PAGE,
    ),
    Route(
        "GET",
        "/drift-reports/{reportId}",
        "getDriftReport",
        "Read a drift report",
        (VIEW,),
        f"{DRIFT}:get_report",
        answer("driftReportDetail"),
    ),
)

PLACE_ROUTES = (
    Route(
        "GET",
        "/accounts",
        "listAccounts",
        "List the accounts between which assets can be migrated",
        (VIEW,),
        f"{PLACES}:list_accounts",
        answer("accountPage"),
    ),
    Route(
        "POST",
        "/live/tickets",
        "createLiveTicket",
        "Get a ticket that opens one connection for live updates",
        (VIEW,),
        f"{PLACES}:create_ticket",
        answer("ticket"),
        answer("liveTicket"),
        201,
    ),
)
WATCH_ROUTES = (*JOB_ROUTES, *COMMAND_ROUTES, *DRIFT_ROUTES, *PLACE_ROUTES)

API = Api(
    title="Towpath QuickSight migration",
    description="Dashboards and what they need from account to account: planned, approved, reversible.",
    version="1.0.0",
    routes=(*START_ROUTES, *WATCH_ROUTES),
    path_patterns={
        "jobId": "job-[a-z2-7]{20}",
        "reportId": "drift-[a-z2-7]{20}",
    },
    permissions={
        VIEW: "Read everything, follow jobs.",
        MIGRATE: "Start, retry and cancel migrations; ask for drift reports.",
        APPROVE: "Approve and reject plans.",
        RESTORE: "Put a target back as it was before a job.",
    },
    problem=answer("problem"),
)
#: Keys of the functions, as the module has them.
START_FUNCTION, WATCH_FUNCTION = "start-job", "api-handler"
START_API = replace(API, routes=START_ROUTES)
WATCH_API = replace(API, routes=WATCH_ROUTES)


def function_of(method: str, path: str) -> str:
    """Which of the two functions serves a request: for who invokes them straight."""
    starts = any(
        route.method == method and re.fullmatch(PLACEHOLDER.sub("[^/]+", route.path), path) for route in START_ROUTES
    )
    return START_FUNCTION if starts else WATCH_FUNCTION
