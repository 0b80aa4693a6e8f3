"""What can go wrong with a recovery, as exceptions and as codes in records.

The class name is the error name the state machine sees; its code is `failureReason` in the tables. A call to DRS ends
in one of three ways: an answer, a definite refusal (every class but FateUnknown), or FateUnknown: it may have been
carried out, so it is looked up and adopted, never sent again blindly.
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
    "AccountNotInitialized",
    "ExecutionCancelled",
    "FateUnknown",
    "LostRace",
    "NotFound",
    "PermissionDenied",
    "PlanInvalid",
    "QuotaExceeded",
    "QuotaUnreadable",
    "ServerConflict",
    "StaleToken",
    "Throttled",
    "Timeout",
    "TowpathError",
    "Transient",
    "ValidationFailed",
    "WrongState",
]


class ExecutionCancelled(TowpathError):
    """Somebody asked for the execution to be cancelled; the machine catches it by this name."""


class PlanInvalid(TowpathError):
    """The plan cannot be run as it stands. `problems` say where: `$.waves[1].dependsOn[0]: …`."""

    def __init__(self, problems: Sequence[Problem] | str) -> None:
        self.problems = [Problem("$", problems)] if isinstance(problems, str) else list(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class FateUnknown(Timeout):
    """A call that changes something got no answer, or a 5xx: it may have been carried out."""


class ServerConflict(TowpathError):
    """DRS refuses since a server is in a job already (ConflictException, HTTP 409). `resource_id` may be empty."""

    def __init__(self, message: str, resource_id: str = "") -> None:
        super().__init__(message)
        self.resource_id = resource_id


class QuotaExceeded(TowpathError):
    """A quota of DRS is used up at the moment (HTTP 402); `quota_code` like L-D88FAC3A."""

    retriable = True

    def __init__(self, message: str, quota_code: str = "") -> None:
        super().__init__(message)
        self.quota_code = quota_code


class QuotaUnreadable(Transient):
    """A quota could not be read: nothing is started until it can."""


class AccountNotInitialized(TowpathError):
    """DRS was never set up in this account and Region (UninitializedAccountException)."""
