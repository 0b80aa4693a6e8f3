"""What connectors refuse and fail of: missing files, permissions, foreign keys, full queues, faults."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import asyncssh
import pytest
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, Cloud
from .connector_line import Line, connected


@pytest.fixture
def line(cloud: Cloud) -> Iterator[Line]:
    with connected(cloud) as made:
        yield made


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
