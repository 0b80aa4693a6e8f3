"""Notifications that are sent once more, and windows that somebody looks after."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from file_transfer.expectations.store import ExpectationStore
from file_transfer.expectations.windows import Window, new_item, read_expectations
from shared.schemas import problems
from tests.unit.file_transfer.api.world import API_SETTINGS, CUSTOMER, ORDERS, OTHER, World, names, paths
from tests.unit.given import NOW
from tests.unit.moto_tables import put

SCHEMA = "file-transfer-api#/$defs"


def note(world: World, number: int, status: str = "SENT", customer: str = CUSTOMER) -> dict[str, Any]:
    """An entry of the notification log."""
    at = f"2025-06-28T22:{number:02d}:00.000000Z"
    item = {
        "PK": f"NOTIFY#{customer}#file-{number}.csv",
        "SK": f"TS#{at}#0123456789abcdef#SNS",
        "fileName": f"file-{number}.csv",
        "customerId": customer,
        "status": status,
        "type": "SNS",
        "target": "arn:aws:sns:us-east-1:000000000000:notify",
        "response": "Message published to SNS",
        "retryCount": 0,
        "workflowId": "w",
        "timestamp": at,
        "statusTimestamp": f"{status}#{at}",
        "payload": {"text": "internal"},
    }
    item |= {"failedDate": at[:10]} if status == "FAILED" else {}
    put(world.dynamodb, "TransferNotificationLog", item)
    return item


def window(world: World, own_id: str, status: str, customer: str = CUSTOMER, **changes: Any) -> dict[str, Any]:
    """A window of an expectation."""
    section = {own_id: {"from": "06:00", "by": "08:00", "customerId": customer}}
    (expectation,) = read_expectations("w", customer, section)
    made = new_item(expectation, Window(NOW, NOW, NOW), NOW, 30)
    item = {**made, "status": status, **changes}
    put(world.dynamodb, "TransferExpectation", item)
    return item


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"customerId": CUSTOMER}, ["file-2.csv", "file-1.csv", "file-3.csv"]),
        ({"customerId": CUSTOMER, "status": "FAILED"}, ["file-3.csv"]),
        ({"customerId": CUSTOMER, "fileName": "file-2.csv"}, ["file-2.csv"]),
        ({"date": "2025-06-28"}, ["file-4.csv", "file-3.csv"]),
        ({"date": "2025-06-27"}, []),
    ],
)
def test_notifications_are_found(world: World, query: dict[str, str], found: list[str]) -> None:
    note(world, 1), note(world, 2), note(world, 3, "FAILED"), note(world, 4, "FAILED", OTHER)
    items = world.items("/notifications", **query)

    assert names(items) == found
    assert all(problems(f"{SCHEMA}/notification", each) == [] for each in items)


def test_notifications_of_others_are_not_shown_and_lists_have_an_index(world: World) -> None:
    note(world, 3, "FAILED"), note(world, 4, "FAILED", OTHER)

    assert names(world.items("/notifications", "[ft-bank]", date="2025-06-28")) == ["file-3.csv"]
    assert world.items("/notifications", "[ft-bank]", customerId=OTHER) == []
    assert paths(world.ask("GET", "/notifications")) == ["$query"]
    assert paths(world.ask("GET", "/notifications", query={"fileName": "x"})) == ["$query.fileName"]
    assert paths(world.ask("GET", "/notifications", query={"date": "x"})) == ["$query.date"]


def test_a_notification_is_sent_once_more_once_a_key(world: World) -> None:
    item = note(world, 3, "FAILED")
    (shown,) = world.items("/notifications", customerId=CUSTOMER)
    path = f"/notifications/{shown['notificationKey']}/resend"
    answers = [world.ask("POST", path, headers={"idempotency-key": "k"}) for _ in range(2)]
    world.ask("POST", path, groups="[ft-bank]")

    assert [each.status for each in answers] == [202, 202] and problems(f"{SCHEMA}/resent", answers[0].body) == []
    orders = world.sqs.bodies(ORDERS)
    assert all(problems("notification-order", each) == [] for each in orders)
    assert orders[0] == orders[1] != orders[2] and orders[0]["pk"] == item["PK"] and orders[0]["by"] == "user:ada"
    assert world.ask("POST", path, groups="[ft-view]").status == 403
    theirs = note(world, 4, "FAILED", OTHER)
    assert theirs and len(world.items("/notifications", customerId=OTHER)) == 1
    (other,) = world.items("/notifications", customerId=OTHER)
    assert world.ask("POST", f"/notifications/{other['notificationKey']}/resend", groups="[ft-bank]").status == 404


def test_without_the_module_that_sends_nothing_is_ordered(dynamodb: Any) -> None:
    world = World(dynamodb, replace(API_SETTINGS, notification_queue_url=""))
    note(world, 1)
    (shown,) = world.items("/notifications", customerId=CUSTOMER)
    answer = world.ask("POST", f"/notifications/{shown['notificationKey']}/resend")

    assert (answer.status, answer.body["code"]) == (409, "NOT_INSTALLED")


def test_windows_are_found_by_customer_and_status(world: World) -> None:
    window(world, "daily", "MISSED")
    window(world, "weekly", "MISSED", OTHER)
    window(world, "monthly", "MET")
    window(world, "yearly", "LATE", acknowledgedAt="2025-06-28T22:00:00.000000Z", acknowledgedBy="user:eve")

    def found(groups: str = "[ft-view]", **query: str) -> set[str]:
        items = world.items("/expectations", groups, **query)
        assert all(problems(f"{SCHEMA}/expectation", each) == [] for each in items)
        return {each["expectationId"] for each in items}

    assert found(status="MISSED") == {"daily", "weekly"}
    assert found(customerId=CUSTOMER) == {"daily", "monthly", "yearly"}
    assert found(customerId=CUSTOMER, unacknowledged="true", status="LATE") == set()
    assert found(customerId=CUSTOMER, unacknowledged="false") == {"yearly"}
    assert found(status="MISSED", to="2025-06-28") == set()
    assert found("[ft-bank]", status="MISSED") == {"daily"}
    assert paths(world.ask("GET", "/expectations")) == ["$query"]


def test_an_incident_is_acknowledged_once(world: World) -> None:
    window(world, "daily", "MISSED")
    (shown,) = world.items("/expectations", status="MISSED")
    path = f"/expectations/{shown['expectationKey']}/acknowledge"
    first = world.ask("POST", path, {"comment": "holiday there"}, "[ft-bank]")
    second = world.ask("POST", path, {"comment": "me too"}, user="eve")

    assert first.status == 200 and problems(f"{SCHEMA}/expectation", first.body) == []
    assert (first.body["acknowledgedBy"], first.body["acknowledgement"]) == ("user:ada", "holiday there")
    assert second.body == first.body
    assert world.ask("POST", path, {}, "[ft-view]").status == 403


def test_what_is_no_incident_or_somebody_else_s_is_not_acknowledged(world: World) -> None:
    window(world, "daily", "OPEN")
    window(world, "weekly", "MISSED", OTHER)
    (fine,), (theirs,) = world.items("/expectations", status="OPEN"), world.items("/expectations", status="MISSED")

    def acknowledge(key: str) -> Any:
        return world.ask("POST", f"/expectations/{key}/acknowledge", {}, "[ft-bank]")

    assert acknowledge(fine["expectationKey"]).status == 409
    assert acknowledge(theirs["expectationKey"]).status == 404
    assert acknowledge(fine["expectationKey"][:-4]).status == 404
    assert ExpectationStore(world.dynamodb, "TransferExpectation").get("EXPECTATION#w#none", "WINDOW#x") is None
