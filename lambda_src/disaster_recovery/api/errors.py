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
    WrongState,
)
from disaster_recovery.plans.catalog import GroupInUse
from disaster_recovery.plans.catalog_table import NameTaken, StaleVersion
from shared.api.problems import ApiProblem, conflict, in_conflict, invalid, stale, told, try_again

Tell = Callable[[Any], ApiProblem]


PROBLEMS: dict[type[Exception], Tell] = {
    PlanInvalid: lambda error: invalid(error.problems),
    NameTaken: lambda error: conflict(error.code, str(error), holder=error.holder),
    StaleVersion: lambda error: stale(error.current),
    GroupInUse: lambda error: conflict(error.code, str(error), planIds=error.plan_ids),
    AccountNotInitialized: in_conflict,
    ServerConflict: in_conflict,
    StaleToken: in_conflict,
    WrongState: in_conflict,
    LostRace: try_again,
    QuotaExceeded: try_again,
}


def problem_of(error: Exception) -> ApiProblem | None:
    """The problem for one of our own errors; None for those of the shared taxonomy, and for faults."""
    return told(error, PROBLEMS)
