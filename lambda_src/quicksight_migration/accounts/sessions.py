"""QuickSight and S3 in the accounts of a job, with the credentials of our role there.

The role's session bears the job's id, so CloudTrail in the other account says which migration made a call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from quicksight_migration.accounts.facts import BiAccount
from shared.assumed_roles import Kept, Role, assume
from shared.clients import ATTEMPTS, READ_TIMEOUT_SECONDS, client
from shared.clock import Clock, utc_now
from shared.errors import ValidationFailed

#: A worker runs for up to 15 minutes and must not lose its credentials on the way.
RENEW_BEFORE = timedelta(minutes=20)
#: A job reads hundreds of assets and QuickSight throttles: some ten seconds of patience a call, or it all begins anew.
QUICKSIGHT_ATTEMPTS = 5
#: One part of an upload goes in one call.
S3_READ_SECONDS = 60
SOURCE, TARGET = "SOURCE", "TARGET"


@dataclass
class AccountSession:
    """The clients of one account for one job, each made when first used."""

    account: BiAccount
    make: Callable[..., Any]
    session: Mapping[str, str] = field(repr=False)

    @property
    def account_id(self) -> str:
        """12 digits: `AwsAccountId` of every call."""
        return self.account.account_id

    @cached_property
    def quicksight(self) -> Any:
        """For calls that may be repeated."""
        return self._client("quicksight", READ_TIMEOUT_SECONDS, QUICKSIGHT_ATTEMPTS, self.account.region)

    @cached_property
    def quicksight_once(self) -> Any:
        """For calls that start something: the SDK never sends them again, a lost answer is looked into first."""
        return self._client("quicksight", READ_TIMEOUT_SECONDS, 1, self.account.region)

    @cached_property
    def identity(self) -> Any:
        """QuickSight in the Region where users and groups live."""
        if self.account.identity_region == self.account.region:
            return self.quicksight
        return self._client("quicksight", READ_TIMEOUT_SECONDS, QUICKSIGHT_ATTEMPTS, self.account.identity_region)

    @cached_property
    def s3(self) -> Any:
        """The account's staging bucket."""
        return self._client("s3", S3_READ_SECONDS, ATTEMPTS, self.account.region)

    def _client(self, service: str, read_timeout: int, attempts: int, region: str) -> Any:
        return self.make(service, read_timeout, attempts, region_name=region, **self.session)


@dataclass
class Accounts:
    """`sources` and `targets` by account id: nothing else is ever assumed. Credentials are kept while they last."""

    sources: Mapping[str, BiAccount]
    targets: Mapping[str, BiAccount]
    make: Callable[..., Any] = client
    clock: Clock = utc_now
    _open: Kept[tuple[str, str, str], AccountSession] = field(default_factory=Kept, repr=False)

    def source(self, account_id: str, job_id: str) -> AccountSession:
        """Raises ValidationFailed for an account that is not configured, and what assuming its role raises."""
        return self._session(SOURCE, account_id, job_id)

    def target(self, account_id: str, job_id: str) -> AccountSession:
        """As `source`, with the staging bucket's S3."""
        return self._session(TARGET, account_id, job_id)

    def _session(self, side: str, account_id: str, job_id: str) -> AccountSession:
        return self._open.get((side, account_id, job_id), self.clock, self._opened)

    def _opened(self, key: tuple[str, str, str]) -> tuple[AccountSession, datetime]:
        side, account_id, job_id = key
        account = (self.sources if side == SOURCE else self.targets).get(account_id)
        if account is None:
            raise ValidationFailed(f"{account_id} is not configured as a {side.lower()} account")
        role = Role(account.role_arn, job_id, account.external_id)
        assumed = assume(self.make, role, RENEW_BEFORE)
        return AccountSession(account, self.make, assumed.session), assumed.until
