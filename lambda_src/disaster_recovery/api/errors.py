"""Errors of disaster recovery as problems of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from disaster_recovery.errors import (
    AccountNotInitialized,
    LostRace,
    PlanInvalid,
    QuotaExceeded,
    ServerConflict,
    StaleToken,
    TowpathError,
    WrongState,
)
from disaster_recovery.plans.catalog import GroupInUse
from disaster_recovery.plans.catalog_table import NameTaken, StaleVersion
from shared.api.problems import RETRY_AFTER_SECONDS, ApiProblem, conflict, invalid, stale

Tell = Callable[[Any], ApiProblem]


def _conflict(error: TowpathError) -> ApiProblem:
    return conflict(error.code, str(error))


def _again(error: TowpathError) -> ApiProblem:
    """The same request may succeed a moment later."""
    return ApiProblem(503, error.code, str(error), headers={"retry-after": RETRY_AFTER_SECONDS})


PROBLEMS: dict[type[Exception], Tell] = {
    PlanInvalid: lambda error: invalid(error.problems),
    NameTaken: lambda error: conflict(error.code, str(error), holder=error.holder),
    StaleVersion: lambda error: stale(error.current),
    GroupInUse: lambda error: conflict(error.code, str(error), planIds=error.plan_ids),
    AccountNotInitialized: _conflict,
    ServerConflict: _conflict,
    StaleToken: _conflict,
    WrongState: _conflict,
    LostRace: _again,
    QuotaExceeded: _again,
}


def problem_of(error: Exception) -> ApiProblem | None:
    """The problem for one of our own errors; None for those of the shared taxonomy, and for faults."""
    tell = next((tell for kind, tell in PROBLEMS.items() if isinstance(error, kind)), None)
    return tell(error) if tell else None
