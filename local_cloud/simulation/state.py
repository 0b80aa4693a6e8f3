"""What a simulator knows of one account in one Region, as JSON, so that it can be kept, copied and compared."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any, Self

from local_cloud.simulation.clock import Stamp

Record = dict[str, Any]


@dataclass(kw_only=True)
class SimulationState:
    """The part that is not about the service.

    `agenda` is a heap of `[stamp, number, step]`: what will happen by itself. `injections` are the rules of what goes
    wrong, `injected` is the log of what did, `denials` what a caller lacked permission for while a job went on.
    """

    account: str
    region: str
    seed: int = 0
    scale: float = 1.0
    page_size: int | None = None
    counter: int = 0
    agenda: list[list[Any]] = field(default_factory=list)
    denials: list[Record] = field(default_factory=list)
    injections: list[Record] = field(default_factory=list)
    injected: list[Record] = field(default_factory=list)

    @classmethod
    def from_json(cls, document: Record) -> Self:
        """The state that `to_json` wrote."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: plain(value) for name, value in document.items() if name in known})

    def to_json(self) -> Record:
        """A deep copy of plain values."""
        return {each.name: plain(getattr(self, each.name)) for each in fields(self)}

    def number(self) -> int:
        """A number that was never given before."""
        self.counter += 1
        return self.counter

    def digest(self, what: str) -> str:
        """64 hexadecimal digits that were never given before, the same in each run with the same seed."""
        source = f"{self.seed} {self.account} {self.region} {what} {self.number()}"
        return sha256(source.encode()).hexdigest()

    def plan(self, at: Stamp, **step: Any) -> None:
        """Puts a step on the agenda."""
        heapq.heappush(self.agenda, [at, self.number(), step])

    def take_due(self, until: Stamp) -> tuple[Stamp, Record] | None:
        """Removes and returns the earliest step that is due by then, with its time."""
        if not self.agenda or self.agenda[0][0] > until:
            return None
        at, _, step = heapq.heappop(self.agenda)
        return at, step


def bare(record: Record) -> Record:
    """A record as its API gives it, without what is nobody's business (`_`); its members are those of the state."""
    return {name: value for name, value in record.items() if name != "_"}


def plain(value: Any) -> Any:
    """A deep copy of JSON values."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
