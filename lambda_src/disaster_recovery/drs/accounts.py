"""DRS and its quotas in the accounts that plans name: our own, or one that a role is assumed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import Quotas, read_quotas
from disaster_recovery.plans.plan import Account
from shared.assumed_roles import Kept, Role, assume
from shared.clients import client
from shared.clock import Clock, utc_now

SESSION_NAME = "towpath-disaster-recovery"
#: A call that takes longer is looked for, not waited for. Below the grace of an intent, so that no call is still under
#: way when it is sent again.
CALL_SECONDS = 25


@dataclass(frozen=True)
class _Place:
    drs: Drs
    service_quotas: Any


@dataclass
class AwsAccounts:
    """Clients are made when an account is first asked for and kept while their credentials last."""

    make: Callable[..., Any] = client
    clock: Clock = utc_now
    _places: Kept[Account, _Place] = field(default_factory=Kept)

    def drs(self, account: Account) -> Drs:
        """DRS of the account and Region. Raises the taxonomy's errors when its role cannot be assumed."""
        return self._place(account).drs

    def quotas(self, account: Account) -> Quotas:
        """The account's quotas as they are now. Raises QuotaUnreadable, and as `drs` does."""
        return read_quotas(self._place(account).service_quotas)

    def _place(self, account: Account) -> _Place:
        return self._places.get(account, self.clock, self._opened)

    def _opened(self, account: Account) -> tuple[_Place, datetime | None]:
        session, until = self._session(account)
        reads = self.make("drs", CALL_SECONDS, **session)
        writes = self.make("drs", CALL_SECONDS, 1, **session)
        return _Place(Drs(reads, writes), self.make("service-quotas", **session)), until

    def _session(self, account: Account) -> tuple[dict[str, str], datetime | None]:
        region = {"region_name": account.region} if account.region else {}
        if not account.role_arn:
            return region, None
        assumed = assume(self.make, Role(account.role_arn, SESSION_NAME, account.external_id))
        return {**assumed.session, **region}, assumed.until
