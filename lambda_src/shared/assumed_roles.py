"""Roles in other accounts: their credentials, and what is made with them, kept for as long as they last."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from shared.aws_errors import classify
from shared.clock import Clock

#: Credentials are asked for anew so long before they expire.
RENEW_BEFORE = timedelta(minutes=10)

Key = TypeVar("Key")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Role:
    """A role and how it is entered. `session_name` is what CloudTrail in the role's account shows."""

    arn: str
    session_name: str
    external_id: str = field(default="", repr=False)


@dataclass(frozen=True)
class Assumed:
    """`session` goes to shared.clients.client; from `until` on it is not used any more."""

    session: Mapping[str, str] = field(repr=False)
    until: datetime


def assume(make: Callable[..., Any], role: Role, renew_before: timedelta = RENEW_BEFORE) -> Assumed:
    """Credentials of the role, an hour long as a chained role has them. `make` is as shared.clients.client.

    Raises the taxonomy's errors, PermissionDenied when the role does not trust us.
    """
    external = {"ExternalId": role.external_id} if role.external_id else {}
    try:
        answer = make("sts").assume_role(RoleArn=role.arn, RoleSessionName=role.session_name, **external)
    except (ClientError, BotoCoreError) as error:
        raise classify(error, f"assume {role.arn}") from error
    given = answer["Credentials"]
    session = {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }
    return Assumed(session, given["Expiration"] - renew_before)


class Kept(Generic[Key, Made]):
    """What was made with credentials, by what it was made for; without an end it is kept as long as the worker."""

    def __init__(self) -> None:
        self._made: dict[Key, tuple[Made, datetime | None]] = {}

    def get(self, key: Key, clock: Clock, make: Callable[[Key], tuple[Made, datetime | None]]) -> Made:
        """What is kept, or made anew. Raises what `make` raises."""
        now = clock()
        self._made = {each: held for each, held in self._made.items() if held[1] is None or now < held[1]}
        if key not in self._made:
            self._made[key] = make(key)
        return self._made[key][0]
