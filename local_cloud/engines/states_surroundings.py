"""What a running execution takes from the world around it: time, threads, the calls of its tasks, the table of tokens.

In the server these are the real ones. A rehearsal gives an execution a clock that jumps, and functions that are called
where they stand; the walking through the machine is the same.
"""

from __future__ import annotations

import contextvars
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from local_cloud.engines import states_sdk
from local_cloud.engines.states_tokens import TOKENS, Tokens

Work = Callable[[], object]


class Clock(Protocol):
    """Passing time (monotonic seconds), the time of day, and waiting for it to pass."""

    def monotonic(self) -> float:
        """Seconds since some moment; never goes back."""

    def now(self) -> datetime:
        """The time of day, aware."""

    def wait(self, changed: threading.Condition, until: float | None) -> None:
        """Returns when `changed` (held by the caller) is notified or `monotonic()` is `until`, or earlier."""


class RealClock:
    """The clock on the wall."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, changed: threading.Condition, until: float | None) -> None:
        changed.wait(None if until is None else max(0.0, until - time.monotonic()))


def in_thread(work: Work) -> None:
    """Starts `work` beside the execution, in the account and region of the request."""
    copied = contextvars.copy_context()
    threading.Thread(target=copied.run, args=(work,), daemon=True, name="towpath-task").start()


@dataclass(frozen=True)
class Surroundings:
    """`call_api` makes the API calls of tasks, `start` begins work that the execution then waits for."""

    clock: Clock = field(default_factory=RealClock)
    call_api: Callable[..., Any] = states_sdk.call
    start: Callable[[Work], None] = in_thread
    tokens: Tokens = TOKENS
    random: random.Random = field(default_factory=random.Random)

    def timestamp(self) -> str:
        """The time of day as Step Functions writes it: UTC with milliseconds."""
        return self.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
