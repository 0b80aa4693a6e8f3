"""AWS DRS straight over credentials: no API, no database in between."""

from __future__ import annotations

from collections.abc import Iterable

from disaster_recovery.drs.accounts import AwsAccounts
from disaster_recovery.drs.answers import SourceServer
from disaster_recovery.drs.quotas import Quotas
from disaster_recovery.plans.plan_resolution import Place
from towpath.errors import Missing
from towpath.session import Session

#: What an account has that never asked for more (AWS General Reference, AWS Elastic Disaster Recovery quotas).
DEFAULT_QUOTAS = Quotas(jobs=20, servers_in_a_job=100, servers_in_all_jobs=500)
#: arn:partition:service:region:account:…
REGION_PART, ACCOUNT_PART = 3, 4


def accounts_of(session: Session) -> AwsAccounts:
    """DRS and its quotas, with the session's credentials or a role that they may assume."""
    return AwsAccounts(make=session.client, clock=session.clock)


def place_of(servers: Iterable[SourceServer]) -> Place:
    """Account and Region as the servers' ARNs have them, so that nothing but DRS has to be asked. Raises Missing."""
    for server in servers:
        parts = server.arn.split(":")
        if len(parts) > ACCOUNT_PART:
            return Place(parts[ACCOUNT_PART], parts[REGION_PART])
    raise Missing("AWS DRS has no source server here", "Check the Region (--region) and the account (--profile).")
