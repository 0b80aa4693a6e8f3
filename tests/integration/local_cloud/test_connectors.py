"""Connectors really speak SFTP with the partner's server, act as their access role, and report what became of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncssh
import pytest
from botocore.exceptions import ClientError

from local_cloud.partner import keys
from local_cloud.partner.session import Partner
from local_cloud.settings import Settings

from .conftest import ACCOUNT, Cloud, eventually


@dataclass
class Line:
    """A connector to the partner, a bucket, and a queue that gets the connector's events."""

    cloud: Cloud
    partner: Partner
    secret: str
    bucket: str
    role: str
    id: str
    queue_url: str

    @property
    def transfer(self) -> Any:
        return self.cloud.client("transfer")

    @property
    def s3(self) -> Any:
        return self.cloud.client("s3")

    def event(self) -> dict[str, Any]:
        """The next event of the connector."""
        [event] = self.events(1)
        return event

    def events(self, count: int) -> list[dict[str, Any]]:
        sqs, found = self.cloud.client("sqs"), []

        def enough() -> bool:
            answer = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
            return len(found) >= count

        eventually(enough)
        return found

    def put(self, key: str, body: bytes = b"content") -> str:
        """Stores an object; returns its path as transfers name it."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"/{self.bucket}/{key}"

    def send(self, *paths: str, to: str = "/in") -> str:
        return str(
            self.transfer.start_file_transfer(ConnectorId=self.id, SendFilePaths=list(paths), RemoteDirectoryPath=to)[
                "TransferId"
            ]
        )

    def retrieve(self, *paths: str, to: str = "fetched") -> str:
        target = f"/{self.bucket}/{to}"
        started = self.transfer.start_file_transfer(
            ConnectorId=self.id, RetrieveFilePaths=list(paths), LocalDirectoryPath=target
        )
        return str(started["TransferId"])

    def results(self, transfer_id: str) -> list[dict[str, Any]]:
        answer = self.transfer.list_file_transfer_results(ConnectorId=self.id, TransferId=transfer_id)
        return list(answer["FileTransferResults"])


@pytest.fixture
def partner(cloud: Cloud) -> Partner:
    known = keys.ensure(settings_of(cloud))
    partner = Partner(known.url, known.host_key, keys.folder(settings_of(cloud)))
    partner.clear()
    partner.make("/in")
    return partner


def settings_of(cloud: Cloud) -> Settings:
    return Settings(cloud.port, cloud.sftp_port, cloud.state, None, chosen_partner_port=cloud.partner_port)


@pytest.fixture
def line(cloud: Cloud, partner: Partner) -> Iterator[Line]:
    name = f"outbox-{uuid.uuid4().hex[:8]}"
    cloud.client("s3").create_bucket(Bucket=name)
    secret = cloud.client("secretsmanager").create_secret(
        Name=name, SecretString=keys.ensure(settings_of(cloud)).secret
    )["ARN"]
    role = cloud.role(
        "transfer",
        {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{name}/*"},
        {"Action": "secretsmanager:GetSecretValue", "Resource": secret},
    )
    connector = make_connector(cloud, partner, role, secret)
    queue_url = listen(cloud, name, connector)
    yield Line(cloud, partner, secret, name, role, connector, queue_url)
    cloud.control("DELETE", "faults")


def make_connector(cloud: Cloud, partner: Partner, role: str, secret: str, **more: Any) -> str:
    settings = {"UserSecretId": secret, "TrustedHostKeys": [partner.host_key]}
    created = cloud.client("transfer").create_connector(
        Url=partner.url, AccessRole=role, SftpConfig={**settings, **more.pop("SftpConfig", {})}, **more
    )
    return str(created["ConnectorId"])


def listen(cloud: Cloud, name: str, connector: str) -> str:
    """A queue that gets the events of a connector; returns its URL."""
    url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events = cloud.client("events")
    pattern = {"source": ["aws.transfer"], "detail": {"connector-id": [connector]}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)


def test_a_file_is_sent_and_announced(line: Line) -> None:
    # Given an object
    path = line.put("out/räport #1.csv", b"a,b\n")

    # When it is sent
    transfer_id = line.send(path)

    # Then the partner has it, and the event says so
    event = line.event()
    assert line.partner.get("/in/räport #1.csv") == b"a,b\n"
    assert event["detail-type"] == "SFTP Connector File Send Completed"
    assert event["resources"] == [f"arn:aws:transfer:us-east-1:{ACCOUNT}:connector/{line.id}"]
    detail = event["detail"]
    assert detail.pop("file-transfer-id").startswith(f"{transfer_id}/")
    assert detail.pop("start-timestamp") <= detail.pop("end-timestamp")
    assert detail == {
        "operation": "SEND",
        "connector-id": line.id,
        "transfer-id": transfer_id,
        "url": line.partner.url,
        "file-path": path,
        "status-code": "COMPLETED",
        "remote-directory-path": "/in",
        "bytes": 4,
        "egress-type": "SERVICE_MANAGED",
        "local-file-location": {"domain": "S3", "bucket": line.bucket, "key": "out/räport #1.csv"},
    }
    assert line.results(transfer_id) == [{"FilePath": path, "StatusCode": "COMPLETED"}]


def test_files_are_retrieved_and_become_objects(line: Line) -> None:
    # Given two files at the partner, of which only one is asked for by its right name
    line.partner.put("/out/a.csv", b"1")

    # When both are retrieved
    transfer_id = line.retrieve("/out/a.csv", "/out/b.csv")

    # Then the one is an object, and the other is a failure
    done, failed = sorted((event["detail"] for event in line.events(2)), key=lambda one: one["file-path"])
    body = line.s3.get_object(Bucket=line.bucket, Key="fetched/a.csv")["Body"].read()
    assert (body, done["bytes"], done["status-code"]) == (b"1", 1, "COMPLETED")
    assert done["local-directory-path"] == f"/{line.bucket}/fetched"
    assert (failed["failure-code"], failed["bytes"]) == ("RETRIEVE_FILE_NOT_FOUND", 0)
    assert [(one["StatusCode"], one.get("FailureCode")) for one in line.results(transfer_id)] == [
        ("COMPLETED", None),
        ("FAILED", "RETRIEVE_FILE_NOT_FOUND"),
    ]


def test_a_large_file_arrives_whole(line: Line) -> None:
    # Given an object of several chunks
    content = bytes(range(256)) * 20_000

    # When it is sent and fetched back
    line.send(line.put("big.bin", content))
    line.event()
    line.retrieve("/in/big.bin")
    line.event()

    # Then it is what it was
    assert line.s3.get_object(Bucket=line.bucket, Key="fetched/big.bin")["Body"].read() == content


def test_a_directory_is_listed_one_level_deep(line: Line) -> None:
    # Given files and a folder at the partner
    line.partner.put("/out/b.csv", b"22")
    line.partner.put("/out/a.csv", b"1")
    line.partner.put("/out/sub/c.csv", b"3")

    # When two items are asked for, and then all
    transfer = line.transfer
    started = [
        transfer.start_directory_listing(
            ConnectorId=line.id, RemoteDirectoryPath="/out", OutputDirectoryPath=f"/{line.bucket}/lists", MaxItems=most
        )
        for most in (2, 10)
    ]

    # Then the listings are objects under the names that were answered
    few, all_of_it = (listing(line, f"lists/{one['OutputFileName']}") for one in ordered(line, started))
    assert ([file["filePath"] for file in few["files"]], few["truncated"]) == (["/out/a.csv", "/out/b.csv"], True)
    assert [(file["filePath"], file["size"]) for file in all_of_it["files"]] == [("/out/a.csv", 1), ("/out/b.csv", 2)]
    assert datetime.fromisoformat(all_of_it["files"][0]["modifiedTimestamp"]).tzinfo is not None
    assert (all_of_it["paths"], all_of_it["truncated"]) == ([{"path": "/out/sub"}], False)


def ordered(line: Line, started: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The listings that were started, once their events are here, which say how many items there were."""
    details = {event["detail"]["listing-id"]: event["detail"] for event in line.events(len(started))}
    assert [details[one["ListingId"]]["item-count"] for one in started] == [2, 3]
    assert [details[one["ListingId"]]["truncated"] for one in started] == [True, False]
    return started


