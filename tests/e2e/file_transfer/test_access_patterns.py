"""Each question of the brief is answered by Query; nothing in the system ever scans."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.e2e.file_transfer.transfers import Transfers


def test_every_access_pattern_of_the_brief_is_a_query(transfers: Transfers) -> None:
    # Given one delivered and one rejected file of a customer
    route = transfers.route(validationRegex=r"^good.*$")
    transfers.upload(route, "good.csv")
    transfers.upload(route, "bad.csv")
    good, bad = transfers.settled(route, "good.csv"), transfers.settled(route, "bad.csv")
    transfers.assert_complete(route, "good.csv", good)
    transfers.assert_complete(route, "bad.csv", bad)
    queries, today = transfers.queries, good["SK"][3:13]
    transfers.eventually(lambda: queries.failures_of_file(route.customer, "bad.csv"), "the failure record")

    # When every question is asked
    mark = transfers.cloud.mark()
    answers = {
        "latest status of a file": queries.latest_status(route.customer, "good.csv")["SK"] == good["SK"],  # type: ignore[index]
        "history of a file": [item["SK"] for item in queries.history(route.customer, "good.csv")] == [good["SK"]],
        "files of a customer on a day": len(queries.files_of_customer(route.customer, today)) == 2,
        "files of a customer in a month": len(queries.files_of_customer(route.customer, today[:7])) == 2,
        "failed files of a customer": [i["SK"] for i in queries.attention_of_customer(route.customer)] == [bad["SK"]],
        "files by workflow and status": [i["SK"] for i in queries.by_workflow_and_status(route.workflow_id, "SUCCESS")]
        == [good["SK"]],
        "files by date and status": good["SK"] in [i["SK"] for i in queries.by_date_and_status(today, "SUCCESS")],
        "audit trail of a file": queries.audit_trail(route.customer, "good.csv")[-1]["eventType"] == "SUCCESS",
        "failures of a file": queries.failures_of_file(route.customer, "bad.csv")[0]["failureReason"]
        == "VALIDATION_FAILED",
        "failures of a customer": len(queries.failures_of_customer(route.customer)) == 1,
        "notifications of a file": len(queries.notifications_of_file(route.customer, "good.csv")) == 1,
        "notifications of a customer": len(queries.notifications_of_customer(route.customer)) == 2,
        "notifications of a customer by status": len(queries.notifications_of_customer(route.customer, "SENT")) == 2,
        "last failed notifications": queries.failed_notifications("2000-01-01") == [],
    }

    # Then each has its answer, and Query gave it
    assert [question for question, right in answers.items() if not right] == []
    assert {call["operation"] for call in transfers.cloud.calls(mark) if call["service"] == "dynamodb"} <= {"Query"}


def test_a_notification_that_fails_for_good_is_found(transfers: Transfers) -> None:
    # Given a topic that refuses everything
    route = transfers.route()
    transfers.cloud.inject(
        [
            {
                "id": "topic",
                "service": "sns",
                "operation": "Publish",
                "principal": "*",
                "probability": 1.0,
                "action": {"type": "error", "code": "InternalError", "status": 500},
            }
        ]
    )

    # When a file is delivered
    transfers.upload(route, "a.csv")
    assert transfers.settled(route, "a.csv")["status"] == "SUCCESS"

    # Then its notification is RETRYING and then FAILED, and both can be asked for
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    failed = transfers.eventually(
        lambda: [n for n in transfers.queries.failed_notifications(today, 100) if n["customerId"] == route.customer],
        "the notification to fail for good",
        timeout=120,
    )
    assert failed[0]["retryCount"] >= 1
    assert transfers.queries.notifications_of_customer(route.customer, "FAILED")


@pytest.mark.last(1)
def test_nothing_ever_scans(transfers: Transfers) -> None:
    scans = [call for call in transfers.cloud.calls() if call["operation"] in ("Scan", "ExecuteStatement")]
    # But for the tests' own look at what is left of uploads, whose keys are hashes.
    control = "/FileTransferControl"

    assert [call for call in scans if "role" in call["principal"] or not call["resource"].endswith(control)] == []
