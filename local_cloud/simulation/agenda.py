"""Time passes: the steps on the agenda are taken in their order, each at its own time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from local_cloud.simulation.clock import Stamp, later, moment, stamp
from local_cloud.simulation.state import SimulationState

Step = Callable[..., None]
S = TypeVar("S", bound=SimulationState)


class Agenda(Generic[S]):
    """The agenda of a state, in scaled time. `steps` are what can be on it, by name; each is called with `at`."""

    def __init__(self, state: S) -> None:
        self.state = state
        self.steps: dict[str, Step] = {}

    def advance_to(self, now: datetime) -> None:
        """Takes every step that is due."""
        until = stamp(now)
        while (due := self.state.take_due(until)) is not None:
            at, step = due
            self.steps[step.pop("do")](at=at, **step)

    def next_due(self) -> datetime | None:
        """When the next step is due; None when nothing will happen by itself."""
        return moment(self.state.agenda[0][0]) if self.state.agenda else None

    def after(self, at: Stamp, seconds: float, do: str, **arguments: Any) -> None:
        """Plans a step so many seconds of simulated time after a moment."""
        self.state.plan(later(at, seconds / self.state.scale), do=do, **arguments)

    def rescale(self, now: Stamp, scale: float) -> None:
        """Changes the speed from now on: what is planned comes sooner or later accordingly. Raises ValueError."""
        if scale <= 0:
            raise ValueError(f"scale must be greater than 0, not {scale}")
        factor = self.state.scale / scale
        for entry in self.state.agenda:
            entry[0] = later(now, (moment(entry[0]) - moment(now)).total_seconds() * factor)
        self.state.scale = scale
