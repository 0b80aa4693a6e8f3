"""The simulators of a service in the local cloud, one per account and Region, which go on by themselves."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from local_cloud.simulation.clock import Clock

_log = logging.getLogger("towpath.simulation")
Scope = tuple[str, str]
"""Account and Region."""


class Simulated(Protocol):
    """What is asked of a simulator."""

    def advance_to(self, now: datetime) -> None:
        """Lets everything happen that is due until then."""

    def next_due(self) -> datetime | None:
        """When something will happen by itself."""

    def set_scale(self, scale: float) -> None:
        """Changes the speed from now on."""

    def to_json(self) -> dict[str, Any]:
        """The state; `account` and `region` are among its members."""

    def load_json(self, document: dict[str, Any]) -> None:
        """Continues with a state."""


T = TypeVar("T", bound=Simulated)


class Accounts(Generic[T]):
    """Simulators that share a clock and a scale; `new` makes that of an account and Region, with a seed."""

    def __init__(self, new: Callable[[str, str, int], T], clock: Clock, scale: float) -> None:
        self.scale, self.seed = scale, 0
        self._new, self._clock, self._first_scale = new, clock, scale
        self._simulators: dict[Scope, T] = {}
        self._changed = threading.Condition(threading.RLock())

    @contextmanager
    def use(self, account: str, region: str) -> Iterator[T]:
        """The simulator of an account and Region, for one thread at a time."""
        with self._changed:
            simulator = self._simulators.get((account, region))
            if simulator is None:
                simulator = self._simulators[account, region] = self._make(account, region)
            try:
                yield simulator
            finally:
                self._changed.notify_all()

    def _make(self, account: str, region: str) -> T:
        simulator = self._new(account, region, self.seed)
        simulator.set_scale(self.scale)
        return simulator

    def set_scale(self, scale: float) -> None:
        """The speed of all simulators, those to come too. Raises ValueError unless it is greater than 0."""
        if scale <= 0:
            raise ValueError(f"scale must be greater than 0, not {scale}")
        with self._changed:
            for simulator in self._simulators.values():
                simulator.set_scale(scale)
            self.scale = scale
            self._changed.notify_all()

    def reset(self) -> None:
        """Forgets all accounts; the scale is as at the start."""
        with self._changed:
            self._simulators.clear()
            self.scale, self.seed = self._first_scale, 0

    def to_json(self) -> dict[str, Any]:
        """The state of everything."""
        with self._changed:
            simulators = [simulator.to_json() for simulator in self._simulators.values()]
            return {"scale": self.scale, "seed": self.seed, "simulators": simulators}

    def load_json(self, document: Mapping[str, Any]) -> None:
        """Continues with what `to_json` gave; what was due meanwhile happens at once, each at its own time."""
        with self._changed:
            self.scale, self.seed = float(document["scale"]), int(document["seed"])
            for state in document["simulators"]:
                scope = (state["account"], state["region"])
                self._simulators[scope] = self._make(*scope)
                self._simulators[scope].load_json(state)
            self._changed.notify_all()

    def run(self) -> None:
        """Lets things happen at their time, for ever."""
        while True:
            self.wait()

    def wait(self) -> None:
        """Waits for the next thing to happen, or for a change, and lets happen what is due."""
        with self._changed:
            wait = self._seconds_left()
            if wait != 0:
                self._changed.wait(wait)
            self.go_on()

    def go_on(self) -> None:
        """Lets happen what is due."""
        with self._changed:
            for scope, simulator in list(self._simulators.items()):
                try:
                    simulator.advance_to(self._clock.now())
                except Exception:  # the other accounts go on, and so does this one with what is due next
                    _log.exception("a step of the simulator of %s in %s failed", *scope)

    def _seconds_left(self) -> float | None:
        due = [found for simulator in self._simulators.values() if (found := simulator.next_due()) is not None]
        if not due:
            return None
        return max(0.0, (min(due) - self._clock.now()).total_seconds())
