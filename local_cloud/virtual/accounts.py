"""Services that go on by themselves as virtual time passes: simulators of an account on the kernel's clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from local_cloud.aws_models.errors import LostResponse
from local_cloud.virtual.kernel import Kernel

# A step is due at a microsecond; a thousand of them later it is due by any rounding.
_AFTER_DUE = 0.001
Watcher = Callable[[str, Mapping[str, Any]], None]


class Simulator(Protocol):
    """A service without a clock of its own."""

    def call(self, operation: str, parameters: Mapping[str, Any] | None, principal: str) -> dict[str, Any]: ...

    def advance_to(self, now: datetime) -> None: ...

    def next_due(self) -> datetime | None: ...

    def inject(self, rule: Mapping[str, Any]) -> str: ...


Simulated = TypeVar("Simulated", bound=Simulator)


class Account(Generic[Simulated]):
    """`watchers` see each call that was carried out, `observers` hear when anything may have changed.

    `caller` is the principal of calls that name none.
    """

    def __init__(self, kernel: Kernel, simulator: Simulated, caller: str) -> None:
        self._kernel = kernel
        self._caller = caller
        self._planned: float | None = None
        self._one_at_a_time = threading.RLock()
        self.watchers: list[Watcher] = []
        self.observers: list[Callable[[], None]] = []
        self.simulator = simulator

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        """The answer of an operation. Raises ApiError, LostResponse."""
        with self._one_at_a_time:  # a handler may ask from several threads
            try:
                answer = self.simulator.call(operation, parameters, principal or self._caller)
            except LostResponse:
                self._tell(operation, parameters)
                raise
            finally:
                self._observe()
                self.plan()
            self._tell(operation, parameters)
            return answer

    def _tell(self, operation: str, parameters: Mapping[str, Any]) -> None:
        for watcher in self.watchers:
            watcher(operation, parameters)

    def inject(self, rule: Mapping[str, Any]) -> None:
        """An injection of the simulator; acts happen at their time."""
        self.simulator.inject(rule)
        self._observe()
        self.plan()

    def plan(self) -> None:
        """Has the simulator go on when its next step is due."""
        due = self.simulator.next_due()
        if due is None:
            return
        moment = self._kernel.seconds_at(due) + _AFTER_DUE
        if self._planned is None or moment < self._planned:
            self._planned = moment
            self._kernel.at(moment, self._advance)

    def _advance(self) -> None:
        self._planned = None
        self.simulator.advance_to(self._kernel.utc())
        self._observe()
        self.plan()

    def _observe(self) -> None:
        for observer in self.observers:
            observer()
