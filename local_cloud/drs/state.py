"""Everything a simulated account knows of DRS."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, get_args

from local_cloud.drs.quotas import DEFAULTS
from local_cloud.simulation.state import Record, SimulationState, bare, plain

__all__ = ["FIDELITIES", "Fidelity", "Record", "State", "bare", "plain"]

Fidelity = Literal["observed", "model"]
"""`model`: only what the service model allows. `observed`: as the live service was seen to differ from it."""
FIDELITIES: tuple[str, ...] = get_args(Fidelity)


@dataclass(kw_only=True)
class State(SimulationState):
    """One account in one Region.

    `servers`, `jobs` and `instances` are the items as DescribeSourceServers, DescribeJobs and DescribeRecoveryInstances
    give them, in order of creation, each with what is nobody's business under `_` (`bare` leaves that out). `snapshots`
    are by source server, oldest first.
    """

    fidelity: Fidelity = "observed"
    initialised: bool = True
    quotas: dict[str, int] = field(default_factory=lambda: dict(DEFAULTS))
    servers: dict[str, Record] = field(default_factory=dict)
    snapshots: dict[str, list[Record]] = field(default_factory=dict)
    launch_configurations: dict[str, Record] = field(default_factory=dict)
    jobs: dict[str, Record] = field(default_factory=dict)
    logs: dict[str, list[Record]] = field(default_factory=dict)
    instances: dict[str, Record] = field(default_factory=dict)

    def identifier(self, prefix: str) -> str:
        """A new id with 17 hexadecimal digits, the same in each run with the same seed."""
        return f"{prefix}-{self.digest(prefix)[:17]}"

    def arn(self, kind: str, identifier: str) -> str:
        """ARN of a source server, job or recovery instance."""
        return f"arn:aws:drs:{self.region}:{self.account}:{kind}/{identifier}"

    def open_jobs(self) -> list[Record]:
        """Jobs that have not completed."""
        return [job for job in self.jobs.values() if job["status"] != "COMPLETED"]

    def locks(self) -> dict[str, str]:
        """Source server → the job that it takes part in at present, which locks it."""
        return {server: job["jobID"] for job in self.open_jobs() for server in job["_"]["servers"]}
