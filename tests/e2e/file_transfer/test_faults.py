"""The world breaks: duplicates, lost answers, throttling, killed functions, failing targets. The invariants hold."""

from __future__ import annotations

from typing import Any

from tests.e2e.file_transfer.transfers import COPY_ROLE, Route, Transfers

VALIDATE_ROLE = "*file-transfer-validate-input*"


def s3_event(transfers: Transfers, route: Route, name: str) -> dict[str, Any]:
    """The S3 event of the newest version of an uploaded file, as EventBridge words it."""
    head = transfers.s3.head_object(Bucket=transfers.landing, Key=f"{route.prefix}{name}")
    return {
        "version": "0",
        "id": "11111111-2222-3333-4444-555555555555",
        "source": "aws.s3",
        "detail-type": "Object Created",
        "account": "000000000000",
        "time": "2026-01-01T00:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{transfers.landing}"],
        "detail": {
            "version": "0",
            "bucket": {"name": transfers.landing},
            "object": {
                "key": f"{route.prefix}{name}",
                "size": head["ContentLength"],
                "etag": head["ETag"].strip('"'),
                "version-id": head["VersionId"],
                "sequencer": "0055AED6DCD90281E5",
            },
            "request-id": "C3D13FE58DE4C810",
            "requester": "000000000000",
            "source-ip-address": "127.0.0.1",
            "reason": "PutObject",
        },
    }


def assert_delivered_once(transfers: Transfers, route: Route, name: str, retries: int | None = None) -> dict[str, Any]:
    """SUCCESS, one version at each target, complete records; returns the status item."""
    item = transfers.settled(route, name)
    assert item["status"] == "SUCCESS", item
    if retries is not None:
        assert item["retryCount"] == retries
    for target in item["target"].values():
        bucket, _, key = target.removeprefix("s3://").removeprefix("sftp://").partition("/")
        bucket = transfers.partner_bucket if target.startswith("sftp://") else bucket
        key += name if key.endswith("/") else ""
        assert len(transfers.versions(bucket, key)) == 1, target
    transfers.assert_complete(route, name, item)
    return item


