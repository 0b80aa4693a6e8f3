"""Replays: what ended short of its targets is started again, once, whatever gets lost on the way."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.test_faults import VALIDATE_ROLE
from tests.e2e.file_transfer.transfers import Route, Transfers

REFUSED = {"type": "error", "code": "AccessDenied", "status": 403}


def order(item: Mapping[str, Any], replay_id: str = "", **changes: Any) -> dict[str, Any]:
    """The message that replays a transfer."""
    name = replay_id or f"replay-{uuid.uuid4().hex[:8]}"
    message = {"kind": "towpath.replay", "pk": item["PK"], "sk": item["SK"], "replayId": name, "by": "anna@example.com"}
    return {**message, **changes}


def partial(transfers: Transfers, route: Route, name: str = "a.csv") -> dict[str, Any]:
    """A transfer that reached the archive and was refused by the partner's bucket, which takes it from now on."""
    transfers.break_copies(transfers.partner_bucket, REFUSED)
    transfers.upload(route, name)
    item = transfers.settled(route, name)
    assert (item["status"], item["failureReason"]) == ("PARTIAL", "PERMISSION_DENIED")
    transfers.cloud.clear_faults()
    return item


def replayed(transfers: Transfers, route: Route, name: str = "a.csv", status: str = "SUCCESS") -> dict[str, Any]:
    """The item once its replay has ended."""

    def ended() -> dict[str, Any] | None:
        item = transfers.queries.latest_status(route.customer, name)
        return item if item and item.get("replays") and item["status"] == status else None

    item: dict[str, Any] = transfers.eventually(ended, f"the replay of {name} to end {status}")
    return item


def trail(transfers: Transfers, route: Route, name: str = "a.csv") -> list[str]:
    return [event["eventType"] for event in transfers.queries.audit_trail(route.customer, name)]


def assert_each_reached_once(transfers: Transfers, route: Route) -> None:
    for bucket in (transfers.archive, transfers.partner_bucket):
        assert len(transfers.versions(bucket, f"{route.customer}/")) == 1, bucket


def test_a_replay_copies_what_is_left_and_marks_the_failure(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    item = partial(transfers, route)

    # When it is replayed, by a message that comes twice
    message = order(item)
    transfers.send(message)
    transfers.send(message)

    # Then the missing target is reached, and the other is not copied again
    done = replayed(transfers, route)
    assert_each_reached_once(transfers, route)
    assert (done["replays"], done["replayedBy"], "failureReason" in done) == (1, "anna@example.com", False)
    # And the trail tells of it, and nobody waits for the failure any more
    transfers.eventually(lambda: "SUCCESS" in trail(transfers, route), "the end in the audit trail")
    kinds = [kind for kind in trail(transfers, route) if kind != "DUPLICATE_DROPPED"]
    assert kinds[-4:] == ["REPLAYED", "VALIDATED", "COPY_TO_SFTP", "SUCCESS"]
    (failure,) = transfers.queries.failures_of_file(route.customer, "a.csv")
    assert (failure["replayId"], failure["status"]) == (message["replayId"], "PARTIAL")


def test_a_replay_is_judged_by_the_definition_of_now(transfers: Transfers) -> None:
    # Given a file whose workflow was disabled
    route = transfers.route(enabled=False)
    transfers.upload(route, "a.csv")
    item = transfers.settled(route, "a.csv")
    assert item["failureReason"] == "WORKFLOW_DISABLED"
    # When it is enabled, and the file replayed
    table = transfers.system["table_names"]["WorkflowDefinition"]
    transfers.dynamodb.update_item(
        TableName=table,
        Key={"PK": {"S": f"WORKFLOW#{route.workflow_id}"}},
        UpdateExpression="SET enabled = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )

    def enabled() -> bool:
        transfers.send(order(item))
        found = transfers.queries.latest_status(route.customer, "a.csv") or {}
        return bool(found.get("status") == "SUCCESS")

    # Then it is delivered, once the warm functions have forgotten the definition that they remember
    transfers.eventually(enabled, "the replay to be delivered", 90)
    assert len(transfers.versions(transfers.archive, f"{route.customer}/")) == 1


def test_a_broken_upload_stays_rejected_unless_somebody_vouches_for_it(transfers: Transfers) -> None:
    # Given an upload of which nobody says that it is whole
    route = transfers.route()
    key = f"{route.prefix}a.csv"
    version = transfers.s3.put_object(Bucket=transfers.landing, Key=key, Body=b"a,b\n1,2\n")["VersionId"]
    transfers.send({"bucket": transfers.landing, "key": key, "versionId": version, "confirmed": False})
    item = transfers.settled(route, "a.csv")
    assert (item["status"], item["failureReason"]) == ("REJECTED", "UNCONFIRMED_UPLOAD")
    # When it is replayed, then the verdict stands
    transfers.send(order(item))
    assert replayed(transfers, route, status="REJECTED")["failureReason"] == "UNCONFIRMED_UPLOAD"
    # And when somebody vouches for it, it is delivered
    transfers.send(order(item, confirmed=True))
    replayed(transfers, route)
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == b"a,b\n1,2\n"


def test_a_lost_answer_of_the_claim_replays_once(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    item = partial(transfers, route)
    # Given that the answer of the replay's write gets lost
    transfers.cloud.inject([fault("dynamodb", "PutItem", "lost_response", principal=VALIDATE_ROLE, nth=[1])])

    transfers.send(order(item))

    # Then its redelivery takes its own claim over
    assert replayed(transfers, route)["replays"] == 1
    assert_each_reached_once(transfers, route)
    assert [entry["operation"] for entry in transfers.cloud.injected()] == ["PutItem"]


def test_a_function_that_is_killed_over_a_replay_loses_nothing(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    item = partial(transfers, route)
    transfers.cloud.inject([killed("validate-input", 5, nth=[1]), killed("copy-object", 5, nth=[1])])

    transfers.send(order(item))

    assert replayed(transfers, route)["replays"] == 1
    assert_each_reached_once(transfers, route)
    assert [entry["operation"] for entry in transfers.cloud.injected()] == ["Invoke", "Invoke"]


def test_throttled_calls_delay_a_replay(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    item = partial(transfers, route)
    transfers.cloud.inject([fault("dynamodb", "*Item", "throttle", principal=VALIDATE_ROLE, times=3)])

    transfers.send(order(item))

    assert replayed(transfers, route)["replays"] == 1
    assert_each_reached_once(transfers, route)


def test_what_fails_again_waits_for_somebody_again(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    item = partial(transfers, route)
    transfers.break_copies(transfers.partner_bucket, REFUSED)
    # When the partner still refuses it
    transfers.send(order(item))
    again = replayed(transfers, route, status="PARTIAL")
    # Then it is a failure once more, and another replay may mend it
    transfers.eventually(
        lambda: [
            each
            for each in transfers.queries.failures_of_file(route.customer, "a.csv")
            if each["revision"] == again["revision"] and "replayedAt" not in each
        ],
        "the failure to be open again",
    )
    transfers.cloud.clear_faults()
    transfers.send(order(item))
    assert replayed(transfers, route)["replays"] == 2  # noqa: PLR2004
    assert_each_reached_once(transfers, route)
