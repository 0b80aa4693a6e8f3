"""The simulators of the local cloud, one per account and Region, which go on by themselves as time passes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from local_cloud.drs.clock import Clock, SystemClock
from local_cloud.drs.engine import Event, EventSink
from local_cloud.drs.permissions import Authorise
from local_cloud.drs.simulator import Simulator

DEFAULT_SCALE = 60.0
_log = logging.getLogger("towpath.drs")
Scope = tuple[str, str]
"""Account and Region."""


class Accounts:
    """Simulators that share a clock and a scale.

    `authorise_in` makes the permission check of an account and Region. Events go to `events` from the thread that `run`
    keeps, never from a call: whoever gets one may call DRS again.
    """

    def __init__(
        self, events: EventSink, authorise_in: Callable[[str, str], Authorise], clock: Clock | None = None
    ) -> None:
        self.scale, self.seed = DEFAULT_SCALE, 0
        self._events, self._authorise_in, self._clock = events, authorise_in, clock or SystemClock()
        self._simulators: dict[Scope, Simulator] = {}
        self._outbox: list[Event] = []
        self._changed = threading.Condition(threading.RLock())

    @contextmanager
    def use(self, account: str, region: str) -> Iterator[Simulator]:
        """The simulator of an account and Region, for one thread at a time."""
        with self._changed:
            simulator = self._simulators.get((account, region))
            if simulator is None:
                simulator = self._simulators[account, region] = self._new(account, region)
            try:
                yield simulator
            finally:
                self._changed.notify_all()

    def _new(self, account: str, region: str) -> Simulator:
        simulator = Simulator(
            self._clock,
            self.seed,
            account=account,
            region=region,
            events=self._outbox.append,
            authorise=self._authorise_in(account, region),
        )
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
            self._outbox.clear()
            self.scale, self.seed = DEFAULT_SCALE, 0

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
                self._simulators[scope] = self._new(*scope)
                self._simulators[scope].load_json(state)
            self._changed.notify_all()

    def run(self) -> None:
        """Lets things happen at their time and sends their events, for ever."""
        while True:
            for event in self.step():
                self._send(event)

    def _send(self, event: Event) -> None:
        try:
            self._events(event)
        except Exception:  # the next event is another matter, and nobody else would hear of this one
            _log.exception("an event of %s was not sent", event["resources"])

    def step(self) -> list[Event]:
        """Waits for the next thing to happen, or for a change, and takes the events that are to be sent."""
        with self._changed:
            wait = self._seconds_left()
            if wait != 0 and not self._outbox:
                self._changed.wait(wait)
            for simulator in self._simulators.values():
                simulator.advance_to(self._clock.now())
            events, self._outbox[:] = list(self._outbox), []
        return events

    def _seconds_left(self) -> float | None:
        due = [found for simulator in self._simulators.values() if (found := simulator.next_due()) is not None]
        if not due:
            return None
        return max(0.0, (min(due) - self._clock.now()).total_seconds())
