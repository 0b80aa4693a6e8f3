"""Retry and Catch, as documented under "Handling errors in Step Functions workflows"."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from local_cloud.engines import states_data
from local_cloud.engines.states_errors import HEARTBEAT_TIMEOUT, TIMEOUT, ExecutionError, Json, names_of
from local_cloud.engines.states_model import Scope, State

# Errors that no wildcard matches: "States.ALL … can't catch the States.DataLimitExceeded terminal error or Runtime
# error types".
_TERMINAL = ("States.DataLimitExceeded", "States.Runtime")
_DEFAULT_ATTEMPTS = 3
_DEFAULT_INTERVAL = 1
_DEFAULT_BACKOFF = 2.0


def matches(names: list[str], errors: tuple[str, ...]) -> bool:
    """Whether an `ErrorEquals` list names one of the names of an error."""
    if any(error in names for error in errors):
        return True
    if any(error in _TERMINAL for error in errors):
        return False
    return "States.ALL" in names or ("States.TaskFailed" in names and not {TIMEOUT, HEARTBEAT_TIMEOUT} & {*errors})


def retrier_of(state: State, error: ExecutionError, used: dict[int, int]) -> int | None:
    """Index of the retrier that grants another attempt; the first that matches decides, also against it."""
    for index, retrier in enumerate(state.get("Retry", [])):
        if matches(retrier["ErrorEquals"], names_of(error)):
            return index if used.get(index, 0) < retrier.get("MaxAttempts", _DEFAULT_ATTEMPTS) else None
    return None


def delay(retrier: dict[str, Any], attempts_so_far: int, chance: random.Random) -> float:
    """Seconds before the next attempt, jitter included."""
    seconds = retrier.get("IntervalSeconds", _DEFAULT_INTERVAL)
    seconds *= retrier.get("BackoffRate", _DEFAULT_BACKOFF) ** attempts_so_far
    seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
    return chance.uniform(0, seconds) if retrier.get("JitterStrategy") == "FULL" else float(seconds)


def catcher_of(state: State, error: ExecutionError) -> int | None:
    """Index of the first catcher that names the error."""
    names = names_of(error)
    return next((i for i, one in enumerate(state.get("Catch", [])) if matches(one["ErrorEquals"], names)), None)


def with_retry_and_catch(
    scope: Scope, state: State, data: Json, attempt: Callable[[], tuple[Json, str | None]]
) -> tuple[Json, str | None]:
    """Makes attempts as the state's Retry allows; a failure that Catch names leads to its next state."""
    used: dict[int, int] = {}
    while True:
        try:
            return attempt()
        except ExecutionError as error:
            index = retrier_of(state, error, used)
            if index is not None:
                scope.sleep(delay(state["Retry"][index], used.get(index, 0), scope.execution.surroundings.random))
                used[index] = used.get(index, 0) + 1
                scope.context["State"]["RetryCount"] = sum(used.values())
                continue
            caught_by = catcher_of(state, error)
            if caught_by is None:
                raise
            catcher = state["Catch"][caught_by]
            return states_data.caught(scope, state, catcher, data, error), catcher["Next"]
