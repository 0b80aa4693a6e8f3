"""Users and groups of the target: whether those exist to whom permissions are to be given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from quicksight_migration.accounts.sessions import AccountSession
from quicksight_migration.assets.inventory import WORKERS, call
from shared.errors import NotFound
from shared.side_by_side import side_by_side

PRINCIPAL = re.compile(
    r"arn:aws[\w-]*:quicksight:(?P<region>[\w-]+):(?P<account>[0-9]{12}):"
    r"(?P<kind>user|group)/(?P<namespace>[^/]+)/(?P<name>.+)"
)


def unknown_principals(session: AccountSession, arns: Iterable[str]) -> list[str]:
    """Those that are no user or group of the account. Raises the taxonomy's errors."""
    asked = sorted(set(arns))
    known = side_by_side(_knows(session), asked, WORKERS)
    return [arn for arn, is_known in zip(asked, known, strict=True) if not is_known]


def _knows(session: AccountSession) -> Callable[[str], bool]:
    def knows(arn: str) -> bool:
        found = PRINCIPAL.fullmatch(arn)
        account = session.account
        home = (account.identity_region or account.region, account.account_id, account.namespace)
        if found is None or (found["region"], found["account"], found["namespace"]) != home:
            return False
        arguments: dict[str, Any] = {"AwsAccountId": session.account_id, "Namespace": found["namespace"]}
        member = "UserName" if found["kind"] == "user" else "GroupName"
        try:
            call(session.identity, f"describe_{found['kind']}", **arguments, **{member: found["name"]})
        except NotFound:
            return False
        return True

    return knows