def test_a_duplicate_event_is_dropped_and_audited(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.upload(route, "a.csv")
    assert_delivered_once(transfers, route, "a.csv")

    # When the S3 event of the same object comes too, twice
    for _ in range(2):
        transfers.send(s3_event(transfers, route, "a.csv"))

    # Then it meets a transfer that is over
    item = transfers.eventually(
        lambda: (
            found
            if (found := transfers.queries.latest_status(route.customer, "a.csv")) and found.get("duplicates", 0) >= 2
            else None
        ),
        "two duplicates to be counted",
    )
    assert item["status"] == "SUCCESS"
    transfers.eventually(
        lambda: [
            e for e in transfers.queries.audit_trail(route.customer, "a.csv") if e["eventType"] == "DUPLICATE_DROPPED"
        ][1:],
        "both duplicates in the audit trail",
    )
    assert len(transfers.versions(transfers.archive, f"{route.customer}/")) == 1


def test_messages_delivered_twice_and_in_any_order(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    transfers.cloud.inject(
        [
            {
                "id": "twice",
                "service": "events",
                "operation": "Deliver",
                "probability": 0.5,
                "action": {"type": "duplicate"},
            },
            {
                "id": "again",
                "service": "sqs",
                "operation": "Message",
                "probability": 0.5,
                "action": {"type": "duplicate"},
            },
            {
                "id": "shuffle",
                "service": "sqs",
                "operation": "Message",
                "probability": 0.5,
                "action": {"type": "reorder"},
            },
        ]
    )
    names = [f"f{number}.csv" for number in range(8)]
    with transfers.cloud.sftp("tester") as sftp:
        sftp.put_all({f"{route.sftp_folder}/{name}": name.encode() for name in names})

    for name in names:
        assert_delivered_once(transfers, route, name)
    assert transfers.cloud.injected()


def test_a_target_that_fails_twice_is_tried_again_and_the_other_is_not(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    transfers.break_copies(transfers.partner_bucket, {"type": "error", "code": "InternalError", "status": 500}, times=2)

    transfers.upload(route, "a.csv")

    item = assert_delivered_once(transfers, route, "a.csv", retries=2)
    assert [item["targets"][target]["attempts"] for target in ("s3", "sftp")] == [1, 3]
    kinds = [event["eventType"] for event in transfers.queries.audit_trail(route.customer, "a.csv")]
    assert kinds.count("COPY_TO_S3") == 1
    assert kinds.count("RETRY") == 2


def test_a_target_that_fails_for_good_leaves_the_other_delivered(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    transfers.break_copies(transfers.archive, {"type": "error", "code": "AccessDenied", "status": 403})

    transfers.upload(route, "a.csv")

    item = transfers.settled(route, "a.csv")
    assert (item["status"], item["failureReason"], item["retryCount"]) == ("PARTIAL", "PERMISSION_DENIED", 0)
    assert transfers.content(transfers.partner_bucket, f"{route.customer}/a.csv")
    assert transfers.review_messages(f"{route.prefix}a.csv")
    assert transfers.queries.attention_of_customer(route.customer)
    transfers.assert_complete(route, "a.csv", item)


def test_retries_end(transfers: Transfers) -> None:
    route = transfers.route(maxRetries=2)
    transfers.break_copies(transfers.archive, {"type": "error", "code": "SlowDown", "status": 503})

    transfers.upload(route, "a.csv")

    item = transfers.settled(route, "a.csv")
    assert (item["status"], item["failureReason"], item["retryCount"]) == ("FAILED", "THROTTLED", 2)
    assert transfers.review_messages(f"{route.prefix}a.csv")
    transfers.assert_complete(route, "a.csv", item)


def test_throttled_everywhere_for_a_while(transfers: Transfers) -> None:
    route = transfers.route(to=("s3", "sftp"))
    transfers.cloud.inject(
        [
            {
                "id": service,
                "service": service,
                "operation": "*",
                "principal": "*assumed-role/*/file-transfer*",
                "probability": 0.3,
                "times": 8,
                "action": {"type": "throttle"},
            }
            for service in ("s3", "dynamodb", "lambda", "sqs")
        ]
    )

    transfers.upload(route, "a.csv")

    assert_delivered_once(transfers, route, "a.csv")


def test_a_copy_whose_answer_is_lost_is_not_made_again(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.break_copies(transfers.archive, {"type": "lost_response"}, nth=[1])

    transfers.upload(route, "a.csv")

    assert_delivered_once(transfers, route, "a.csv")
    assert [entry["operation"] for entry in transfers.cloud.injected()] == ["CopyObject"]


def test_a_claim_and_a_settle_whose_answers_are_lost(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "claim",
                "service": "dynamodb",
                "operation": "PutItem",
                "resource": "*FileTransferStatus*",
                "principal": VALIDATE_ROLE,
                "nth": [1],
                "action": {"type": "lost_response"},
            },
            {
                "id": "settle",
                "service": "dynamodb",
                "operation": "UpdateItem",
                "resource": "*FileTransferStatus*",
                "principal": "*",
                "nth": [1],
                "action": {"type": "lost_response"},
            },
        ]
    )

    transfers.upload(route, "a.csv")

    assert_delivered_once(transfers, route, "a.csv")
    assert {entry["rule"] for entry in transfers.cloud.injected()} == {"claim", "settle"}


def test_the_copy_function_is_killed_in_the_middle(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "slow",
                "service": "s3",
                "operation": "CopyObject",
                "principal": COPY_ROLE,
                "nth": [1],
                "action": {"type": "latency", "ms": 1500},
            },
            {
                "id": "kill",
                "service": "lambda",
                "operation": "Invoke",
                "resource": "*copy-object*",
                "principal": "*",
                "nth": [1],
                "action": {"type": "kill_lambda", "after_ms": 400},
            },
        ]
    )

    transfers.upload(route, "a.csv")

    assert_delivered_once(transfers, route, "a.csv")
    assert "kill" in {entry["rule"] for entry in transfers.cloud.injected()}


def test_the_validating_function_is_killed_after_its_claim(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "slow",
                "service": "dynamodb",
                "operation": "PutItem",
                "resource": "*FileTransferStatus*",
                "principal": VALIDATE_ROLE,
                "nth": [1],
                "action": {"type": "lost_response"},
            },
            {
                "id": "kill",
                "service": "lambda",
                "operation": "Invoke",
                "resource": "*validate-input*",
                "principal": "*",
                "nth": [1, 2],
                "action": {"type": "kill_lambda", "after_ms": 5},
            },
        ]
    )

    transfers.upload(route, "a.csv")

    assert_delivered_once(transfers, route, "a.csv")


def test_a_failing_topic_never_fails_a_file(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "topic",
                "service": "sns",
                "operation": "Publish",
                "principal": "*",
                "probability": 1.0,
                "times": 2,
                "action": {"type": "error", "code": "InternalError", "status": 500},
            }
        ]
    )

    transfers.upload(route, "a.csv")

    assert transfers.settled(route, "a.csv")["status"] == "SUCCESS"
    sent = transfers.eventually(
        lambda: [n for n in transfers.queries.notifications_of_file(route.customer, "a.csv") if n["status"] == "SENT"],
        "the notification to be sent after all",
    )
    assert len(sent) == 1


