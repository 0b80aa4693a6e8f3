"""How long DRS takes, as a seeded random model: what a forecast is made of before anything has been measured.

A one-server drill takes 10 to 12 minutes: a snapshot, the conversion of the image, the launch, and a few seconds until
the job has ended. The servers of a job run side by side, so a job lasts as long as its slowest server.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """A triangular distribution, in seconds: never below `least`, mostly about `usual`, never above `most`."""

    least: float
    usual: float
    most: float

    def draw(self, dice: random.Random) -> float:
        return dice.triangular(self.least, self.most, self.usual)


@dataclass(frozen=True)
class DurationModel:
    """The phases of one server, the end of a job, and what the orchestration itself adds to a wave."""

    snapshot: Spread = Spread(60, 95, 120)
    conversion: Spread = Spread(300, 375, 420)
    launch: Spread = Spread(120, 160, 180)
    job_end: Spread = Spread(1, 2, 5)
    hand_over: Spread = Spread(1, 2, 5)
    #: A launch event that gets lost is noticed by the next tick of the finder, at most a minute later.
    lost_event: Spread = Spread(0, 30, 60)
    lost_event_share: float = 0.05

    def server(self, dice: random.Random, usual_seconds: int | None = None) -> float:
        """Until one server has launched. `usual_seconds`: what this server took before, if that is known."""
        drawn = self.snapshot.draw(dice) + self.conversion.draw(dice) + self.launch.draw(dice)
        usual = self.snapshot.usual + self.conversion.usual + self.launch.usual
        return drawn if usual_seconds is None else drawn * usual_seconds / usual

    def between_waves(self, dice: random.Random) -> float:
        """From the last launch of a wave to the next wave's StartRecovery."""
        lost = self.lost_event.draw(dice) if dice.random() < self.lost_event_share else 0.0
        return self.hand_over.draw(dice) + lost

    def action(self, dice: random.Random, timeout_seconds: int) -> float:
        """One action of a wave; nothing is known about it but its limit."""
        return dice.triangular(1, max(1, timeout_seconds), min(30, max(1, timeout_seconds)))


@dataclass(frozen=True)
class Range:
    """The least, the median and the worst of the trials, in whole seconds."""

    least: int
    median: int
    worst: int

    def document(self) -> dict[str, int]:
        return {"min": self.least, "median": self.median, "worst": self.worst}


def range_of(drawn: Sequence[float]) -> Range:
    """Raises ValueError for no trials: there is no prediction without any."""
    if not drawn:
        raise ValueError("a range needs at least one trial")
    ordered = sorted(drawn)
    return Range(round(ordered[0]), round(ordered[len(ordered) // 2]), round(ordered[-1]))
