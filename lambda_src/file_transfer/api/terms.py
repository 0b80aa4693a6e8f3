"""Words of the route tables: permissions, statuses, parameters, and where endpoints and schemas are."""

from __future__ import annotations

from shared.api.routes import Parameter, page_parameters

VIEW, OPERATE, CONFIGURE = "view", "operate", "configure"

DEFAULT_PAGE, MAX_PAGE = 50, 200
TRANSFER_STATUSES = (
    "IN_PROGRESS",
    "RETRYING",
    "HELD",
    "SUCCESS",
    "SUPERSEDED",
    "PARTIAL",
    "FAILED",
    "REJECTED",
)
FAILURE_STATUSES = ("FAILED", "PARTIAL", "REJECTED")
NOTIFICATION_STATUSES = ("SENT", "RETRYING", "FAILED")
EXPECTATION_STATUSES = ("OPEN", "LATE", "MET", "MET_LATE", "MISSED", "EXCEEDED")
CUSTOMER_LENGTH, WORKFLOW_LENGTH, NAME_LENGTH, REASON_LENGTH = 128, 128, 1024, 64

PAGE = page_parameters(DEFAULT_PAGE, MAX_PAGE)
CUSTOMER = Parameter("customerId", "Only what belongs to this customer.", max_length=CUSTOMER_LENGTH)
FILE = Parameter("fileName", "Only this file; goes with customerId.", max_length=NAME_LENGTH)
WORKFLOW = Parameter("workflowId", "Only what this workflow has taken.", max_length=WORKFLOW_LENGTH)
SINCE = Parameter("from", "Only at or after this time, 2026-01-02T03:04:05Z or 2026-01-02.", max_length=32)
UNTIL = Parameter("to", "Only before this time.", max_length=32)
YES_OR_NO = ("true", "false")
DAY_LENGTH = 10


def answer(name: str) -> str:
    """The schema of an answer or of a body."""
    return f"file-transfer-api#/$defs/{name}"


TRANSFERS = "file_transfer.api.transfers"
FAILURES = "file_transfer.api.failures"
REPLAYS = "file_transfer.api.replays"
DEAD_LETTERS = "file_transfer.api.dead_letters"
WORKFLOWS = "file_transfer.api.workflows"
SIMULATION = "file_transfer.api.simulations"
EXPECTATIONS = "file_transfer.api.expectations"
NOTIFICATIONS = "file_transfer.api.notifications"
