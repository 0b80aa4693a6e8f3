"""Connectors with moto's table, a bucket in memory, and a service that says what it is told to say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from file_transfer.connectors.definitions import PullDefinitions
from file_transfer.connectors.hearing import Hearer
from file_transfer.connectors.pull_table import PullTable
from file_transfer.connectors.puller import Puller
from file_transfer.connectors.sender import Sender
from file_transfer.connectors.sends import Send, from_record
from file_transfer.connectors.settings import ConnectorSettings
from file_transfer.connectors.table import ConnectorTable
from file_transfer.connectors.watching import Watcher
from file_transfer.copying.copier import Outcome
from file_transfer.intake.source import Source
from shared.clock import stamp
from shared.dynamodb import from_item, to_item
from tests.unit.given import NOW

ALIAS, CONNECTOR = "bank", "c-0123456789abcdef0"
EXCHANGE, LANDING = "exchange", "landing"
SETTINGS = ConnectorSettings(
    connectors={ALIAS: CONNECTOR},
    exchange_bucket=EXCHANGE,
    landing_bucket=LANDING,
    intake_queue_url="intake",
    connector_queue_url="orders",
    events_queue_url="events",
    max_pending=20,
)
WORKFLOW = {
    "PK": "WORKFLOW#wf",
    "kind": "WORKFLOW",
    "workflowId": "wf",
    "sourcePrefix": "from-bank/",
    "pull": {"connector": ALIAS, "directory": "/out", "settleSeconds": 60},
}


def refusal(code: str, status: int = 400, operation: str = "StartFileTransfer", message: str = "no") -> ClientError:
    """An answer that says no."""
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)  # type: ignore[arg-type]


def lost() -> ReadTimeoutError:
    """No answer at all."""
    return ReadTimeoutError(endpoint_url="transfer")


@dataclass
class FakeTransfer:
    """Answers calls one after the other; `says` holds what is raised instead, one a call, None for an answer."""

    says: list[Exception | None] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)

    def start_file_transfer(self, **request: Any) -> dict[str, Any]:
        return {"TransferId": self._call("StartFileTransfer", request)}

    def start_directory_listing(self, **request: Any) -> dict[str, Any]:
        number = self._call("StartDirectoryListing", request)
        return {"ListingId": number, "OutputFileName": f"{CONNECTOR}-{number}.json"}

    def start_remote_move(self, **request: Any) -> dict[str, Any]:
        return {"MoveId": self._call("StartRemoteMove", request)}

    def start_remote_delete(self, **request: Any) -> dict[str, Any]:
        return {"DeleteId": self._call("StartRemoteDelete", request)}

    def list_file_transfer_results(self, **request: Any) -> dict[str, Any]:
        self._call("ListFileTransferResults", request)
        return {"FileTransferResults": self.results}

    def made(self, operation: str) -> list[dict[str, Any]]:
        """Arguments of the calls of one operation."""
        return [request for name, request in self.calls if name == operation]

    def _call(self, operation: str, request: dict[str, Any]) -> str:
        self.calls.append((operation, request))
        said = self.says.pop(0) if self.says else None
        if said:
            raise said
        return f"t-{len(self.calls)}"


@dataclass
class FakeBucket:
    """Objects by bucket and key, as the copier, HEAD and the S3 client see them."""

    objects: dict[tuple[str, str], bytes] = field(default_factory=dict)
    copies: list[tuple[str, str]] = field(default_factory=list)

    def copy(self, transfer: Mapping[str, Any], target: Mapping[str, Any]) -> Outcome:
        source = self.objects.get((transfer["bucket"], transfer["key"]), b"?")
        self.objects[target["bucket"], target["key"]] = source
        self.copies.append((target["bucket"], target["key"]))
        return Outcome("SUCCEEDED")

    def head(self, bucket: str, key: str, version_id: str = "") -> Source | None:
        body = self.objects.get((bucket, key))
        return None if body is None else Source(version_id, "e", stamp(NOW), len(body))

    def versions(self, bucket: str, key: str) -> Any:
        return iter(())

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        if (Bucket, Key) not in self.objects:
            raise refusal("NoSuchKey", 404, "GetObject")
        return {"Body": BytesIO(self.objects[Bucket, Key])}

    def delete_object(self, Bucket: str, Key: str) -> None:  # noqa: N803
        self.objects.pop((Bucket, Key), None)


@dataclass
class FakeQueues:
    """Messages by queue."""

    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int = 0) -> None:  # noqa: N803
        self.sent.append((QueueUrl, json.loads(MessageBody)))

    def of(self, queue: str) -> list[dict[str, Any]]:
        return [body for url, body in self.sent if url == queue]


class World:
    """All three functions' parts on one table."""

    def __init__(self, dynamodb: Any, settings: ConnectorSettings = SETTINGS) -> None:
        self.dynamodb = dynamodb
        self.now = NOW
        self.settings = settings
        self.transfer, self.bucket, self.queues = FakeTransfer(), FakeBucket(), FakeQueues()
        create_table(dynamodb)
        self.table = ConnectorTable(dynamodb, settings.connector_table, self.clock, settings.memory_days)
        self.pulls = PullTable(self.table)
        definitions = PullDefinitions(dynamodb, "WorkflowDefinition")
        self.sender = Sender(settings, self.table, self.bucket, self.transfer, self.queues, self.clock)
        self.puller = Puller(settings, self.pulls, self.bucket, self.bucket, self.bucket, self.transfer, self.clock)
        self.hearer = Hearer(settings, self.table, self.puller, definitions, self.queues, self.clock)
        self.watcher = Watcher(
            settings,
            self.table,
            self.pulls,
            definitions,
            self.bucket,
            self.bucket,
            self.transfer,
            self.queues,
            self.clock,
        )

    def clock(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def order(self, number: int = 1, key: str = "in/report.csv", **transfer: Any) -> dict[str, Any]:
        """An order of the machine; `number` makes the transfer another one."""
        identity = f"{number:016x}"
        return {
            "operation": f"{identity}-bank-r0-0",
            "transfer": {
                "pk": f"FILE#c#{number}",
                "sk": f"TS#{stamp(NOW)}#{identity}",
                "id": identity,
                "bucket": LANDING,
                "key": f"from-sftp/c/{number}.csv",
                "versionId": f"v{number}",
                "etag": "e",
                "sizeBytes": 1,
                "arrivedAt": stamp(NOW + timedelta(seconds=number)),
                **transfer,
            },
            "target": {
                "id": "bank",
                "type": "CONNECTOR",
                "bucket": ALIAS,
                "key": key,
                "uri": f"sftp-connector://{ALIAS}/{key}",
                "overwrite": "newest-wins",
            },
        }

    def send(self, *orders: dict[str, Any]) -> None:
        """Orders of one batch, as the function takes them."""
        for each in orders:
            self.sender.accept(each)
        self.sender.advance(ALIAS, [each["operation"] for each in orders])

    def sent(self, operation: str) -> Send:
        found = self.table.send(operation)
        assert found is not None
        return found

    def all_sends(self) -> list[Send]:
        items = [from_item(each) for each in self.dynamodb.scan(TableName=SETTINGS.connector_table)["Items"]]
        return [from_record(each) for each in items if each.get("kind") == "SEND"]

    def event(self, operation: str, end: str = "Completed", **detail: Any) -> dict[str, Any]:
        """What the connector says about a send."""
        send = self.sent(operation)
        return {
            "source": "aws.transfer",
            "detail-type": f"SFTP Connector File Send {end}",
            "detail": {
                "connector-id": CONNECTOR,
                "transfer-id": send.transfer_id or "t-late",
                "file-path": f"/{EXCHANGE}/{send.outbox}",
                "bytes": send.size,
                **detail,
            },
        }

    def workflow(self, **pull: Any) -> None:
        item = {**WORKFLOW, "pull": {**WORKFLOW["pull"], **pull}}  # type: ignore[dict-item]
        self.dynamodb.put_item(TableName="WorkflowDefinition", Item=to_item(item))


def create_table(dynamodb: Any) -> None:
    """Keys and index as the module makes them."""
    names = ("PK", "SK", "line", "dueAt")
    dynamodb.create_table(
        TableName=SETTINGS.connector_table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in names],
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "LineIndex",
                "KeySchema": [
                    {"AttributeName": "line", "KeyType": "HASH"},
                    {"AttributeName": "dueAt", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
