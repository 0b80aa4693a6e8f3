"""The failure of a state, as Retry and Catch see it: `error` and `cause`."""

from __future__ import annotations

from typing import Any, TypeAlias

from ministack.services import stepfunctions

# ministack's own class, because its helpers raise it as well.
ExecutionError: TypeAlias = stepfunctions._ExecutionError
Json = Any
TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"


class HeartbeatTimeout(ExecutionError):  # type: ignore[misc]
    """A missing heartbeat is a States.Timeout, also in the history, that States.HeartbeatTimeout matches as well."""

    def __init__(self) -> None:
        super().__init__(TIMEOUT, "")


def names_of(error: ExecutionError) -> tuple[str, ...]:
    """The names under which Retry and Catch may ask for the error, besides wildcards."""
    return (TIMEOUT, HEARTBEAT_TIMEOUT) if isinstance(error, HeartbeatTimeout) else (error.error,)
