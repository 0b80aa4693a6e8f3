"""An S3 in memory: versions, conditional copies, and answers that get lost after the work is done.

It follows the API Reference where the copy logic depends on it: CopyObject checks the destination's If-None-Match and
If-Match against the current object, and CopySourceIfMatch against the pinned version, each with 412.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

START = datetime(2025, 6, 28, 22, 0, tzinfo=UTC)


@dataclass
class Version:
    """One version; `modified` has whole seconds, as in S3's headers."""

    version_id: str
    body: bytes
    modified: datetime
    metadata: dict[str, str]
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return hashlib.md5(self.body, usedforsecurity=False).hexdigest()

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:11] + "="


class FakeS3:
    """`faults` is consumed one a copy: "" (none), "lost" (done, no answer), "down" (503, not done), "denied"."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], list[Version]] = defaultdict(list)
        self.faults: list[str] = []
        self.copies: list[tuple[str, str, str]] = []
        self.calls: list[str] = []
        self.copy_arguments: list[dict[str, Any]] = []
        self.now = START

    def put(self, bucket: str, key: str, body: bytes, metadata: dict[str, str] | None = None, **extra: Any) -> Version:
        """A new version; time passes by less than S3's resolution."""
        self.now += timedelta(milliseconds=100)
        number = sum(len(each) for each in self.objects.values()) + 1
        version = Version(f"v{number}", body, self.now.replace(microsecond=0), metadata or {}, extra)
        self.objects[bucket, key].append(version)
        return version

    def current(self, bucket: str, key: str) -> Version | None:
        versions = self.objects.get((bucket, key))
        return versions[-1] if versions else None

    def delete(self, bucket: str, key: str) -> None:
        """Every version, for good."""
        self.objects.pop((bucket, key), None)

    def head_object(self, Bucket: str, Key: str, VersionId: str = "", **_: Any) -> dict[str, Any]:  # noqa: N803
        self.calls.append("HeadObject")
        version = self._find(Bucket, Key, VersionId)
        if version is None:
            raise error(404, "404", "HeadObject")
        return {
            "ETag": f'"{version.etag}"',
            "VersionId": version.version_id,
            "LastModified": version.modified,
            "ContentLength": len(version.body),
            "Metadata": version.metadata,
            "ChecksumCRC64NVME": version.checksum,
            "ChecksumType": "FULL_OBJECT",
            **version.extra,
        }

    def copy_object(self, **arguments: Any) -> dict[str, Any]:
        self.calls.append("CopyObject")
        self.copy_arguments.append(arguments)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "down":
            raise error(503, "ServiceUnavailable", "CopyObject")
        if fault == "denied":
            raise error(403, "AccessDenied", "CopyObject")
        source = arguments["CopySource"]
        found = self._find(source["Bucket"], source["Key"], source.get("VersionId", ""))
        if found is None:
            raise error(404, "NoSuchVersion", "CopyObject")
        target = self.current(arguments["Bucket"], arguments["Key"])
        wanted = arguments.get("IfMatch", "").strip('"')
        if (
            found.etag != arguments["CopySourceIfMatch"].strip('"')
            or (arguments.get("IfNoneMatch") == "*" and target)
            or (wanted and (target is None or target.etag != wanted))
        ):
            raise error(412, "PreconditionFailed", "CopyObject")
        made = self.put(arguments["Bucket"], arguments["Key"], found.body, arguments["Metadata"])
        self.copies.append((arguments["Bucket"], arguments["Key"], found.version_id))
        if fault == "lost":
            raise ReadTimeoutError(endpoint_url="https://s3")
        return {
            "CopyObjectResult": {"ETag": f'"{made.etag}"', "ChecksumCRC64NVME": made.checksum},
            "VersionId": made.version_id,
        }

    def get_paginator(self, name: str) -> _Versions:
        assert name == "list_object_versions"
        self.calls.append("ListObjectVersions")
        return _Versions(self)

    def _find(self, bucket: str, key: str, version_id: str) -> Version | None:
        if not version_id:
            return self.current(bucket, key)
        return next((each for each in self.objects.get((bucket, key), []) if each.version_id == version_id), None)


class _Versions:
    def __init__(self, s3: FakeS3) -> None:
        self._s3 = s3

    def paginate(self, Bucket: str, Prefix: str) -> Iterator[dict[str, Any]]:  # noqa: N803
        for bucket, key in sorted(self._s3.objects):
            if bucket == Bucket and key.startswith(Prefix):
                for version in reversed(self._s3.objects[bucket, key]):
                    yield {
                        "Versions": [
                            {
                                "Key": key,
                                "VersionId": version.version_id,
                                "ETag": f'"{version.etag}"',
                                "Size": len(version.body),
                                "LastModified": version.modified,
                            }
                        ]
                    }


def error(status: int, code: str, operation: str) -> ClientError:
    """As botocore raises it."""
    answer: Any = {"Error": {"Code": code, "Message": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
