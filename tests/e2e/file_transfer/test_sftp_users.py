"""SFTP users that stand in workflow definitions: who gets in, where to, and what nobody learns."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from argon2 import PasswordHasher

from local_cloud.sftp_login import SftpLogin
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.transfers import Route, Transfers
from tests.e2e.permissions import left_over

PASSWORD = "correct horse battery staple"
HASH = PasswordHasher().hash(PASSWORD)
PROVIDER = "file-transfer-identity-provider"
PROVIDER_ROLE = f"*{PROVIDER}*"


class Partners:
    """The server whose users stand in the definitions."""

    def __init__(self, transfers: Transfers) -> None:
        self.transfers = transfers
        self.address = transfers.cloud.endpoints["sftp"]
        self.roles = transfers.cloud.outputs("file-transfer")["sftp_identity"]["role_names"]

    def user(self, **section: Any) -> Route:
        """A new customer with a user of the same name, who has the password above."""
        route = self.transfers.route()
        self.change(route, **section)
        return route

    def change(self, route: Route, **section: Any) -> None:
        """Another section for a customer's user, as an operator would store it."""
        user = {"sftpUserName": route.customer, "sftpUser": {"passwordHash": HASH, **section}}
        self.transfers.put_workflow(
            {
                "workflowId": route.workflow_id,
                "sourceType": "SFTP",
                "targetType": "S3",
                "sourcePrefix": route.prefix,
                "customerId": route.customer,
                "targets": {"s3": {"type": "S3", "uri": f"s3://{self.transfers.archive}/{route.customer}/"}},
                **user,
            }
        )

    def login(self, name: str, password: str = PASSWORD, **more: str) -> SftpLogin:
        """A connection; without a password, with the key at `private_key_path`."""
        return SftpLogin(self.address["host"], self.address["port"], name, password=password, **more)

    def refusal(self, name: str, password: str = PASSWORD, **more: str) -> str:
        """What a client is told that does not get in, without its own name."""
        with pytest.raises(asyncssh.PermissionDenied) as caught, self.login(name, password, **more):
            pass
        return str(caught.value).replace(name, "somebody")


@pytest.fixture
def partners(transfers: Transfers) -> Partners:
    return Partners(transfers)


