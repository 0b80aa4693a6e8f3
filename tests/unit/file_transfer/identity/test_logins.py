"""Who may log in over SFTP, against the real index (moto) and real Argon2id hashes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from argon2 import PasswordHasher

from file_transfer.identity import logins, passwords
from file_transfer.identity.logins import Login, Logins
from file_transfer.identity.settings import HomePlace, IdentitySettings
from tests.unit.given import LANDING, PARTNER, definition
from tests.unit.moto_tables import put

KEY_LINE = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGp0b3dwYXRoLWV4YW1wbGUta2V5LW5vdC1yZWFs bank"
PASSWORD = "correct horse"
HASH = PasswordHasher().hash(PASSWORD)
ROLE = "arn:aws:iam::111122223333:role/file-transfer-sftp-user"
KMS_KEY = "arn:aws:kms:us-east-1:111122223333:key/1"
SETTINGS = IdentitySettings(
    workflow_table="WorkflowDefinition",
    user_role_arn=ROLE,
    landing_bucket=LANDING,
    homes=(HomePlace(LANDING, "from-sftp/"), HomePlace(PARTNER, "", KMS_KEY)),
)


class World:
    """Definitions with users, and a server that asks."""

    def __init__(self, dynamodb: Any) -> None:
        self.dynamodb = dynamodb
        self.logins = Logins(SETTINGS, dynamodb)

    def user(self, workflow_id: str = "bank-in", name: str = "bank", **section: Any) -> None:
        """A definition with a user; its section is stored as text, as Terraform does."""
        given = {"publicKeys": [KEY_LINE], "passwordHash": HASH, **section}
        text = json.dumps({member: value for member, value in given.items() if value is not None})
        put(self.dynamodb, "WorkflowDefinition", definition(workflowId=workflow_id, sftpUserName=name, sftpUser=text))

    def ask(self, name: str = "bank", password: str = "", source_ip: str = "192.0.2.7") -> dict[str, Any]:
        event = {"username": name, "protocol": "SFTP", "serverId": "s-1", "sourceIp": source_ip, "password": password}
        return self.logins.decide(Login.of(event))


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


def test_a_key_is_left_to_the_server_to_compare(world: World) -> None:
    world.user()

    answer = world.ask()

    assert (answer["Role"], answer["PublicKeys"]) == (ROLE, [KEY_LINE])


def test_a_user_sees_the_folder_of_its_definition_as_root(world: World) -> None:
    world.user()

    answer = world.ask()

    assert answer["HomeDirectoryType"] == "LOGICAL"
    assert json.loads(answer["HomeDirectoryDetails"]) == [{"Entry": "/", "Target": f"/{LANDING}/from-sftp/bankpacific"}]


def test_a_right_password_is_answered_without_keys(world: World) -> None:
    world.user()

    answer = world.ask(password=PASSWORD)

    assert answer["Role"] == ROLE
    assert "PublicKeys" not in answer


@pytest.mark.parametrize(
    ("section", "attempt"),
    [
        ({}, {"name": "somebody-else"}),
        ({}, {"name": "somebody-else", "password": PASSWORD}),
        ({}, {"password": "wrong"}),
        ({}, {"password": PASSWORD + "x" * 1024}),
        ({}, {"name": "x"}),
        ({"passwordHash": None}, {"password": PASSWORD}),
        ({"publicKeys": None}, {}),
        ({"enabled": False}, {}),
        ({"enabled": False}, {"password": PASSWORD}),
        ({"allowedSourceIps": ["198.51.100.0/24"]}, {"password": PASSWORD}),
        ({"allowedSourceIps": ["198.51.100.0/24"]}, {}),
        ({"allowedSourceIps": ["192.0.2.0/24"]}, {"source_ip": ""}),
        ({"home": {"prefix": "from-s3/bank/"}}, {}),
        ({"home": {"prefix": ""}}, {}),
        ({"home": {"bucket": "somebody-elses", "prefix": "from-sftp/"}}, {}),
        ({"home": {"prefix": "from-sftp/../other/"}}, {}),
        ({"home": {"bucket": PARTNER, "prefix": "ü" * 199 + "/"}}, {}),
        ({"allowedSourceIps": ["999.1.1.1"]}, {}),
        ({"passwordHash": "$2b$12$abcdefghijklmnopqrstuv"}, {}),
    ],
)
def test_everybody_else_gets_the_same_empty_answer(
    world: World, section: dict[str, Any], attempt: dict[str, Any]
) -> None:
    world.user(**section)

    assert world.ask(**attempt) == {}


def test_an_empty_password_is_never_a_password(world: World) -> None:
    # Given a user with both, and a client that offers the empty password
    world.user()

    # Then what comes back still demands a key
    assert world.ask(password="")["PublicKeys"] == [KEY_LINE]


@pytest.mark.parametrize("source_ip", ["198.51.100.9", "::ffff:198.51.100.9", "2001:db8::1"])
def test_networks_that_are_allowed(world: World, source_ip: str) -> None:
    world.user(allowedSourceIps=["198.51.100.0/24", "2001:db8::/32"])

    assert world.ask(source_ip=source_ip)["Role"] == ROLE


def test_two_definitions_with_one_user_name_are_nobody(world: World) -> None:
    world.user("bank-in")
    world.user("bank-out")

    assert world.ask() == {}


def test_a_definition_that_only_names_the_user_adds_nothing(world: World) -> None:
    # Given a second route of the same user, whose section stands in the first
    world.user("bank-in")
    put(world.dynamodb, "WorkflowDefinition", definition(workflowId="bank-more", sftpUserName="bank"))

    assert world.ask()["Role"] == ROLE


def test_a_change_holds_from_the_next_login(world: World) -> None:
    world.user()
    assert world.ask()

    world.user(enabled=False)

    assert world.ask() == {}


@pytest.mark.parametrize(
    ("access", "objects"),
    [
        ("read-write", ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"]),
        ("read-only", ["s3:GetObject", "s3:GetObjectVersion"]),
        ("write-only", ["s3:PutObject"]),
    ],
)
def test_the_session_policy_leaves_the_home_and_nothing_else(world: World, access: str, objects: list[str]) -> None:
    world.user(access=access)

    policy = json.loads(world.ask()["Policy"])

    bucket = f"arn:aws:s3:::{LANDING}"
    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [bucket],
                "Condition": {"StringLike": {"s3:prefix": ["from-sftp/bankpacific", "from-sftp/bankpacific/*"]}},
            },
            {"Effect": "Allow", "Action": objects, "Resource": [f"{bucket}/from-sftp/bankpacific/*"]},
        ],
    }


def test_a_home_in_another_place_uses_its_key(world: World) -> None:
    world.user(home={"bucket": PARTNER, "prefix": "bank/"}, access="read-only")

    statements = json.loads(world.ask()["Policy"])["Statement"]

    assert statements[1]["Resource"] == [f"arn:aws:s3:::{PARTNER}/bank/*"]
    assert statements[2] == {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": [KMS_KEY]}


def test_a_home_may_be_all_of_a_bucket(world: World) -> None:
    world.user(home={"bucket": PARTNER, "prefix": ""}, access="read-only")

    answer = world.ask()

    statements = json.loads(answer["Policy"])["Statement"]
    assert json.loads(answer["HomeDirectoryDetails"]) == [{"Entry": "/", "Target": f"/{PARTNER}"}]
    assert statements[0]["Condition"] == {"StringLike": {"s3:prefix": ["*"]}}
    assert statements[1]["Resource"] == [f"arn:aws:s3:::{PARTNER}/*"]


@pytest.mark.parametrize(
    ("name", "section"), [("bank", {}), ("nobody-knows", {}), ("bank", {"passwordHash": None}), ("?", {})]
)
def test_every_password_costs_one_check_of_the_same_parameters(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str, section: dict[str, Any]
) -> None:
    # Given a hasher that notes what it is asked
    world.user(**section)
    checked: list[str] = []

    class Noting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Any:  # noqa: A002
            checked.append(str(hash))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Noting)

    # When somebody tries a password
    world.ask(name, "guess")

    # Then the work was one check, as expensive as any other
    assert [each.split("$")[1:4] for each in checked] == [["argon2id", "v=19", "m=65536,t=3,p=4"]]


def test_a_log_line_never_repeats_a_hash_or_a_password(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a definition whose hash cannot be used
    world.user(passwordHash="$2b$12$abcdefghijklmnopqrstuv")
    said: list[Any] = []
    monkeypatch.setattr(logins.logger, "error", lambda *parts, **facts: said.append((parts, facts)))
    monkeypatch.setattr(logins.logger, "info", lambda *parts, **facts: said.append((parts, facts)))

    world.ask(password="a secret guess")

    assert "$.sftpUser.passwordHash" in str(said)
    assert "$2b$12" not in str(said)
    assert "a secret guess" not in str(said)
