"""What the tests say about file transfer: routes, uploads, waiting, and the invariants every transfer must keep."""

from __future__ import annotations

import itertools
import json
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from file_transfer.records import audit
from file_transfer.records.queries import TransferQueries
from local_cloud.session import LocalCloud

SETTLED = ("SUCCESS", "PARTIAL", "FAILED", "REJECTED", "SUPERSEDED")
COPY_ROLE = "*file-transfer-copy-object*"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Route:
    """A customer with a workflow of its own: made by one item, as an operator would, no deploy."""

    customer: str
    workflow_id: str
    sftp_folder: str
    prefix: str


class Transfers:
    """The file-transfer stack under test."""

    def __init__(self, cloud: LocalCloud) -> None:
        stack = cloud.outputs("file-transfer")
        self.cloud = cloud
        self.system = stack["file_transfer"]
        self.landing = self.system["landing_bucket_name"]
        self.archive = stack["archive_bucket_name"]
        self.partner_bucket = stack["partner_bucket_name"]
        self.s3 = cloud.client("s3")
        self.sqs = cloud.client("sqs")
        self.dynamodb = cloud.client("dynamodb")
        self.queries = TransferQueries(self.dynamodb, self.system["table_names"])

    # Given

    def route(self, to: Sequence[str] = ("s3",), source: str = "SFTP", **definition: Any) -> Route:
        """A new customer whose files go to the archive (`s3`), the partner's folder (`sftp`), or both.

        `definition` replaces attributes of the workflow item, None leaves one out.
        """
        customer = f"c{next(_numbers)}{uuid.uuid4().hex[:6]}"
        folder = f"from-sftp/{customer}/" if source == "SFTP" else f"from-s3/{customer}/"
        kinds = {
            "s3": {"type": "S3", "uri": f"s3://{self.archive}/{customer}/"},
            "sftp": {"type": "SFTP", "uri": f"sftp://partner/{customer}/"},
        }
        chosen = {key: kinds[key] for key in to}
        item = {
            "workflowId": f"wf-{customer}",
            "sourceType": source,
            "targetType": "_".join(kinds[key]["type"] for key in to),
            "sourcePrefix": folder,
            "customerId": customer,
            "targets": chosen,
            "maxRetries": 3,
            "enabled": True,
            "version": 1,
        } | definition
        self.put_workflow(item)
        return Route(customer, f"wf-{customer}", f"/{customer}", folder)

    def put_workflow(self, definition: Mapping[str, Any]) -> None:
        """Store one WorkflowDefinition item."""
        item = {"PK": f"WORKFLOW#{definition['workflowId']}", **definition}
        self.dynamodb.put_item(
            TableName=self.system["table_names"]["WorkflowDefinition"],
            Item={key: typed(value) for key, value in item.items() if value is not None},
        )

    def break_copies(self, bucket: str, action: Mapping[str, Any], **rule: Any) -> None:
        """Let copies into a bucket fail; `nth`, `times` or `probability` say which."""
        if not {"nth", "probability"} & set(rule):
            rule["probability"] = 1.0
        self.cloud.inject(
            [
                {
                    "id": "copies",
                    "service": "s3",
                    "operation": "CopyObject",
                    "resource": f"*{bucket}*",
                    "principal": COPY_ROLE,
                    "action": dict(action),
                    **rule,
                }
            ]
        )

    # When

    def upload(self, route: Route, name: str, content: bytes = b"a,b\n1,2\n") -> None:
        """Put a file over SFTP as its customer would."""
        with self.cloud.sftp("tester") as sftp:
            sftp.put(f"{route.sftp_folder}/{name}", content)

    def next_second(self, item: Mapping[str, Any]) -> None:
        """Wait until S3's clock has moved on: it counts in seconds, and arrivals of one second sort by their id."""
        while time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) <= item["SK"][3:22]:
            time.sleep(0.05)

    def send(self, body: Any) -> None:
        """Put a message into the intake queue."""
        text = body if isinstance(body, str) else json.dumps(body)
        self.sqs.send_message(QueueUrl=self.system["queue_url"], MessageBody=text)

    def at_rest(self) -> None:
        """Waits until nobody is at work: what a test before this one left would meet the faults of this one."""
        others = [self.system["system"][name]["url"] for name in ("connector_queue", "notification_queue")]
        urls = [self.system["queue_url"], *others]
        kinds = [f"ApproximateNumberOfMessages{kind}" for kind in ("", "NotVisible", "Delayed")]

        def empty() -> bool:
            answers = [self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=kinds) for url in urls]
            return not any(int(number) for answer in answers for number in answer["Attributes"].values())

        self.eventually(empty, "queues without messages")

    # Then

    def settled(self, route: Route, name: str, *, after: str = "", timeout: float = 60) -> dict[str, Any]:
        """Wait until the newest arrival of a file has ended; `after` is the SK of an arrival that does not count."""

        def ended() -> dict[str, Any] | None:
            item = self.queries.latest_status(route.customer, name)
            return item if item and item["SK"] > after and item["status"] in SETTLED else None

        return self.eventually(ended, f"{name} of {route.customer} to settle", timeout)

    def eventually(self, ask: Callable[[], Any], what: str, timeout: float = 60) -> Any:
        """Poll until the answer is neither None nor empty."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if answer := ask():
                return answer
            time.sleep(0.05)
        raise AssertionError(f"waited {timeout:.0f} s for {what}")

    def versions(self, bucket: str, prefix: str) -> list[dict[str, Any]]:
        """Every version ever written below a prefix: two writes of the same bytes are two versions."""
        pages = self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix)
        return [version for page in pages for version in page.get("Versions", [])]

    def content(self, bucket: str, key: str) -> bytes:
        """Bytes of an object."""
        body: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def message_ids(self, queue_url: str) -> list[str]:
        """Ids of the messages that wait in a queue; they stay there."""
        batch = self.sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["MessageId"] for message in batch.get("Messages", [])]

    def review_messages(self, transfer_prefix: str) -> list[dict[str, Any]]:
        """Messages in the manual review queue whose key starts so; they are left there."""
        url = self.system["manual_review_queue_url"]
        found = {}
        for _ in range(30):
            batch = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=1)
            for message in batch.get("Messages", []):
                found[message["MessageId"]] = json.loads(message["Body"])
            hits = [body for body in found.values() if transfer_prefix in json.dumps(body, ensure_ascii=False)]
            if hits:
                return hits
            time.sleep(0.1)
        return []

    def assert_complete(self, route: Route, name: str, item: Mapping[str, Any]) -> None:
        """The invariants of one settled arrival: audit from receipt to end, chained; index row; one notification."""
        transfer = str(item["SK"])

        def recorded() -> list[dict[str, Any]] | None:
            records = [
                record
                for record in self.queries.audit_records(route.customer, name)
                if record["SK"].startswith(transfer + "#")
            ]
            return records if any(each["eventType"] == item["status"] for each in records) else None

        records = self.eventually(recorded, f"the audit trail of {name}")
        events = [event for record in records for event in record["events"]]
        kinds = [event["eventType"] for event in events if event["eventType"] != "DUPLICATE_DROPPED"]
        assert kinds[0] == "UPLOAD_RECEIVED", kinds
        assert kinds[-1] == item["status"], kinds
        ends = [kind for kind in kinds if kind in SETTLED]
        # One end, but for the failed upload that turned out to be a whole one: its rejection is taken back.
        assert ends in ([item["status"]], ["REJECTED", item["status"]]), kinds
        assert audit.broken_links(records) == []
        # Milliseconds: the machine has no more. A duplicate is stamped before its write, which may wait its turn.
        times = [event["at"][:23] for event in events if event["eventType"] != "DUPLICATE_DROPPED"]
        assert times == sorted(times), events
        row = self.eventually(
            lambda: [
                row
                for row in self.queries.files_of_customer(route.customer, transfer[3:13])
                if row["statusKey"] == transfer and row["status"] == item["status"]
            ],
            "the customer index row",
        )
        assert len(row) == 1

        def ended() -> list[dict[str, Any]] | None:
            told = self.queries.notifications_of_file(route.customer, name)
            return told if all(entry["status"] != "RETRYING" for entry in told) else None

        sent = self.eventually(ended, "the notifications")
        assert {entry["status"] for entry in sent} == {"SENT"}, sent


def typed(value: Any) -> dict[str, Any]:
    """A plain value as a DynamoDB attribute value."""
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, Mapping):
        return {"M": {key: typed(inner) for key, inner in value.items()}}
    return {"L": [typed(inner) for inner in value]}
