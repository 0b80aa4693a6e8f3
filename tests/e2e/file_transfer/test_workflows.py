"""The workflows that ship as data, and what a target may do about a file that is there already."""

from __future__ import annotations

import uuid

import pytest

from tests.e2e.file_transfer.transfers import Route, Transfers


def run_name() -> str:
    """A part of a file name that no other run has."""
    return uuid.uuid4().hex[:8]


def test_copy_sftp_to_s3(transfers: Transfers) -> None:
    name = f"clientx_{''.join(c for c in run_name() if c.isalpha()) or 'a'}_2025-06-28.csv"
    clientx = Route("clientx", "copy-sftp-to-s3", "/clientx", "from-sftp/clientx/")

    transfers.upload(clientx, name, b"orders")

    item = transfers.settled(clientx, name)
    assert (item["status"], item["workflowId"]) == ("SUCCESS", "copy-sftp-to-s3")
    assert transfers.content(transfers.archive, f"clientx/{item['SK'][3:7]}/{item['SK'][8:10]}/{name}") == b"orders"


def test_copy_sftp_to_sftp(transfers: Transfers) -> None:
    name = f"{run_name()}.xml"
    clienty = Route("clienty", "copy-sftp-to-sftp", "/clienty", "from-sftp/clienty/")

    transfers.upload(clienty, name, b"<orders/>")

    item = transfers.settled(clienty, name)
    assert (item["status"], item["workflowId"]) == ("SUCCESS", "copy-sftp-to-sftp")
    with transfers.cloud.sftp("partner") as partner:
        assert partner.get(f"/clienty/{item['SK'][3:13]}/{name}") == b"<orders/>"


def test_copy_s3_to_sftp(transfers: Transfers) -> None:
    name = f"{run_name()}.pdf"

    transfers.s3.put_object(Bucket=transfers.landing, Key=f"from-s3/statements/{name}", Body=b"%PDF")

    item = transfers.settled(Route("statements", "", "", ""), name)
    assert (item["status"], item["workflowId"]) == ("SUCCESS", "copy-s3-to-sftp")
    with transfers.cloud.sftp("partner") as partner:
        assert partner.get(f"/statements/{name}") == b"%PDF"


def test_copy_s3_to_s3_keeps_every_version_under_a_name_of_its_own(transfers: Transfers) -> None:
    # Given the workflow copy-s3-to-s3, whose target takes versioned names and whose customer is the folder
    customer = f"dept{run_name()}"
    reports = Route(customer, "", "", "")
    key = f"from-s3/reports/{customer}/q1.csv"

    # When a report is sent twice
    transfers.s3.put_object(Bucket=transfers.landing, Key=key, Body=b"first")
    first = transfers.settled(reports, "q1.csv")
    transfers.next_second(first)
    transfers.s3.put_object(Bucket=transfers.landing, Key=key, Body=b"second")
    second = transfers.settled(reports, "q1.csv", after=first["SK"])

    # Then both are in the archive
    assert (first["status"], second["status"], second["workflowId"]) == ("SUCCESS", "SUCCESS", "copy-s3-to-s3")
    kept = transfers.versions(transfers.archive, f"reports/{customer}/")
    assert sorted(transfers.content(transfers.archive, version["Key"]) for version in kept) == [b"first", b"second"]


@pytest.mark.parametrize(
    ("policy", "status", "left"),
    [("never", "SUCCESS", b"old"), ("fail", "FAILED", b"old"), ("newest-wins", "SUCCESS", b"new")],
)
def test_a_file_that_is_at_the_target_already(transfers: Transfers, policy: str, status: str, left: bytes) -> None:
    # Given a target that somebody else has filled
    uri = f"s3://{transfers.archive}/{{customerId}}/"
    route = transfers.route(targets={"s3": {"type": "S3", "uri": uri, "overwrite": policy}})
    transfers.s3.put_object(Bucket=transfers.archive, Key=f"{route.customer}/a.csv", Body=b"old")

    # When a file comes that goes there
    transfers.upload(route, "a.csv", b"new")

    # Then the policy decides
    item = transfers.settled(route, "a.csv")
    assert item["status"] == status
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == left
    transfers.assert_complete(route, "a.csv", item)
