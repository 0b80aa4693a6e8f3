"""Multipart uploads for the S3 in memory: parts copied from ranges, and the conditional write at the end.

After the API Reference where the copy logic depends on it: an upload is gone once it was completed or aborted
(NoSuchUpload); completing checks the parts' entity tags (InvalidPart), the size (InvalidRequest), the checksum
(BadDigest) and the condition on the target (412; 404 for an If-Match without object), and then makes one version.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ReadTimeoutError

from tests.unit.fake_s3 import FakeS3, Version, error


@dataclass
class Upload:
    """An upload that is under way; parts by number."""

    bucket: str
    key: str
    metadata: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


class MultipartS3(FakeS3):
    """`part_faults` and `complete_faults` are consumed one a call, as `faults` is by copies."""

    def __init__(self) -> None:
        super().__init__()
        self.uploads: dict[str, Upload] = {}
        self.part_faults: list[str] = []
        self.complete_faults: list[str] = []
        self.part_ranges: list[str] = []
        self.completed: list[dict[str, Any]] = []
        self.aborted: list[str] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def create_multipart_upload(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append("CreateMultipartUpload")
        assert (arguments["ChecksumAlgorithm"], arguments["ChecksumType"]) == ("CRC64NVME", "FULL_OBJECT")
        upload_id = f"u{next(self._numbers)}"
        self.uploads[upload_id] = Upload(arguments["Bucket"], arguments["Key"], arguments["Metadata"])
        return {"UploadId": upload_id}

    def upload_part_copy(self, **arguments: Any) -> dict[str, Any]:
        with self._lock:
            self.calls.append("UploadPartCopy")
            fault = self.part_faults.pop(0) if self.part_faults else ""
        if fault == "down":
            raise error(503, "SlowDown", "UploadPartCopy")
        upload = self._upload(arguments, "UploadPartCopy")
        source = arguments["CopySource"]
        found = self._find(source["Bucket"], source["Key"], source.get("VersionId", ""))
        if found is None:
            raise error(404, "NoSuchVersion", "UploadPartCopy")
        if found.etag != arguments["CopySourceIfMatch"].strip('"'):
            raise error(412, "PreconditionFailed", "UploadPartCopy")
        first, last = map(int, arguments["CopySourceRange"].removeprefix("bytes=").split("-"))
        assert 0 <= first <= last < len(found.body)
        with self._lock:
            self.part_ranges.append(arguments["CopySourceRange"])
            body = upload.parts[arguments["PartNumber"]] = found.body[first : last + 1]
        return {"CopyPartResult": {"ETag": _etag(body)}}

    def list_parts(self, **arguments: Any) -> dict[str, Any]:
        upload = self._upload(arguments, "ListParts")
        after = arguments.get("PartNumberMarker", 0)
        parts = [{"PartNumber": number, "ETag": _etag(body)} for number, body in sorted(upload.parts.items())]
        return {"Parts": [part for part in parts if part["PartNumber"] > after]}

    def complete_multipart_upload(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append("CompleteMultipartUpload")
        fault = self.complete_faults.pop(0) if self.complete_faults else ""
        if fault == "down":
            raise error(503, "ServiceUnavailable", "CompleteMultipartUpload")
        if fault == "conflict":
            raise error(409, "ConditionalRequestConflict", "CompleteMultipartUpload")
        upload = self._upload(arguments, "CompleteMultipartUpload")
        self._check_target(arguments)
        body = b"".join(self._named_parts(upload, arguments))
        if arguments["MpuObjectSize"] != len(body):
            raise error(400, "InvalidRequest", "CompleteMultipartUpload")
        checksum = Version("", body, self.now, {}).checksum
        if arguments.get("ChecksumCRC64NVME", checksum) != checksum:
            raise error(400, "BadDigest", "CompleteMultipartUpload")
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}-{len(upload.parts)}"'
        made = self.put(upload.bucket, upload.key, body, upload.metadata, ETag=etag)
        del self.uploads[arguments["UploadId"]]
        self.completed.append(arguments)
        if fault == "lost":
            raise ReadTimeoutError(endpoint_url="https://s3")
        return {"ETag": etag, "ChecksumCRC64NVME": checksum, "VersionId": made.version_id}

    def abort_multipart_upload(self, **arguments: Any) -> None:
        self._upload(arguments, "AbortMultipartUpload")
        del self.uploads[arguments["UploadId"]]
        self.aborted.append(arguments["UploadId"])

    def get_paginator(self, name: str) -> Any:
        return _Parts(self) if name == "list_parts" else super().get_paginator(name)

    def _upload(self, arguments: dict[str, Any], operation: str) -> Upload:
        upload = self.uploads.get(arguments["UploadId"])
        if upload is None or (upload.bucket, upload.key) != (arguments["Bucket"], arguments["Key"]):
            raise error(404, "NoSuchUpload", operation)
        return upload

    def _check_target(self, arguments: dict[str, Any]) -> None:
        there = self.current(arguments["Bucket"], arguments["Key"])
        wanted = arguments.get("IfMatch")
        if wanted and there is None:
            raise error(404, "NoSuchKey", "CompleteMultipartUpload")
        tag = there and there.extra.get("ETag", f'"{there.etag}"')
        if (arguments.get("IfNoneMatch") == "*" and there) or (wanted and wanted != tag):
            raise error(412, "PreconditionFailed", "CompleteMultipartUpload")

    @staticmethod
    def _named_parts(upload: Upload, arguments: dict[str, Any]) -> Iterator[bytes]:
        for part in arguments["MultipartUpload"]["Parts"]:
            body = upload.parts.get(part["PartNumber"])
            if body is None or _etag(body) != part["ETag"]:
                raise error(400, "InvalidPart", "CompleteMultipartUpload")
            yield body


class _Parts:
    def __init__(self, s3: MultipartS3) -> None:
        self._s3 = s3

    def paginate(self, **arguments: Any) -> Iterator[dict[str, Any]]:
        self._s3.calls.append("ListParts")
        found = self._s3.list_parts(**arguments)["Parts"]
        for start in range(0, len(found) or 1, 3):
            yield {"Parts": found[start : start + 3]}


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
