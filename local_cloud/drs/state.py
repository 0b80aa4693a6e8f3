"""Everything a simulated account knows of DRS, as JSON, so that it can be kept, copied and compared."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Any, Literal, get_args

from local_cloud.drs.clock import Stamp
from local_cloud.drs.quotas import DEFAULTS

Fidelity = Literal["observed", "model"]
"""`model`: only what the service model allows. `observed`: as the live service was seen to differ from it."""
FIDELITIES: tuple[str, ...] = get_args(Fidelity)
Record = dict[str, Any]


@dataclass
class State:
    """One account in one Region.

    `servers`, `jobs` and `instances` are the items as DescribeSourceServers, DescribeJobs and DescribeRecoveryInstances
    give them, in order of creation, each with what is nobody's business under `_` (`bare` leaves that out). `snapshots`
    are by source server, oldest first. `agenda` is a heap of `[stamp, number, step]`: what will happen by itself.
    """

    account: str
    region: str
    seed: int = 0
    fidelity: Fidelity = "observed"
    scale: float = 1.0
    initialised: bool = True
    page_size: int | None = None
    counter: int = 0
    quotas: dict[str, int] = field(default_factory=lambda: dict(DEFAULTS))
    servers: dict[str, Record] = field(default_factory=dict)
    snapshots: dict[str, list[Record]] = field(default_factory=dict)
    launch_configurations: dict[str, Record] = field(default_factory=dict)
    jobs: dict[str, Record] = field(default_factory=dict)
    logs: dict[str, list[Record]] = field(default_factory=dict)
    instances: dict[str, Record] = field(default_factory=dict)
    denials: list[Record] = field(default_factory=list)
    agenda: list[list[Any]] = field(default_factory=list)
    injections: list[Record] = field(default_factory=list)
    injected: list[Record] = field(default_factory=list)

    @classmethod
    def from_json(cls, document: Record) -> State:
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

    def identifier(self, prefix: str) -> str:
        """A new id with 17 hexadecimal digits, the same in each run with the same seed."""
        source = f"{self.seed} {self.account} {self.region} {prefix} {self.number()}"
        return f"{prefix}-{sha256(source.encode()).hexdigest()[:17]}"

    def arn(self, kind: str, identifier: str) -> str:
        """ARN of a source server, job or recovery instance."""
        return f"arn:aws:drs:{self.region}:{self.account}:{kind}/{identifier}"

    def plan(self, at: Stamp, **step: Any) -> None:
        """Puts a step on the agenda."""
        heapq.heappush(self.agenda, [at, self.number(), step])

    def take_due(self, until: Stamp) -> tuple[Stamp, Record] | None:
        """Removes and returns the earliest step that is due by then, with its time."""
        if not self.agenda or self.agenda[0][0] > until:
            return None
        at, _, step = heapq.heappop(self.agenda)
        return at, step

    def open_jobs(self) -> list[Record]:
        """Jobs that have not completed."""
        return [job for job in self.jobs.values() if job["status"] != "COMPLETED"]

    def locks(self) -> dict[str, str]:
        """Source server → the job that it takes part in at present, which locks it."""
        return {server: job["jobID"] for job in self.open_jobs() for server in job["_"]["servers"]}


def bare(record: Record) -> Record:
    """A record as its API gives it; its members are still those of the state."""
    return {name: value for name, value in record.items() if name != "_"}


def plain(value: Any) -> Any:
    """A deep copy of JSON values."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
