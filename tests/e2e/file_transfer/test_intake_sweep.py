"""The sweep: arrivals that no event announced, uploads that nobody vouches for, transfers that nobody goes on with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from shared.clock import stamp, utc_now
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.test_rejections import assert_rejected, transfer_event
from tests.e2e.file_transfer.transfers import Route, Transfers, typed

SWEEP_ROLE = "*file-transfer-sweep-arrivals*"
NO_EVENTS = fault("events", "Deliver", "drop", principal="*", resource="*file-transfer-queue")


class Sweeps:
    """A stack whose events are lost, and its sweep."""

    def __init__(self, transfers: Transfers) -> None:
        self.transfers = transfers
        self.function = transfers.system["function_names"]["sweep-arrivals"]

    def lose(self, *rules: dict[str, Any]) -> None:
        """No event reaches the queue, and what the rules say."""
        self.transfers.cloud.inject([NO_EVENTS, *rules])

    def run(self) -> dict[str, Any]:
        """As the schedule does."""
        report: dict[str, Any] = self.transfers.cloud.tick(self.function)
        return report

    def settled(self, *files: tuple[Route, str]) -> list[dict[str, Any]]:
        """Lets the sweep run until it has found the newest arrival of each file, and waits for their ends."""
        deadline = time.monotonic() + 30
        left = list(files)
        while left:
            assert time.monotonic() < deadline, f"the sweep does not find {left}"
            self.run()
            time.sleep(0.3)
            left = [(route, name) for route, name in left if not self.transfers.queries.history(route.customer, name)]
        return [self.transfers.settled(route, name) for route, name in files]


@pytest.fixture
def sweeps(transfers: Transfers) -> Iterator[Sweeps]:
    """Everything that the tests before left is settled, so that runs are about this test."""
    given = Sweeps(transfers)
    time.sleep(2)
    given.run()
    yield given


def test_files_that_no_event_announced_are_delivered_once(sweeps: Sweeps, transfers: Transfers) -> None:
    # Given uploads over SFTP, one of them renamed, and objects of a producer, while every event is lost
    upload, produced = transfers.route(), transfers.route(source="S3")
    sweeps.lose()
    transfers.upload(upload, "a.csv", b"first")
    with transfers.cloud.sftp("tester") as sftp:
        sftp.put(f"{upload.sftp_folder}/b.csv.filepart", b"renamed")
        sftp.rename(f"{upload.sftp_folder}/b.csv.filepart", f"{upload.sftp_folder}/b.csv")
    names = [f"o{number}.csv" for number in range(12)]
    for name in names:
        transfers.s3.put_object(Bucket=transfers.landing, Key=f"{produced.prefix}{name}", Body=name.encode())

    # When the sweep comes by
    items = sweeps.settled((upload, "a.csv"), (upload, "b.csv"), *((produced, name) for name in names))

    # Then each is delivered, and each once
    assert {item["status"] for item in items} == {"SUCCESS"}
    for route, expected in ((upload, ["a.csv", "b.csv"]), (produced, names)):
        written = [version["Key"] for version in transfers.versions(transfers.archive, f"{route.customer}/")]
        assert sorted(written) == sorted(f"{route.customer}/{name}" for name in expected)
    transfers.assert_complete(upload, "a.csv", items[0])
    assert items[0]["metadata"]["triggeredBy"] == "Sweep"


def test_half_an_upload_of_which_no_event_came_is_never_delivered(sweeps: Sweeps, transfers: Transfers) -> None:
    route = transfers.route()
    sweeps.lose()
    with pytest.raises(Exception), transfers.cloud.sftp("tester") as sftp:  # noqa: B017, PT011 - the connection is gone
        sftp.put_and_hang_up(f"{route.sftp_folder}/half.csv", b"first half")
        sftp.list("/")

    sweeps.settled((route, "half.csv"))

    assert_rejected(transfers, route, "half.csv", "UNCONFIRMED_UPLOAD")


@pytest.mark.parametrize("vouches", ["its event", "a person"])
def test_an_upload_that_nobody_vouches_for_waits_until_somebody_does(
    sweeps: Sweeps, transfers: Transfers, vouches: str
) -> None:
    # Given a whole upload of which neither event nor log line came
    route = transfers.route()
    sweeps.lose(fault("transfer", "WriteLog", "error", principal="*", code="Lost", status=500))
    transfers.upload(route, "a.csv", b"whole")
    sweeps.settled((route, "a.csv"))
    rejected = assert_rejected(transfers, route, "a.csv", "UNCONFIRMED_UPLOAD")
    transfers.cloud.clear_faults()

    # When somebody vouches for it after all
    key = f"{route.prefix}a.csv"
    detail = {"server-id": "s-1", "file-path": f"/{transfers.landing}/{key}", "etag": rejected["etag"]}
    completed = transfer_event("Completed", {**detail, "username": "tester", "status-code": "COMPLETED"})
    message = {"bucket": transfers.landing, "key": key, "versionId": rejected["versionId"]}
    transfers.send(completed if vouches == "its event" else message)

    # Then it is delivered
    transfers.eventually(
        lambda: transfers.queries.latest_status(route.customer, "a.csv")["status"] == "SUCCESS",  # type: ignore[index]
        "the verdict to be taken back",
    )
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == b"whole"


def test_what_events_have_announced_is_not_announced_again(sweeps: Sweeps, transfers: Transfers) -> None:
    route = transfers.route()
    transfers.upload(route, "a.csv")
    item = transfers.settled(route, "a.csv")

    time.sleep(3)
    report = sweeps.run()

    assert report["arrivalsFound"] == 0
    assert transfers.queries.latest_status(route.customer, "a.csv") == item


def test_a_sweep_whose_calls_fail_finds_everything_all_the_same(sweeps: Sweeps, transfers: Transfers) -> None:
    # Given answers that get lost and calls that are throttled
    route = transfers.route()
    sweeps.lose(
        fault("sqs", "SendMessageBatch", "lost_response", principal=SWEEP_ROLE, nth=[1]),
        fault("dynamodb", "BatchGetItem", "throttle", principal=SWEEP_ROLE, nth=[1]),
        fault("dynamodb", "PutItem", "lost_response", principal=SWEEP_ROLE, nth=[1]),
        fault("logs", "FilterLogEvents", "throttle", principal=SWEEP_ROLE, nth=[1]),
        fault("s3", "ListObjectVersions", "error", principal=SWEEP_ROLE, nth=[1], code="InternalError", status=500),
    )
    names = [f"f{number}.csv" for number in range(5)]
    for name in names:
        transfers.upload(route, name, name.encode())

    # When the sweep comes by until it has found all of them
    items = sweeps.settled(*((route, name) for name in names))

    # Then each fault was met, and each file is delivered once
    hit = {entry["operation"] for entry in transfers.cloud.injected()}
    assert hit >= {"SendMessageBatch", "BatchGetItem", "PutItem", "FilterLogEvents", "ListObjectVersions"}
    assert {item["status"] for item in items} == {"SUCCESS"}
    assert len(transfers.versions(transfers.archive, f"{route.customer}/")) == len(names)


def test_a_sweep_that_is_killed_is_gone_on_with_by_the_next(sweeps: Sweeps, transfers: Transfers) -> None:
    # Given a run that dies between what it sends and the note of it
    route = transfers.route(source="S3")
    slow = fault("dynamodb", "PutItem", "latency", principal=SWEEP_ROLE, nth=[1], ms=3000)
    sweeps.lose(slow, killed(sweeps.function, 2500, principal="*", nth=[1]))
    transfers.s3.put_object(Bucket=transfers.landing, Key=f"{route.prefix}a.csv", Body=b"x")
    time.sleep(3)
    with pytest.raises(RuntimeError):
        sweeps.run()

    # When the next one comes
    [item] = sweeps.settled((route, "a.csv"))

    # Then the file is delivered, and once
    assert item["status"] == "SUCCESS"
    assert len(transfers.versions(transfers.archive, f"{route.customer}/")) == 1


def test_a_transfer_whose_message_is_gone_is_revived(sweeps: Sweeps, transfers: Transfers) -> None:
    # Given a claim whose worker died and whose message nobody has any more
    route = transfers.route(source="S3")
    sweeps.lose()
    key = f"{route.prefix}a.csv"
    transfers.s3.put_object(Bucket=transfers.landing, Key=key, Body=b"x")
    [delivered] = sweeps.settled((route, "a.csv"))
    [version] = transfers.versions(transfers.archive, f"{route.customer}/")
    transfers.s3.delete_object(Bucket=transfers.archive, Key=version["Key"], VersionId=version["VersionId"])
    gone = {name: delivered[name] for name in delivered if name not in ("workflowStatus", "dateStatus", "executionId")}
    stopped = {
        "status": "IN_PROGRESS",
        "leaseOwner": "a message that is gone",
        "leaseUntil": stamp(utc_now()),
        "targets": {"s3": {"state": "PENDING", "attempts": 0}},
    }
    claim = {name: typed(value) for name, value in (gone | stopped).items()}
    transfers.dynamodb.put_item(TableName=transfers.system["table_names"]["FileTransferStatus"], Item=claim)

    # When the sweep comes by, once the worker had its time
    def revived() -> bool:
        sweeps.run()
        time.sleep(0.5)
        item = transfers.queries.latest_status(route.customer, "a.csv")
        return bool(item and item["status"] == "SUCCESS")

    transfers.eventually(revived, "the transfer to be revived")

    # Then the file is there
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == b"x"


def test_the_pipe_is_watched_and_nothing_is_sent_while_it_stands_still(sweeps: Sweeps, transfers: Transfers) -> None:
    # Given a stopped pipe and a lost arrival
    route = transfers.route(source="S3")
    pipes, name = transfers.cloud.client("pipes"), transfers.system["pipe_name"]
    sweeps.lose()
    transfers.s3.put_object(Bucket=transfers.landing, Key=f"{route.prefix}a.csv", Body=b"x")
    pipes.stop_pipe(Name=name)
    try:
        transfers.eventually(lambda: pipes.describe_pipe(Name=name)["CurrentState"] == "STOPPED", "the pipe to stop")
        time.sleep(3)

        # Then the sweep says so and sends nothing
        assert sweeps.run()["arrivalsFound"] == 0
    finally:
        pipes.start_pipe(Name=name)

    # And finds the file when it runs again
    [item] = sweeps.settled((route, "a.csv"))
    assert item["status"] == "SUCCESS"
