"""Connectors really speak SFTP with the partner's server, and report what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from .conftest import ACCOUNT, Cloud
from .connector_line import Line, connected, make_connector, partner_of


@pytest.fixture
def line(cloud: Cloud) -> Iterator[Line]:
    with connected(cloud) as made:
        yield made


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


def test_a_connection_can_be_tested(line: Line) -> None:
    tested = line.transfer.test_connection(ConnectorId=line.id)
    assert (tested["Status"], tested["StatusMessage"]) == ("OK", "Connection succeeded")


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


def test_the_partners_folder_is_what_its_server_shows(cloud: Cloud) -> None:
    # Given a file that is old
    partner = partner_of(cloud)
    partner.put("/out/a.csv", b"1")
    partner.age("/out/a.csv", 3600)

    # Then it is found, and taken away
    assert (partner.list(), partner.exists("/out/a.csv")) == (["in", "out"], True)
    partner.remove("/out/a.csv")
    assert partner.list("/out") == partner.list("/nowhere") == []
    assert isinstance(partner.folder, Path)
