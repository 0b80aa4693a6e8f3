"""Which execution environment serves an invocation, and when another one is started.

AWS starts as many as there are concurrent invocations. On a small machine every further interpreter delays all others,
so here an invocation may wait for a busy environment. It never waits for good: the busy ones may be waiting for this
very invocation.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from ministack.core import lambda_runtime as pool

from local_cloud.lambda_runtime.environment import ExecutionEnvironment

_PROCESSORS = os.cpu_count() or 1
# So many environments of a function are started without hesitation; for more, an invocation first waits a little.
_EAGER = 2 * _PROCESSORS
_PATIENCE_SECONDS = 0.2
_LOOK_SECONDS = 0.02


@dataclass
class Starts:
    """How many environments are just being started, of all functions together: one per processor at most."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    under_way: int = 0

    def done(self) -> None:
        """One more is ready, or has failed to start."""
        with self.changed:
            self.under_way -= 1
            self.changed.notify_all()


_starts = Starts()


@dataclass
class Lease:
    """An environment for one invocation; `is_new` until it has been started."""

    environment: ExecutionEnvironment
    is_new: bool

    def started(self) -> None:
        """Lets the next one start."""
        if self.is_new:
            self.is_new = False
            _starts.done()


@contextmanager
def leased(config: dict[str, Any], code_zip: bytes) -> Iterator[Lease]:
    """Waits for an environment of the function, or for its turn to start one."""
    name, version = config["FunctionName"], config.get("Version", "$LATEST")
    with _starts.changed:
        _wait_for_turn(pool._worker_key(name, config, version))
        environment, how = pool.acquire_worker(name, config, code_zip, qualifier=version)
        lease = Lease(environment, is_new=how == "spawn")
        _starts.under_way += lease.is_new
    try:
        yield lease
    finally:
        lease.started()
        pool.release_worker(environment)
        with _starts.changed:
            _starts.changed.notify_all()


def _wait_for_turn(key: str) -> None:
    begun = time.monotonic()
    while True:
        environments = pool._workers.get(key, [])
        if any(not one.in_use for one in environments):
            return
        is_patient = len(environments) >= _EAGER and time.monotonic() < begun + _PATIENCE_SECONDS
        if _starts.under_way < _PROCESSORS and not is_patient:
            return
        _starts.changed.wait(_LOOK_SECONDS)
