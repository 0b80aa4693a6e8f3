"""DRS and its quotas in the accounts that plans name: our own, or one that a role is assumed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from disaster_recovery.drs.api import Drs
from disaster_recovery.drs.quotas import Quotas, read_quotas
from disaster_recovery.plans.plan import Account
from shared.aws_errors import classify
from shared.clients import client
from shared.clock import Clock, utc_now

SESSION_NAME = "towpath-disaster-recovery"
#: Credentials are asked for anew so long before they expire.
RENEW_BEFORE = timedelta(minutes=10)
#: A call that takes longer is looked for, not waited for. Below the grace of an intent, so that no call is still under
#: way when it is sent again.
CALL_SECONDS = 25


@dataclass(frozen=True)
class _Place:
    drs: Drs
    service_quotas: Any
    until: datetime | None


@dataclass
class AwsAccounts:
    """Clients are made when an account is first asked for and kept while their credentials last."""

    make: Callable[..., Any] = client
    clock: Clock = utc_now
    _places: dict[Account, _Place] = field(default_factory=dict)

    def drs(self, account: Account) -> Drs:
        """DRS of the account and Region. Raises the taxonomy's errors when its role cannot be assumed."""
        return self._place(account).drs

    def quotas(self, account: Account) -> Quotas:
        """The account's quotas as they are now. Raises QuotaUnreadable, and as `drs` does."""
        return read_quotas(self._place(account).service_quotas)

    def _place(self, account: Account) -> _Place:
        known = self._places.get(account)
        if known is None or (known.until is not None and self.clock() >= known.until):
            known = self._places[account] = self._opened(account)
        return known

    def _opened(self, account: Account) -> _Place:
        session, until = self._assumed(account) if account.role_arn else ({}, None)
        if account.region:
            session["region_name"] = account.region
        reads = self.make("drs", CALL_SECONDS, **session)
        writes = self.make("drs", CALL_SECONDS, 1, **session)
        return _Place(Drs(reads, writes), self.make("service-quotas", **session), until)

    def _assumed(self, account: Account) -> tuple[dict[str, str], datetime]:
        external = {"ExternalId": account.external_id} if account.external_id else {}
        try:
            answer = self.make("sts").assume_role(RoleArn=account.role_arn, RoleSessionName=SESSION_NAME, **external)
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"assume {account.role_arn}") from error
        given = answer["Credentials"]
        session = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return session, given["Expiration"] - RENEW_BEFORE
