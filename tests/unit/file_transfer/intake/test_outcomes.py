"""Deliveries that end after the execution that started them: noted once, and the last one closes the transfer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.clock import parse, stamp
from shared.schemas import problems
from tests.unit.file_transfer.intake.async_world import TABLE, AsyncWorld, outcome
from tests.unit.given import SETTINGS, retry_message
from tests.unit.moto_tables import put

RECEIPT = {"transferId": "t-0123456789abcdef0", "bytes": 7}


@pytest.fixture
def world(dynamodb: Any) -> AsyncWorld:
    return AsyncWorld(dynamodb)


def test_targets_of_connectors_are_named_with_their_operation(world: AsyncWorld) -> None:
    answer = world.take(world.upload())

    bank = next(each for each in answer["targets"] if each["id"] == "bank")
    name = "bankpacific_transactions_2025-06-28.csv"
    assert (bank["type"], bank["bucket"], bank["key"]) == ("CONNECTOR", "bank", f"in/{name}")
    assert bank["operation"] == f"{answer['transfer']['id']}-bank-r0-0"
    assert answer["transfer"]["round"] == "0-0"


def test_the_last_outcome_closes_the_transfer(world: AsyncWorld) -> None:
    # Given two deliveries under way
    first = world.started()
    assert problems("status-item", world.item()) == []
    # When the first ends
    noted = world.take(outcome(first, "bank", receipt=RECEIPT), "m2")
    # Then it is noted, and the transfer waits for the other
    assert (noted["action"], noted["transfer"]["attempt"]) == ("NOTED", 1)
    # When the other ends
    closing = world.take(outcome(first, "clearing", "FAILED", reason="TRANSIENT", message="no route"), "m3")
    # Then this message has claimed it, to choose the outcome from all targets
    assert (closing["action"], closing["transfer"]["attempt"]) == ("CLOSE", 2)
    assert closing["results"] == [
        {"id": "s3", "state": "SUCCEEDED"},
        {"id": "bank", "state": "SUCCEEDED"},
        {"id": "clearing", "state": "FAILED", "reason": "TRANSIENT", "message": "no route"},
    ]
    item = world.item()
    assert (item["leaseOwner"], "awaitingSince" in item, item["deliveries"], item["revision"]) == ("m3", False, 3, 3)
    assert item["targets"]["bank"] | RECEIPT == item["targets"]["bank"]
    assert problems("status-item", item) == []
    assert json.loads(json.dumps(closing)) == closing


def test_a_retry_sends_only_what_failed_under_a_new_name(world: AsyncWorld) -> None:
    # Given a delivery that failed and one that was made
    first = world.started()
    world.take(outcome(first, "bank"), "m2")
    closing = world.take(outcome(first, "clearing", "FAILED", reason="TRANSIENT"), "m3")
    world.finish(closing, "RETRYING", "TRANSIENT")
    world.clock.forward(60)
    # When the retry comes
    retried = world.take(retry_message(closing["transfer"]), "m4")
    # Then only the other one is sent, by another operation
    assert [(each["id"], each["operation"][-4:]) for each in retried["targets"]] == [("clearing", "r0-1")]
    # And what is said of the old one while that goes on does not count: it would be written over
    late = world.take(outcome(first, "clearing"), "m5")
    assert (late["action"], late["reason"]) == ("DROP", "ENDED_BEFORE")
    assert world.item()["targets"]["clearing"]["state"] == "FAILED"


def test_an_outcome_of_an_earlier_round_is_not_taken_for_this_one(world: AsyncWorld) -> None:
    # Given a delivery that failed and was started again
    first = world.started()
    world.take(outcome(first, "bank"), "m2")
    closing = world.take(outcome(first, "clearing", "FAILED", reason="TRANSIENT"), "m3")
    world.finish(closing, "RETRYING", "TRANSIENT")
    world.clock.forward(60)
    assert world.await_deliveries(world.take(retry_message(closing["transfer"]), "m4"))
    # When an answer of the first round comes
    late = world.take(outcome(first, "clearing"), "m5")
    # Then nothing is noted
    assert (late["action"], late["reason"], "transfer" in late) == ("DROP", "UNKNOWN_OPERATION", False)
    assert world.item()["targets"]["clearing"]["state"] == "STARTED"


def test_an_outcome_of_nothing_is_dropped(world: AsyncWorld) -> None:
    message = {"kind": "towpath.outcome", "pk": "FILE#a#b", "sk": "TS#c#d", "target": "bank", "state": "SUCCEEDED"}
    assert world.take({**message, "operation": "0123456789abcdef-bank-r0-0"})["reason"] == "UNKNOWN_OPERATION"


def test_a_delivery_that_was_given_up_and_succeeds_is_believed(world: AsyncWorld) -> None:
    # Given a delivery of which nothing was heard in time
    first = world.started()
    world.take(outcome(first, "bank"), "m2")
    closing = world.take(outcome(first, "clearing", "FAILED", reason="TIMEOUT"), "m3")
    world.finish(closing, "RETRYING", "TIMEOUT")
    # When it turns out that it was made
    late = world.take(outcome(first, "clearing"), "m4")
    world.clock.forward(60)
    # Then the retry has nothing to send any more
    assert late["action"] == "NOTED"
    assert "error" not in world.item()["targets"]["clearing"]
    closed = world.take(retry_message(closing["transfer"]), "m5")
    assert (closed["action"], {each["state"] for each in closed["results"]}) == ("CLOSE", {"SUCCEEDED"})


def test_what_succeeded_is_not_made_to_fail(world: AsyncWorld) -> None:
    first = world.started()
    world.take(outcome(first, "bank"), "m2")
    answer = world.take(outcome(first, "bank", "FAILED", reason="TIMEOUT"), "m3")
    assert (answer["reason"], world.item()["targets"]["bank"]["state"]) == ("ENDED_BEFORE", "SUCCEEDED")
    assert world.item()["deliveries"] == 2


def test_an_outcome_whose_worker_died_closes_when_it_comes_again(world: AsyncWorld) -> None:
    # Given the last outcome, claimed for closing by a worker that died; the delivery has failed
    first = world.started()
    world.take(outcome(first, "bank"), "m2")
    last = outcome(first, "clearing", "FAILED", reason="TRANSIENT")
    world.take(last, "m3")
    # When its message comes again
    again = world.take(last, "m3", receives=2)
    # Then it closes: the delivery is not started a second time in this round
    assert (again["action"], again["transfer"]["attempt"]) == ("CLOSE", 3)


def test_who_starts_deliveries_starts_the_same_ones_again(world: AsyncWorld) -> None:
    # Given deliveries that were noted as started by a worker that may not have started them
    first = world.started()
    # When its own message comes again
    again = world.take(world.event, "m1", receives=2)
    # Then they are to be started under their names, and not to be written again
    assert again["action"] == "COPY"
    assert [(each["id"], each["state"], each["kind"]) for each in again["targets"]] == [
        ("bank", "STARTED", "CONNECTOR"),
        ("clearing", "STARTED", "CONNECTOR"),
    ]
    assert [each["operation"] for each in again["targets"]] == [each["operation"] for each in first["targets"][1:]]
    assert "awaitingSince" not in world.item()


def test_others_leave_alone_what_is_awaited(world: AsyncWorld) -> None:
    # Given deliveries under way, past their deadline
    world.started()
    world.clock.forward(3 * 3600)
    # When a duplicate comes, or the starter's message for the last time
    answers = [world.take(world.event, "m2"), world.take(world.event, "m1", receives=SETTINGS.max_receives)]
    # Then only the sweep may end them
    assert [each["action"] for each in answers] == ["DROP", "DROP"]


def test_an_outcome_that_meets_a_worker_waits_for_it(world: AsyncWorld) -> None:
    # Given a worker that starts the deliveries again, while they end
    first = world.started()
    again = world.take(world.event, "m1", receives=2)
    world.take(outcome(first, "bank"), "m2")
    waiting = world.take(outcome(first, "clearing"), "m3")
    # Then the end of the last one is noted, and does not claim beside that worker
    assert (waiting["action"], waiting["delaySeconds"], waiting["transfer"]["attempt"]) == ("WAIT", 10, 2)
    # And when that worker awaits what has ended long since, the delayed message closes it
    assert world.await_deliveries(again)
    assert world.take(retry_message(waiting["transfer"]), "m4")["action"] == "CLOSE"


def test_a_copy_that_failed_beside_a_delivery_is_part_of_the_outcome(world: AsyncWorld) -> None:
    first = world.started(fails="TRANSIENT")
    world.take(outcome(first, "bank"), "m2")
    closing = world.take(outcome(first, "clearing"), "m3")
    assert closing["results"][0] == {"id": "s3", "state": "FAILED", "reason": "TRANSIENT", "message": "TRANSIENT"}


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        ("TIMED_OUT", None, "TIMEOUT"),
        ("ABORTED", None, "ABORTED"),
        ("FAILED", "Lambda.AWSLambdaException", "AWSLAMBDA_EXCEPTION"),
        ("FAILED", "SourceGone", "SOURCE_GONE"),
        ("FAILED", None, "TRANSIENT"),
    ],
)
def test_an_execution_that_could_not_say_it_has_failed(
    world: AsyncWorld, status: str, error: str | None, reason: str
) -> None:
    # Given a delivery by an execution
    first = world.started()
    order = {
        "transfer": first["transfer"],
        "target": first["targets"][1],
        "operation": first["targets"][1]["operation"],
    }
    # When the execution ends without an outcome
    detail = {"name": order["operation"], "status": status, "input": json.dumps(order), "error": error}
    event = {"source": "aws.states", "detail-type": "Step Functions Execution Status Change", "detail": detail}
    answer = world.take(event, "m2")
    # Then that is the outcome
    assert (answer["action"], world.item()["targets"]["bank"]["error"]) == ("NOTED", reason)
    assert problems("status-item", world.item()) == []


class TestHeld:
    """A file that waits for its group."""

    GROUP = {"group": {"by": "DONE_FILE", "pattern": r"\.done$"}}

    @pytest.fixture(autouse=True)
    def _grouped(self, world: AsyncWorld) -> None:
        world.define(rules=json.dumps(self.GROUP))

    def test_it_is_prepared_before_it_is_copied(self, world: AsyncWorld) -> None:
        answer = world.take(world.upload())
        assert (answer["action"], len(answer["targets"]), world.item()["prepare"]) == ("PREPARE", 2, True)

    def test_a_retry_message_releases_it_whatever_attempt_it_saw(self, world: AsyncWorld) -> None:
        # Given a held file
        event = world.upload()
        held = world.take(event)
        world.finish(held, "HELD")
        # Then duplicates change nothing
        assert world.take(event, "m2")["action"] == "DROP"
        # When it is released by somebody who saw an earlier attempt, and a second time
        released = world.take({**retry_message(held["transfer"]), "attempt": 7}, "m3")
        twice = world.take({**retry_message(held["transfer"]), "attempt": 7}, "m4")
        # Then it is prepared once more, once
        assert (released["action"], released["transfer"]["attempt"], twice["action"]) == ("PREPARE", 2, "DROP")

    def test_a_release_that_comes_before_it_is_held_is_not_lost(self, world: AsyncWorld) -> None:
        # Given a worker that has found its group incomplete, and is about to write so
        held = world.take(world.upload())
        # When the group is complete
        early = world.take(retry_message(held["transfer"]), "m2")
        # Then the release comes again, and finds it held
        assert (early["action"], early["delaySeconds"]) == ("WAIT", 10)
        world.finish(held, "HELD")
        assert world.take(retry_message(early["transfer"]), "m3")["action"] == "PREPARE"


def test_a_worker_that_died_while_it_prepared_is_taken_over(world: AsyncWorld) -> None:
    # Given a claim that nobody holds any more
    world.define(processing={"unzip": {}})
    first = world.take(world.upload())
    world.clock.forward(SETTINGS.lease_seconds + 1)
    # When the sweep says so
    answer = world.take(retry_message(first["transfer"]), "m2")
    # Then the file is prepared again
    assert (answer["action"], answer["transfer"]["attempt"]) == ("PREPARE", 2)


def test_the_deadline_is_the_lease_while_deliveries_are_awaited(world: AsyncWorld) -> None:
    world.started()
    item = world.item()
    assert (parse(item["leaseUntil"]) - world.clock()).total_seconds() == 7200
    assert item["awaitingSince"] == stamp(world.clock())
    put(world.dynamodb, TABLE, item)
