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
# So many environments of a function are started without hesitation; more only when none of those became free for a
# while, since then they are waiting rather than working.
_EAGER = 2 * _PROCESSORS
_PATIENCE_SECONDS = 0.2
_LOOK_SECONDS = 0.02


@dataclass
class Traffic:
    """What all invocations share: `starting` counts the environments that are being started, one per processor at most;
    `progress` says when one of a function last became ready or free (monotonic seconds by pool key)."""

    changed: threading.Condition = field(default_factory=threading.Condition)
    starting: int = 0
    progress: dict[str, float] = field(default_factory=dict)

    def advance(self, key: str) -> None:
        """Notes progress of a function and lets others look again; called with `changed` held."""
        self.progress[key] = time.monotonic()
        self.changed.notify_all()


_traffic = Traffic()


@dataclass
class Lease:
    """An environment for one invocation; `is_new` until it has been started."""

    key: str
    environment: ExecutionEnvironment
    is_new: bool

    def started(self) -> None:
        """Lets the next one start."""
        if self.is_new:
            self.is_new = False
            with _traffic.changed:
                _traffic.starting -= 1
                _traffic.advance(self.key)


@contextmanager
def leased(config: dict[str, Any], code_zip: bytes) -> Iterator[Lease]:
    """Waits for an environment of the function, or for its turn to start one."""
    name, version = config["FunctionName"], config.get("Version", "$LATEST")
    key = pool._worker_key(name, config, version)
    with _traffic.changed:
        _wait_for_turn(key)
        environment, how = pool.acquire_worker(name, config, code_zip, qualifier=version)
        lease = Lease(key, environment, is_new=how == "spawn")
        _traffic.starting += lease.is_new
    try:
        yield lease
    finally:
        lease.started()
        pool.release_worker(environment)
        with _traffic.changed:
            _traffic.advance(key)


def _wait_for_turn(key: str) -> None:
    while True:
        environments = pool._workers.get(key, [])
        if any(not one.in_use for one in environments):
            return
        idle = time.monotonic() - _traffic.progress.get(key, 0.0)
        is_stuck = idle > _PATIENCE_SECONDS
        if _traffic.starting < _PROCESSORS and (is_stuck or len(environments) < _EAGER):
            _traffic.progress[key] = time.monotonic()  # so that the next one gives this one a chance
            return
        _traffic.changed.wait(_LOOK_SECONDS)
