"""The words that records use for where things stand."""

from __future__ import annotations

from enum import StrEnum


class ExecutionStatus(StrEnum):
    """Status of an execution."""

    PENDING = "PENDING"
    INITIATED = "INITIATED"
    POLLING = "POLLING"
    LAUNCHING = "LAUNCHING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class WaveStatus(StrEnum):
    """Status of a wave."""

    PENDING = "PENDING"
    PRE_ACTIONS = "PRE_ACTIONS"
    STARTING = "STARTING"
    LAUNCHING = "LAUNCHING"
    POST_ACTIONS = "POST_ACTIONS"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    CANCELLED = "CANCELLED"


class LaunchStatus(StrEnum):
    """Status of a server. DRS knows all but SKIPPED."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    LAUNCHED = "LAUNCHED"
    FAILED = "FAILED"
    TERMINATED = "TERMINATED"
    SKIPPED = "SKIPPED"


class IntentState(StrEnum):
    """State of an intent. SENT without a job id means that nobody knows yet whether there is a job."""

    PLANNED = "PLANNED"
    SENT = "SENT"
    STARTED = "STARTED"
    ENDED = "ENDED"
    REFUSED = "REFUSED"


class ActionState(StrEnum):
    """State of an action of a wave."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"


TERMINAL_STATUSES = frozenset(
    {ExecutionStatus.COMPLETED, ExecutionStatus.PARTIAL, ExecutionStatus.FAILED, ExecutionStatus.CANCELLED}
)
#: Statuses of an execution that still moves.
LIVE_STATUSES = tuple(status for status in ExecutionStatus if status not in TERMINAL_STATUSES)
WATCHING = "WATCHING"
#: What the finder looks for each minute: live executions, terminations that run or wait for their time, and executions
#: that have ended before their last job.
WATCHED_STATUSES = (*(str(status) for status in LIVE_STATUSES), "TERMINATING", "SCHEDULED", WATCHING)
ENDED_WAVES = frozenset(
    {WaveStatus.COMPLETED, WaveStatus.PARTIAL, WaveStatus.FAILED, WaveStatus.SKIPPED, WaveStatus.CANCELLED}
)
#: A server that will not change any more by what DRS does in this attempt.
SETTLED_SERVERS = frozenset({LaunchStatus.LAUNCHED, LaunchStatus.FAILED, LaunchStatus.TERMINATED, LaunchStatus.SKIPPED})
#: Intents that may have, or have, a job that runs.
OPEN_INTENTS = frozenset({IntentState.PLANNED, IntentState.SENT, IntentState.STARTED})
