"""Words of the route tables: permissions, statuses, parameters, and where endpoints and schemas are."""

from __future__ import annotations

from shared.api.routes import Parameter, page_parameters

VIEW, DRILL, RECOVER, TERMINATE = "view", "drill", "recover", "terminate"
#: Drills need one, recoveries the other: the endpoint looks at the execution's type.
RUN = (DRILL, RECOVER)

DEFAULT_PAGE, MAX_PAGE = 50, 200
EXECUTION_STATUSES = (
    "PENDING",
    "INITIATED",
    "POLLING",
    "LAUNCHING",
    "PAUSED",
    "CANCELLING",
    "COMPLETED",
    "PARTIAL",
    "FAILED",
    "CANCELLED",
)

PAGE = page_parameters(DEFAULT_PAGE, MAX_PAGE)
#: Where servers are looked for, other than in the system's own account; an account is one that a plan or group names.
PLACE = (
    Parameter("accountId", "The account of a plan or protection group. Default: the system's own.", max_length=12),
    Parameter("region", "The Region that goes with the account.", max_length=32),
)


def answer(name: str) -> str:
    """The schema of an answer."""
    return f"disaster-recovery-api#/$defs/{name}"


def command(name: str) -> str:
    """The schema of a command's body."""
    return f"execution-commands#/$defs/{name}"


GROUPS = "disaster_recovery.api.groups"
PLANS = "disaster_recovery.api.plans"
REPORTS = "disaster_recovery.api.reports"
EXECUTIONS = "disaster_recovery.api.executions"
COMMANDS = "disaster_recovery.api.commands"
SERVERS = "disaster_recovery.api.servers"