def listing(line: Line, key: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line.s3.get_object(Bucket=line.bucket, Key=key)["Body"].read())
    return found


def test_a_remote_file_is_moved_and_deleted(line: Line) -> None:
    # Given a file at the partner and a folder for what is done
    line.partner.put("/out/a.csv", b"1")
    line.partner.make("/done")

    # When it is moved there and then deleted
    moved = line.transfer.start_remote_move(ConnectorId=line.id, SourcePath="/out/a.csv", TargetPath="/done/a.csv")
    move = line.event()
    assert line.partner.list("/done") == ["a.csv"]
    deleted = line.transfer.start_remote_delete(ConnectorId=line.id, DeletePath="/done/a.csv")
    deletion = line.event()

    # Then it is gone, and both were announced
    assert line.partner.list("/done") == line.partner.list("/out") == []
    assert move["detail-type"] == "SFTP Connector Remote Move Completed"
    assert move["detail"]["move-id"] == moved["MoveId"]
    assert (move["detail"]["move-source-path"], move["detail"]["move-target-path"]) == ("/out/a.csv", "/done/a.csv")
    assert deletion["detail-type"] == "SFTP Connector Remote Delete Completed"
    assert (deletion["detail"]["delete-id"], deletion["detail"]["delete-path"]) == (deleted["DeleteId"], "/done/a.csv")


