"""Validate Input against real condition expressions (moto) and a fake S3."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from file_transfer.errors import PermissionDenied, Transient
from shared.clock import stamp
from shared.schemas import problems
from tests.unit.fake_s3 import error
from tests.unit.file_transfer.intake_world import World
from tests.unit.given import (
    ARCHIVE,
    KEY,
    LANDING,
    PARTNER,
    SETTINGS,
    TickingClock,
    definition,
    retry_message,
    s3_event,
    transfer_event,
)
from tests.unit.moto_tables import put
from tests.unit.settle import settle_in_table


@pytest.fixture
def world(dynamodb: Any) -> World:
    return World(dynamodb)


def test_an_upload_is_claimed_with_both_targets(world: World) -> None:
    # Given an object and its event
    event = world.upload()
    # When the message is taken
    answer = world.take(event)
    # Then it is to be copied to where the definition says
    assert answer["action"] == "COPY"
    assert [(each["id"], each["type"], each["bucket"], each["key"]) for each in answer["targets"]] == [
        ("s3", "S3", ARCHIVE, "bankpacific/2025/06/bankpacific_transactions_2025-06-28.csv"),
        ("sftp", "SFTP", PARTNER, "home/bankpacific/bankpacific_transactions_2025-06-28.csv"),
    ]
    transfer = answer["transfer"]
    assert transfer["pk"] == "FILE#bankpacific#bankpacific_transactions_2025-06-28.csv"
    assert transfer["sk"] == f"TS#2025-06-28T22:00:00.000000Z#{transfer['id']}"
    assert (transfer["attempt"], transfer["retryCount"], transfer["delivered"]) == (1, 0, 0)
    # And the answer is JSON, and the item as the schema has it
    assert json.loads(json.dumps(answer)) == answer
    assert problems("status-item", world.items()[0]) == []


def test_every_message_about_a_version_names_the_same_transfer(world: World) -> None:
    # Given one upload that S3, Transfer Family and a producer all report
    event = world.upload()
    etag = event["detail"]["object"]["etag"]
    first = world.take(event)
    # When the others are taken
    second = world.take(transfer_event(etag=etag), "m2")
    third = world.take({"bucket": LANDING, "key": KEY, "customerId": "bankpacific"}, "m3")
    # Then there is one item, and they are dropped and counted
    assert [first["action"], second["action"], third["action"]] == ["COPY", "DROP", "DROP"]
    (item,) = world.items()
    assert (item["duplicates"], item["revision"], item["attempt"]) == (2, 2, 1)


def test_the_same_message_again_takes_its_own_claim_over(world: World) -> None:
    # Given a claim whose worker died
    event = world.upload()
    world.take(event)
    # When SQS delivers the message again
    answer = world.take(event, receives=2)
    # Then the claim goes on under a new fence, and the old one writes nothing more
    assert (answer["action"], answer["transfer"]["attempt"]) == ("COPY", 2)
    assert not settle_in_table(world.dynamodb, {**answer["transfer"], "attempt": 1}, "SUCCESS", stamp(world.clock()))
    assert settle_in_table(world.dynamodb, answer["transfer"], "SUCCESS", stamp(world.clock()))


def test_an_expired_lease_is_taken_over_by_any_message(world: World) -> None:
    # Given a claim whose lease has run out
    event = world.upload()
    world.take(event)
    world.clock.forward(SETTINGS.lease_seconds + 1)
    # When another message about it comes
    answer = world.take(event, "m2")
    # Then that one goes on, and the takeover is on record
    assert (answer["action"], answer["transfer"]["attempt"]) == ("COPY", 2)
    (item,) = world.items()
    assert (item["takeovers"], item["revision"]) == ([stamp(world.clock())], 0)
    assert problems("status-item", item) == []


def test_a_transfer_whose_workers_keep_dying_goes_to_a_person(world: World) -> None:
    # Given a message on its last delivery
    event = world.upload()
    world.take(event)
    # When it is delivered once more
    answer = world.take(event, receives=SETTINGS.max_receives)
    # Then it is claimed for ending it
    assert (answer["action"], answer["status"], answer["reason"]) == ("REVIEW", "FAILED", "ATTEMPTS_EXHAUSTED")
    assert settle_in_table(world.dynamodb, answer["transfer"], "FAILED", stamp(world.clock()))


def test_a_retry_message_claims_what_is_left(world: World) -> None:
    # Given an attempt that reached one of two targets
    first = world.take(world.upload())
    item = world.items()[0]
    targets = {**item["targets"], "s3": {"state": "SUCCEEDED", "attempts": 1}}
    world.settle(first, "RETRYING", targets=targets, retryCount=1, nextAttemptAt=stamp(world.clock()))
    world.s3.calls.clear()
    # When its retry message comes
    answer = world.take(retry_message(first["transfer"]), "m2")
    # Then only the other target is copied, without a look at S3 or at the definition
    assert (answer["action"], answer["transfer"]["attempt"], answer["transfer"]["delivered"]) == ("COPY", 2, 1)
    assert [each["id"] for each in answer["targets"]] == ["sftp"]
    assert answer["targets"][0]["bucket"] == PARTNER
    assert world.s3.calls == []


def test_a_second_copy_of_a_retry_message_claims_nothing(world: World) -> None:
    # Given a retry under way
    first = world.take(world.upload())
    world.settle(first, "RETRYING", retryCount=1, nextAttemptAt=stamp(world.clock()))
    world.take(retry_message(first["transfer"]), "m2")
    # When the message comes twice
    answer = world.take(retry_message(first["transfer"]), "m3")
    # Then the second is dropped
    assert answer["action"] == "DROP"


def test_a_message_that_meets_a_retry_not_yet_due_waits_for_it(world: World) -> None:
    # Given a retry due in 100 seconds
    event = world.upload()
    first = world.take(event)
    world.clock.forward(1)
    due = TickingClock(world.clock())
    due.forward(100)
    world.settle(first, "RETRYING", retryCount=1, nextAttemptAt=stamp(due()))
    # When the first message is delivered again, as after a crash between the settle and the retry message
    answer = world.take(event, receives=2)
    # Then it stands in for the retry message
    assert (answer["action"], answer["delaySeconds"]) == ("WAIT", 100)
    assert answer["transfer"]["attempt"] == 1
    # And when it is due it claims
    world.clock.forward(100)
    assert world.take(retry_message(answer["transfer"]), "m2")["action"] == "COPY"


def test_a_retry_of_an_item_that_is_gone_goes_to_a_person(world: World) -> None:
    answer = world.take({"kind": "towpath.retry", "pk": "FILE#a#b", "sk": "TS#c#d", "attempt": 1})
    assert (answer["action"], answer["status"], "transfer" in answer) == ("REVIEW", "UNREADABLE", False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"enabled": False}, "WORKFLOW_DISABLED"),
        ({"validationRegex": r"^other_.*\.csv$"}, "VALIDATION_FAILED"),
        ({"sourcePrefix": "elsewhere/"}, "UNKNOWN_WORKFLOW"),
        ({"maxRetries": -1}, "INVALID_DEFINITION"),
        ({"targets": {"sftp": {"uri": "sftp://nobody/"}}, "targetType": "SFTP"}, "INVALID_DEFINITION"),
        ({"targets": {"s3": {"uri": f"s3://{LANDING}/from-s3/x/"}}, "targetType": "S3"}, "LOOP_GUARD"),
    ],
)
def test_what_breaks_a_rule_is_claimed_for_review(world: World, changes: dict[str, Any], reason: str) -> None:
    # Given a definition that does not let the file pass
    put(world.dynamodb, "WorkflowDefinition", definition(**changes))
    event = world.upload()
    # When the message is taken
    answer = world.take(event)
    # Then a person gets it, and the item can be settled under its fence
    assert (answer["action"], answer["status"], answer["reason"]) == ("REVIEW", "REJECTED", reason)
    assert settle_in_table(world.dynamodb, answer["transfer"], "REJECTED", stamp(world.clock()))
    # And the next message about it is a duplicate
    assert world.take(event, "m2")["action"] == "DROP"


def test_a_loop_that_only_the_upload_shows_is_refused(world: World) -> None:
    # Given a definition for any bucket, and a bucket that nobody watches but that is source and target at once
    looping = definition(sourceBucket=None, targets={"s3": {"uri": "s3://elsewhere/from-sftp/bankpacific/out/"}})
    put(world.dynamodb, "WorkflowDefinition", {**looping, "targetType": "S3"})
    version = world.s3.put("elsewhere", KEY, b"content")
    # When a file arrives there
    answer = world.take(s3_event(bucket="elsewhere", version=version.version_id))
    # Then it is not copied back to where it came from
    assert (answer["action"], answer["reason"]) == ("REVIEW", "LOOP_GUARD")


def test_items_expire_only_where_that_is_set(dynamodb: Any) -> None:
    # Given a retention of 30 days
    world = World(dynamodb, replace(SETTINGS, retention_days=30))
    # When a file of 22:00 on 28 June is taken
    world.take(world.upload())
    # Then its item goes 30 days after its arrival
    assert world.items()[0]["expiresAt"] == 1753740000
    # And without a setting never
    unlimited = World(dynamodb)
    unlimited.take(unlimited.upload("from-sftp/bankpacific/bankpacific_balances_2025-06-28.csv"))
    assert ["expiresAt" in item for item in unlimited.items()].count(False) == 1


def test_a_verdict_outlives_the_worker_that_reached_it(world: World) -> None:
    # Given a rejected transfer whose worker died before it was settled, and a definition mended since
    put(world.dynamodb, "WorkflowDefinition", definition(enabled=False))
    event = world.upload()
    world.take(event)
    put(world.dynamodb, "WorkflowDefinition", definition())
    # When the message comes again
    answer = world.take(event, receives=2)
    # Then the verdict stands: it is not a copy to no targets
    assert (answer["action"], answer["reason"]) == ("REVIEW", "WORKFLOW_DISABLED")


def test_two_workflows_that_both_fit_are_refused(world: World) -> None:
    put(world.dynamodb, "WorkflowDefinition", definition(workflowId="another"))
    answer = world.take(world.upload())
    assert (answer["action"], answer["reason"]) == ("REVIEW", "AMBIGUOUS_WORKFLOW")


def test_the_longest_prefix_and_the_fitting_name_decide(world: World) -> None:
    # Given a general workflow above, and one for other names beside
    put(
        world.dynamodb,
        "WorkflowDefinition",
        definition(workflowId="general", sourcePrefix="from-sftp/", validationRegex=None),
        definition(workflowId="reports", validationRegex=r"^report"),
    )
    assert world.take(world.upload())["transfer"]["workflowId"] == "copy-sftp-to-s3-and-sftp"


def test_a_message_may_name_its_workflow_and_its_targets(world: World) -> None:
    # Given the brief's message
    world.upload()
    message = {
        "bucket": LANDING,
        "key": KEY,
        "sourceType": "SFTP",
        "target": "s3://another-bucket/in/",
        "targetType": "S3",
        "workflowId": "copy-sftp-to-s3-and-sftp",
        "customerId": "bankpacific",
    }
    # When it is taken
    answer = world.take(message)
    # Then the file goes where the message says
    (target,) = answer["targets"]
    assert target["uri"] == "s3://another-bucket/in/bankpacific_transactions_2025-06-28.csv"


def test_an_unknown_workflow_that_is_named_is_refused(world: World) -> None:
    world.upload()
    answer = world.take({"bucket": LANDING, "key": KEY, "workflowId": "nothing-such"})
    assert (answer["action"], answer["reason"]) == ("REVIEW", "UNKNOWN_WORKFLOW")


def test_an_empty_file_is_refused_unless_allowed(world: World) -> None:
    assert world.take(world.upload(body=b""))["reason"] == "EMPTY_FILE"
    put(world.dynamodb, "WorkflowDefinition", definition(allowEmptyFiles=True))
    assert world.take(world.upload(body=b""), "m2")["action"] == "COPY"


@pytest.mark.parametrize("name", ["sub/", "a.csv.filepart", "a.tmp", "a.part"])
def test_what_is_no_file_is_ignored(world: World, name: str) -> None:
    answer = world.take(world.upload(f"from-sftp/bankpacific/{name}"))
    assert answer["action"] == "IGNORE"
    assert world.items() == []


@pytest.mark.parametrize(
    "body", ["", "not json", "[1]", '"text"', "{}", '{"bucket": 5, "key": "x"}', '{"bucket":"abc","key":"\\ud800"}']
)
def test_what_cannot_be_read_goes_to_a_person(world: World, body: str) -> None:
    answer = world.take(body)
    assert (answer["action"], answer["reason"], answer["messageId"]) == ("REVIEW", "UNREADABLE_MESSAGE", "m1")
    assert "transfer" not in answer


def test_a_partial_upload_is_rejected_and_its_repetition_is_not(world: World) -> None:
    # Given a broken upload and, before its event was read, the complete one
    world.s3.put(LANDING, KEY, b"con")
    world.s3.now = world.s3.now.replace(minute=5)
    whole = world.s3.put(LANDING, KEY, b"content")
    # When both events are read
    end = "2025-06-28T22:00:01.000Z"
    partial = world.take(transfer_event(failed="PARTIAL_UPLOAD", bytes=3, **{"end-timestamp": end}), "m1")
    later = "2025-06-28T22:05:01.000Z"
    complete = world.take(transfer_event(etag=whole.etag, bytes=7, **{"end-timestamp": later}), "m2")
    # Then the one is quarantined and the other copied
    assert (partial["action"], partial["status"], partial["reason"]) == ("REVIEW", "REJECTED", "PARTIAL_UPLOAD")
    assert partial["transfer"]["versionId"] == "v1"
    assert (complete["action"], complete["transfer"]["versionId"]) == ("COPY", "v2")


def test_a_transfer_event_finds_the_version_it_means(world: World) -> None:
    # Given two uploads before the first event is read
    first = world.s3.put(LANDING, KEY, b"first")
    world.s3.put(LANDING, KEY, b"second")
    # When the first event is read
    answer = world.take(transfer_event(etag=first.etag))
    # Then it names the first version
    assert answer["transfer"]["versionId"] == first.version_id


def test_clocks_and_byte_counts_that_differ_lose_no_file(world: World) -> None:
    # Given an upload whose event has its entity tag, but a count and an end that do not fit
    version = world.s3.put(LANDING, KEY, b"content")
    event = transfer_event(etag=version.etag, bytes=99, **{"end-timestamp": "2025-06-28T21:00:00.000Z"})
    # Then the file is copied
    assert world.take(event)["action"] == "COPY"


def test_a_failed_upload_that_left_nothing_is_rejected_without_a_version(world: World) -> None:
    # Given a failed upload, and a good file of another size that came later
    good = world.s3.put(LANDING, KEY, b"content")
    event = transfer_event(failed="PARTIAL_UPLOAD", bytes=3, **{"end-timestamp": "2025-06-28T21:00:00.000Z"})
    # When both are read
    failed, taken = world.take(event), world.take(transfer_event(etag=good.etag), "m2")
    # Then only the failed one is rejected
    assert (failed["reason"], failed["transfer"]["versionId"]) == ("PARTIAL_UPLOAD", "")
    assert taken["action"] == "COPY"


@pytest.mark.parametrize("settled", [True, False], ids=["after", "before"])
def test_a_good_upload_that_was_taken_for_the_failed_one_is_delivered(world: World, settled: bool) -> None:
    # Given a failed upload and, within the same second and with the same bytes, a good one
    good = world.s3.put(LANDING, KEY, b"content")
    end = {"bytes": 7, "end-timestamp": "2025-06-28T22:00:01.000Z"}
    failed = world.take(transfer_event(failed="UNKNOWN_ERROR", etag=good.etag, **end), "m1")
    if settled:
        world.settle(failed, "REJECTED")
    # When the event of the good one comes after (or before) the rejection is written
    taken = world.take(transfer_event(etag=good.etag, **end), "m2")
    # Then the file is copied all the same, and the rejection cannot be written any more
    assert (failed["reason"], taken["action"]) == ("UNKNOWN_ERROR", "COPY")
    assert taken["transfer"]["attempt"] == failed["transfer"]["attempt"] + 1
    assert len(taken["targets"]) == 2
    (item,) = world.items()
    assert (item["status"], item["attempt"], "review" in item) == ("IN_PROGRESS", 2, False)
    assert problems("status-item", item) == []
    # And the other way round the failure is a duplicate
    assert world.take(transfer_event(failed="UNKNOWN_ERROR", etag=good.etag, **end), "m3")["action"] == "DROP"


def test_a_version_that_is_gone_is_rejected(world: World) -> None:
    event = world.upload()
    world.s3.delete(LANDING, KEY)
    answer = world.take(event)
    assert (answer["action"], answer["status"], answer["reason"]) == ("REVIEW", "REJECTED", "NOT_FOUND")


def test_a_late_duplicate_of_a_delivered_version_that_is_gone_is_a_duplicate(world: World) -> None:
    # Given a delivered version that was deleted afterwards, with an arrival that differs from the event's time
    event = world.upload()
    first = world.take(event)
    world.settle(first, "SUCCESS")
    world.s3.delete(LANDING, KEY)
    # When a duplicate of its event comes
    answer = world.take(event, "m2")
    # Then no second item says that it was not found
    assert answer["action"] == "DROP"
    assert [item["status"] for item in world.items()] == ["SUCCESS"]


def test_a_refusal_of_the_source_is_tried_again_and_then_goes_to_a_person(world: World) -> None:
    # Given an object we may not read
    event = world.upload()

    def refuse(**_: Any) -> None:
        raise error(403, "403", "HeadObject")

    world.s3.head_object = refuse  # type: ignore[method-assign, assignment]
    # When it is taken, then it goes back to the queue while deliveries are left
    with pytest.raises(PermissionDenied):
        world.take(event)
    # And ends with a person
    answer = world.take(event, receives=SETTINGS.max_receives)
    assert (answer["action"], answer["status"], answer["reason"]) == ("REVIEW", "FAILED", "PERMISSION_DENIED")


def test_a_fault_of_s3_sends_the_message_back(world: World) -> None:
    event = world.upload()

    def fail(**_: Any) -> None:
        raise error(500, "InternalError", "HeadObject")

    world.s3.head_object = fail  # type: ignore[method-assign, assignment]
    with pytest.raises(Transient):
        world.take(event)
    assert world.items() == []


@pytest.mark.parametrize(
    "name",
    [
        "with blank.csv",
        "a+b.csv",
        "a#b%23.csv",
        "quote\"'.csv",
        "ünïcödé-数据-😀.csv",
        "x" * 996 + ".csv",
        "{customerId}.csv",
    ],
)
def test_odd_names_work(world: World, name: str) -> None:
    # Given a workflow without rules on names, with targets that leave room for a name of 1,000 characters
    put(
        world.dynamodb,
        "WorkflowDefinition",
        definition(
            validationRegex=None, sourcePrefix="in/", targets={"s3": {"uri": "s3://archive/b/"}}, targetType="S3"
        ),
    )
    # When a file with such a name arrives
    answer = world.take(world.upload(f"in/{name}"))
    # Then it is claimed and goes to its own name
    assert answer["action"] == "COPY"
    assert answer["targets"][0]["key"] == f"b/{name}"
    assert problems("status-item", world.items()[0]) == []
    assert len(answer["transfer"]["sk"].encode()) <= 1024
