"""The source object: which version a message means, and what S3 says about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.workflows.arrival import Arrival, bare_etag
from shared.aws_errors import classify, http_status
from shared.clock import parse, stamp
from shared.errors import NotFound

#: HEAD of a delete marker answers 405 (Amazon S3 API Reference, HeadObject).
DELETE_MARKER = 405
CLOCKS_DIFFER = timedelta(seconds=2)
KEPT_HEADERS = ("CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage")


@dataclass(frozen=True)
class Source:
    """One version of an object.

    `arrived_at` is its LastModified, fixed width; `checksum` a full-object CRC64NVME; `sequencer` is that of its event.
    """

    version_id: str
    etag: str
    arrived_at: str
    size: int
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    user_metadata: Mapping[str, str] = field(default_factory=dict)
    checksum: str = ""
    sequencer: str = ""


class SourceReader:
    """Reads of the landing bucket."""

    def __init__(self, s3: Any) -> None:
        self._s3 = s3

    def find(self, arrival: Arrival) -> Source | None:
        """The version the message means, or None when it is gone. Raises the taxonomy's errors.

        An S3 event names the version. A Transfer event does not: if what is there now is not what the event
        describes (another entity tag or size, or written after the upload ended), its version is searched for. A
        failed upload must be matched in full, or a good file that followed it would be rejected in its place; for
        any other the entity tag is enough, since clocks and counts of bytes sent may differ.
        """
        found = self._find(arrival)
        return replace(found, sequencer=arrival.sequencer) if found and arrival.sequencer else found

    def _find(self, arrival: Arrival) -> Source | None:
        if arrival.version_id:
            return self.head(arrival.bucket, arrival.key, arrival.version_id)
        current = self.head(arrival.bucket, arrival.key)
        if current and _describes(arrival, current.etag, current.size, current.arrived_at):
            return current
        versions = list(self.versions(arrival.bucket, arrival.key))
        fitting = [each for each in versions if _describes(arrival, *_properties(each))]
        if not fitting and not arrival.failure_code:
            if not arrival.etag:
                return current
            fitting = [each for each in versions if bare_etag(each["ETag"]) == arrival.etag]
        return self.head(arrival.bucket, arrival.key, fitting[0]["VersionId"]) if fitting else None

    def head(self, bucket: str, key: str, version_id: str = "") -> Source | None:
        """What S3 says of a version (the current one if none is named), or None when there is no such object."""
        pinned = {"VersionId": version_id} if version_id else {}
        try:
            answer = self._s3.head_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **pinned)
        except ClientError as error:
            found = classify(error, f"HEAD {bucket}/{key}")
            if isinstance(found, NotFound) or http_status(error) == DELETE_MARKER:
                return None
            raise found from error
        except BotoCoreError as error:
            raise classify(error, f"HEAD {bucket}/{key}") from error
        return _source(answer)

    def versions(self, bucket: str, key: str) -> Iterator[dict[str, Any]]:
        """The versions of exactly this key, newest first, as ListObjectVersions gives them."""
        try:
            for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
                entries = page.get("Versions", [])
                yield from (each for each in entries if each["Key"] == key)
                if any(each["Key"] != key for each in entries):
                    return
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"list versions of {bucket}/{key}") from error


def _source(answer: Mapping[str, Any]) -> Source:
    return Source(
        version_id=answer.get("VersionId", ""),
        etag=bare_etag(answer["ETag"]) or "",
        arrived_at=stamp(answer["LastModified"]),
        size=answer["ContentLength"],
        content_type=answer.get("ContentType", ""),
        headers={name: answer[name] for name in KEPT_HEADERS if answer.get(name)},
        user_metadata=answer.get("Metadata", {}),
        checksum=answer.get("ChecksumCRC64NVME", "") if answer.get("ChecksumType") != "COMPOSITE" else "",
    )


def _properties(version: Mapping[str, Any]) -> tuple[str, int, str]:
    return bare_etag(version["ETag"]) or "", version["Size"], stamp(version["LastModified"])


def _describes(arrival: Arrival, etag: str, size: int, modified: str) -> bool:
    """True when the message may be about the version with these properties."""
    if arrival.etag and arrival.etag != etag:
        return False
    if arrival.size is not None and arrival.size != size:
        return False
    return not arrival.finished_at or parse(modified) <= parse(arrival.finished_at) + CLOCKS_DIFFER
