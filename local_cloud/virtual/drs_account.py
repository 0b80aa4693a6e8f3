"""DRS and Service Quotas of one account and Region on the kernel's clock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from local_cloud.aws_models.errors import ApiError, LostResponse
from local_cloud.drs.engine import Event
from local_cloud.drs.quotas import BY_CODE
from local_cloud.drs.simulator import Simulator
from local_cloud.drs.state import Fidelity
from local_cloud.virtual.kernel import Kernel

# A step is due at a microsecond; a thousand of them later it is due by any rounding.
_AFTER_DUE = 0.001
Watcher = Callable[[str, Mapping[str, Any]], None]
CALLER = "arn:aws:sts::123456789012:assumed-role/virtual/virtual"


class KernelClock:
    """The kernel's time of day, as the simulator asks for it."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def now(self) -> datetime:
        return self._kernel.utc()


class DrsAccount:
    """The simulator, which goes on by itself as virtual time passes. `watchers` see each call that was carried out."""

    def __init__(
        self,
        kernel: Kernel,
        inventory: Mapping[str, Any],
        *,
        seed: int = 0,
        fidelity: Fidelity = "observed",
        events: Callable[[Event], None] = lambda _event: None,
    ) -> None:
        self._kernel = kernel
        self._planned: float | None = None
        self._one_at_a_time = threading.RLock()
        self.watchers: list[Watcher] = []
        self.simulator = Simulator(
            KernelClock(kernel),
            seed,
            fidelity,
            account=inventory.get("account", "123456789012"),
            region=inventory.get("region", "eu-west-1"),
            events=events,
        )
        self.simulator.seed(inventory)

    def call(self, operation: str, parameters: Mapping[str, Any], principal: str = "") -> dict[str, Any]:
        """The answer of an operation of DRS. Raises ApiError, LostResponse."""
        with self._one_at_a_time:  # a handler may ask from several threads
            try:
                answer = self.simulator.call(operation, parameters, principal or CALLER)
            except LostResponse:
                self._tell(operation, parameters)
                raise
            finally:
                self.plan()
            self._tell(operation, parameters)
            return answer

    def _tell(self, operation: str, parameters: Mapping[str, Any]) -> None:
        for watcher in self.watchers:
            watcher(operation, parameters)

    def inject(self, rule: Mapping[str, Any]) -> None:
        """An injection of the simulator; acts happen at their time."""
        self.simulator.inject(rule)
        self.plan()

    def plan(self) -> None:
        """Has the simulator go on when its next step is due."""
        due = self.simulator.next_due()
        if due is None:
            return
        moment = self._kernel.seconds_at(due) + _AFTER_DUE
        if self._planned is None or moment < self._planned:
            self._planned = moment
            self._kernel.at(moment, self._advance)

    def _advance(self) -> None:
        self._planned = None
        self.simulator.advance_to(self._kernel.utc())
        self.plan()


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
