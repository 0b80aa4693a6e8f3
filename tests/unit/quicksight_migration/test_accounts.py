"""The accounts of a migration: what is configured of them, and how a worker gets in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quicksight_migration.accounts.facts import BiAccount, read_accounts
from quicksight_migration.accounts.sessions import Accounts
from shared.errors import ValidationFailed
from shared.settings import SettingError
from tests.unit.quicksight_migration.bundle_buckets import Hands

SOURCE, TARGET = "111111111111", "222222222222"
DOCUMENT = {"region": "us-east-1", "roleArn": f"arn:aws:iam::{TARGET}:role/towpath-bi-target", "externalId": "a-secret"}


class Factory:
    """Makes clients that remember what they were made with."""

    def __init__(self) -> None:
        self.clock = Hands()
        self.made: list[tuple[str, int, int, dict[str, str]]] = []
        self.assumed: list[dict[str, Any]] = []

    def __call__(self, service: str, read_timeout: int = 0, attempts: int = 0, **session: str) -> Any:
        self.made.append((service, read_timeout, attempts, session))
        return self

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        self.assumed.append(asked)
        given = {"AccessKeyId": asked["RoleArn"], "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": {**given, "Expiration": self.clock() + timedelta(hours=1)}}


def accounts(factory: Factory) -> Accounts:
    source = BiAccount(SOURCE, "dev", "eu-west-1", f"arn:aws:iam::{SOURCE}:role/towpath-bi-source", "b-secret")
    target = read_accounts({TARGET: {**DOCUMENT, "identityRegion": "us-west-2"}}, "TARGET_ACCOUNTS")
    return Accounts({SOURCE: source}, target, factory, factory.clock)


def test_an_account_is_read_with_its_defaults() -> None:
    read = read_accounts({TARGET: DOCUMENT}, "TARGET_ACCOUNTS")[TARGET]
    assert (read.name, read.identity_region, read.namespace, read.approval) == (TARGET, "us-east-1", "default", "NONE")


@pytest.mark.parametrize(
    ("change", "named"),
    [({"region": ""}, "region"), ({"roleArn": None}, "roleArn"), ({"approval": "MAYBE"}, "approval")],
)
def test_an_account_that_cannot_be_used_is_named(change: dict[str, Any], named: str) -> None:
    with pytest.raises(SettingError, match=f"TARGET_ACCOUNTS.*{TARGET}.*{named}"):
        read_accounts({TARGET: {**DOCUMENT, **change}}, "TARGET_ACCOUNTS")


def test_the_session_in_the_other_account_bears_the_job_s_id() -> None:
    factory = Factory()
    accounts(factory).target(TARGET, "job-1")
    assert factory.assumed == [{"RoleArn": DOCUMENT["roleArn"], "RoleSessionName": "job-1", "ExternalId": "a-secret"}]


def test_only_configured_accounts_are_entered_and_only_from_their_side() -> None:
    factory = Factory()
    both = accounts(factory)
    for enter, account_id in ((both.source, TARGET), (both.target, SOURCE), (both.source, "333333333333")):
        with pytest.raises(ValidationFailed, match=account_id):
            enter(account_id, "job-1")
    assert not factory.assumed


def test_each_client_has_the_role_s_credentials_and_the_account_s_region() -> None:
    factory = Factory()
    session = accounts(factory).target(TARGET, "job-1")
    factory.made.clear()
    for wanted in (session.quicksight, session.quicksight_once, session.identity, session.s3):
        assert wanted
    assert all(made[3]["aws_access_key_id"] == DOCUMENT["roleArn"] for made in factory.made)
    assert [made[3]["region_name"] for made in factory.made] == ["us-east-1", "us-east-1", "us-west-2", "us-east-1"]


def test_what_starts_something_is_never_sent_again_by_the_sdk() -> None:
    factory = Factory()
    session = accounts(factory).source(SOURCE, "job-1")
    factory.made.clear()
    assert session.quicksight_once
    assert [(service, attempts) for service, _, attempts, _ in factory.made] == [("quicksight", 1)]


def test_people_are_looked_up_where_they_live_with_one_client_where_that_is_the_same() -> None:
    session = accounts(Factory()).source(SOURCE, "job-1")
    assert session.identity is session.quicksight


def test_credentials_last_for_a_whole_invocation_and_belong_to_one_job() -> None:
    factory = Factory()
    both = accounts(factory)
    first = both.source(SOURCE, "job-1")
    assert both.source(SOURCE, "job-1") is first
    assert both.source(SOURCE, "job-2") is not first

    # When less than 20 minutes are left of the hour
    factory.clock.move(41 * 60)

    # Then the role is assumed anew: a worker may run for 15 minutes
    assert both.source(SOURCE, "job-1") is not first


def test_no_secret_is_in_what_is_printed() -> None:
    session = accounts(Factory()).target(TARGET, "job-1")
    assert "a-secret" not in repr(session) and "aws_session_token" not in repr(session)