def key_pair(folder: Path) -> tuple[str, str]:
    """A private key's path and the public line of it."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(folder / "id")
    return str(folder / "id"), key.export_public_key().decode().strip()


def test_a_file_that_came_with_a_password_is_delivered(partners: Partners, transfers: Transfers) -> None:
    route = partners.user()

    with partners.login(route.customer) as sftp:
        sftp.put("/a.csv", b"a,b\n1,2\n")
        assert sftp.list("/") == ["a.csv"]
        assert sftp.get("/a.csv") == b"a,b\n1,2\n"

    item = transfers.settled(route, "a.csv")
    assert item["status"] == "SUCCESS"
    assert item["metadata"]["uploadedBy"] == route.customer
    transfers.assert_complete(route, "a.csv", item)


def test_a_key_gets_in_and_another_does_not(partners: Partners, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "other").mkdir()
    own, line = key_pair(tmp_path / "own")
    other, _ = key_pair(tmp_path / "other")
    route = partners.user(publicKeys=[line])

    with partners.login(route.customer, "", private_key_path=own) as sftp:
        sftp.put("/a.csv", b"x")

    partners.refusal(route.customer, "", private_key_path=other)


def test_everybody_who_is_refused_is_told_the_same(partners: Partners) -> None:
    # Given a user, one who is switched off, one from another network, one whose definition is broken
    known, off = partners.user(), partners.user(enabled=False)
    elsewhere = partners.user(allowedSourceIps=["198.51.100.0/24"])
    broken = partners.user(home={"bucket": "somebody-elses", "prefix": "a/"})

    # When they try, and somebody whom nobody knows
    told = {
        partners.refusal(known.customer, "a guess"),
        partners.refusal("nobody-knows-me"),
        *(partners.refusal(route.customer) for route in (off, elsewhere, broken)),
    }

    # Then nobody can tell who exists
    assert len(told) == 1


def test_addresses_are_held_to_the_list(partners: Partners) -> None:
    route = partners.user(allowedSourceIps=["127.0.0.9/32"])

    partners.refusal(route.customer)

    with partners.login(route.customer, source="127.0.0.9") as sftp:
        assert sftp.list("/") == []


def test_a_user_reaches_its_own_folder_only(partners: Partners, transfers: Transfers) -> None:
    # Given a neighbour's file
    route, neighbour = partners.user(), partners.user()
    with partners.login(neighbour.customer) as sftp:
        sftp.put("/secret.csv", b"x")

    # Then there is no way up: whatever is asked for lies below the user's own folder
    with partners.login(route.customer) as sftp:
        assert sftp.list("/..") == []
        for path in (f"/../{neighbour.customer}/secret.csv", f"/../../from-sftp/{neighbour.customer}/secret.csv"):
            with pytest.raises(asyncssh.SFTPError):
                sftp.get(path)
    asked = {call["resource"] for call in transfers.cloud.calls() if f"/{route.customer}." in call["principal"]}
    bucket = f"arn:aws:s3:::{transfers.landing}"
    assert {each.startswith(f"{bucket}/{route.prefix}") for each in asked if each != bucket} == {True}


def test_access_is_what_the_definition_says(partners: Partners) -> None:
    route = partners.user(access="write-only")
    with partners.login(route.customer) as sftp:
        sftp.put("/a.csv", b"x")
        with pytest.raises(asyncssh.SFTPError):
            sftp.get("/a.csv")

    # When the definition changes, from the next login on
    partners.change(route, access="read-only")

    with partners.login(route.customer) as sftp:
        assert sftp.get("/a.csv") == b"x"
        with pytest.raises(asyncssh.SFTPError):
            sftp.put("/b.csv", b"x")


def test_files_for_a_partner_are_fetched_from_the_place_of_deliveries(partners: Partners, transfers: Transfers) -> None:
    route = partners.user()
    folder = f"{route.customer}/"
    partners.change(route, home={"bucket": transfers.partner_bucket, "prefix": folder}, access="read-only")
    transfers.s3.put_object(Bucket=transfers.partner_bucket, Key=f"{folder}statement.pdf", Body=b"%PDF")

    with partners.login(route.customer) as sftp:
        assert sftp.list("/") == ["statement.pdf"]
        assert sftp.get("/statement.pdf") == b"%PDF"


@pytest.mark.parametrize(
    "faults",
    [
        lambda: [fault("dynamodb", "Query", "throttle", principal=PROVIDER_ROLE, nth=[1])],
        lambda: [fault("dynamodb", "Query", "lost_response", principal=PROVIDER_ROLE, nth=[1])],
    ],
    ids=["throttled", "answer lost"],
)
def test_a_call_that_fails_is_made_again(
    partners: Partners, transfers: Transfers, faults: Callable[[], list[dict[str, Any]]]
) -> None:
    route = partners.user()
    transfers.cloud.inject(faults())

    with partners.login(route.customer) as sftp:
        assert sftp.list("/") == []

    assert transfers.cloud.injected()


def test_nobody_gets_in_while_the_function_cannot_answer(partners: Partners, transfers: Transfers) -> None:
    # Given a function that dies in the middle of each login
    route = partners.user()
    slow = fault("dynamodb", "Query", "latency", principal=PROVIDER_ROLE, ms=1500)
    transfers.cloud.inject([slow, killed(PROVIDER, 500, principal="*")])

    told = partners.refusal(route.customer)

    # Then it is refused like anybody, and let in once the function lives
    transfers.cloud.clear_faults()
    assert told == partners.refusal("nobody-knows-me")
    with partners.login(route.customer) as sftp:
        assert sftp.list("/") == []


def test_a_password_and_a_hash_are_in_no_log(partners: Partners, transfers: Transfers) -> None:
    route = partners.user()
    guess = f"guess-{route.customer}"
    partners.refusal(route.customer, guess)
    with partners.login(route.customer):
        pass

    group = f"/aws/lambda/{PROVIDER}"
    logs = transfers.cloud.client("logs")
    lines = transfers.eventually(
        lambda: [
            event["message"]
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
            for event in page["events"]
            if route.customer in event["message"]
        ],
        "the refusal in the log",
    )

    assert any(json.loads(line).get("because") == ["unproven"] for line in lines if line.startswith("{"))
    assert not [line for line in lines if guess in line or PASSWORD in line or HASH in line]


def test_the_function_and_its_users_may_do_exactly_what_they_need(partners: Partners, transfers: Transfers) -> None:
    # Given a user who does all that users may
    route = partners.user()
    with partners.login(route.customer) as sftp:
        sftp.put("/a.part", b"x")
        sftp.rename("/a.part", "/a.csv")
        sftp.list("/")

    unused = {("sftp-user", "s3:GetObjectVersion"): "Transfer Family's guide asks for it on every user that may read"}
    roles = [*partners.roles["functions"].values(), partners.roles["sftp_user"]]
    assert left_over(transfers.cloud, roles, unused) == ""
