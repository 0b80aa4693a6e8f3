"""Files that have to come: late, missed and too many are noticed, announced once, and acknowledged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from file_transfer.expectations.store import ExpectationStore
from local_cloud.session import LocalCloud
from shared.clock import stamp
from shared.errors import WrongState
from shared.schemas import problems
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.transfers import Route, Transfers

ROLE = "*file-transfer-check-expectations*"


class Expectations:
    """Workflows that expect files, rounds of checks, and what the windows say."""

    def __init__(self, cloud: LocalCloud, transfers: Transfers) -> None:
        self.cloud, self.transfers = cloud, transfers
        self.function = cloud.outputs("file-transfer")["notifications"]["function_names"]["check-expectations"]
        self.store = ExpectationStore(transfers.dynamodb, transfers.system["table_names"]["TransferExpectation"])

    def route(self, opened: float, due: float, **more: Any) -> Route:
        """A customer whose files are expected from so many minutes after now, by so many minutes after now."""
        now = datetime.now(UTC)
        window = {"from": f"{now + timedelta(minutes=opened):%H:%M}", "by": f"{now + timedelta(minutes=due):%H:%M}"}
        route = self.transfers.route(kind="WORKFLOW", expectations=json.dumps({"daily": {**window, **more}}))
        # The last round was before the window began: without it, nothing that began earlier is opened.
        before = {"PK": "EXPECTATION#CURSOR", "SK": "ROUND", "until": stamp(now - timedelta(hours=20))}
        table = self.transfers.system["table_names"]["FileTransferControl"]
        self.transfers.dynamodb.put_item(TableName=table, Item={name: {"S": each} for name, each in before.items()})
        return route

    def round(self) -> None:
        """One check, as the schedule makes it."""
        self.cloud.tick(self.function)

    def window(self, route: Route) -> dict[str, Any]:
        """The window, which is there once and is what the schema says."""
        (window,) = self.store.of_expectation(route.workflow_id, "daily")
        assert problems("expectation-item", window) == []
        return window

    def told(self, route: Route, status: str) -> list[Mapping[str, Any]]:
        """What the topic's subscribers were told of the expectation."""
        name = "expectation:daily"
        found = self.transfers.queries.notifications_of_file(route.customer, name)
        return [each for each in found if json.loads(each["payload"])["status"] == status and each["status"] == "SENT"]


@pytest.fixture
def expectations(cloud: LocalCloud, transfers: Transfers) -> Expectations:
    return Expectations(cloud, transfers)


def test_a_file_that_comes_in_time_meets_the_expectation(expectations: Expectations) -> None:
    # Given a file that is due in an hour
    route = expectations.route(-2, 60, namePattern=r"^daily.*\.csv$")
    expectations.round()
    assert expectations.window(route)["status"] == "OPEN"
    # When another file comes, nothing changes
    expectations.transfers.upload(route, "other.csv")
    expectations.transfers.settled(route, "other.csv")
    expectations.round()
    assert expectations.window(route)["status"] == "OPEN"
    # When it comes
    expectations.transfers.upload(route, "daily.csv", b"12345")
    expectations.transfers.settled(route, "daily.csv")
    expectations.round()
    # Then the window is closed, and nobody is told
    window = expectations.window(route)
    assert window["status"] == "MET"
    assert window["found"] == {"count": 1, "bytes": 5, "unfit": 0, "files": ["daily.csv"]}
    assert expectations.transfers.queries.notifications_of_file(route.customer, "expectation:daily") == []
    with pytest.raises(WrongState):
        expectations.store.acknowledge(window["PK"], window["SK"], "ann", "", datetime.now(UTC))


