"""Features together: each works alone, and these tests are about what happens where two or three of them meet."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local_cloud.session import LocalCloud
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.partners import Partners
from tests.e2e.file_transfer.people import REMEMBERED_SECONDS, People
from tests.e2e.file_transfer.test_content import TEXT, held, message, zipped
from tests.e2e.file_transfer.test_content import opening as opening  # noqa: PLC0414  (a fixture)
from tests.e2e.file_transfer.test_content import secret_arns as secret_arns  # noqa: PLC0414
from tests.e2e.file_transfer.test_expectations import Expectations
from tests.e2e.file_transfer.test_large_files import LARGE, LargeFiles
from tests.e2e.file_transfer.test_notifications import Channels
from tests.e2e.file_transfer.test_notifications import listening as listening  # noqa: PLC0414
from tests.e2e.file_transfer.test_replays import order, replayed
from tests.e2e.file_transfer.transfers import Route, Transfers
from tests.receiver import Receiver

CSV = {"csv": {"header": ["id", "amount"]}}
INTAKE = "*file-transfer-queue"
ROWS = TEXT + b"3,1.25\n" * (LARGE // 7)


class Everything:
    """The stack with all its add-ons."""

    def __init__(self, transfers: Transfers) -> None:
        self.transfers, self.cloud = transfers, transfers.cloud
        self.partners, self.large = Partners(transfers), LargeFiles(transfers)
        self.people = People(transfers)

    def route(self, *to: str, **definition: Any) -> Route:
        """A customer whose files go to the archive (`s3`), our partner's server (`sftp`), the bank's own (`bank`)."""
        places = {
            "s3": {"type": "S3", "uri": f"s3://{self.transfers.archive}/{{customerId}}/"},
            "sftp": {"type": "SFTP", "uri": "sftp://partner/{customerId}/"},
            "bank": {"type": "CONNECTOR", "uri": "sftp-connector://partner/in/{customerId}/"},
        }
        chosen = {each: places[each] for each in to}
        kinds = "_".join(place["type"] for place in chosen.values())
        return self.partners.route(**{"source": "S3", "targets": chosen, "targetType": kinds, **definition})

    def put(self, route: Route, name: str, content: bytes) -> None:
        """A file of a producer."""
        self.large.places.add((self.transfers.archive, f"{route.customer}/"))
        self.large.places.add((self.transfers.partner_bucket, f"{route.customer}/"))
        self.large.places.add((self.transfers.landing, route.prefix))
        self.transfers.s3.put_object(Bucket=self.transfers.landing, Key=f"{route.prefix}{name}", Body=content)

    def change(self, route: Route, **attributes: Any) -> None:
        """Replaces attributes of the workflow, over the API."""
        stored = self.people.ok("GET", f"/workflows/{route.workflow_id}")
        body = {name: value for name, value in {**stored["definition"], **attributes}.items() if value is not None}
        match = {"if-match": f'"{stored["version"]}"'}
        self.people.ok("PUT", f"/workflows/{route.workflow_id}", body, headers=match)
        time.sleep(REMEMBERED_SECONDS)

    def simulated(self, route: Route, name: str, size: int, outcome: str = "TRANSFER") -> dict[str, Any]:
        """What the simulation says of each target."""
        body = {"key": f"{route.prefix}{name}", "sizeBytes": size}
        said = self.people.ok("POST", "/workflows/simulate", body)
        assert said["outcome"] == outcome, said
        return {each["id"]: each for each in said["targets"]}

    def reached_once(self, route: Route, name: str, content: bytes, item: Mapping[str, Any], said: Any) -> None:
        """Each target has the file once, where and how the simulation said; the records are complete."""
        for own_id, record in item["targets"].items():
            assert record["state"] == "SUCCEEDED", item
            key = said[own_id]["key"]
            if own_id == "bank":
                assert self.partners.partner.get(key) == content
                continue
            bucket = said[own_id]["bucket"]
            assert [each["Key"] for each in self.transfers.versions(bucket, f"{route.customer}/{name}")] == [key]
            assert self.transfers.content(bucket, key) == content
            kind = {"COPY": None, "PARTS": None, "LARGE_FILE_MACHINE": "LARGE_FILE"}[said[own_id]["delivery"]]
            assert record.get("kind") == kind


@pytest.fixture
def channels(cloud: LocalCloud, transfers: Transfers, listening: Receiver) -> Channels:
    return Channels(cloud, transfers, listening)


@pytest.fixture
def expectations(cloud: LocalCloud, transfers: Transfers) -> Expectations:
    return Expectations(cloud, transfers)


@pytest.fixture
def everything(transfers: Transfers) -> Iterator[Everything]:
    given = Everything(transfers)
    yield given
    given.large.remove()


BROKEN = {"code": "InternalError", "status": 500, "principal": "*file-transfer-copy-object*"}
FAILING = {
    "s3": fault("s3", "CopyObject", "error", resource="*archive*", times=1, **BROKEN),
    "sftp": fault("s3", "CopyObject", "error", resource="*partner*", times=1, **BROKEN),
    "bank": fault("transfer", "SendFile", "error", nth=[1], code="CONNECTION_ERROR", after_bytes=3),
}


@pytest.mark.parametrize("failing", FAILING)
def test_of_three_kinds_of_targets_the_one_that_fails_is_tried_again_alone(
    everything: Everything, failing: str
) -> None:
    route = everything.route("s3", "sftp", "bank")
    said = everything.simulated(route, "a.csv", len(TEXT))
    everything.cloud.inject([FAILING[failing]])
    everything.put(route, "a.csv", TEXT)
    item = everything.transfers.settled(route, "a.csv")
    assert (item["status"], item["retryCount"]) == ("SUCCESS", 1), item
    everything.reached_once(route, "a.csv", TEXT, item, said)
    assert {each: record["attempts"] for each, record in item["targets"].items() if record["attempts"] > 1} == {
        failing: 2
    }
    assert len(everything.partners.calls("StartFileTransfer")) == (2 if failing == "bank" else 1)
    everything.transfers.assert_complete(route, "a.csv", item)


@pytest.mark.parametrize("failing", ["sftp", "bank"])
def test_of_a_large_file_s_targets_the_one_that_fails_is_tried_again_alone(
    everything: Everything, failing: str
) -> None:
    route = everything.route("s3", "sftp", "bank")
    said = everything.simulated(route, "large.bin", LARGE)
    slow = fault("s3", "CompleteMultipartUpload", "latency", ms=2000, resource="*partner*", nth=[1])
    everything.cloud.inject([FAILING["bank"] if failing == "bank" else slow])
    content = everything.large.put(route, "large.bin", LARGE)
    if failing == "sftp":
        # When somebody stops the execution of one target
        everything.transfers.eventually(everything.cloud.injected, "the completion to begin")
        item = everything.transfers.queries.latest_status(route.customer, "large.bin")
        (arn,) = [each["executionArn"] for each in everything.large.executions(item or {}) if "-sftp-" in each["name"]]
        everything.large.machines.stop_execution(executionArn=arn)
    item = everything.transfers.settled(route, "large.bin")
    assert (item["status"], item["retryCount"]) == ("SUCCESS", 1), item
    everything.reached_once(route, "large.bin", content, item, said)
    names = sorted(each["name"].partition("-")[2] for each in everything.large.executions(item))
    assert names == ["s3-r0-0", "sftp-r0-0", *(["sftp-r0-1"] if failing == "sftp" else [])]
    everything.transfers.assert_complete(route, "large.bin", item)


def test_what_is_opened_goes_by_the_large_file_machine_and_by_connector(
    everything: Everything, opening: dict[str, Any]
) -> None:
    # Given a message that is small before it is opened and large afterwards
    route = everything.route("s3", "bank", processing=opening, rules=CSV)
    said = everything.simulated(route, "rows.csv.pgp", len(ROWS), "PREPARE")
    everything.cloud.inject([FAILING["bank"]])
    everything.put(route, "rows.csv.pgp", message(ROWS))
    item = everything.transfers.settled(route, "rows.csv.pgp")
    assert (item["status"], item["retryCount"]) == ("SUCCESS", 1), item
    everything.reached_once(route, "rows.csv", ROWS, item, said)
    everything.transfers.assert_complete(route, "rows.csv.pgp", item)


def test_members_of_an_archive_go_by_connector_and_are_replayed_each_for_itself(everything: Everything) -> None:
    bank = {"type": "CONNECTOR", "uri": "sftp-connector://partner/in/{customerId}/day/"}
    route = everything.route("bank", targets={"bank": bank}, processing={"unzip": {}}, rules=CSV)
    transfers = everything.transfers
    # Given an archive of which one member breaks the rules, and a partner who lacks a folder
    everything.put(route, "day.zip", zipped({"good.csv": TEXT, "bad.csv": b"id;amount\n"}))
    assert transfers.settled(route, "day.zip")["status"] == "SUCCESS"
    good, bad = transfers.settled(route, "good.csv"), transfers.settled(route, "bad.csv")
    assert (good["status"], good["failureReason"]) == ("FAILED", "NOT_FOUND")
    assert (bad["status"], bad["failureReason"]) == ("REJECTED", "CSV_INVALID")
    # When the folder is there and the rules allow it, and both are replayed
    everything.partners.partner.make(f"in/{route.customer}/day")
    everything.change(route, rules={"csv": {"delimiter": ";"}})
    transfers.send(order(good))
    everything.people.ok("POST", f"/transfers/{everything.people.key_of(route, 'bad.csv')}/retry", {})
    # Then
    for name, content in {"good.csv": TEXT, "bad.csv": b"id;amount\n"}.items():
        item = replayed(transfers, route, name)
        assert everything.partners.partner.get(f"in/{route.customer}/day/{name}") == content
        assert item["metadata"]["triggeredBy"] == "Archive"
    everything.partners.nothing_pending()


def test_large_files_of_a_group_go_on_together_and_only_the_end_is_told(
    everything: Everything, channels: Channels
) -> None:
    # Given large files that wait for their done file, and a webhook
    transfers, webhook = everything.transfers, channels.webhook()
    notifications = {"channels": {"erp": webhook}}
    group = {"group": {"by": "DONE_FILE", "pattern": "^_SUCCESS$"}}
    route = everything.route("s3", "bank", rules=group, notifications=notifications, kind="WORKFLOW")
    said = everything.simulated(route, "a.bin", LARGE, "PREPARE")
    contents = {name: everything.large.put(route, name, LARGE, seed) for seed, name in enumerate(["a.bin", "b.bin"])}
    waiting = [held(transfers, route, name) for name in contents]
    # When it comes
    transfers.next_second(max(waiting, key=lambda item: str(item["SK"])))
    everything.put(route, "_SUCCESS", b"")
    # Then each is delivered once, and told of once
    for name, content in contents.items():
        item = transfers.settled(route, name)
        where = {own_id: {**each, "key": each["key"].replace("a.bin", name)} for own_id, each in said.items()}
        everything.reached_once(route, name, content, item, where)
        transfers.assert_complete(route, name, item)
    told = [json.loads(each.body) for each in channels.heard(webhook, 3)]
    assert sorted((each["fileName"], each["status"]) for each in told) == [
        (name, "SUCCESS") for name in ("_SUCCESS", "a.bin", "b.bin")
    ]


def test_a_transfer_that_failed_at_a_connector_is_replayed_to_another_customer(
    everything: Everything, channels: Channels
) -> None:
    # Given a file that reached the archive and not the bank, which is told
    transfers, webhook = everything.transfers, channels.webhook()
    bank = {"type": "CONNECTOR", "uri": "sftp-connector://partner/in/{customerId}/day/"}
    archive = {"type": "S3", "uri": f"s3://{transfers.archive}/{{customerId}}/"}
    definition = {"notifications": {"channels": {"erp": webhook}}, "kind": "WORKFLOW"}
    route = everything.route("s3", "bank", targets={"s3": archive, "bank": bank}, **definition)
    everything.put(route, "a.csv", TEXT)
    item = transfers.settled(route, "a.csv")
    assert (item["status"], item["failureReason"]) == ("PARTIAL", "NOT_FOUND")
    assert json.loads(channels.heard(webhook)[0].body)["status"] == "PARTIAL"
    # When its files belong to another customer by now, whose folder is there
    other = Route(f"{route.customer}b", route.workflow_id, route.sftp_folder, route.prefix)
    everything.partners.partner.make(f"in/{other.customer}/day")
    everything.change(route, customerId=other.customer)
    said = everything.simulated(route, "a.csv", len(TEXT))
    message = order(item)
    transfers.send(message)
    transfers.send(message)
    # Then all targets of that customer are reached, and the trails name each other
    moved = transfers.settled(other, "a.csv")
    everything.reached_once(other, "a.csv", TEXT, moved, said)
    old = transfers.queries.latest_status(route.customer, "a.csv")
    assert old and (old["replayedAs"], moved["replayOf"], old["status"]) == (moved["PK"], old["PK"], "PARTIAL")
    assert len(transfers.versions(transfers.archive, f"{route.customer}/a.csv")) == 1


def test_a_sweep_in_the_middle_of_deliveries_doubles_nothing(everything: Everything) -> None:
    # Given deliveries of both kinds that take longer than the sweep waits
    route = everything.route("s3", "sftp", "bank")
    everything.cloud.inject(
        [
            fault("transfer", "SendFile", "latency", ms=4000),
            fault("s3", "CompleteMultipartUpload", "latency", ms=4000, resource="*partner*", nth=[1]),
        ]
    )
    said = everything.simulated(route, "large.bin", LARGE)
    content = everything.large.put(route, "large.bin", LARGE)
    runs = 0

    def ended() -> Any:
        nonlocal runs
        everything.cloud.tick(everything.transfers.system["function_names"]["sweep-arrivals"])
        runs += 1
        item = everything.transfers.queries.latest_status(route.customer, "large.bin")
        return item if item and item["status"] == "SUCCESS" else None

    item = everything.transfers.eventually(ended, "the file to be delivered")
    assert runs > 3
    everything.reached_once(route, "large.bin", content, item, said)
    assert (item["retryCount"], item["attempt"], len(everything.large.executions(item))) == (0, 2, 2)
    assert len(everything.partners.calls("StartFileTransfer")) == 1
    everything.transfers.assert_complete(route, "large.bin", item)


BROKEN_START = {"code": "InternalError", "status": 500, "times": 4}
ORDERS = "*connector-orders*"
NOT_STARTED = {
    "nobody hears of it": [
        fault("states", "StartExecution", "error", **BROKEN_START),
        fault("sqs", "SendMessage", "error", resource=ORDERS, **BROKEN_START),
    ],
    "nobody hears that it is": [
        fault("states", "StartExecution", "lost_response", times=4),
        fault("sqs", "SendMessage", "lost_response", resource=ORDERS, times=4),
    ],
}


@pytest.mark.parametrize("what", NOT_STARTED)
def test_what_could_not_be_started_is_started_once_by_whoever_takes_over(everything: Everything, what: str) -> None:
    route = everything.route("s3", "bank")
    said = everything.simulated(route, "large.bin", LARGE)
    everything.transfers.at_rest()
    everything.cloud.inject(NOT_STARTED[what])
    content = everything.large.put(route, "large.bin", LARGE)
    item = everything.transfers.settled(route, "large.bin")
    assert {entry["service"] for entry in everything.cloud.injected()} == {"states", "sqs"}
    everything.reached_once(route, "large.bin", content, item, said)
    assert (item["retryCount"], len(everything.large.executions(item))) == (0, 1)
    assert len(everything.partners.calls("StartFileTransfer")) == 1
    everything.transfers.assert_complete(route, "large.bin", item)


def test_what_is_under_way_is_never_started_again_unprepared(everything: Everything, opening: dict[str, Any]) -> None:
    # Given an order that nobody hears of, and a worker after that who cannot open the file
    route = everything.route("bank", processing=opening)
    everything.transfers.at_rest()
    everything.cloud.inject([NOT_STARTED["nobody hears of it"][1], killed("file-transfer-prepare-file", 1, nth=[2])])
    # When it comes
    everything.put(route, "a.csv.pgp", message(TEXT))
    # Then it is sent once, opened, and no attempt is counted
    item = everything.transfers.settled(route, "a.csv.pgp")
    assert {entry["service"] for entry in everything.cloud.injected()} == {"sqs", "lambda"}
    assert (item["status"], item["retryCount"], item["attempt"]) == ("SUCCESS", 0, 4)
    assert everything.partners.partner.get(f"in/{route.customer}/a.csv") == TEXT
    assert len(everything.partners.calls("StartFileTransfer")) == 1
    everything.transfers.assert_complete(route, "a.csv.pgp", item)


def test_outcomes_that_come_twice_and_in_another_order_close_a_transfer_once(everything: Everything) -> None:
    route = everything.route("s3", "sftp", "bank")
    said = everything.simulated(route, "large.bin", LARGE)
    changed = [fault("sqs", "Message", kind, resource=INTAKE, probability=0.5) for kind in ("duplicate", "reorder")]
    everything.cloud.inject(changed)
    content = everything.large.put(route, "large.bin", LARGE)
    item = everything.transfers.settled(route, "large.bin")
    assert everything.cloud.injected()
    everything.reached_once(route, "large.bin", content, item, said)
    assert len(everything.partners.calls("StartFileTransfer")) == 1
    everything.transfers.assert_complete(route, "large.bin", item)


def test_a_fetched_file_is_opened_and_meets_its_expectation(
    everything: Everything, opening: dict[str, Any], expectations: Expectations
) -> None:
    # Given a file that is expected from a partner, who seals it
    transfers = everything.transfers
    expected = expectations.route(-2, 60, namePattern=r"\.csv\.pgp$")
    folder = f"out/{expected.customer}"
    pull = {"connector": "partner", "directory": f"/{folder}", "settleSeconds": 0, "afterwards": "DELETE"}
    route = Route(expected.customer, expected.workflow_id, "", f"from-s3/{expected.customer}/")
    everything.change(expected, sourceType="S3", sourcePrefix=route.prefix, pull=pull, processing=opening)
    expectations.round()
    assert expectations.window(route)["status"] == "OPEN"
    said = everything.simulated(route, "a.csv.pgp", len(TEXT), "PREPARE")
    # When it lies there
    everything.partners.partner.put(f"{folder}/a.csv.pgp", message(TEXT))
    everything.partners.list_now(route)
    # Then it is fetched, opened and delivered, and nobody waits for it any more
    item = transfers.settled(route, "a.csv.pgp")
    everything.reached_once(route, "a.csv", TEXT, item, said)
    transfers.assert_complete(route, "a.csv.pgp", item)
    expectations.round()
    assert expectations.window(route)["status"] == "MET"
