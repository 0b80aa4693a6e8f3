"""DRS and Service Quotas of one account and Region on the kernel's clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from local_cloud.aws_models.errors import ApiError
from local_cloud.drs.engine import Event
from local_cloud.drs.quotas import BY_CODE
from local_cloud.drs.simulator import Simulator
from local_cloud.drs.state import Fidelity
from local_cloud.virtual.accounts import Account
from local_cloud.virtual.kernel import Kernel, KernelClock

CALLER = "arn:aws:sts::123456789012:assumed-role/virtual/virtual"


class DrsAccount(Account[Simulator]):
    """An account as an inventory says; `events` gets what it sends to EventBridge."""

    def __init__(
        self,
        kernel: Kernel,
        inventory: Mapping[str, Any],
        *,
        seed: int = 0,
        fidelity: Fidelity = "observed",
        events: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        simulator = Simulator(
            KernelClock(kernel),
            seed,
            fidelity,
            account=inventory.get("account", "123456789012"),
            region=inventory.get("region", "eu-west-1"),
            events=events,
        )
        simulator.seed(inventory)
        super().__init__(kernel, simulator, CALLER)


class AccountQuotas:
    """Service Quotas, as far as the quotas of DRS go."""

    def __init__(self, account: DrsAccount) -> None:
        self._account = account

    def call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """GetServiceQuota and GetAWSDefaultServiceQuota. Raises ApiError for a quota that is not there."""
        quota = BY_CODE.get(parameters["QuotaCode"])
        if quota is None or operation not in ("GetServiceQuota", "GetAWSDefaultServiceQuota"):
            raise ApiError("NoSuchResourceException", f"no quota {parameters['QuotaCode']}", 400)
        value = self._account.simulator.state.quotas.get(quota.key or "", quota.default)
        return {
            "Quota": {"ServiceCode": "drs", "QuotaCode": quota.code, "QuotaName": quota.name, "Value": float(value)}
        }