def test_a_late_file_is_announced_acknowledged_and_announced_when_it_comes(expectations: Expectations) -> None:
    # Given a file that was due a minute ago
    route = expectations.route(-30, -2, missedAfterMinutes=60)
    for _ in range(2):
        expectations.round()
    # Then it is late, and one notification says so, however often it is looked
    assert expectations.window(route)["status"] == "LATE"
    (told,) = expectations.transfers.eventually(lambda: expectations.told(route, "LATE"), "LATE to be told")
    payload = json.loads(told["payload"])
    assert problems("incident-payload", payload) == []
    assert problems("notification-record", told) == []
    assert (payload["customerId"], payload["found"]["count"]) == (route.customer, 0)
    # When somebody sees to it, twice, the first stays
    window = expectations.window(route)
    for who in ("ann", "bob"):
        expectations.store.acknowledge(window["PK"], window["SK"], who, "I call them", datetime.now(UTC))
    # And when the file comes after all
    expectations.transfers.upload(route, "a.csv")
    expectations.transfers.settled(route, "a.csv")
    expectations.round()
    # Then that is told too
    window = expectations.window(route)
    assert (window["status"], window["acknowledgedBy"], window["acknowledgement"]) == ("MET_LATE", "ann", "I call them")
    expectations.transfers.eventually(lambda: expectations.told(route, "MET_LATE"), "MET_LATE to be told")
    found = [each["PK"] for each in expectations.store.of_customer(route.customer)]
    assert found == [window["PK"]]


def test_a_file_that_never_comes_is_missed_once_whatever_breaks(expectations: Expectations) -> None:
    # Given a file that was due two hours ago, and rounds that fail: writes whose answers are lost, an order that is
    # refused, an order whose answer is lost, a function that dies
    route = expectations.route(-180, -120, missedAfterMinutes=30)
    expectations.cloud.inject(
        [
            fault("dynamodb", "PutItem", "lost_response", principal=ROLE, probability=0.3),
            fault("dynamodb", "Query", "throttle", principal=ROLE, probability=0.1),
            fault("sqs", "SendMessage", "error", principal=ROLE, nth=[1], code="AccessDenied", status=403),
            fault("sqs", "SendMessage", "lost_response", principal=ROLE, nth=[2]),
            killed("check-expectations", 150, nth=[2]),
        ]
    )
    for _ in range(4):
        try:
            expectations.round()
        except RuntimeError:
            continue
    expectations.cloud.clear_faults()
    expectations.round()
    # Then it is missed, and that was told once
    assert expectations.window(route)["status"] == "MISSED"
    assert "announce" not in expectations.window(route)
    expectations.transfers.eventually(lambda: expectations.told(route, "MISSED"), "MISSED to be told")
    told = expectations.transfers.queries.notifications_of_file(route.customer, "expectation:daily")
    assert [each["SK"].rsplit("#", 1)[-1] for each in told] == ["sns"]
    # And it stays missed
    expectations.transfers.upload(route, "a.csv")
    expectations.transfers.settled(route, "a.csv")
    expectations.round()
    assert expectations.window(route)["status"] == "MISSED"


def test_too_many_files_and_files_of_another_size_are_noticed(expectations: Expectations) -> None:
    # Given one file of at least five bytes that is expected
    route = expectations.route(-2, 60, count={"min": 1, "max": 1}, size={"minBytes": 5})
    for name, content in (("small.csv", b"1"), ("a.csv", b"12345"), ("b.csv", b"123456")):
        expectations.transfers.upload(route, name, content)
        expectations.transfers.settled(route, name)
    # When it is looked
    expectations.round()
    # Then two are too many, and the small one does not count
    window = expectations.window(route)
    assert window["status"] == "EXCEEDED"
    assert window["found"] == {"count": 2, "bytes": 11, "unfit": 1, "files": ["a.csv", "b.csv"]}
    expectations.transfers.eventually(lambda: expectations.told(route, "EXCEEDED"), "EXCEEDED to be told")


def test_a_malformed_definition_keeps_nobody_else_from_being_checked(expectations: Expectations) -> None:
    # Given a definition that is broken, one whose pattern is, and one that is right
    expectations.transfers.route(kind="WORKFLOW", expectations="{")
    broken = expectations.route(-2, 60, namePattern="(")
    right = expectations.route(-2, 60)
    expectations.round()
    assert expectations.window(right)["status"] == "OPEN"
    assert list(expectations.store.of_expectation(broken.workflow_id, "daily")) == []
