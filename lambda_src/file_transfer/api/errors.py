"""Errors of file transfer as problems of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from file_transfer.workflows.catalog import NameTaken, StaleVersion
from shared.api.problems import ApiProblem, in_conflict, stale, told, try_again
from shared.errors import LostRace, WrongState

Tell = Callable[[Any], ApiProblem]

PROBLEMS: dict[type[Exception], Tell] = {
    WrongState: in_conflict,
    NameTaken: in_conflict,
    StaleVersion: lambda error: stale(error.current),
    LostRace: try_again,
}


def problem_of(error: Exception) -> ApiProblem | None:
    """The problem for one of our own errors; None for those of the shared taxonomy, and for faults."""
    return told(error, PROBLEMS)
