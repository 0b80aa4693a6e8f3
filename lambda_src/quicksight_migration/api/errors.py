"""Errors of a migration as problems of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quicksight_migration.errors import (
    IdempotencyConflict,
    JobInvalid,
    LostRace,
    PlanStale,
    SecondPersonRequired,
    StaleToken,
    WrongState,
)
from shared.api.problems import ApiProblem, conflict, in_conflict, invalid, told, try_again

Tell = Callable[[Any], ApiProblem]


def _stale(error: PlanStale) -> ApiProblem:
    """What is to be approved is not what would happen: the answer names what would, and what has changed."""
    named = {"planHash": error.plan_hash} if error.plan_hash else {}
    return conflict(error.code, str(error), **named, changes=error.changes)


PROBLEMS: dict[type[Exception], Tell] = {
    JobInvalid: lambda error: invalid(error.problems),
    PlanStale: _stale,
    SecondPersonRequired: lambda error: ApiProblem(403, error.code, str(error)),
    IdempotencyConflict: in_conflict,
    StaleToken: in_conflict,
    WrongState: in_conflict,
    LostRace: try_again,
}


def problem_of(error: Exception) -> ApiProblem | None:
    """The problem for one of our own errors; None for those of the shared taxonomy, and for faults."""
    return told(error, PROBLEMS)
