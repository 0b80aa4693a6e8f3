"""A landing bucket, tables (moto), a server's log and a queue, with the real sweep on top."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from file_transfer.intake.judgement import Judge
from file_transfer.records import identity
from file_transfer.settings import QUARANTINE, Settings
from file_transfer.sweep.arrivals import Arrivals
from file_transfer.sweep.pipe import Pipe
from file_transfer.sweep.place import Places
from file_transfer.sweep.records import Records
from file_transfer.sweep.sweeper import Report, Sweeper
from file_transfer.sweep.upload_log import UploadLog
from file_transfer.sweep.versions import Listing
from file_transfer.workflows.lookup import WorkflowLookup
from shared.clock import stamp
from shared.sqs import Queue
from tests.unit.given import LANDING, SETTINGS, TickingClock, definition
from tests.unit.moto_tables import put

SERVER_LOG = "/aws/vendedlogs/transfer/file-transfer"
PAGE = 3


class FakeVersions:
    """ListObjectVersions with pages of three, newest version of a key first."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.calls = 0

    def put(self, key: str, modified: datetime, size: int = 7, etag: str = "e1") -> str:
        """A new version; returns its id."""
        version_id = f"v{len(self.entries) + 1}"
        entry = {"Key": key, "VersionId": version_id, "ETag": f'"{etag}"', "Size": size, "LastModified": modified}
        self.entries.insert(0, entry)
        return version_id

    def list_object_versions(self, Bucket: str, Prefix: str, **markers: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == LANDING
        self.calls += 1
        below = sorted((each for each in self.entries if each["Key"].startswith(Prefix)), key=lambda each: each["Key"])
        at = 0
        if "KeyMarker" in markers:
            place = (markers["KeyMarker"], markers["VersionIdMarker"])
            at = [(each["Key"], each["VersionId"]) for each in below].index(place) + 1
        page = below[at : at + PAGE]
        if at + PAGE >= len(below):
            return {"Versions": page, "IsTruncated": False}
        last = {"NextKeyMarker": page[-1]["Key"], "NextVersionIdMarker": page[-1]["VersionId"]}
        return {"Versions": page, "IsTruncated": True, **last}


class FakeLogs:
    """FilterLogEvents over lines of JSON; what the pattern would leave out is left in."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.asked: list[dict[str, Any]] = []

    def write(self, at: datetime, **entry: Any) -> None:
        """A line of the server's log; underscores of names stand for hyphens."""
        message = json.dumps({name.replace("_", "-"): value for name, value in entry.items()})
        self.events.append({"timestamp": int(at.timestamp() * 1000), "message": message})

    def get_paginator(self, name: str) -> FakeLogs:
        assert name == "filter_log_events"
        return self

    def paginate(self, **request: Any) -> Iterator[dict[str, Any]]:
        self.asked.append(request)
        yield {"events": [each for each in self.events if request["startTime"] <= each["timestamp"]
                          <= request["endTime"]]}  # fmt: skip


class FakeSqs:
    """Takes batches; `refuse` names how many entries it fails first."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.refuse = 0

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803
        assert QueueUrl == "queue-url"
        assert 1 <= len(Entries) <= 10  # noqa: PLR2004  (Amazon SQS API Reference)
        failed = Entries[: self.refuse]
        self.refuse = 0
        self.sent += [json.loads(each["MessageBody"]) for each in Entries[len(failed) :]]
        return {"Failed": [{"Id": each["Id"]} for each in failed]}


class FakePipes:
    """One pipe."""

    def __init__(self) -> None:
        self.state = "RUNNING"

    def describe_pipe(self, Name: str) -> dict[str, Any]:  # noqa: N803
        return {"Name": Name, "CurrentState": self.state}


class SweepWorld:
    """Ten minutes after the bank's last upload; arrivals settle for a minute."""

    def __init__(self, dynamodb: Any, unconfirmed: str = QUARANTINE) -> None:
        self.dynamodb = dynamodb
        self.versions, self.logs, self.sqs, self.pipes = FakeVersions(), FakeLogs(), FakeSqs(), FakePipes()
        self.clock = TickingClock()
        put(dynamodb, "WorkflowDefinition", definition(), definition(workflowId="orders", sourcePrefix="from-s3/",
                                                                     customerId=None))  # fmt: skip
        self.settings = Settings(
            watched=SETTINGS.watched,
            queue_url="queue-url",
            pipe_name="file-transfer-pipe",
            sftp_log_groups=(SERVER_LOG,),
            sweep_settle_seconds=60,
            sweep_lookback_hours=24,
            unconfirmed_uploads=unconfirmed,
        )
        self.sweeper = self.new_worker()

    def new_worker(self) -> Sweeper:
        """A sweep that remembers nothing but what is stored."""
        settings = self.settings
        records = Records(self.dynamodb, settings.status_table)
        lookup = WorkflowLookup(self.dynamodb, settings.workflow_table, 0)
        log = UploadLog(self.logs, settings.sftp_log_groups)
        return Sweeper(
            settings=settings,
            places=Places(self.dynamodb, settings.control_table, LANDING),
            listing=Listing(self.versions, LANDING, settings.watched.prefixes),
            arrivals=Arrivals(settings, Judge(settings, lookup), records, log),
            records=records,
            queue=Queue(self.sqs, settings.queue_url),
            pipe=Pipe(self.pipes, settings.pipe_name),
            clock=self.clock,
        )

    def ago(self, **span: float) -> datetime:
        """A moment in whole seconds, as S3 gives them."""
        return (self.clock() - timedelta(**span)).replace(microsecond=0)

    def sweep(self, seconds_left: Callable[[], float] = lambda: 300.0) -> Report:
        """One run; what it sent stays in `sqs.sent`."""
        return self.sweeper.sweep(seconds_left)

    def sent_keys(self) -> list[str]:
        return [each["key"] for each in self.sqs.sent]

    def record(self, key: str, version_id: str, arrived: datetime, **changes: Any) -> dict[str, Any]:
        """A status item of a version, as the intake writes it, with what is different."""
        customer, name = key.split("/")[1], key.rsplit("/", 1)[-1]
        pk, sk = identity.status_key(
            changes.get("customerId", customer), name, stamp(arrived), identity.transfer_id(LANDING, key, version_id)
        )
        item = {
            "PK": pk,
            "SK": sk,
            "fileName": name,
            "customerId": customer,
            "sourceBucket": LANDING,
            "sourceKey": key,
            "versionId": version_id,
            "workflowId": "orders",
            "status": "SUCCESS",
            "attempt": 1,
            "revision": 1,
            "retryCount": 0,
            "timestamp": stamp(arrived),
            "target": {"s3": "s3://archive/"},
            "targets": {"s3": {"state": "SUCCEEDED", "attempts": 1}},
            **changes,
        }
        if item["status"] != "IN_PROGRESS" or "dateStatus" in changes:
            item["dateStatus"] = f"{sk[3:13]}#{item['status']}#{identity.shard(identity.id_of(sk))}"
        put(self.dynamodb, "FileTransferStatus", item)
        return item
