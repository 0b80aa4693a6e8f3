"""What the endpoints work with, made with the first request and kept while the worker lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from disaster_recovery.commands.restarting import Restarter
from disaster_recovery.commands.running import Commands
from disaster_recovery.commands.starting import Starter
from disaster_recovery.commands.termination_requests import TerminationRequests
from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.plans.catalog import StoredCatalog
from disaster_recovery.plans.plan import Account, parse_account
from disaster_recovery.plans.plan_resolution import Place
from disaster_recovery.records.store import Store
from disaster_recovery.settings import Settings
from shared.api.cursors import Cursors
from shared.api.problems import invalid
from shared.api.requests import Request
from shared.clock import Clock
from shared.schemas import Problem

View = dict[str, Any]


@dataclass(frozen=True)
class Services:
    """`drs` and `quotas` are asked per account."""

    settings: Settings
    store: Store
    catalog: StoredCatalog
    cursors: Cursors
    drs: Callable[[Account], Drs]
    quotas: Callable[[Account], Quotas]
    starter: Starter
    commands: Commands
    restarter: Restarter
    terminations: TerminationRequests
    clock: Clock

    @property
    def home(self) -> Place:
        """The system's own account and Region."""
        return self.catalog.home

    def place(self, account: Account) -> View:
        """Where an account is, for people."""
        place = self.home.of(account)
        return {"accountId": place.account_id, "region": place.region}

    def account_of_body(self, request: Request) -> Account:
        """The account that a body names, or ours."""
        return parse_account(request.body.get("account"))

    def account_of_query(self, request: Request) -> Account:
        """The account that `accountId` and `region` name: one that a plan or group has. Raises ApiProblem 400."""
        asked = Account(request.query.get("accountId", ""), request.query.get("region", ""))
        account = self.catalog.account(self.home.of(asked))
        if account is None:
            name = "accountId" if asked.account_id else "region"
            raise invalid(
                [Problem(f"$query.{name}", "no recovery plan or protection group names this account and Region")]
            )
        return account
