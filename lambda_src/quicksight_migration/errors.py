"""What can go wrong with a migration, as exceptions and as codes in records.

The class name is the error name the state machine sees; its code is `error.code` of jobs and steps.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.errors import (
    LostRace,
    NotFound,
    PermissionDenied,
    StaleToken,
    Throttled,
    Timeout,
    TowpathError,
    Transient,
    ValidationFailed,
    WrongState,
)
from shared.schemas import Problem

__all__ = [
    "IdempotencyConflict",
    "JobInvalid",
    "LostRace",
    "NotFound",
    "PermissionDenied",
    "PlanStale",
    "SecondPersonRequired",
    "StaleToken",
    "Throttled",
    "Timeout",
    "TowpathError",
    "Transient",
    "ValidationFailed",
    "WrongState",
]


class JobInvalid(TowpathError):
    """The job cannot be run as it is asked for. `problems` say where: `$.targetAccountId: …`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class IdempotencyConflict(TowpathError):
    """The Idempotency-Key was used for another request; the API answers 409."""


class PlanStale(TowpathError):
    """What is to be approved is not the job's plan, or not any more; the API answers 409.

    `changes` name what has changed in the target since the plan, empty when only the hash differs; `plan_hash` is the
    hash of the job's plan.
    """

    def __init__(self, message: str, plan_hash: str = "", changes: Sequence[object] = ()) -> None:
        super().__init__(message)
        self.plan_hash = plan_hash
        self.changes = list(changes)


class SecondPersonRequired(PermissionDenied):
    """The target wants its plans approved by somebody else than who started the job."""