def started_on_nothing(line: Line, operation: str) -> None:
    transfer = line.transfer
    starts: dict[str, Callable[[], Any]] = {
        "send": lambda: line.send(f"/{line.bucket}/nothing"),
        "send to no folder": lambda: line.send(line.put("a.csv"), to="/nowhere"),
        "list": lambda: transfer.start_directory_listing(
            ConnectorId=line.id, RemoteDirectoryPath="/nowhere", OutputDirectoryPath=f"/{line.bucket}"
        ),
        "move": lambda: transfer.start_remote_move(ConnectorId=line.id, SourcePath="/no", TargetPath="/yes"),
        "move onto another": lambda: transfer.start_remote_move(ConnectorId=line.id, SourcePath="/a", TargetPath="/b"),
        "delete": lambda: transfer.start_remote_delete(ConnectorId=line.id, DeletePath="/no"),
    }
    starts[operation]()


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ("send", "SEND_FILE_NOT_FOUND"),
        ("send to no folder", "DIRECTORY_NOT_FOUND"),
        ("list", "DIRECTORY_NOT_FOUND"),
        ("move", "PATH_NOT_FOUND"),
        ("move onto another", "RENAME_ERROR"),
        ("delete", "PATH_NOT_FOUND"),
    ],
)
def test_what_is_not_there_is_a_failure_with_a_code(line: Line, operation: str, code: str) -> None:
    # Given two files at the partner
    line.partner.put("/a", b"")
    line.partner.put("/b", b"")

    # When something is asked for that cannot be
    started_on_nothing(line, operation)

    # Then the event says why
    event = line.event()
    assert event["detail-type"].endswith(" Failed")
    assert (event["detail"]["status-code"], event["detail"]["failure-code"]) == ("FAILED", code)


def test_the_access_role_decides_what_may_be_read(line: Line) -> None:
    # Given an object of a bucket that the role knows nothing of
    line.s3.create_bucket(Bucket=f"{line.bucket}-other")
    line.s3.put_object(Bucket=f"{line.bucket}-other", Key="a.csv", Body=b"1")

    # When it is sent
    line.send(f"/{line.bucket}-other/a.csv")

    # Then it is not
    assert line.event()["detail"]["failure-code"] == "READ_FILE_ERROR"
    assert line.partner.list("/in") == []


