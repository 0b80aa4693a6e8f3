"""Everything a simulated account knows of QuickSight in one Region."""

from __future__ import annotations

from dataclasses import dataclass, field

from local_cloud.quicksight.kinds import arn_of
from local_cloud.simulation.state import Record, SimulationState, plain

__all__ = ["LIMITS", "Record", "State", "plain"]

# Concurrent bundle jobs an account: API reference, StartAssetBundleExportJob and StartAssetBundleImportJob.
LIMITS = {"concurrentExports": 5, "concurrentImports": 5}


@dataclass(kw_only=True)
class State(SimulationState):
    """One account in one Region.

    `assets` are by key (`dashboard/sales`), in order of creation, see `assets.py`. `exports` and `imports` are the
    bundle jobs by id; `users` and `groups` are by name, all of namespace `default`.
    """

    edition: str = "ENTERPRISE"
    account_name: str = "local"
    identity_region: str = ""
    limits: dict[str, int] = field(default_factory=lambda: dict(LIMITS))
    assets: dict[str, Record] = field(default_factory=dict)
    exports: dict[str, Record] = field(default_factory=dict)
    imports: dict[str, Record] = field(default_factory=dict)
    users: dict[str, Record] = field(default_factory=dict)
    groups: dict[str, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """The identity Region is this one unless another is named."""
        self.identity_region = self.identity_region or self.region

    def arn(self, key: str) -> str:
        """ARN of the asset under a key."""
        return arn_of(key, self.account, self.region)

    def identity_arn(self, what: str) -> str:
        """ARN of `user/default/ann`, `group/default/analysts` or `namespace/default`."""
        return f"arn:aws:quicksight:{self.identity_region}:{self.account}:{what}"

    def principals(self) -> set[str]:
        """ARNs that permissions may be given to."""
        names = [f"user/default/{name}" for name in self.users]
        names += [f"group/default/{name}" for name in self.groups]
        return {self.identity_arn(each) for each in (*names, "namespace/default")}
