"""The versions of the landing bucket, page by page, from any place in the listing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from file_transfer.workflows.arrival import bare_etag
from shared.aws_errors import classify
from shared.clock import stamp

#: What S3 calls the version of an object that was put before the bucket had versions.
NO_VERSION = "null"


@dataclass(frozen=True)
class Version:
    """One version as the listing has it. `modified` is fixed-width UTC in whole seconds, as a HEAD gives it."""

    key: str
    version_id: str
    etag: str
    size: int
    modified: str


@dataclass(frozen=True)
class Marker:
    """A place in the listing of several prefixes: behind this version of this key below the prefix of this number."""

    prefix: int = 0
    key: str = ""
    version_id: str = ""


@dataclass(frozen=True)
class Page:
    """Versions and the place behind them; None at the end of the last prefix."""

    versions: tuple[Version, ...]
    behind: Marker | None


class Listing:
    """ListObjectVersions over the prefixes of one bucket. Raises the taxonomy's errors."""

    def __init__(self, s3: Any, bucket: str, prefixes: tuple[str, ...]) -> None:
        self._s3 = s3
        self._bucket = bucket
        self.prefixes = without_nested(prefixes)

    def page(self, at: Marker) -> Page:
        """Up to 1,000 versions behind a place. Deleted objects leave markers, which are no versions."""
        if at.prefix >= len(self.prefixes):
            return Page((), None)
        markers = {"KeyMarker": at.key, "VersionIdMarker": at.version_id}
        request = {name: value for name, value in markers.items() if value}
        try:
            answer = self._s3.list_object_versions(Bucket=self._bucket, Prefix=self.prefixes[at.prefix], **request)
        except (ClientError, BotoCoreError) as error:
            raise classify(error, f"list versions of {self._bucket}") from error
        versions = tuple(_version(each) for each in answer.get("Versions", []))
        return Page(versions, self._behind(at, answer))

    def _behind(self, at: Marker, answer: Mapping[str, Any]) -> Marker | None:
        if answer.get("IsTruncated"):
            return Marker(at.prefix, answer["NextKeyMarker"], answer.get("NextVersionIdMarker", ""))
        return Marker(at.prefix + 1) if at.prefix + 1 < len(self.prefixes) else None


def without_nested(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """The prefixes that lie below no other one, sorted; without any, the whole bucket."""
    kept: list[str] = []
    for prefix in sorted(prefixes):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return tuple(kept) or ("",)


def _version(entry: Mapping[str, Any]) -> Version:
    version_id = entry["VersionId"]
    return Version(
        key=entry["Key"],
        version_id="" if version_id == NO_VERSION else version_id,
        etag=bare_etag(entry["ETag"]) or "",
        size=entry["Size"],
        modified=stamp(entry["LastModified"].replace(microsecond=0)),
    )
