"""AWS DRS straight over credentials: for exports and for break-glass runs. No API, no database in between."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from disaster_recovery.drs_api import Drs
from disaster_recovery.drs_types import SourceServer
from disaster_recovery.plan import Account
from disaster_recovery.plan_resolution import Place
from disaster_recovery.quotas import Quotas, read_quotas
from towpath.errors import Missing
from towpath.session import Session

#: Reads may be repeated; a change is sent once, since DRS knows no idempotency token.
READS: Mapping[str, Any] = {"retries": {"mode": "standard", "total_max_attempts": 5}}
WRITES: Mapping[str, Any] = {"retries": {"total_max_attempts": 1}}
SESSION_NAME = "towpath"
#: The most that role chaining allows; break-glass runs that take longer are taken up again.
ROLE_SECONDS = 3600
#: arn:partition:service:region:account:…
REGION_PART, ACCOUNT_PART = 3, 4
#: What an account has that never asked for more (AWS General Reference, AWS Elastic Disaster Recovery quotas).
DEFAULT_QUOTAS = Quotas(jobs=20, servers_in_a_job=100, servers_in_all_jobs=500)


@dataclass(frozen=True)
class DrsAccess:
    """DRS with the session's credentials, or with a role of another account that they may assume."""

    session: Session
    account: Account = Account()

    @cached_property
    def drs(self) -> Drs:
        """Reads with retries, changes without."""
        return Drs(self._client("drs", READS), self._client("drs", WRITES))

    def quotas(self) -> Quotas:
        """The account's quotas. Raises QuotaUnreadable."""
        return read_quotas(self._client("service-quotas", READS))

    def _client(self, service: str, config: Mapping[str, Any]) -> Any:
        return self.session.client(service, region=self.account.region, role=self._role, **config)

    @cached_property
    def _role(self) -> Mapping[str, str] | None:
        if not self.account.role_arn:
            return None
        given = {"ExternalId": self.account.external_id} if self.account.external_id else {}
        answer = self.session.client("sts").assume_role(
            RoleArn=self.account.role_arn, RoleSessionName=SESSION_NAME, DurationSeconds=ROLE_SECONDS, **given
        )
        credentials: Mapping[str, str] = answer["Credentials"]
        return credentials


def place_of(servers: Iterable[SourceServer]) -> Place:
    """Account and Region as the servers' ARNs have them, so that nothing but DRS has to be asked. Raises Missing."""
    for server in servers:
        parts = server.arn.split(":")
        if len(parts) > ACCOUNT_PART:
            return Place(parts[ACCOUNT_PART], parts[REGION_PART])
    raise Missing("AWS DRS has no source server here", "Check the Region (--region) and the account (--profile).")
