"""Transfer Family's API gives back what it was given, in the types of its model."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from .conftest import Cloud

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0u0WcYVZ3y3mGzZ4H0m0mG9pS6k5y2a4T0v2Yq7bq1"


@pytest.fixture
def transfer(cloud: Cloud) -> Any:
    return cloud.client("transfer")


def test_a_server_keeps_every_setting(transfer: Any) -> None:
    # Given a server with settings that ministack alone would forget
    settings = {
        "SecurityPolicyName": "TransferSecurityPolicy-2025-03",
        "LoggingRole": "arn:aws:iam::000000000000:role/logging",
        "StructuredLogDestinations": ["arn:aws:logs:us-east-1:000000000000:log-group:transfer:*"],
        "ProtocolDetails": {"SetStatOption": "ENABLE_NO_OP"},
    }
    server_id = transfer.create_server(**settings, Tags=[{"Key": "a", "Value": "1"}])["ServerId"]

    # When it is described
    described = transfer.describe_server(ServerId=server_id)["Server"]

    # Then they are all there, and so is what AWS adds
    assert {name: described[name] for name in settings} == settings
    assert described["Tags"] == [{"Key": "a", "Value": "1"}]
    assert described["State"] == "ONLINE"
    assert described["Domain"] == "S3"


def test_an_update_changes_only_what_it_names(transfer: Any) -> None:
    # Given a server
    server_id = transfer.create_server(SecurityPolicyName="TransferSecurityPolicy-2024-01")["ServerId"]

    # When its storage options are updated
    transfer.update_server(ServerId=server_id, S3StorageOptions={"DirectoryListingOptimization": "ENABLED"})

    # Then those changed and the rest did not
    described = transfer.describe_server(ServerId=server_id)["Server"]
    assert described["S3StorageOptions"] == {"DirectoryListingOptimization": "ENABLED"}
    assert described["SecurityPolicyName"] == "TransferSecurityPolicy-2024-01"


def test_tags_are_set_and_removed(transfer: Any) -> None:
    # Given a server with one tag
    server_id = transfer.create_server(Tags=[{"Key": "old", "Value": "1"}])["ServerId"]
    arn = transfer.describe_server(ServerId=server_id)["Server"]["Arn"]

    # When a tag is added and the old one removed
    transfer.tag_resource(Arn=arn, Tags=[{"Key": "new", "Value": "2"}])
    transfer.untag_resource(Arn=arn, TagKeys=["old"])

    # Then only the new one is left
    assert transfer.list_tags_for_resource(Arn=arn)["Tags"] == [{"Key": "new", "Value": "2"}]


def test_a_user_keeps_its_home_and_its_keys_have_dates(transfer: Any) -> None:
    # Given a user with a LOGICAL home and a key
    server_id = transfer.create_server()["ServerId"]
    home = [{"Entry": "/", "Target": "/bucket/home/${transfer:UserName}"}]
    transfer.create_user(
        ServerId=server_id,
        UserName="someone",
        Role="arn:aws:iam::000000000000:role/one",
        HomeDirectoryType="LOGICAL",
        HomeDirectoryMappings=home,
    )
    transfer.import_ssh_public_key(ServerId=server_id, UserName="someone", SshPublicKeyBody=PUBLIC_KEY)

    # When the user is moved to another role
    transfer.update_user(ServerId=server_id, UserName="someone", Role="arn:aws:iam::000000000000:role/two")

    # Then the rest is as it was, and the date of the key is a date
    user = transfer.describe_user(ServerId=server_id, UserName="someone")["User"]
    assert user["Role"].endswith("role/two")
    assert user["HomeDirectoryMappings"] == home
    assert isinstance(user["SshPublicKeys"][0]["DateImported"], datetime)


def test_an_unknown_server_is_not_found(transfer: Any) -> None:
    with pytest.raises(transfer.exceptions.ResourceNotFoundException):
        transfer.describe_server(ServerId="s-00000000000000000")
