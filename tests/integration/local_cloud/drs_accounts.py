"""DRS of one account on the running server, for the contract tests of the simulator."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from typing import Any

from local_cloud.drs.session import DrsSession
from tests.integration.local_cloud.conftest import ACCOUNT, Cloud, eventually
from tests.integration.local_cloud.resources import Queue, unique

FAST = 6000
_accounts = itertools.count(700_000_000_001)


def server_id(number: int) -> str:
    return f"s-{number:017d}"


@dataclass(frozen=True)
class Account:
    """An account of its own; its access key is its number."""

    cloud: Cloud
    number: str
    region: str = "us-east-1"

    @property
    def control(self) -> DrsSession:
        return DrsSession(self.cloud.control, self.number, self.region)

    def client(self, service: str = "drs") -> Any:
        return self.cloud.client(service, aws_access_key_id=self.number, aws_secret_access_key="test")

    def seed(self, count: int, **more: Any) -> None:
        """Servers `host-1`, `host-2`, …"""
        servers = [{"sourceServerID": server_id(n), "hostname": f"host-{n}"} for n in range(1, count + 1)]
        self.control.seed({"servers": servers, **more})

    def start(self, *numbers: int, client: Any = None, **more: Any) -> str:
        """Starts a job; its id."""
        wanted = [{"sourceServerID": server_id(number)} for number in numbers]
        return str((client or self.client()).start_recovery(sourceServers=wanted, **more)["job"]["jobID"])

    def job(self, identifier: str) -> dict[str, Any]:
        (found,) = self.client().describe_jobs(filters={"jobIDs": [identifier]})["items"]
        return dict(found)

    def completed(self, identifier: str) -> dict[str, Any]:
        """The job once it has completed."""
        found = eventually(lambda: (job := self.job(identifier))["status"] == "COMPLETED" and job, 20)
        return dict(found)

    def statuses(self, identifier: str) -> list[str]:
        return [each["launchStatus"] for each in self.completed(identifier)["participatingServers"]]

    def events_to_queue(self) -> Queue:
        """A queue that gets every event of DRS in this account."""
        name = unique("drs-events")
        sqs, events = self.client("sqs"), self.client("events")
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = f"arn:aws:sqs:{self.region}:{self.number}:{name}"
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.drs"]}))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": arn,
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Statement": [statement]})})
        return Queue(self.cloud, url, arn)

    def received(self, queue: Queue) -> list[dict[str, Any]]:
        """The events that are on the queue; they are taken off it."""
        sqs = self.client("sqs")
        messages = sqs.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


def new_account(cloud: Cloud, region: str = "us-east-1") -> Account:
    """An account that no other test uses; its DRS is fast."""
    DrsSession(cloud.control).clock(FAST)
    return Account(cloud, str(next(_accounts)), region)


def local_account(cloud: Cloud) -> Account:
    """The account of the roles; tests that use it seed it first."""
    DrsSession(cloud.control).clock(FAST)
    return Account(cloud, ACCOUNT)
