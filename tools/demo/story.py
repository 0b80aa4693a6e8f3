"""The first acts: a delivery, a badly named file, a target that fails twice, and one that fails for good."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from file_transfer.records.queries import TransferQueries
from local_cloud.session import LocalCloud
from tools.demo.exchange import Exchange
from tools.demo.show import Screen

CUSTOMER = "bankpacific"
SETTLED = {"SUCCESS", "PARTIAL", "FAILED", "REJECTED", "SUPERSEDED"}
TRANSACTIONS = b"date,account,amount\n2025-06-28,4711,1250.00\n2025-06-28,4712,-80.10\n"
WAIT_SECONDS = 60


class Story:
    """Tells the acts on a running local cloud and collects what did not end as announced."""

    def __init__(self, cloud: LocalCloud, screen: Screen) -> None:
        stack = cloud.outputs("file-transfer")
        self._cloud = cloud
        self._screen = screen
        self._system = stack["file_transfer"]
        self._archive = stack["archive_bucket_name"]
        self._partner_bucket = stack["partner_bucket_name"]
        self._queries = TransferQueries(cloud.client("dynamodb"), self._system["table_names"])
        self._inbox = self._subscribe_inbox()
        self._rows: list[tuple[str, str, str, str]] = []
        self._surprises: list[str] = []

    def tell(self) -> list[str]:
        """Play all acts; returns one line for each thing that did not end as announced."""
        self._cloud.clear_faults()
        try:
            self._delivered()
            self._badly_named()
            self._fails_twice()
            self._fails_for_good()
            self._surprises += Exchange(self._cloud, self._screen, self._queries).tell()
        finally:
            self._cloud.clear_faults()
        self._summary()
        return self._surprises

    def _delivered(self) -> None:
        name = "bankpacific_transactions_2025-06-28.csv"
        self._screen.act("1  The bank sends its nightly file")
        item = self._send(name, TRANSACTIONS, announced="SUCCESS")
        self._show_copies(name, item)
        targets = {f"target {key}": uri for key, uri in item.get("target", {}).items()}
        shown = ("PK", "SK", "status", "workflowId", "retryCount", "timestamp", *targets)
        self._screen.item("FileTransferStatus", {**item, **targets}, shown)
        self._show_timeline(name, item)
        today = str(item["SK"])[3:13]
        rows = self._eventually(lambda: self._index_with(today, item["SK"])) or []
        self._screen.table(
            f"CustomerFileIndex: everything {CUSTOMER} sent on {today}",
            ("file", "status", "workflow", "retries"),
            [(row["fileName"], row["status"], row["workflowId"], row["retryCount"]) for row in rows],
        )
        self._show_notification()

    def _badly_named(self) -> None:
        name = "bankpacific transactions (final).csv"
        self._screen.act("2  A badly named file is rejected, and says why")
        item = self._send(name, TRANSACTIONS, announced="REJECTED")
        self._screen.item("Why", item, ("status", "failureReason", "errorMessage"))
        self._show_notification()

    def _fails_twice(self) -> None:
        name = "bankpacific_balances_2025-06-28.csv"
        self._screen.act("3  The partner's folder fails twice; only that copy is tried again")
        self._break_copies_to(self._partner_bucket, error="InternalError", status=500, times=2)
        item = self._send(name, TRANSACTIONS, announced="SUCCESS")
        self._show_timeline(name, item)
        self._show_notification()

    def _fails_for_good(self) -> None:
        name = "bankpacific_transactions_2025-06-29.csv"
        self._screen.act("4  The archive refuses the copy: a person has to look")
        self._break_copies_to(self._archive, error="AccessDenied", status=403)
        item = self._send(name, TRANSACTIONS, announced="PARTIAL")
        self._show_timeline(name, item)
        failure = self._eventually(lambda: next(iter(self._queries.failures_of_file(CUSTOMER, name)), None))
        if failure is None:
            self._surprises.append(f"no failure record of {name}")
        else:
            shown = ("status", "failureReason", "errorMessage", "retryCount", "timestamp")
            self._screen.item("TransferFailureQueue", failure, shown)
        review = self._receive(self._system["manual_review_queue_url"], "key", name)
        if review is None:
            self._surprises.append(f"{name} is not in the manual review queue")
        else:
            self._screen.item("manual-review-queue", review, ("transferId", "status", "reason", "message", "key"))
        self._show_notification()

    def _send(self, name: str, content: bytes, announced: str) -> Mapping[str, Any]:
        """Upload as the bank, follow the status item until it settles, and note it for the summary."""
        before = self._queries.latest_status(CUSTOMER, name)
        old = None if before is None else before["SK"]
        self._screen.step("upload", f"sftp {CUSTOMER}@127.0.0.1: put {name}, {len(content)} bytes")
        with self._cloud.sftp(CUSTOMER) as sftp:
            sftp.put(name, content)
        self._screen.step("landed", f"s3://{self._system['landing_bucket_name']}/from-sftp/{CUSTOMER}/{name}")
        item = self._follow(name, old)
        status = "none" if item is None else str(item["status"])
        if status != announced:
            self._surprises.append(f"{name} ended {status}, announced was {announced}")
        item = item or {"SK": "TS#", "status": status}
        self._rows.append((name, status, str(item.get("retryCount", "")), str(item.get("errorMessage", ""))))
        return item

    def _follow(self, name: str, old: Any) -> Mapping[str, Any] | None:
        seen = None
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            item = self._queries.latest_status(CUSTOMER, name)
            if item is not None and item["SK"] != old:
                state = (item["status"], item.get("retryCount"))
                if state != seen:
                    seen = state
                    targets = ", ".join(f"{key}: {target['state']}" for key, target in item["targets"].items())
                    self._screen.step(
                        str(item["status"]), f"{targets or 'no copies'}; retries: {item.get('retryCount', 0)}"
                    )
                if item["status"] in SETTLED:
                    return item
            time.sleep(0.02)
        return None

    def _show_copies(self, name: str, item: Mapping[str, Any]) -> None:
        s3 = self._cloud.client("s3")
        archived = str(item["target"]["s3"]).removeprefix(f"s3://{self._archive}/") + name
        same = s3.get_object(Bucket=self._archive, Key=archived)["Body"].read() == TRANSACTIONS
        self._screen.step("archived", f"s3://{self._archive}/{archived} ({'same bytes' if same else 'OTHER BYTES'})")
        with self._cloud.sftp("partner") as sftp:
            got = sftp.get(f"/{CUSTOMER}/{name}")
        alike = "same bytes" if got == TRANSACTIONS else "OTHER BYTES"
        self._screen.step("partner", f"sftp partner@127.0.0.1: get /{CUSTOMER}/{name} ({alike})")
        if not same or got != TRANSACTIONS:
            self._surprises.append(f"a copy of {name} differs from what was sent")

    def _show_timeline(self, name: str, item: Mapping[str, Any]) -> None:
        def recorded() -> list[dict[str, Any]] | None:
            trail = self._queries.audit_trail(CUSTOMER, name)
            events = [event for event in trail if str(event["recordKey"]).startswith(f"{item['SK']}#")]
            return events if events and events[-1]["status"] == item["status"] else None

        events = self._eventually(recorded)
        if events is None:
            self._surprises.append(f"the audit trail of {name} does not end with {item['status']}")
        rows = [
            (event["at"][11:23], event["eventType"], event["status"], event.get("message", ""))
            for event in events or []
        ]
        self._screen.table("FileTransferAuditLog", ("UTC", "event", "status", "message"), rows)

    def _index_with(self, day: str, status_key: str) -> list[dict[str, Any]] | None:
        """The customer's rows of a day, as soon as this arrival is among them."""
        rows = self._queries.files_of_customer(CUSTOMER, day)
        return rows if any(row["statusKey"] == status_key for row in rows) else None

    def _show_notification(self) -> None:
        message = self._receive(self._inbox, "fileName", self._rows[-1][0])
        if message is None:
            self._surprises.append(f"no notification about {self._rows[-1][0]}")
        else:
            self._screen.step("notified", str(message.get("text") or message.get("message") or message))

    def _break_copies_to(self, bucket: str, *, error: str, status: int, times: int | None = None) -> None:
        rule: dict[str, Any] = {
            "id": f"break-{bucket}",
            "service": "s3",
            "operation": "CopyObject",
            "resource": f"*{bucket}*",
            "principal": "*",
            "probability": 1.0,
            "action": {"type": "error", "code": error, "status": status},
        }
        if times is not None:
            rule["times"] = times
        self._cloud.inject([rule])
        self._screen.step("fault", f"copies to {bucket} answer {error}{f', {times} times' if times else ''}")

    def _subscribe_inbox(self) -> str:
        """A queue that hears what the topic says, as a subscriber's mailbox would."""
        sqs, sns = self._cloud.client("sqs"), self._cloud.client("sns")
        url: str = sqs.create_queue(QueueName="demo-inbox")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topic = self._system["notification_topic_arn"]
        admitted = {
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [admitted]})
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        return url

    def _receive(self, queue_url: str, field: str, value: str) -> Any:
        """Take messages until one whose field ends with the value comes; others are from earlier runs."""
        sqs = self._cloud.client("sqs")

        def one() -> Mapping[str, Any] | None:
            for message in sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                body: Mapping[str, Any] = json.loads(message["Body"])
                if str(body.get(field, "")).endswith(value):
                    return body
            return None

        return self._eventually(one)

    def _eventually(self, ask: Any) -> Any:
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            if (answer := ask()) is not None:
                return answer
            time.sleep(0.05)
        return None

    def _summary(self) -> None:
        self._screen.act("Summary")
        self._screen.table("", ("file", "status", "retries", "what was wrong"), self._rows)
        self._screen.say(
            "Look further: README.md (deploy it, onboard a customer), docs/file-transfer.md (states, tables),\n"
            "asl/file_transfer.asl.json (the machine), envs/workflows/file-transfer (the workflows are data)."
        )
