"""Files that may not be delivered: each is put aside with its reason, for a person, and nothing is copied."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.file_transfer.transfers import Route, Transfers


def assert_rejected(transfers: Transfers, route: Route, name: str, reason: str) -> dict[str, Any]:
    """The file is REJECTED for the reason, a person is asked, and no target has it."""
    item = transfers.settled(route, name)
    assert (item["status"], item["failureReason"]) == ("REJECTED", reason), item
    assert item["errorMessage"] not in ("", "none")
    failure = transfers.eventually(lambda: transfers.queries.failures_of_file(route.customer, name), "a failure record")
    assert failure[0]["failureReason"] == reason
    assert [m["reason"] for m in transfers.review_messages(f"{route.prefix}{name}")] == [reason]
    assert transfers.versions(transfers.archive, f"{route.customer}/") == []
    transfers.assert_complete(route, name, item)
    return item


def test_a_badly_named_file_says_which_rule_it_broke(transfers: Transfers) -> None:
    route = transfers.route(validationRegex=r"^orders_[0-9]{8}\.csv$")

    transfers.upload(route, "order.csv")

    item = assert_rejected(transfers, route, "order.csv", "VALIDATION_FAILED")
    assert r"^orders_[0-9]{8}\.csv$" in item["errorMessage"]


def test_a_disabled_workflow(transfers: Transfers) -> None:
    route = transfers.route(enabled=False)

    transfers.upload(route, "a.csv")

    assert_rejected(transfers, route, "a.csv", "WORKFLOW_DISABLED")


def test_a_zero_byte_file(transfers: Transfers) -> None:
    route = transfers.route()

    transfers.upload(route, "empty.csv", b"")

    assert_rejected(transfers, route, "empty.csv", "EMPTY_FILE")


def test_a_zero_byte_file_where_the_workflow_expects_them(transfers: Transfers) -> None:
    route = transfers.route(allowEmptyFiles=True)

    transfers.upload(route, "done.flag", b"")

    assert transfers.settled(route, "done.flag")["status"] == "SUCCESS"
    assert transfers.content(transfers.archive, f"{route.customer}/done.flag") == b""


def test_an_interrupted_upload_is_never_delivered(transfers: Transfers) -> None:
    route = transfers.route()

    with pytest.raises(Exception), transfers.cloud.sftp("tester") as sftp:  # noqa: B017, PT011 - the connection is gone
        sftp.put_and_hang_up(f"{route.sftp_folder}/half.csv", b"first half")
        sftp.list("/")

    assert_rejected(transfers, route, "half.csv", "PARTIAL_UPLOAD")


def test_a_whole_upload_that_was_taken_for_a_broken_one_is_delivered(transfers: Transfers) -> None:
    # Given a version of which an event says that its upload failed
    route = transfers.route()
    key = f"{route.prefix}a.csv"
    etag = transfers.s3.put_object(Bucket=transfers.landing, Key=key, Body=b"whole")["ETag"].strip('"')
    detail = {"server-id": "s-1", "username": "tester", "file-path": f"/{transfers.landing}/{key}", "etag": etag}
    failed = {"status-code": "FAILED", "failure-code": "UNKNOWN_ERROR"}
    transfers.send(transfer_event("Failed", {**detail, **failed}))
    assert transfers.settled(route, "a.csv")["status"] == "REJECTED"

    # When the event of the upload that followed it says that this version is whole
    transfers.send(transfer_event("Completed", {**detail, "status-code": "COMPLETED"}))

    # Then the file is not lost
    transfers.eventually(
        lambda: transfers.queries.latest_status(route.customer, "a.csv")["status"] == "SUCCESS",  # type: ignore[index]
        "the verdict to be taken back",
    )
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == b"whole"
    transfers.eventually(
        lambda: transfers.queries.audit_trail(route.customer, "a.csv")[-1]["eventType"] == "SUCCESS", "the trail to end"
    )
    kinds = [event["eventType"] for event in transfers.queries.audit_trail(route.customer, "a.csv")]
    assert kinds == ["UPLOAD_RECEIVED", "REJECTED", "VALIDATED", "COPY_TO_S3", "SUCCESS"]


def test_an_unknown_workflow(transfers: Transfers) -> None:
    # Given a key below a prefix that no workflow has
    route = transfers.route()
    name = f"{route.customer}.csv"
    with transfers.cloud.sftp("tester") as sftp:
        sftp.put(f"/nobody-{route.customer}/{name}", b"x")

    # Then the file waits for a person, of a customer that nobody knows
    orphan = Route("unknown", "", "", f"from-sftp/nobody-{route.customer}/")
    item = transfers.settled(orphan, name)
    assert (item["status"], item["failureReason"]) == ("REJECTED", "UNKNOWN_WORKFLOW")
    assert transfers.review_messages(f"{orphan.prefix}{name}")


def test_a_workflow_id_that_does_not_exist(transfers: Transfers) -> None:
    route = transfers.route()
    key = f"elsewhere/{route.customer}.csv"
    transfers.s3.put_object(Bucket=transfers.landing, Key=key, Body=b"x")

    transfers.send({"bucket": transfers.landing, "key": key, "workflowId": "no-such", "customerId": route.customer})

    item = transfers.settled(route, f"{route.customer}.csv")
    assert (item["status"], item["failureReason"]) == ("REJECTED", "UNKNOWN_WORKFLOW")


def test_a_regex_that_is_not_linear_is_refused_and_not_run(transfers: Transfers) -> None:
    route = transfers.route(validationRegex=r"^(a)\1$")
    name = f"{route.customer}{'a' * 60}!"

    transfers.upload(route, name, b"x")

    item = transfers.settled(Route("unknown", "", "", ""), name)
    assert (item["status"], item["failureReason"]) == ("REJECTED", "INVALID_DEFINITION")
    assert "validationRegex" in item["errorMessage"]


def test_a_target_inside_the_source_prefix_is_refused(transfers: Transfers) -> None:
    uri = f"s3://{transfers.landing}/from-sftp/{{customerId}}/"
    route = transfers.route(targets={"s3": {"type": "S3", "uri": uri}})

    transfers.upload(route, "a.csv")

    item = transfers.settled(route, "a.csv")
    assert (item["status"], item["failureReason"]) == ("REJECTED", "LOOP_GUARD")
    assert len(transfers.versions(transfers.landing, route.prefix)) == 1


def test_a_missing_target_bucket_fails_at_once(transfers: Transfers) -> None:
    route = transfers.route(targets={"s3": {"type": "S3", "uri": "s3://no-such-bucket-anywhere/"}})

    transfers.upload(route, "a.csv")

    item = transfers.settled(route, "a.csv")
    assert (item["status"], item["retryCount"]) == ("FAILED", 0)
    assert item["failureReason"] in ("NOT_FOUND", "PERMISSION_DENIED")  # the role may not write there, bucket or not
    transfers.assert_complete(route, "a.csv", item)


@pytest.mark.parametrize("body", ["no json: NAME", '{"hello": "NAME"}', '["NAME"]'], ids=["text", "object", "list"])
def test_a_message_that_is_none_reaches_a_person(transfers: Transfers, body: str) -> None:
    name = f"message-{uuid.uuid4().hex}"

    transfers.send(body.replace("NAME", name))

    (review,) = transfers.review_messages(name)
    assert review["reason"] == "UNREADABLE_MESSAGE"


def transfer_event(outcome: str, detail: dict[str, str]) -> dict[str, Any]:
    """An event of Transfer Family about an upload that just ended."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "source": "aws.transfer",
        "detail-type": f"SFTP Server File Upload {outcome}",
        "account": "000000000000",
        "time": now,
        "region": "us-east-1",
        "resources": [],
        "detail": {"protocol": "SFTP", "bytes": 5, "session-id": "s", "end-timestamp": now, **detail},
    }
