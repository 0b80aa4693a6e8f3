"""Files to a partner's own server, by connectors that really speak SFTP; whatever breaks on the way."""

from __future__ import annotations

import pytest

from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.partners import (
    CONTENT,
    EVENT_QUEUE,
    EVENTS,
    LOST_START,
    NO_EVENTS,
    SENDER,
    WATCHER,
    Partners,
)
from tests.e2e.file_transfer.transfers import Transfers
from tests.e2e.permissions import left_over, refused


@pytest.fixture
def partners(transfers: Transfers) -> Partners:
    return Partners(transfers)


def test_a_file_reaches_the_partner(partners: Partners) -> None:
    route = partners.route()
    # When
    partners.transfers.upload(route, "a report.csv")
    # Then
    item = partners.delivered(route, "a report.csv")
    send = partners.send_of(item)
    assert (send["state"], send["outcome"]) == ("DONE", "SUCCEEDED")
    assert item["targets"]["bank"]["transferId"] == send["transferId"]
    assert int(item["targets"]["bank"]["bytes"]) == len(CONTENT)
    partners.nothing_pending()


def test_a_file_goes_to_the_archive_and_to_the_partner(partners: Partners) -> None:
    archive = {"type": "S3", "uri": f"s3://{partners.transfers.archive}/both/"}
    bank = {"type": "CONNECTOR", "uri": "sftp-connector://partner/in/{customerId}/"}
    route = partners.route(targets={"s3": archive, "bank": bank}, targetType="S3_CONNECTOR")
    partners.transfers.upload(route, "both.csv")
    item = partners.delivered(route, "both.csv")
    assert item["targets"]["s3"]["state"] == "SUCCEEDED"


def test_many_files_share_few_starts(partners: Partners) -> None:
    route = partners.route()
    names = [f"{number:02}.csv" for number in range(15)]
    with partners.cloud.sftp("tester") as sftp:
        sftp.put_all({f"{route.sftp_folder}/{name}": CONTENT for name in names})
    for name in names:
        partners.delivered(route, name)
    assert len(partners.calls("StartFileTransfer")) < len(names)
    partners.nothing_pending()


def test_a_newer_version_replaces_the_older_at_the_partner(partners: Partners) -> None:
    route = partners.route()
    partners.transfers.upload(route, "a.csv", b"first")
    first = partners.delivered(route, "a.csv", b"first")
    partners.transfers.next_second(first)
    partners.transfers.upload(route, "a.csv", b"second")
    second = partners.transfers.settled(route, "a.csv", after=first["SK"])
    assert second["status"] == "SUCCESS"
    assert partners.partner.get(f"in/{route.customer}/a.csv") == b"second"


def test_a_lost_answer_sends_nothing_twice(partners: Partners) -> None:
    route = partners.route()
    partners.cloud.inject([LOST_START])
    partners.transfers.upload(route, "lost.csv")
    item = partners.delivered(route, "lost.csv")
    assert item["retryCount"] == 0
    assert len(partners.calls("StartFileTransfer")) == 1
    assert partners.cloud.injected()


def test_a_full_connector_is_asked_again(partners: Partners) -> None:
    route = partners.route()
    partners.cloud.inject([fault("transfer", "StartFileTransfer", "throttle", nth=[1])])
    partners.transfers.upload(route, "full.csv")
    assert partners.delivered(route, "full.csv")["retryCount"] == 0
    assert len(partners.calls("StartFileTransfer")) == 2


@pytest.mark.parametrize("function", [SENDER, EVENTS])
def test_a_function_that_dies_delays_a_file_and_no_more(partners: Partners, function: str) -> None:
    route = partners.route()
    partners.cloud.inject([killed(f"file-transfer-{function}", 150, nth=[1])])
    partners.transfers.upload(route, "dead.csv")
    partners.delivered(route, "dead.csv")
    partners.nothing_pending()


def test_a_copy_for_the_connector_whose_answer_is_lost_is_found(partners: Partners) -> None:
    route = partners.route()
    partners.cloud.inject([fault("s3", "CopyObject", "lost_response", principal=f"*{SENDER}*", nth=[1])])
    partners.transfers.upload(route, "lost.csv")
    assert partners.delivered(route, "lost.csv")["retryCount"] == 0
    assert partners.cloud.injected()
    partners.nothing_pending()


