"""Operations on executions: reading them, and the commands to them."""

from __future__ import annotations

from disaster_recovery.api.terms import (
    COMMANDS,
    EXECUTION_STATUSES,
    EXECUTIONS,
    MAX_PAGE,
    PAGE,
    REPORTS,
    RUN,
    TERMINATE,
    VIEW,
    answer,
    command,
)
from shared.api.routes import JSON, Parameter, Route, page_parameters

EXECUTION_ROUTES = (
    Route(
        "GET",
        "/executions",
        "listExecutions",
        "List executions, the latest first",
        (VIEW,),
        f"{EXECUTIONS}:list_executions",
        answer("executionPage"),
        query=(*PAGE, Parameter("status", "Only executions in this status.", choices=EXECUTION_STATUSES)),
    ),
    Route(
        "POST",
        "/executions",
        "startExecution",
        "Start a drill or a recovery",
        RUN,
        f"{COMMANDS}:start",
        answer("executionState"),
        "start-execution",
        201,
        once=True,
        refusals=(404, 409),
    ),
    Route(
        "GET",
        "/executions/{executionId}",
        "getExecution",
        "Read an execution with its waves",
        (VIEW,),
        f"{EXECUTIONS}:get_execution",
        answer("execution"),
    ),
    Route(
        "GET",
        "/executions/{executionId}/servers",
        "listServers",
        "List the servers of an execution",
        (VIEW,),
        f"{EXECUTIONS}:list_servers",
        answer("serverPage"),
        query=page_parameters(MAX_PAGE, 500),
    ),
    Route(
        "GET",
        "/executions/{executionId}/timeline",
        "getTimeline",
        "Read what happened, and who did it",
        (VIEW,),
        f"{EXECUTIONS}:timeline",
        answer("timelinePage"),
        query=page_parameters(MAX_PAGE, 500),
    ),
    Route(
        "GET",
        "/executions/{executionId}/job-log",
        "getJobLog",
        "Read the job logs of AWS DRS",
        (VIEW,),
        f"{EXECUTIONS}:job_log",
        answer("jobLogPage"),
        query=(*page_parameters(MAX_PAGE, 500), Parameter("waveNumber", "Only this wave.", minimum=1, maximum=999)),
    ),
    Route(
        "GET",
        "/executions/{executionId}/evidence",
        "getEvidence",
        "Get the evidence pack",
        (VIEW,),
        f"{REPORTS}:evidence",
        answer("evidence"),
        query=(Parameter("format", "As data or as a page to print.", choices=("json", "html"), default="json"),),
        media_types=(JSON, "text/html"),
    ),
)


def _control(path: str, name: str, summary: str, function: str, permissions: tuple[str, ...] = RUN) -> Route:
    return Route(
        "POST",
        f"/executions/{{executionId}}/{path}",
        name,
        summary,
        permissions,
        f"{COMMANDS}:{function}",
        answer("executionState"),
        command(name),
        202,
        refusals=(409,),
    )


COMMAND_ROUTES = (
    _control("pause", "pause", "Pause before the next wave", "pause"),
    _control("resume", "resume", "Go on after a pause, or decide what follows a failed wave", "resume"),
    _control("cancel", "cancel", "Start nothing more; running jobs end first", "cancel"),
    _control("retry-failed", "retryFailed", "Start the failed servers of the wave again", "retry_failed"),
    _control("skip-wave", "skipWave", "Leave out a wave", "skip_wave"),
    _control("restart", "restart", "Run an ended execution again from a wave on", "restart"),
    _control(
        "terminate-instances",
        "terminateInstances",
        "Terminate the execution's recovery instances",
        "terminate_instances",
        (TERMINATE,),
    ),
)
