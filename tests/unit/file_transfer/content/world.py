"""What Prepare File meets in its tests: buckets, keys, a queue, and tables of moto's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ReadTimeoutError

from file_transfer.content.groups import Groups
from file_transfer.content.objects import Objects
from file_transfer.content.pgp_steps import PgpSteps
from file_transfer.content.preparation import Preparation
from file_transfer.content.unpacking import Unpacking
from file_transfer.intake.source import SourceReader
from file_transfer.workflows.definition import read_definition
from shared.clock import stamp
from shared.errors import NotFound
from tests.unit.fake_s3 import FakeS3, error
from tests.unit.given import LANDING, TickingClock, definition

WORK = "work"
WORKFLOW = "orders"
FOLDER = "from-sftp/acme/"


class WorkS3(FakeS3):
    """With reads and conditional writes. `lost`: that many writes are done and not answered."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0
        self.uploads: dict[str, list[bytes]] = {}

    def get_object(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append("GetObject")
        found = self._find(arguments["Bucket"], arguments["Key"], arguments.get("VersionId", ""))
        if found is None:
            raise error(404, "NoSuchVersion", "GetObject")
        if found.etag != arguments["IfMatch"].strip('"'):
            raise error(412, "PreconditionFailed", "GetObject")
        return {"Body": _Body(found.body)}

    def put_object(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append("PutObject")
        self._write(arguments["Bucket"], arguments["Key"], arguments["Body"])
        return {}

    def create_multipart_upload(self, **_: Any) -> dict[str, Any]:
        self.uploads[f"u{len(self.uploads)}"] = []
        return {"UploadId": f"u{len(self.uploads) - 1}"}

    def upload_part(self, UploadId: str, PartNumber: int, Body: bytes, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.calls.append("UploadPart")
        assert PartNumber == len(self.uploads[UploadId]) + 1
        self.uploads[UploadId].append(Body)
        return {"ETag": hashlib.md5(Body, usedforsecurity=False).hexdigest()}

    def complete_multipart_upload(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append("CompleteMultipartUpload")
        parts = self.uploads[arguments["UploadId"]]
        if not self.current(arguments["Bucket"], arguments["Key"]):
            del self.uploads[arguments["UploadId"]]
        self._write(arguments["Bucket"], arguments["Key"], b"".join(parts))
        return {}

    def abort_multipart_upload(self, UploadId: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        if self.uploads.pop(UploadId, None) is None:
            raise error(404, "NoSuchUpload", "AbortMultipartUpload")
        return {}

    def _write(self, bucket: str, key: str, body: bytes) -> None:
        if self.current(bucket, key):
            raise error(412, "PreconditionFailed", "PutObject")
        self.put(bucket, key, body)
        if self.lost:
            self.lost -= 1
            raise ReadTimeoutError(endpoint_url="https://s3")


class _Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        yield from (self._data[start : start + size] for start in range(0, len(self._data), size))

    def read(self, size: int) -> bytes:
        return self._data[:size]


@dataclass
class SentMessages:
    """A queue. `refusals`: that many sends fail."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    refusals: int = 0

    def send(self, messages: Sequence[Mapping[str, Any]], _delay_seconds: int = 0) -> None:
        if self.refusals:
            self.refusals -= 1
            raise NotFound("the queue is away")
        self.messages += [dict(each) for each in messages]


@dataclass
class KnownSecrets:
    """Secrets by ARN; the first text is the current one. `remembered`: what a warm worker still takes for them."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    remembered: dict[str, list[str]] = field(default_factory=dict)

    def current(self, arn: str) -> str:
        return self.both(arn)[0]

    def both(self, arn: str) -> list[str]:
        if arn not in self.texts:
            raise NotFound(arn)
        return self.remembered.get(arn, self.texts[arn])

    def forget(self, arn: str) -> None:
        self.remembered.pop(arn, None)


class World:
    """One workflow, and files that arrive for it a second apart."""

    def __init__(self, dynamodb: Any, rules: dict[str, Any] | None = None, processing: Any = None) -> None:
        self.s3 = WorkS3()
        self.queue = SentMessages()
        self.secrets = KnownSecrets()
        self.clock = TickingClock()
        item = definition(
            workflowId=WORKFLOW,
            customerId="acme",
            sourcePrefix=FOLDER,
            rules=rules,
            processing=processing,
            validationRegex=None,
        )
        self.workflow = read_definition(item)
        objects = Objects(self.s3, SourceReader(self.s3), WORK)
        groups = Groups(dynamodb, "FileTransferControl", self.queue, self.clock, 1)
        unpacking = Unpacking(objects, self.queue)
        self.preparation = Preparation(objects, groups, PgpSteps(self.secrets), unpacking, self.clock, 1_000_000)

    def arrive(self, name: str, body: bytes = b"x", *, key: str = "", **changes: Any) -> dict[str, Any]:
        """A file, and its transfer as Validate Input hands it on."""
        self.clock.forward(1)
        version = self.s3.put(LANDING, key or FOLDER + name, body)
        return {
            "pk": f"FILE#acme#{name}",
            "sk": f"TS#{stamp(self.clock())}#{version.version_id}",
            "id": hashlib.sha256(version.version_id.encode()).hexdigest()[:16],
            "bucket": LANDING,
            "key": key or FOLDER + name,
            "versionId": version.version_id,
            "etag": version.etag,
            "sizeBytes": len(body),
            "customerId": "acme",
            "fileName": name,
            "workflowId": WORKFLOW,
            "attempt": 1,
            "retryCount": 0,
            "round": "0-0",
            "arrivedAt": stamp(self.clock()),
            "delivered": 0,
            **changes,
        }

    def prepare(self, transfer: dict[str, Any]) -> dict[str, Any]:
        """The answer of Prepare File for two targets."""
        targets = [{"id": "s3", "overwrite": "newest-wins"}, {"id": "sftp", "overwrite": "never", "attempts": 2}]
        return self.preparation.prepare(transfer, targets, self.workflow)

    def said(self, transfer: dict[str, Any]) -> str:
        """The action, and for a refusal its status, reason and message."""
        answer = self.prepare(transfer)
        more = [answer[name] for name in ("status", "reason", "message") if name in answer]
        return " ".join([answer["action"], *more])

    def content(self, transfer: dict[str, Any]) -> bytes:
        """What is copied instead of the file, pinned."""
        answer = self.prepare(transfer)
        assert answer["action"] == "COPY" and len(answer["targets"]) == 2
        place = answer["transfer"]["content"]
        found = self.s3.current(place["bucket"], place["key"])
        assert found and (found.version_id, found.etag) == (place["versionId"], place["etag"])
        assert place["sizeBytes"] == len(found.body)
        return found.body

    def released(self) -> list[str]:
        """Names of the files that were sent on, in order; what was told of them is forgotten."""
        messages, self.queue.messages = self.queue.messages, []
        assert all(each["kind"] == "towpath.retry" for each in messages)
        return [each["pk"].rpartition("#")[2] for each in messages]