def test_a_start_that_never_was_is_given_up_and_made_anew(partners: Partners) -> None:
    route = partners.route()
    # Given a call of which nobody knows, and which was never carried out
    partners.cloud.inject([fault("transfer", "StartFileTransfer", "error", nth=[1], code="InternalError", status=500)])
    partners.transfers.upload(route, "never.csv")
    partners.transfers.eventually(partners.cloud.injected, "the call to fail")
    # When the schedule has waited long enough for an event
    partners.transfers.eventually(lambda: partners.look() > 0, "the schedule to give it up")
    # Then the transfer's retry sends it
    assert partners.delivered(route, "never.csv")["retryCount"] == 1
    partners.nothing_pending()


def test_an_event_that_is_lost_is_made_up_for(partners: Partners) -> None:
    route = partners.route()
    partners.cloud.inject([NO_EVENTS])
    partners.transfers.upload(route, "silent.csv")
    # When the schedule looks
    partners.transfers.eventually(lambda: partners.look() > 0, "the schedule to find out")
    # Then
    partners.delivered(route, "silent.csv")
    partners.nothing_pending()


def test_events_and_orders_that_come_twice_change_nothing(partners: Partners) -> None:
    route = partners.route()
    partners.cloud.inject(
        [
            fault("events", "Deliver", "duplicate", resource=EVENT_QUEUE),
            fault("sqs", "Message", "duplicate", resource="*connector-orders*"),
        ]
    )
    for number in range(3):
        partners.transfers.upload(route, f"{number}.csv")
    for number in range(3):
        partners.delivered(route, f"{number}.csv")
    assert partners.cloud.injected()
    partners.nothing_pending()


@pytest.mark.parametrize("code", ["CONNECTION_ERROR", "TIMEOUT_ERROR"])
def test_a_partner_that_is_down_for_a_moment_gets_the_file_with_a_retry(partners: Partners, code: str) -> None:
    route = partners.route()
    partners.cloud.inject([fault("transfer", "SendFile", "error", nth=[1], code=code, after_bytes=3)])
    partners.transfers.upload(route, "again.csv")
    assert partners.delivered(route, "again.csv")["retryCount"] == 1


def test_a_folder_that_the_partner_does_not_have_fails_for_good(partners: Partners) -> None:
    bank = {"type": "CONNECTOR", "uri": "sftp-connector://partner/nowhere/{customerId}/"}
    route = partners.route(targets={"bank": bank})
    partners.transfers.upload(route, "a.csv")
    item = partners.transfers.settled(route, "a.csv")
    assert (item["status"], item["failureReason"], item["retryCount"]) == ("FAILED", "NOT_FOUND", 0)
    partners.transfers.assert_complete(route, "a.csv", item)


def test_a_target_at_nobody_s_server_fails_for_good(partners: Partners) -> None:
    bank = {"type": "CONNECTOR", "uri": "sftp-connector://stranger/in/"}
    route = partners.route(targets={"bank": bank})
    partners.transfers.upload(route, "a.csv")
    item = partners.transfers.settled(route, "a.csv")
    assert (item["status"], item["failureReason"]) == ("FAILED", "UNSUPPORTED_TARGET")


UNUSED = {
    (SENDER, "s3:ListBucket"): "without it S3 answers 403 instead of 404 for a key of the outbox that is not there yet",
    (SENDER, "s3:AbortMultipartUpload"): "files above 5 GiB are copied in parts, and a copy that fails leaves none",
    (EVENTS, "s3:ListBucket"): "without it S3 answers 403 instead of 404 for what has not landed yet",
    (EVENTS, "s3:AbortMultipartUpload"): "files above 5 GiB are copied in parts, and a copy that fails leaves none",
    (WATCHER, "s3:ListBucket"): "without it S3 answers 403 instead of 404 for what was not fetched",
    ("connector-partner", "s3:GetBucketLocation"): "Transfer Family's guide asks for it on every access role",
    ("connector-partner", "s3:GetObjectVersion"): "Transfer Family's guide asks for it on every access role",
    ("connector-partner", "s3:ListBucket"): "Transfer Family's guide asks for it on every access role",
}


@pytest.mark.last(5)
def test_each_role_of_connectors_may_do_exactly_what_it_was_seen_to_need(partners: Partners) -> None:
    names = partners.system["role_names"]
    assert left_over(partners.cloud, [*names["functions"].values(), *names["connectors"].values()], UNUSED) == ""


@pytest.mark.last(6)
def test_no_role_of_connectors_was_refused_anything(partners: Partners) -> None:
    names = partners.system["role_names"]
    assert refused(partners.cloud, [*names["functions"].values(), *names["connectors"].values()]) == set()