def test_an_overwrite_while_copying_ends_with_the_newer_file(transfers: Transfers) -> None:
    # Given a copy of the first version that takes its time
    route = transfers.route()
    transfers.break_copies(transfers.archive, {"type": "latency", "ms": 800}, nth=[1])
    transfers.upload(route, "a.csv", b"old")

    # When the file is overwritten meanwhile
    transfers.upload(route, "a.csv", b"new")

    # Then both arrivals end, and the target holds the newer bytes
    both = transfers.eventually(
        lambda: (
            items
            if len(items := transfers.queries.history(route.customer, "a.csv")) == 2
            and all(item["status"] in ("SUCCESS", "SUPERSEDED") for item in items)
            else None
        ),
        "both arrivals to settle",
    )
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == b"new"
    for item in both:
        transfers.assert_complete(route, "a.csv", item)


def test_a_late_retry_never_overwrites_a_newer_file(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.break_copies(transfers.archive, {"type": "error", "code": "InternalError", "status": 500}, times=1)
    transfers.upload(route, "a.csv", b"old")
    transfers.eventually(lambda: transfers.queries.latest_status(route.customer, "a.csv"), "the first claim")

    transfers.upload(route, "a.csv", b"new")

    transfers.eventually(
        lambda: (
            len(items := transfers.queries.history(route.customer, "a.csv")) == 2
            and all(item["status"] in ("SUCCESS", "SUPERSEDED") for item in items)
        ),
        "both arrivals to settle",
    )
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == b"new"


def test_a_message_that_keeps_crashing_ends_with_a_person(transfers: Transfers) -> None:
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "kill",
                "service": "s3",
                "operation": "*",
                "resource": f"*{transfers.landing}*",
                "principal": VALIDATE_ROLE,
                "probability": 1.0,
                "action": {"type": "error", "code": "InternalError", "status": 500},
            }
        ]
    )

    transfers.upload(route, "a.csv")

    def dead_letter() -> bool:
        url = transfers.system["dead_letter_queue_url"]
        batch = transfers.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
        return any(route.customer in message["Body"] for message in batch.get("Messages", []))

    transfers.eventually(dead_letter, "the message to reach the dead-letter queue", timeout=120)


def test_an_event_that_comes_after_the_overwrite_still_finds_its_version(transfers: Transfers) -> None:
    # Given an upload whose event is late
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "late",
                "service": "events",
                "operation": "Deliver",
                "nth": [1],
                "action": {"type": "delay", "ms": 1500},
            }
        ]
    )
    transfers.upload(route, "a.csv", b"first")

    # When the file is overwritten before the event arrives
    transfers.upload(route, "a.csv", b"the second")

    # Then both versions have an arrival of their own, and the newer bytes are at the target
    items = transfers.eventually(
        lambda: (
            found
            if len(found := transfers.queries.history(route.customer, "a.csv")) == 2
            and all(item["status"] in ("SUCCESS", "SUPERSEDED") for item in found)
            else None
        ),
        "both versions to settle",
    )
    versions = {v["VersionId"] for v in transfers.versions(transfers.landing, f"{route.prefix}a.csv")}
    assert {item["versionId"] for item in items} == versions
    assert transfers.content(transfers.archive, f"{route.customer}/a.csv") == b"the second"


def test_a_change_that_cannot_be_recorded_waits_in_a_queue(transfers: Transfers) -> None:
    # Given an audit table that refuses every write of the recorder
    route = transfers.route()
    url = transfers.system["unrecorded_queue_url"]
    before = set(transfers.message_ids(url))
    transfers.cloud.inject(
        [
            {
                "id": "audit",
                "service": "dynamodb",
                "operation": "PutItem",
                "resource": "*FileTransferAuditLog*",
                "principal": "*record-status*",
                "probability": 1.0,
                "action": {"type": "error", "code": "InternalServerError", "status": 500},
            }
        ]
    )

    # When a file is delivered
    transfers.upload(route, "a.csv")

    # Then the delivery stands, and the mapping hands the change to the queue that an alarm watches
    assert transfers.settled(route, "a.csv")["status"] == "SUCCESS"
    given_up = transfers.eventually(
        lambda: set(transfers.message_ids(url)) - before, "the change to be given up", timeout=180
    )
    assert len(given_up) == 1


def test_a_scheduled_retry_whose_answer_is_lost_still_comes(transfers: Transfers) -> None:
    # Given a target that fails once, and the write that notes the retry done but unanswered, every time
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "copy",
                "service": "s3",
                "operation": "CopyObject",
                "principal": COPY_ROLE,
                "nth": [1],
                "action": {"type": "error", "code": "InternalError", "status": 500},
            },
            {
                "id": "note",
                "service": "dynamodb",
                "operation": "UpdateItem",
                "principal": "*assumed-role/file-transfer/file-transfer*",
                "nth": [1],
                "action": {"type": "lost_response"},
            },
        ]
    )

    transfers.upload(route, "a.csv")

    # Then nothing is stuck in RETRYING
    assert_delivered_once(transfers, route, "a.csv", retries=1)
    assert {entry["rule"] for entry in transfers.cloud.injected()} == {"copy", "note"}
