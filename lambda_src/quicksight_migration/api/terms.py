"""Words of the route tables: permissions, statuses, parameters, and where endpoints and schemas are."""

from __future__ import annotations

from shared.api.routes import Parameter, page_parameters

VIEW, MIGRATE, APPROVE, RESTORE = "view", "migrate", "approve", "restore"
#: Whoever may start a job may give it up, and whoever may reject its plan too.
STOP = (MIGRATE, APPROVE, RESTORE)

DEFAULT_PAGE, MAX_PAGE = 50, 200
JOB_STATUSES = (
    "PENDING",
    "RUNNING",
    "WAITING_FOR_APPROVAL",
    "CANCELLING",
    "COMPLETED",
    "FAILED",
    "CANCELLED",
    "REJECTED",
    "NEEDS_ATTENTION",
)

PAGE = page_parameters(DEFAULT_PAGE, MAX_PAGE)
LONG_PAGE = page_parameters(MAX_PAGE, 500)
#: Items of a plan have up to 50 differences each, and an answer of Lambda has at most 6 MB.
PLAN_PAGE = page_parameters(100, MAX_PAGE)
ACCOUNT_LENGTH = 12
FILTERS = (
    Parameter("status", "Only jobs in this status.", choices=JOB_STATUSES),
    Parameter("sourceAccountId", "Only jobs out of this account.", max_length=ACCOUNT_LENGTH),
    Parameter("targetAccountId", "Only jobs into this account.", max_length=ACCOUNT_LENGTH),
    Parameter("tenantId", "Only jobs of this tenant.", max_length=64),
    Parameter("from", "Only jobs made at or after this time, 2026-01-02T03:04:05Z or 2026-01-02.", max_length=32),
    Parameter("to", "Only jobs made before this time.", max_length=32),
)


def answer(name: str) -> str:
    """The schema of an answer or of a command's body."""
    return f"quicksight-migration-api#/$defs/{name}"


JOBS = "quicksight_migration.api.jobs"
COMMANDS = "quicksight_migration.api.commands"
LOGS = "quicksight_migration.api.logs"
DRIFT = "quicksight_migration.api.drift_reports"
PLACES = "quicksight_migration.api.places"