def test_a_role_that_transfer_family_may_not_assume_is_said_so(line: Line) -> None:
    # Given a connector whose role trusts another service
    role = line.cloud.role("lambda", {"Action": "*", "Resource": "*"})
    line.transfer.update_connector(ConnectorId=line.id, AccessRole=role)

    # When it is used, and tested
    line.send(line.put("a.csv"))
    tested = line.transfer.test_connection(ConnectorId=line.id)

    # Then both fail of that
    assert line.event()["detail"]["failure-code"] == "ASSUME_ROLE_ERROR"
    assert (tested["Status"], tested["StatusMessage"]) == ("ERROR", "Unable to assume the configured access role")


def test_a_role_that_may_not_read_the_secret_cannot_connect(line: Line) -> None:
    # Given a connector whose role may use the bucket only
    role = line.cloud.role("transfer", {"Action": "s3:*", "Resource": "*"})
    line.transfer.update_connector(ConnectorId=line.id, AccessRole=role)

    # When it is used, then it does not get in
    line.send(line.put("a.csv"))
    assert line.event()["detail"]["failure-code"] == "CONNECTION_ERROR"


def test_only_a_trusted_host_key_is_talked_to(line: Line) -> None:
    # Given a connector that trusts another server's key
    other = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key().decode().strip()
    line.transfer.update_connector(ConnectorId=line.id, SftpConfig={"TrustedHostKeys": [other]})

    # When it is used
    line.send(line.put("a.csv"))

    # Then nothing is sent
    assert line.event()["detail"]["failure-code"] == "CONNECTION_ERROR"
    assert line.partner.list("/in") == []

    # And a test of the connection tells the key that the server has
    tested = line.transfer.test_connection(ConnectorId=line.id)
    assert (tested["Status"], tested["SftpConnectionDetails"]["HostKey"]) == ("ERROR", line.partner.host_key)


def test_a_connection_can_be_tested(line: Line) -> None:
    tested = line.transfer.test_connection(ConnectorId=line.id)
    assert (tested["Status"], tested["StatusMessage"]) == ("OK", "Connection succeeded")


def test_who_may_not_use_the_connector_is_refused(line: Line) -> None:
    # Given a role that may use this connector to list transfers only
    arn = f"arn:aws:transfer:us-east-1:{ACCOUNT}:connector/{line.id}"
    role = line.cloud.role("lambda", {"Action": "transfer:ListFileTransferResults", "Resource": arn})
    transfer_id = line.send(line.put("a.csv"))
    transfer = line.cloud.client_as(role, "transfer")

    # When it lists and sends, then it may only list
    transfer.list_file_transfer_results(ConnectorId=line.id, TransferId=transfer_id)
    with pytest.raises(ClientError, match="AccessDenied"):
        transfer.start_file_transfer(ConnectorId=line.id, SendFilePaths=[f"/{line.bucket}/a.csv"])


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"SendFilePaths": ["/bucket/a"], "RetrieveFilePaths": ["/a"]},
        {"RetrieveFilePaths": ["/a"]},
        {"SendFilePaths": ["/bucket"]},
        {"SendFilePaths": [f"/bucket/{number}" for number in range(11)]},
    ],
    ids=["nothing", "both ways", "to nowhere", "no object", "eleven files"],
)
def test_a_request_that_makes_no_sense_is_refused(line: Line, request_: dict[str, Any]) -> None:
    with pytest.raises(line.transfer.exceptions.InvalidRequestException):
        line.transfer.start_file_transfer(ConnectorId=line.id, **request_)


def test_unknown_connectors_and_transfers_are_not_found(line: Line) -> None:
    missing = line.transfer.exceptions.ResourceNotFoundException
    with pytest.raises(missing):
        line.transfer.describe_connector(ConnectorId="c-00000000000000000")
    with pytest.raises(missing):
        line.results("unknown")


def test_more_than_a_thousand_files_do_not_wait(line: Line) -> None:
    # Given a connector that is busy with its first file, with as many files as may wait
    rule = {"service": "transfer", "operation": "SendFile", "action": {"type": "latency", "ms": 20_000}, "times": 1}
    line.cloud.control("POST", "faults", {"rules": [rule]})
    path = line.put("a.csv")
    for _ in range(100):
        line.send(*[path] * 10)

    # When one more is to be sent, then it is refused
    with pytest.raises(ClientError, match="pending") as refused:
        line.send(path)
    assert refused.value.response["Error"]["Code"] == "ThrottlingException"

    # And the others need not trouble the tests that follow
    line.transfer.update_connector(ConnectorId=line.id, Url="sftp://127.0.0.1:1")


