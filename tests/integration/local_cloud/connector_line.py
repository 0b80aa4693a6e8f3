"""A connector to the partner's server with what belongs to it, for the tests of connectors."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local_cloud.partner import keys
from local_cloud.partner.session import Partner
from local_cloud.settings import Settings

from .conftest import ACCOUNT, Cloud, eventually


@dataclass
class Line:
    """A connector to the partner, a bucket, and a queue that gets the connector's events."""

    cloud: Cloud
    partner: Partner
    secret: str
    bucket: str
    role: str
    id: str
    queue_url: str

    @property
    def transfer(self) -> Any:
        return self.cloud.client("transfer")

    @property
    def s3(self) -> Any:
        return self.cloud.client("s3")

    def event(self) -> dict[str, Any]:
        """The next event of the connector."""
        [event] = self.events(1)
        return event

    def events(self, count: int) -> list[dict[str, Any]]:
        sqs, found = self.cloud.client("sqs"), []

        def enough() -> bool:
            answer = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
            return len(found) >= count

        eventually(enough)
        return found

    def put(self, key: str, body: bytes = b"content") -> str:
        """Stores an object; returns its path as transfers name it."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"/{self.bucket}/{key}"

    def send(self, *paths: str, to: str = "/in") -> str:
        return str(
            self.transfer.start_file_transfer(ConnectorId=self.id, SendFilePaths=list(paths), RemoteDirectoryPath=to)[
                "TransferId"
            ]
        )

    def retrieve(self, *paths: str, to: str = "fetched") -> str:
        target = f"/{self.bucket}/{to}"
        started = self.transfer.start_file_transfer(
            ConnectorId=self.id, RetrieveFilePaths=list(paths), LocalDirectoryPath=target
        )
        return str(started["TransferId"])

    def results(self, transfer_id: str) -> list[dict[str, Any]]:
        answer = self.transfer.list_file_transfer_results(ConnectorId=self.id, TransferId=transfer_id)
        return list(answer["FileTransferResults"])


def settings_of(cloud: Cloud) -> Settings:
    return Settings(cloud.port, cloud.sftp_port, cloud.state, None, chosen_partner_port=cloud.partner_port)


def partner_of(cloud: Cloud) -> Partner:
    """The partner, with nothing but an empty folder `in`."""
    known = keys.ensure(settings_of(cloud))
    partner = Partner(known.url, known.host_key, keys.folder(settings_of(cloud)))
    partner.clear()
    partner.make("/in")
    return partner


@contextmanager
def connected(cloud: Cloud) -> Iterator[Line]:
    """A connector whose role may use one bucket and its secret; no fault outlives it."""
    partner, name = partner_of(cloud), f"outbox-{uuid.uuid4().hex[:8]}"
    cloud.client("s3").create_bucket(Bucket=name)
    secret = cloud.client("secretsmanager").create_secret(
        Name=name, SecretString=keys.ensure(settings_of(cloud)).secret
    )["ARN"]
    role = cloud.role(
        "transfer",
        {"Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"arn:aws:s3:::{name}/*"},
        {"Action": "secretsmanager:GetSecretValue", "Resource": secret},
    )
    connector = make_connector(cloud, partner, role, secret)
    queue_url = listen(cloud, name, connector)
    yield Line(cloud, partner, secret, name, role, connector, queue_url)
    cloud.control("DELETE", "faults")


def make_connector(cloud: Cloud, partner: Partner, role: str, secret: str, **more: Any) -> str:
    settings = {"UserSecretId": secret, "TrustedHostKeys": [partner.host_key]}
    created = cloud.client("transfer").create_connector(
        Url=partner.url, AccessRole=role, SftpConfig={**settings, **more.pop("SftpConfig", {})}, **more
    )
    return str(created["ConnectorId"])


def listen(cloud: Cloud, name: str, connector: str) -> str:
    """A queue that gets the events of a connector; returns its URL."""
    url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events = cloud.client("events")
    pattern = {"source": ["aws.transfer"], "detail": {"connector-id": [connector]}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return str(url)
