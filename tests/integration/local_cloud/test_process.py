"""The background server: started once, found again, stopped with its state kept."""

from __future__ import annotations

import io
import json
import socket
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud import commands
from local_cloud.process import CannotRun, Server
from local_cloud.settings import Settings

from .conftest import free_port


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    chosen = Settings(free_port(), free_port(), tmp_path, None, chosen_partner_port=free_port())
    yield chosen
    Server(chosen).stop()


def client(settings: Settings, service: str) -> Any:
    credentials = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=settings.endpoint_url, region_name="us-east-1", **credentials)


def test_what_was_there_is_there_after_a_restart(settings: Settings) -> None:
    # Given a running cloud with versions of an object, an item, and a server's settings
    commands.up(settings, apply=False)
    s3, key = client(settings, "s3"), "folder/" + "n" * 900
    s3.create_bucket(Bucket="bucket")
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket="bucket", Key=key, Body=b"\x00first", Metadata={"a": "1"})["VersionId"]
    s3.put_object(Bucket="bucket", Key=key, Body=b"second", Tagging="t=2")
    large = b"large" * 1024**2
    upload = {"Bucket": "bucket", "Key": "large"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=large)["ETag"]}
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    client(settings, "dynamodb").create_table(
        TableName="table",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    client(settings, "dynamodb").put_item(TableName="table", Item={"id": {"S": "1"}})
    policy = "TransferSecurityPolicy-2025-03"
    server_id = client(settings, "transfer").create_server(SecurityPolicyName=policy)["ServerId"]
    arn = "arn:aws:{}:000000000000:{}"
    connector_id = client(settings, "transfer").create_connector(
        Url="sftp://127.0.0.1",
        AccessRole=arn.format("iam:", "role/connector"),
        SftpConfig={"UserSecretId": arn.format("secretsmanager:us-east-1", "secret:login")},
    )["ConnectorId"]

    # When it is stopped and started
    commands.down(settings)
    commands.up(settings, apply=False)

    # Then all of it is there
    s3 = client(settings, "s3")
    assert s3.get_object(Bucket="bucket", Key=key)["Body"].read() == b"second"
    old = s3.get_object(Bucket="bucket", Key=key, VersionId=first)
    assert (old["Body"].read(), old["Metadata"]) == (b"\x00first", {"a": "1"})
    assert s3.get_object(Bucket="bucket", Key="large")["Body"].read() == large
    assert len(list((settings.state_dir / "s3").iterdir())) == 1
    assert s3.get_object_tagging(Bucket="bucket", Key=key)["TagSet"] == [{"Key": "t", "Value": "2"}]
    assert client(settings, "dynamodb").scan(TableName="table")["Count"] == 1
    described = client(settings, "transfer").describe_server(ServerId=server_id)["Server"]
    assert described["SecurityPolicyName"] == policy
    connector = client(settings, "transfer").describe_connector(ConnectorId=connector_id)["Connector"]
    assert connector["Url"] == "sftp://127.0.0.1"


def test_a_second_up_finds_the_running_server(settings: Settings) -> None:
    # Given a running cloud
    commands.up(settings, apply=False)
    pid = Server(settings).pid()

    # When it is told to start again
    commands.up(settings, apply=False)

    # Then it is the same process, and says so
    assert Server(settings).pid() == pid
    assert commands.status(settings) is True


def test_reset_empties_it(settings: Settings) -> None:
    # Given a cloud with a bucket and the Terraform state of a stack
    commands.up(settings, apply=False)
    client(settings, "s3").create_bucket(Bucket="bucket")
    state = settings.state_dir / "terraform" / "one.tfstate"
    state.parent.mkdir()
    state.write_text("{}")

    # When it is reset
    commands.reset(settings)

    # Then it still runs, without either
    assert client(settings, "s3").list_buckets()["Buckets"] == []
    assert not state.exists()


def test_a_cloud_that_lost_its_state_forgets_what_terraform_knew(settings: Settings) -> None:
    # Given the Terraform state of a cloud that was killed, so that there is no snapshot
    state = settings.state_dir / "terraform" / "one.tfstate"
    state.parent.mkdir(parents=True)
    state.write_text("{}")

    # When it starts
    commands.up(settings, apply=False)

    # Then Terraform starts afresh too
    assert not state.exists()


@pytest.mark.parametrize("which", ["TOWPATH_PORT", "TOWPATH_SFTP_PORT", "TOWPATH_PARTNER_PORT"])
def test_a_taken_port_is_named_with_its_way_out(settings: Settings, which: str) -> None:
    # Given another program on one of the ports
    ports = {"TOWPATH_PORT": settings.port, "TOWPATH_SFTP_PORT": settings.sftp_port}
    port = (ports | {"TOWPATH_PARTNER_PORT": settings.partner_port})[which]
    with socket.create_server(("127.0.0.1", port)):
        # When the cloud is told to start, then it says which port, and how to choose another
        with pytest.raises(CannotRun, match=rf"port {port} .*\n.*{which}={port + 1} make up"):
            commands.up(settings, apply=False)


def test_it_stops_while_a_function_runs(settings: Settings) -> None:
    # Given a function in the middle of a long call
    commands.up(settings, apply=False)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("app.py", "import time\ndef handler(event, context):\n    time.sleep(600)")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = client(settings, "iam").create_role(RoleName="role", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    client(settings, "lambda").create_function(
        FunctionName="slow",
        Runtime="python3.13",
        Role=role,
        Handler="app.handler",
        Code={"ZipFile": archive.getvalue()},
        Timeout=900,
    )
    client(settings, "lambda").invoke(FunctionName="slow", InvocationType="Event")

    # When it is stopped, then it ends
    commands.down(settings)
    assert Server(settings).health() is None


def test_stopping_what_does_not_run_is_no_error(settings: Settings) -> None:
    commands.down(settings)
    assert commands.status(settings) is False
