"""Rows for questions: Firehose writes what the tables say, and queries count it once, whatever breaks on the way."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from file_transfer.notifications.orders import announcement
from local_cloud.session import LocalCloud
from tests.athena import QUERIES, TABLES, Athena, columns
from tests.e2e.faults import fault, killed
from tests.e2e.file_transfer.transfers import Route, Transfers
from tests.e2e.permissions import left_over, refused

FUNCTION = "file-transfer-export-analytics"
STATUS, NOTIFICATIONS, FAILURES = "file_transfer_status", "transfer_notification_log", "transfer_failure_queue"
Rows = list[dict[str, Any]]
#: What AWS documents for a delivery to S3, of which the local cloud's makes one call alone.
UNUSED_BY_FIREHOSE = {
    ("analytics-delivery", action): "Firehose's guide asks for it on every role that writes to S3"
    for action in (
        "s3:AbortMultipartUpload",
        "s3:GetBucketLocation",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
    )
}


class Lake:
    """The bucket of rows as Athena would see it: its objects are fetched, and nothing else is known of them."""

    def __init__(self, cloud: LocalCloud, transfers: Transfers, folder: Path) -> None:
        self.transfers = transfers
        self.analytics = cloud.outputs("file-transfer")["analytics"]
        self.bucket = self.analytics["bucket_name"]
        self.folder = folder

    def keys(self) -> list[str]:
        pages = self.transfers.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def athena(self) -> Athena:
        """An engine over the objects that are there now."""
        for key in self.keys():
            place = self.folder / key
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(self.transfers.content(self.bucket, key))
        return Athena(self.folder)

    def rows(self, table: str, customer: str) -> Rows:
        """All rows of a customer, duplicates and earlier changes too."""
        return self.athena().ask(f"SELECT * FROM {table} WHERE customerId = ?", customer)

    def once(self, table: str, customer: str, fits: Callable[[Rows], bool]) -> Rows:
        """The rows of a customer when they are what the test waits for."""
        found: Rows = self.transfers.eventually(
            lambda: rows if fits(rows := self.rows(table, customer)) else None, f"rows of {customer} in {table}"
        )
        return found

    def files(self, customer: str, number: int, status: str = "SUCCESS") -> Rows:
        """What the query about a customer answers, once it has so many files of a status."""

        def answer() -> Rows | None:
            rows = self.athena().named("files_of_a_customer", customer)
            return rows if [row["status"] for row in rows].count(status) >= number else None

        found: Rows = self.transfers.eventually(answer, f"{number} files of {customer} to be {status}")
        return found


@pytest.fixture
def lake(cloud: LocalCloud, transfers: Transfers, tmp_path: Path) -> Iterator[Lake]:
    yield Lake(cloud, transfers, tmp_path)


def deliver(transfers: Transfers, route: Route, number: int) -> list[str]:
    """Upload so many files and wait until they have settled."""
    names = [f"f{count}.csv" for count in range(number)]
    for name in names:
        transfers.upload(route, name)
    for name in names:
        transfers.settled(route, name)
    return names


def test_what_happened_to_files_is_asked_by_the_named_queries(lake: Lake, transfers: Transfers) -> None:
    # Given a delivered file, a rejected one, and one that was delivered at its second try
    route = transfers.route(validationRegex=r"\.csv$")
    transfers.break_copies(transfers.archive, {"type": "error", "code": "InternalError", "status": 500}, nth=[1])
    transfers.upload(route, "retried.csv")
    transfers.settled(route, "retried.csv")
    for name in ("good.csv", "bad.txt"):
        transfers.upload(route, name)
        transfers.settled(route, name)
    # When their rows have been written
    lake.once(STATUS, route.customer, lambda rows: {"SUCCESS", "REJECTED"} <= {row["status"] for row in rows})
    lake.files(route.customer, 2)
    lake.once(FAILURES, route.customer, lambda rows: len(rows) > 0)
    lake.once(NOTIFICATIONS, route.customer, lambda rows: len({row["id"] for row in rows}) == 3)
    athena = lake.athena()
    # Then each is counted once, by its end
    files = athena.named("files_of_a_customer", route.customer)
    assert {row["filename"]: row["status"] for row in files} == {
        "retried.csv": "SUCCESS",
        "good.csv": "SUCCESS",
        "bad.txt": "REJECTED",
    }
    assert len(files) == 3
    days = [row for row in athena.named("transfers_by_day_and_customer") if row["customerid"] == route.customer]
    assert [sum(row[name] for row in days) for name in ("files", "delivered", "failed")] == [3, 2, 1]
    (reason,) = [row for row in athena.named("failures_by_reason") if row["workflowid"] == route.workflow_id]
    assert (reason["failures"], reason["waiting"]) == (1, 1)
    (durations,) = [row for row in athena.named("durations_by_workflow") if row["workflowid"] == route.workflow_id]
    assert durations["files"] == 2
    assert 0 < durations["p50_seconds"] <= durations["p99_seconds"] < 60
    told = [row for row in athena.named("notifications_by_customer_and_status") if row["customerid"] == route.customer]
    assert [(row["status"], row["notifications"]) for row in told] == [("SENT", 3)]
    assert athena.named("failed_files_of_a_workflow", route.workflow_id) == []
    assert {row["status"] for row in athena.named("summary_by_status")} >= {"SUCCESS", "REJECTED"}
    # And rows tell what the items do
    item = transfers.queries.latest_status(route.customer, "retried.csv") or {}
    row = max(lake.rows(STATUS, route.customer), key=lambda row: (row["filename"] == "retried.csv", row["revision"]))
    assert (row["id"], row["revision"], row["retrycount"]) == (item["SK"][-16:], item["revision"], 1)


def test_rows_lie_below_their_day_and_nobody_at_work_is_among_them(lake: Lake, transfers: Transfers) -> None:
    route = transfers.route()
    deliver(transfers, route, 1)
    rows = lake.once(STATUS, route.customer, lambda rows: len(rows) > 0)
    assert {row["day"] for row in rows} <= {
        time.strftime("%Y-%m-%d", time.gmtime(time.time() - ago)) for ago in (0, 300)
    }
    for key in lake.keys():
        assert key.split("/")[0] in TABLES, "everything could be written"
        assert key.split("/")[1].startswith("day=20")
        assert key.endswith(".json.gz")
    everything = lake.athena().ask(f"SELECT DISTINCT status FROM {STATUS}")
    assert "IN_PROGRESS" not in {row["status"] for row in everything}


def test_refused_records_come_again(lake: Lake, transfers: Transfers, cloud: LocalCloud) -> None:
    # Given a Firehose that refuses every third record, until somebody looks
    cloud.inject([fault("firehose", "AcceptRecord", "error", code="ServiceUnavailableException", probability=0.33)], 5)
    route = transfers.route()
    # When files are delivered
    names = deliver(transfers, route, 6)
    # Then each has its row
    files = lake.files(route.customer, len(names))
    assert sorted(row["filename"] for row in files) == names
    assert [each for each in cloud.injected() if each["operation"] == "AcceptRecord"]


@pytest.mark.parametrize(
    "broken",
    [
        fault("firehose", "PutRecordBatch", "error", code="ThrottlingException", status=400, times=8),
        killed(FUNCTION, 5, times=2),
    ],
    ids=["throttled", "killed"],
)
def test_a_function_that_does_not_get_through_is_started_again(
    lake: Lake, transfers: Transfers, cloud: LocalCloud, broken: dict[str, Any]
) -> None:
    # Given calls that fail, or a function that dies at work
    cloud.inject([broken])
    route = transfers.route()
    # When files are delivered
    names = deliver(transfers, route, 4)
    # Then each is counted once
    files = lake.files(route.customer, len(names))
    assert sorted(row["filename"] for row in files) == names
    assert cloud.injected()


def test_rows_that_come_twice_are_counted_once(lake: Lake, transfers: Transfers, cloud: LocalCloud) -> None:
    # Given calls that Firehose carries out and whose answers nobody gets
    cloud.inject([fault("firehose", "PutRecordBatch", "lost_response", times=2)])
    route = transfers.route()
    # When files are delivered
    names = deliver(transfers, route, 4)
    # Then there are more rows than transfers
    rows = lake.once(STATUS, route.customer, lambda rows: len(rows) > len(names))
    assert {row["filename"] for row in rows} == set(names)
    # And queries count each once
    assert sorted(row["filename"] for row in lake.files(route.customer, len(names))) == names
    days = [row for row in lake.athena().named("transfers_by_day_and_customer") if row["customerid"] == route.customer]
    assert sum(row["files"] for row in days) == len(names)
    assert sum(row["bytes"] for row in days) == len(names) * rows[0]["filesizebytes"]


def test_a_refusal_by_s3_is_waited_for(lake: Lake, transfers: Transfers, cloud: LocalCloud) -> None:
    cloud.inject([fault("s3", "PutObject", "error", code="SlowDown", status=503, resource=f"*{lake.bucket}*", times=6)])
    route = transfers.route()
    names = deliver(transfers, route, 2)
    assert sorted(row["filename"] for row in lake.files(route.customer, 2)) == names
    assert cloud.injected()


def test_a_change_that_makes_no_row_is_put_aside_and_holds_up_nobody(lake: Lake, transfers: Transfers) -> None:
    # Given an item that nobody of ours would write
    customer = transfers.route().customer
    strange = {"PK": f"NOTIFY#{customer}#f.csv", "SK": "strange", "status": "SENT", "customerId": customer}
    item = {name: {"S": value} for name, value in strange.items()}
    transfers.dynamodb.put_item(TableName=transfers.system["table_names"]["TransferNotificationLog"], Item=item)
    # When a notification comes after it
    route = transfers.route()
    deliver(transfers, route, 1)
    # Then that one is a row, and the queue tells where the other is
    lake.once(NOTIFICATIONS, route.customer, lambda rows: len(rows) > 0)
    url = lake.analytics["unexported_queue_url"]
    assert transfers.eventually(lambda: transfers.message_ids(url), "the change to be put aside")
    assert lake.rows(NOTIFICATIONS, customer) == []
    transfers.sqs.purge_queue(QueueUrl=url)


def test_a_missed_window_is_told_by_the_notifications_of_it(
    lake: Lake, transfers: Transfers, cloud: LocalCloud
) -> None:
    # Given what check-expectations orders when files did not come
    route = transfers.route()
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
    incident = {
        "kind": "towpath.incident",
        "notificationId": f"{uuid.uuid4().hex[:16]}-MISSED",
        "status": "MISSED",
        "text": "nightly is missed",
        "workflowId": route.workflow_id,
        "customerId": route.customer,
        "expectationId": "nightly",
        "startAt": now,
        "dueAt": now,
        "missedAt": now,
        "criteria": {"counts": "DELIVERED", "minCount": 1},
        "found": {"count": 0, "bytes": 0, "unfit": 0, "files": []},
        "timestamp": now,
    }
    url = cloud.client("sqs").get_queue_url(QueueName="file-transfer-notification-orders")["QueueUrl"]
    # When the topic is told, and the order comes twice
    for _ in range(2):
        transfers.sqs.send_message(QueueUrl=url, MessageBody=announcement(incident, "sns"))
    lake.once(NOTIFICATIONS, route.customer, lambda rows: any(row["status"] == "SENT" for row in rows))
    # Then one window was missed
    (missed,) = [row for row in lake.athena().named("sla_misses") if row["customerid"] == route.customer]
    assert (missed["expectationid"], missed["missed"], missed["late"]) == ("nightly", 1, 0)


def test_glue_and_athena_have_what_the_files_say(lake: Lake, cloud: LocalCloud) -> None:
    glue, athena = cloud.client("glue"), cloud.client("athena")
    tables = glue.get_tables(DatabaseName=lake.analytics["database_name"])["TableList"]
    told = {
        table["Name"]: {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}
        for table in tables
    }
    assert told == {table: columns(table) for table in TABLES}
    assert {table["Parameters"]["storage.location.template"] for table in tables} == {
        f"s3://{lake.bucket}/{table}/day=${{day}}/" for table in TABLES
    }
    ids = athena.list_named_queries(WorkGroup=lake.analytics["workgroup_name"])["NamedQueryIds"]
    named = [athena.get_named_query(NamedQueryId=each)["NamedQuery"] for each in ids]
    assert {query["Name"].replace("-", "_"): query["QueryString"] for query in named} == QUERIES


@pytest.mark.last(5)
def test_the_roles_of_analytics_may_do_what_they_were_seen_to_need(lake: Lake, cloud: LocalCloud) -> None:
    roles = lake.analytics["role_names"]
    everybody = [roles["functions"]["export-analytics"], roles["delivery"]]
    assert refused(cloud, everybody) == set()
    assert left_over(cloud, everybody, UNUSED_BY_FIREHOSE) == "", json.dumps(roles)
