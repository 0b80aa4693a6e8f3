"""The simulators of DRS in the local cloud, whose events are sent from the thread in which they go on."""

from __future__ import annotations

import logging
from collections.abc import Callable

from local_cloud.drs.engine import Event, EventSink
from local_cloud.drs.permissions import Authorise
from local_cloud.drs.simulator import Simulator
from local_cloud.simulation import accounts
from local_cloud.simulation.clock import Clock, SystemClock

DEFAULT_SCALE = 60.0
_log = logging.getLogger("towpath.drs")


class Accounts(accounts.Accounts[Simulator]):
    """Simulators that share a clock and a scale.

    `authorise_in` makes the permission check of an account and Region. Events go to `events` from the thread that `run`
    keeps, never from a call: whoever gets one may call DRS again.
    """

    def __init__(
        self, events: EventSink, authorise_in: Callable[[str, str], Authorise], clock: Clock | None = None
    ) -> None:
        self._events, self._authorise_in = events, authorise_in
        self._outbox: list[Event] = []
        clock = clock or SystemClock()

        def new(account: str, region: str, seed: int) -> Simulator:
            return Simulator(
                clock,
                seed,
                account=account,
                region=region,
                events=self._outbox.append,
                authorise=self._authorise_in(account, region),
            )

        super().__init__(new, clock, DEFAULT_SCALE)

    def reset(self) -> None:
        """Forgets all accounts; the scale is as at the start."""
        with self._changed:
            super().reset()
            self._outbox.clear()

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
            if not self._outbox:
                self.wait()
            else:
                self.go_on()
            events, self._outbox[:] = list(self._outbox), []
        return events
