"""Dead letters: looked at without being taken, sent again unless their transfer has ended."""

from __future__ import annotations

from typing import Any

import pytest

from file_transfer.records.identity import status_key, transfer_id
from shared.schemas import problems
from tests.unit.file_transfer.api.world import CUSTOMER, INTAKE, LETTERS, World, transfer_item
from tests.unit.given import KEY, LANDING, s3_event, transfer_event
from tests.unit.moto_tables import put

SCHEMA = "file-transfer-api#/$defs"
NAME = KEY.rpartition("/")[2]
O1, O2 = ("0123456789abcdef-c-r0-0", "0123456789abcdef-c-r0-1")


@pytest.fixture(autouse=True)
def stored(world: World) -> None:
    world.workflow()


def arrived(world: World, status: str, version: str = "v1", **changes: Any) -> dict[str, Any]:
    """The transfer of an S3 event's version."""
    own_id = transfer_id(LANDING, KEY, version)
    key = status_key(CUSTOMER, NAME, "2025-06-28T22:01:30.000000Z", own_id)
    item = transfer_item(1, status) | {"PK": key.pk, "SK": key.sk, "etag": "e1"} | changes
    put(world.dynamodb, "FileTransferStatus", item)
    return item


def verdicts(world: World) -> list[str]:
    return [each["verdict"] for each in world.ask("GET", "/dead-letters").body["items"]]


def test_letters_are_looked_at_and_stay(world: World) -> None:
    world.sqs.put(LETTERS, s3_event())
    world.sqs.put(LETTERS, "no JSON at all")
    answer = world.ask("GET", "/dead-letters", groups="[ft-view]")

    assert problems(f"{SCHEMA}/deadLetters", answer.body) == []
    assert [(each["kind"], each["verdict"]) for each in answer.body["items"]] == [
        ("ARRIVAL", "REDRIVE"),
        ("UNREADABLE", "UNREADABLE"),
    ]
    assert answer.body["items"][0]["key"] == KEY and answer.body["items"][0]["receives"] == 6
    assert len(world.sqs.queues[LETTERS]) == 2 and world.sqs.hidden == {}


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ("SUCCESS", "SETTLED"),
        ("FAILED", "SETTLED"),
        ("IN_PROGRESS", "REDRIVE"),
        ("RETRYING", "REDRIVE"),
        ("HELD", "REDRIVE"),
    ],
)
def test_an_arrival_whose_transfer_has_ended_is_settled(world: World, status: str, verdict: str) -> None:
    item = arrived(world, status)
    world.sqs.put(LETTERS, s3_event())
    world.sqs.put(LETTERS, transfer_event(etag="e1"))
    found = world.ask("GET", "/dead-letters").body["items"]

    assert [each["verdict"] for each in found] == [verdict, verdict]
    assert found[0]["status"] == item["status"]


def test_an_event_of_a_whole_upload_takes_a_rejection_back(world: World) -> None:
    review = {"status": "REJECTED", "reason": "PARTIAL_UPLOAD", "message": "broken", "uploadFailed": True}
    arrived(world, "REJECTED", review=review)
    world.sqs.put(LETTERS, s3_event())

    assert verdicts(world) == ["REDRIVE"]


def test_another_version_of_the_file_is_another_transfer(world: World) -> None:
    arrived(world, "SUCCESS", "v1")
    world.sqs.put(LETTERS, s3_event(version="v2", etag="e2"))

    assert verdicts(world) == ["REDRIVE"]


@pytest.mark.parametrize(
    ("status", "message", "verdict"),
    [
        ("RETRYING", {"kind": "towpath.retry", "attempt": 1}, "REDRIVE"),
        ("RETRYING", {"kind": "towpath.retry", "attempt": 7}, "SETTLED"),
        ("SUCCESS", {"kind": "towpath.retry", "attempt": 1}, "SETTLED"),
        ("FAILED", {"kind": "towpath.replay", "replayId": "r1", "by": "x"}, "REDRIVE"),
        ("FAILED", {"kind": "towpath.replay", "replayId": "done", "by": "x"}, "SETTLED"),
        ("SUCCESS", {"kind": "towpath.replay", "replayId": "r1", "by": "x"}, "SETTLED"),
        ("IN_PROGRESS", {"kind": "towpath.outcome", "target": "c", "operation": O1, "state": "SUCCEEDED"}, "REDRIVE"),
        ("IN_PROGRESS", {"kind": "towpath.outcome", "target": "c", "operation": O2, "state": "SUCCEEDED"}, "SETTLED"),
    ],
)
def test_messages_about_a_transfer_are_held_against_it(world: World, status: str, message: Any, verdict: str) -> None:
    item = arrived(world, status, lastReplay="done")
    item["targets"]["c"] = {"state": "STARTED", "attempts": 1, "operation": O1}
    put(world.dynamodb, "FileTransferStatus", item)
    world.sqs.put(LETTERS, {**message, "pk": item["PK"], "sk": item["SK"]})

    assert verdicts(world) == [verdict]


def test_redriving_sends_what_is_due_and_drops_what_is_done(world: World) -> None:
    # Given a letter of each verdict
    arrived(world, "SUCCESS", "v1")
    world.sqs.put(LETTERS, s3_event(version="v1"))
    world.sqs.put(LETTERS, s3_event(version="v2", etag="e2"))
    world.sqs.put(LETTERS, "{}")
    # When they are sent again
    answer = world.ask("POST", "/dead-letters/redrive", {})
    # Then the intake has what it has not dealt with, and what nobody can read stays
    assert problems(f"{SCHEMA}/redriven", answer.body) == []
    assert {name: answer.body[name] for name in ("redriven", "dropped", "left")} == {
        "redriven": 1,
        "dropped": 1,
        "left": 1,
    }
    assert world.sqs.bodies(INTAKE) == [s3_event(version="v2", etag="e2")]
    assert [each["Body"] for each in world.sqs.queues[LETTERS]] == ["{}"] and world.sqs.hidden == {}


def test_only_the_named_letters_are_sent(world: World) -> None:
    ids = [world.sqs.put(LETTERS, s3_event(version=f"v{number}", etag=f"e{number}")) for number in (1, 2, 3)]
    answer = world.ask("POST", "/dead-letters/redrive", {"messageIds": [ids[1]]})

    assert (answer.body["redriven"], answer.body["left"]) == (1, 2)
    assert [each["detail"]["object"]["version-id"] for each in world.sqs.bodies(INTAKE)] == ["v2"]


def test_a_failure_in_the_middle_loses_no_letter(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (1, 2, 3):
        world.sqs.put(LETTERS, s3_event(version=f"v{number}", etag=f"e{number}"))
    send = world.sqs.send_message
    calls = iter(range(9))

    def broken(**message: Any) -> Any:
        if next(calls) == 1:
            raise ConnectionError
        return send(**message)

    monkeypatch.setattr(world.sqs, "send_message", broken)
    assert world.ask("POST", "/dead-letters/redrive", {}).status == 500
    assert len(world.sqs.bodies(INTAKE)) == 1 and len(world.sqs.queues[LETTERS]) == 2 and world.sqs.hidden == {}


def test_letters_are_for_whoever_sees_all_customers(world: World) -> None:
    assert world.ask("GET", "/dead-letters", groups="[ft-bank]").status == 403
    assert world.ask("POST", "/dead-letters/redrive", {}, "[ft-bank]").status == 403
    assert world.ask("POST", "/dead-letters/redrive", {}, "[ft-view]").status == 403
    assert world.ask("POST", "/dead-letters/redrive", {}, "[ft-operate ft-bank]").status == 200
