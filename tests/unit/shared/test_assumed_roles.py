"""Roles of other accounts: entered with what they want to see, renewed in time, never shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from shared.assumed_roles import Assumed, Kept, Role, assume
from shared.errors import PermissionDenied, Transient

NOW = datetime(2026, 1, 2, tzinfo=UTC)
ROLE = Role("arn:aws:iam::111111111111:role/source", "job-1", "a-shared-secret")
GIVEN = {"AccessKeyId": "key", "SecretAccessKey": "secret", "SessionToken": "token"}


class Sts:
    """AssumeRole, answering or failing."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if self.error:
            raise self.error
        return {"Credentials": {**GIVEN, "Expiration": NOW + timedelta(hours=1)}}


def test_the_role_sees_who_comes_and_the_shared_secret() -> None:
    sts = Sts()
    assumed = assume(lambda _service: sts, ROLE, timedelta(minutes=20))
    assert sts.asked == [{"RoleArn": ROLE.arn, "RoleSessionName": "job-1", "ExternalId": "a-shared-secret"}]
    assert assumed.session["aws_session_token"] == "token"
    assert assumed.until == NOW + timedelta(minutes=40)


def test_without_an_external_id_none_is_sent() -> None:
    sts = Sts()
    assume(lambda _service: sts, Role(ROLE.arn, "job-1"))
    assert "ExternalId" not in sts.asked[0]


def test_refusals_are_told_as_what_they_are() -> None:
    denied: Any = {"Error": {"Code": "AccessDenied", "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    for error, kind in (
        (ClientError(denied, "AssumeRole"), PermissionDenied),
        (EndpointConnectionError(endpoint_url="https://sts"), Transient),
    ):
        with pytest.raises(kind, match="role/source"):
            assume(lambda _service, error=error: Sts(error), ROLE)  # type: ignore[misc]


def test_neither_secrets_nor_credentials_are_in_what_is_printed() -> None:
    assumed = Assumed({"aws_secret_access_key": "5ec4e7"}, NOW)
    assert "shared-secret" not in repr(ROLE) and "5ec4e7" not in repr(assumed)


def test_what_was_made_is_kept_until_its_end_and_then_forgotten() -> None:
    # Given something that lasts for an hour, and something that lasts for ever
    kept: Kept[str, object] = Kept()
    now = [NOW]
    ends = {"hour": NOW + timedelta(hours=1), "ever": None}

    def get(key: str) -> object:
        return kept.get(key, lambda: now[0], lambda asked: (object(), ends[asked]))

    hour, ever = get("hour"), get("ever")
    assert (get("hour"), get("ever")) == (hour, ever)

    # When the hour is over
    now[0] += timedelta(hours=1)

    # Then it is made anew, and what is over does not stay in memory
    assert get("ever") is ever
    assert get("hour") is not hour


def test_what_cannot_be_made_is_tried_again() -> None:
    kept: Kept[str, object] = Kept()

    def refuse(_key: str) -> tuple[object, None]:
        raise PermissionDenied("no")

    with pytest.raises(PermissionDenied):
        kept.get("a", lambda: NOW, refuse)
    assert kept.get("a", lambda: NOW, lambda _key: ("made", None)) == "made"