def test_faults_strike_the_transfer_itself(line: Line) -> None:
    # Given rules: the first file breaks off, the second arrives and nobody hears of it
    rules = [
        {"action": {"type": "error", "code": "WRITE_FILE_ERROR", "after_bytes": 3}, "resource": "*/one.csv"},
        {"action": {"type": "lost_response"}, "resource": "*/two.csv"},
    ]
    about = {"service": "transfer", "operation": "SendFile"}
    line.cloud.control("POST", "faults", {"rules": [{**about, **rule} for rule in rules]})

    # When both are sent
    line.send(line.put("one.csv"), line.put("two.csv"))

    # Then the partner has a part of the one, and the other although its event says no
    codes = {event["detail"]["file-path"][-7:]: event["detail"]["failure-code"] for event in line.events(2)}
    assert codes == {"one.csv": "WRITE_FILE_ERROR", "two.csv": "TIMEOUT_ERROR"}
    assert (line.partner.get("/in/one.csv"), line.partner.get("/in/two.csv")) == (b"con", b"content")


def test_a_lost_answer_leaves_a_transfer_that_runs(line: Line) -> None:
    # Given answers that get lost, also those of the administrator
    rule = {"service": "transfer", "operation": "StartFileTransfer", "principal": "*"}
    line.cloud.control("POST", "faults", {"rules": [{**rule, "action": {"type": "lost_response"}}]})

    # When a file is sent
    with pytest.raises(ClientError):
        line.send(line.put("a.csv"))

    # Then it arrives, and only the event knows
    assert line.event()["detail"]["status-code"] == "COMPLETED"
    assert line.partner.list("/in") == ["a.csv"]


def test_connectors_are_described_listed_tagged_and_deleted(line: Line) -> None:
    # Given a connector with a tag
    tag = {"Key": "a", "Value": "1"}
    connector = make_connector(
        line.cloud, line.partner, line.role, line.secret, Tags=[tag], SftpConfig={"MaxConcurrentConnections": 5}
    )

    # When it is looked at
    described = line.transfer.describe_connector(ConnectorId=connector)["Connector"]

    # Then it is as it was made
    assert (described["Url"], described["AccessRole"], described["Tags"]) == (line.partner.url, line.role, [tag])
    assert described["SftpConfig"]["MaxConcurrentConnections"] == 5
    assert line.transfer.list_tags_for_resource(Arn=described["Arn"])["Tags"] == [tag]
    assert connector in [one["ConnectorId"] for one in line.transfer.list_connectors()["Connectors"]]

    # And gone when it has been deleted
    line.transfer.delete_connector(ConnectorId=connector)
    assert connector not in [one["ConnectorId"] for one in line.transfer.list_connectors()["Connectors"]]


def test_a_logging_role_turns_the_log_on(line: Line) -> None:
    # Given a connector with a logging role
    line.transfer.update_connector(ConnectorId=line.id, LoggingRole=line.role)

    # When a file is sent
    transfer_id = line.send(line.put("a.csv"))
    line.event()

    # Then there is a line about it in the connector's group
    found = line.cloud.client("logs").filter_log_events(logGroupName=f"/aws/transfer/{line.id}")["events"]
    entry = json.loads(found[0]["message"])
    assert (entry["operation"], entry["transfer-id"], entry["status-code"]) == ("SEND", transfer_id, "COMPLETED")
    assert entry["start-time"] <= entry["end-time"]


def test_the_partners_folder_is_what_its_server_shows(partner: Partner) -> None:
    # Given a file that is old
    partner.put("/out/a.csv", b"1")
    partner.age("/out/a.csv", 3600)

    # Then it is found, and taken away
    assert (partner.list(), partner.exists("/out/a.csv")) == (["in", "out"], True)
    partner.remove("/out/a.csv")
    assert partner.list("/out") == partner.list("/nowhere") == []
    assert isinstance(partner.folder, Path)
