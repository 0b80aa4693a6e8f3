"""The API without network: tables in moto, queues that are lists."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any

from file_transfer.api.settings import ApiSettings
from file_transfer.api.wiring import make_services
from file_transfer.records import audit, views
from file_transfer.records.identity import shard, status_key
from file_transfer.settings import AddOns
from file_transfer.transfers_api import make_application
from shared.clock import stamp
from tests.unit.given import ARCHIVE, LANDING, SETTINGS, TickingClock, definition
from tests.unit.moto_tables import put

CUSTOMER, OTHER = "bankpacific", "acme"
WORKFLOW = "copy-sftp-to-s3-and-sftp"
INTAKE, LETTERS, ORDERS, TURNS = (
    "https://sqs/intake",
    "https://sqs/intake-dlq",
    "https://sqs/orders",
    "https://sqs/turns",
)
ROLES = {
    "ft-view": ("view",),
    "ft-operate": ("view", "operate"),
    "ft-configure": ("view", "configure"),
    "ft-bank": ("view", "operate"),
    "ft-look": ("view",),
}
CUSTOMERS = {"ft-bank": (CUSTOMER,)}
ALL = "[ft-operate ft-configure]"
API_SETTINGS = ApiSettings(
    queue_url=INTAKE,
    dead_letter_queue_url=LETTERS,
    notification_queue_url=ORDERS,
    replay_queue_url=TURNS,
    role_groups=ROLES,
    group_customers=CUSTOMERS,
    sftp_targets=SETTINGS.sftp_targets,
    watched=SETTINGS.watched,
    add_ons=AddOns(content=True, connectors=True, large_files=True, notifications=True),
    copy_object_bytes=1000,
    large_file_bytes=10_000,
    max_copy_bytes=100_000,
)


class FakeSqs:
    """Queues by their URL. `refusals` entries of the next batches fail; messages that are received are out of sight."""

    def __init__(self) -> None:
        self.queues: dict[str, list[dict[str, Any]]] = {}
        self.hidden: dict[str, dict[str, Any]] = {}
        self.refusals = 0
        self._ids = itertools.count(1)

    def put(self, url: str, body: Any, receives: int = 6) -> str:
        """A message that is in a queue; returns its id."""
        text = body if isinstance(body, str) else json.dumps(body)
        message_id = f"m{next(self._ids)}"
        attributes = {"SentTimestamp": "1751148094123", "ApproximateReceiveCount": str(receives)}
        self.queues.setdefault(url, []).append({"MessageId": message_id, "Body": text, "Attributes": attributes})
        return message_id

    def bodies(self, url: str) -> list[Any]:
        """What is in a queue and in sight."""
        return [json.loads(each["Body"]) for each in self.queues.get(url, [])]

    def send_message(self, QueueUrl: str, MessageBody: str) -> dict[str, Any]:  # noqa: N803  (boto3's names)
        return {"MessageId": self.put(QueueUrl, MessageBody, 0)}

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        failed = []
        for entry in Entries:
            if self.refusals:
                self.refusals -= 1
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            else:
                self.put(QueueUrl, entry["MessageBody"], 0)
        return {"Failed": failed, "Successful": []}

    def receive_message(self, QueueUrl: str, MaxNumberOfMessages: int, **_: Any) -> dict[str, Any]:  # noqa: N803
        queue = self.queues.get(QueueUrl, [])
        taken, self.queues[QueueUrl] = queue[:MaxNumberOfMessages], queue[MaxNumberOfMessages:]
        for each in taken:
            self.hidden[f"r-{each['MessageId']}"] = each
        return {"Messages": [{**each, "ReceiptHandle": f"r-{each['MessageId']}"} for each in taken]} if taken else {}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803
        del self.hidden[ReceiptHandle]

    def change_message_visibility_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> None:  # noqa: N803
        for entry in Entries:
            assert entry["VisibilityTimeout"] == 0
            self.queues.setdefault(QueueUrl, []).append(self.hidden.pop(entry["ReceiptHandle"]))


class World:
    """One API with everything behind it. `ask` asks with a token, `invoke` over AWS credentials."""

    def __init__(self, dynamodb: Any, settings: ApiSettings = API_SETTINGS) -> None:
        self.dynamodb, self.sqs, self.clock = dynamodb, FakeSqs(), TickingClock()
        self.services = make_services(settings, dynamodb, self.sqs, self.clock)
        self.application = make_application(lambda: self.services, ROLES)

    def ask(self, method: str, path: str, body: Any = None, groups: str = ALL, **more: Any) -> SimpleNamespace:
        """A request with a token of these groups: status, body (parsed), headers, text."""
        claims = {"sub": "1", "token_use": "id", "cognito:username": more.pop("user", "ada"), "cognito:groups": groups}
        event = {
            "version": "2.0",
            "rawPath": path,
            "headers": more.pop("headers", {}),
            "queryStringParameters": more.pop("query", None),
            "requestContext": {
                "stage": "$default",
                "http": {"method": method, "path": path},
                "authorizer": {"jwt": {"claims": claims}},
            },
            "body": body if body is None or isinstance(body, str) else json.dumps(body),
            "isBase64Encoded": False,
        }
        assert not more
        return _answer(self.application.handle(event, None))

    def invoke(self, method: str, path: str, body: Any = None, **more: Any) -> SimpleNamespace:
        """The same straight over AWS credentials."""
        asked = {"method": method, "path": path, "body": body, "principal": "arn:aws:iam::1:user/ada", **more}
        return _answer(self.application.handle({"towpath": asked}, None))

    def items(self, path: str, groups: str = ALL, **query: str) -> list[Any]:
        """Items of all pages of a list, two at a time."""
        found: list[Any] = []
        asked = {"limit": "2", **{name.rstrip("_"): value for name, value in query.items()}}
        for _ in range(50):
            answer = self.ask("GET", path, query=asked, groups=groups)
            assert answer.status == 200, answer.body
            found += answer.body["items"]
            if "nextCursor" not in answer.body:
                return found
            asked["cursor"] = answer.body["nextCursor"]
        raise AssertionError("the list has no end")

    # Given

    def transfer(self, number: int = 1, status: str = "SUCCESS", **changes: Any) -> dict[str, Any]:
        """A transfer with its records, arrived at minute `number`; what fails is denied at the target sftp."""
        item = transfer_item(number, status, **changes)
        before = {**item, "status": "IN_PROGRESS", "revision": item["revision"] - 1, "targets": {}}
        put(self.dynamodb, "FileTransferStatus", item)
        put(self.dynamodb, "CustomerFileIndex", views.index_item(item))
        put(self.dynamodb, "FileTransferAuditLog", audit.audit_record(before, item, audit.first_hash(item["SK"])))
        failure = views.failure_item(before, item)
        if failure:
            put(self.dynamodb, "TransferFailureQueue", failure)
        return item

    def workflow(self, **changes: Any) -> dict[str, Any]:
        """A stored definition."""
        item = {"kind": "WORKFLOW", "version": 1, **definition(**changes)}
        put(self.dynamodb, "WorkflowDefinition", item)
        return item


def transfer_item(number: int, status: str, **changes: Any) -> dict[str, Any]:
    """A status item as the machine leaves it."""
    customer, name = changes.pop("customer", CUSTOMER), changes.pop("name", f"file-{number}.csv")
    workflow_id = changes.pop("workflow", WORKFLOW)
    own_id = f"{number:016x}"
    arrived = changes.pop("arrived", f"2025-06-28T22:{number:02d}:00.000000Z")
    key = status_key(customer, name, arrived, own_id)
    failed = status in ("PARTIAL", "FAILED", "REJECTED", "RETRYING")
    at = f"{arrived[:17]}30.000000Z"
    item = {
        "PK": key.pk,
        "SK": key.sk,
        "fileName": name,
        "customerId": customer,
        "sourceBucket": LANDING,
        "sourceKey": f"from-sftp/{customer}/{name}",
        "versionId": "v1",
        "etag": "e1",
        "workflowId": workflow_id,
        "status": status,
        "retryCount": 0,
        "attempt": 1,
        "revision": 1,
        "timestamp": at,
        "executionId": "0f1e2d3c",
        "workflowStatus": f"{workflow_id}#{status}#{shard(own_id)}",
        "dateStatus": f"{arrived[:10]}#{status}#{shard(own_id)}",
        "target": {"s3": f"s3://{ARCHIVE}/{customer}/", "sftp": f"sftp://partner/{customer}/"},
        "targets": {
            "s3": {"state": "SUCCEEDED", "attempts": 1, "at": at},
            "sftp": {"state": "FAILED", "attempts": 1, "error": "PERMISSION_DENIED", "at": at}
            if failed
            else {"state": "SUCCEEDED", "attempts": 1, "at": at},
        },
        "metadata": {"fileSizeBytes": 7, "triggeredBy": "SFTP", "uploadedBy": customer},
    }
    if failed:
        reason = changes.pop("reason", "PERMISSION_DENIED")
        item |= {"failureReason": reason, "errorMessage": "sftp: AccessDenied", "attentionCustomerId": customer}
    return {**item, **changes}


def names(items: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of files, in order."""
    return [item["fileName"] for item in items]


def paths(answer: SimpleNamespace) -> list[str]:
    """Where the errors of a problem are."""
    return [error["path"] for error in answer.body["errors"]]


def now(world: World) -> str:
    """The world's time as records have it."""
    return stamp(world.clock())


def _answer(answer: Mapping[str, Any]) -> SimpleNamespace:
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    text = answer["body"] or ""
    body = json.loads(text) if "json" in headers["content-type"] and text else None
    return SimpleNamespace(status=answer["statusCode"], body=body, headers=headers, text=text)
