"""SFTP sessions write real S3 objects under the user's role, and Transfer Family reports them."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncssh
import pytest

from .conftest import Cloud, eventually


@dataclass
class Landing:
    """A server with one user at home in `<bucket>/in`, and a queue that gets the events of both services."""

    cloud: Cloud
    bucket: str
    server_id: str
    key: asyncssh.SSHKey
    queue_url: str

    def session(self, use: Callable[[asyncssh.SFTPClient], Awaitable[Any]], user: str = "someone") -> Any:
        """Runs `use` in an SFTP session of the user."""

        async def connected() -> Any:
            async with await self.connect(user) as connection, connection.start_sftp_client() as sftp:
                return await use(sftp)

        return asyncio.run(connected())

    async def connect(self, user: str = "someone") -> asyncssh.SSHClientConnection:
        return await asyncssh.connect(
            "127.0.0.1", self.cloud.sftp_port, username=user, client_keys=[self.key], known_hosts=None
        )

    def upload(self, name: str, content: bytes) -> None:
        async def put(sftp: asyncssh.SFTPClient) -> None:
            async with sftp.open(name, "wb") as file:
                await file.write(content)

        self.session(put)

    def events(self, source: str, count: int = 1) -> list[dict[str, Any]]:
        """The next `count` events of a source."""
        sqs, found = self.cloud.client("sqs"), []

        def enough() -> bool:
            answer = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                event = json.loads(message["Body"])
                found.extend([event] if event["source"] == source else [])
            return len(found) >= count

        eventually(enough)
        return found


@pytest.fixture
def landing(cloud: Cloud) -> Landing:
    name = f"landing-{uuid.uuid4().hex[:8]}"
    s3, transfer, events = cloud.client("s3"), cloud.client("transfer"), cloud.client("events")
    s3.create_bucket(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    queue_url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    role = cloud.role(
        "transfer",
        {"Action": "s3:ListBucket", "Resource": f"arn:aws:s3:::{name}"},
        {
            "Action": ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"],
            "Resource": [f"arn:aws:s3:::{name}/in/*", f"arn:aws:s3:::{name}/shared/*"],
        },
    )
    server_id = transfer.create_server()["ServerId"]
    key = asyncssh.generate_private_key("ssh-ed25519")
    transfer.create_user(
        ServerId=server_id,
        UserName="someone",
        Role=role,
        HomeDirectoryType="LOGICAL",
        HomeDirectoryMappings=[
            {"Entry": "/", "Target": f"/{name}/in"},
            {"Entry": "/shared", "Target": f"/{name}/shared"},
            {"Entry": "/secret", "Target": f"/{name}/secret"},
        ],
        SshPublicKeyBody=key.export_public_key().decode(),
    )
    events.put_rule(
        Name=name,
        EventPattern=json.dumps(
            {
                "source": ["aws.s3", "aws.transfer"],
                "$or": [{"detail": {"bucket": {"name": [name]}}}, {"detail": {"server-id": [server_id]}}],
            }
        ),
    )
    arn = f"arn:aws:sqs:us-east-1:000000000000:{name}"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage"}
    # As in production: the rule may send, and nobody may without TLS.
    insecure = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": arn}
    statements = [
        {**allow, "Resource": arn},
        {**insecure, "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    cloud.client("sqs").set_queue_attributes(QueueUrl=queue_url, Attributes={"Policy": policy})
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return Landing(cloud, name, server_id, key, queue_url)


def test_a_closed_file_is_a_version_of_an_object_and_an_event(landing: Landing) -> None:
    # When a user uploads a file
    landing.upload("customer/räport #1.csv", b"a,b\n1,2\n")

    # Then the object is there, under the user's home, with a version
    key = "in/customer/räport #1.csv"
    head = landing.cloud.client("s3").head_object(Bucket=landing.bucket, Key=key)
    assert head["VersionId"] not in ("", "null")

    # And Transfer Family reports it
    event = landing.events("aws.transfer")[0]
    assert event["detail-type"] == "SFTP Server File Upload Completed"
    detail = event["detail"]
    assert detail["status-code"] == "COMPLETED"
    assert detail["file-path"] == f"/{landing.bucket}/{key}"
    assert detail["bytes"] == 8
    assert detail["etag"] == head["ETag"].strip('"')
    assert (detail["username"], detail["server-id"]) == ("someone", landing.server_id)
    assert detail["client-ip"] == "127.0.0.1"
    assert detail["start-timestamp"] < detail["end-timestamp"]


def test_s3_announces_the_object_too(landing: Landing) -> None:
    # When a user uploads a file
    landing.upload("a.csv", b"1")

    # Then S3 sends its event, naming the version
    detail = landing.events("aws.s3")[0]["detail"]
    head = landing.cloud.client("s3").head_object(Bucket=landing.bucket, Key="in/a.csv")
    assert detail["object"]["key"] == "in/a.csv"
    assert detail["object"]["version-id"] == head["VersionId"]


def test_a_dropped_connection_leaves_what_was_received_and_a_failed_event(landing: Landing) -> None:
    # When the connection ends before the client has closed its file
    async def interrupted() -> None:
        connection = await landing.connect()
        sftp = await connection.start_sftp_client()
        file = await sftp.open("half.csv", "wb")
        await file.write(b"half of ")
        connection.abort()

    asyncio.run(interrupted())

    # Then the event says so and the part is stored
    event = landing.events("aws.transfer")[0]
    assert event["detail-type"] == "SFTP Server File Upload Failed"
    assert event["detail"]["status-code"] == "FAILED"
    assert event["detail"]["failure-code"] == "PARTIAL_UPLOAD"
    stored = landing.cloud.client("s3").get_object(Bucket=landing.bucket, Key="in/half.csv")
    assert stored["Body"].read() == b"half of "


def test_the_role_decides_what_the_user_may_write(landing: Landing) -> None:
    # When a user writes where the mapping leads but the role forbids
    with pytest.raises(asyncssh.SFTPPermissionDenied):
        landing.upload("/secret/x.csv", b"1")

    # Then nothing was stored and the failure was reported
    assert landing.cloud.client("s3").list_objects_v2(Bucket=landing.bucket, Prefix="secret")["KeyCount"] == 0
    assert landing.events("aws.transfer")[0]["detail"]["failure-code"] == "UNKNOWN_ERROR"


def test_a_rename_is_a_copy_and_a_delete_without_a_transfer_event(landing: Landing) -> None:
    # Given a file under a temporary name
    landing.upload("a.csv.filepart", b"1")

    # When it is renamed
    landing.session(lambda sftp: sftp.rename("a.csv.filepart", "a.csv"))

    # Then S3 reports a copy and a deletion
    reasons = [event["detail"].get("reason") for event in landing.events("aws.s3", 3)]
    assert sorted(reasons) == ["CopyObject", "DeleteObject", "PutObject"]

    # And the file has its new name only
    assert landing.session(lambda sftp: sftp.exists("a.csv.filepart")) is False
    assert landing.session(lambda sftp: sftp.getsize("a.csv")) == 1


def test_a_rename_does_not_overwrite_unless_asked(landing: Landing) -> None:
    # Given two files
    landing.upload("old.csv", b"old")
    landing.upload("new.csv", b"new")

    # When one is renamed to the other
    with pytest.raises(asyncssh.SFTPFailure):
        landing.session(lambda sftp: sftp.rename("new.csv", "old.csv"))
    landing.session(lambda sftp: sftp.posix_rename("new.csv", "old.csv"))

    # Then only the second, POSIX way replaced it
    body = landing.cloud.client("s3").get_object(Bucket=landing.bucket, Key="in/old.csv")["Body"].read()
    assert body == b"new"


def test_an_upload_replaces_a_file_and_keeps_its_versions(landing: Landing) -> None:
    # When a file is uploaded twice
    landing.upload("a.csv", b"longer than the next")
    landing.upload("a.csv", b"short")

    # Then the second replaced the first as a whole, which is still a version
    s3 = landing.cloud.client("s3")
    assert s3.get_object(Bucket=landing.bucket, Key="in/a.csv")["Body"].read() == b"short"
    assert len(s3.list_object_versions(Bucket=landing.bucket, Prefix="in/a.csv")["Versions"]) == 2


def test_appending_is_refused_as_s3_cannot_do_it(landing: Landing) -> None:
    # Given a file
    landing.upload("a.csv", b"1")

    # When a client wants to append
    async def append(sftp: asyncssh.SFTPClient) -> None:
        await sftp.open("a.csv", "ab")

    # Then it is told that this does not work
    with pytest.raises(asyncssh.SFTPOpUnsupported):
        landing.session(append)


def test_a_logical_home_shows_its_mappings_as_folders(landing: Landing) -> None:
    # Given files behind two mappings
    landing.upload("a.csv", b"1")
    landing.upload("/shared/sub/b.csv", b"22")

    # When the user looks around, also above the root
    listed = landing.session(lambda sftp: sftp.listdir("/../.."))
    shared = landing.session(lambda sftp: sftp.listdir("/shared"))

    # Then it sees its home, never the bucket
    assert set(listed) == {".", "..", "a.csv", "shared", "secret"}
    assert set(shared) == {".", "..", "sub"}
    assert landing.session(lambda sftp: sftp.isdir("/shared/sub")) is True
    assert landing.session(lambda sftp: sftp.getsize("/shared/sub/b.csv")) == 2


def test_a_download_gives_the_content_back(landing: Landing) -> None:
    # Given a file of more than one SFTP block
    content = bytes(range(256)) * 1000
    landing.upload("big.bin", content)

    # When it is read
    async def read(sftp: asyncssh.SFTPClient) -> bytes:
        async with sftp.open("big.bin", "rb") as file:
            return bytes(await file.read())

    # Then it is the same, and the download is reported
    assert landing.session(read) == content
    kinds = {event["detail-type"] for event in landing.events("aws.transfer", 2)}
    assert "SFTP Server File Download Completed" in kinds


def test_folders_can_be_made_and_removed_when_empty(landing: Landing) -> None:
    # Given a folder with a file
    landing.session(lambda sftp: sftp.mkdir("folder"))
    landing.upload("folder/a.csv", b"1")

    # When it is removed before and after the file
    with pytest.raises(asyncssh.SFTPFailure):
        landing.session(lambda sftp: sftp.rmdir("folder"))
    landing.session(lambda sftp: sftp.remove("folder/a.csv"))
    landing.session(lambda sftp: sftp.rmdir("folder"))

    # Then it is gone
    assert landing.session(lambda sftp: sftp.exists("folder")) is False


def test_times_cannot_be_set_unless_the_server_ignores_them(landing: Landing) -> None:
    # Given a file
    landing.upload("a.csv", b"1")

    # When a client sets its times, as `put -p` does
    with pytest.raises(asyncssh.SFTPOpUnsupported):
        landing.session(lambda sftp: sftp.utime("a.csv", (1, 1)))

    # Then it is refused until the server is told to ignore it
    transfer = landing.cloud.client("transfer")
    transfer.update_server(ServerId=landing.server_id, ProtocolDetails={"SetStatOption": "ENABLE_NO_OP"})
    landing.session(lambda sftp: sftp.utime("a.csv", (1, 1)))


def test_a_stopped_server_lets_nobody_in(landing: Landing) -> None:
    # When the server is stopped
    landing.cloud.client("transfer").stop_server(ServerId=landing.server_id)

    # Then the user's key no longer opens it
    with pytest.raises(asyncssh.PermissionDenied):
        landing.session(lambda sftp: sftp.listdir("."))
