"""What simulators of services have in common: time, injections, and a state that can be kept and copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Generic, TypeVar

from local_cloud.simulation.agenda import Agenda
from local_cloud.simulation.clock import Clock, Stamp, stamp
from local_cloud.simulation.rules import Catalogue
from local_cloud.simulation.state import Record

E = TypeVar("E", bound=Agenda[Any])


class Simulation(Generic[E]):
    """One account and Region. A step `act` is on the agenda of every service: what somebody does by hand."""

    def __init__(self, clock: Clock, engine: E, catalogue: Catalogue) -> None:
        self.clock = clock
        self.engine = engine
        self._catalogue = catalogue

    # ---- time

    def advance_to(self, now: datetime) -> None:
        """Lets everything happen that is due until then, each at its own time."""
        self.engine.advance_to(now)

    def next_due(self) -> datetime | None:
        """When something will happen by itself; None when nothing will."""
        return self.engine.next_due()

    def set_scale(self, scale: float) -> None:
        """Changes the speed from now on: what is planned comes sooner or later accordingly. Raises ValueError."""
        self.engine.rescale(self._catch_up(), scale)

    # ---- what goes wrong

    def inject(self, rule: Mapping[str, Any]) -> str:
        """Adds a rule, or does an act after `afterSeconds` (0: at once); returns its id. Raises BadInjection."""
        wanted = self._catalogue.normalised(self.engine.state, rule)
        if wanted["kind"] != "act":
            self.engine.state.injections.append(wanted)
        else:
            at, action = self._catch_up(), wanted["action"]
            self.engine.after(at, action["afterSeconds"], "act", rule=wanted["id"], action=action)
            self._catch_up()
        return str(wanted["id"])

    def clear_injections(self) -> None:
        """No rules and no log of them; acts that are planned still happen."""
        self.engine.state.injections.clear()
        self.engine.state.injected.clear()

    # ---- the state

    def to_json(self) -> Record:
        """The whole state as plain values."""
        document: Record = self.engine.state.to_json()
        return document

    def load_json(self, document: Record) -> None:
        """Continues with a state that `to_json` gave."""
        self.engine.state = type(self.engine.state).from_json(document)

    # ---- steps

    def _catch_up(self) -> Stamp:
        now = self.clock.now()
        self.engine.advance_to(now)
        return stamp(now)

    def _step(self, step: Callable[..., None]) -> Callable[..., None]:
        def bound(at: Stamp, **arguments: Any) -> None:
            step(self.engine, at, **arguments)

        return bound
