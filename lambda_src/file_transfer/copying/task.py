"""What one copy is about: whose file it is, which bytes are copied, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from file_transfer.copying import order
from file_transfer.errors import SourceGone
from file_transfer.intake.source import Source


class Heads(Protocol):
    """HEAD, as file_transfer.intake.source.SourceReader has it."""

    def head(self, bucket: str, key: str, version_id: str = "") -> Source | None: ...


@dataclass(frozen=True)
class CopyTask:
    """`transfer` is the arrival, which the marker and the order of versions are about.

    `source` is what is copied: the arrival itself, or what was prepared from it (`transfer["content"]`), with `bucket`,
    `key`, `versionId`, `etag`, `sizeBytes` and `checksum`; once it has been looked at also `contentType`, `headers` and
    `userMetadata`.
    """

    transfer: Mapping[str, Any]
    target: Mapping[str, Any]
    source: Mapping[str, Any]
    marker: order.Marker

    @property
    def uri(self) -> str:
        """The target as people know it."""
        return str(self.target["uri"])

    @property
    def size(self) -> int:
        """Bytes to copy."""
        return int(self.source["sizeBytes"])

    @property
    def checksum(self) -> str:
        """CRC64NVME of the whole source; empty where S3 has none."""
        return str(self.source.get("checksum", ""))


def task_of(transfer: Mapping[str, Any], target: Mapping[str, Any]) -> CopyTask:
    """The task as the state machine hands it over; only a first attempt has the source's properties with it."""
    return CopyTask(transfer, target, transfer.get("content") or transfer, order.marker_of(transfer))


def with_properties(task: CopyTask, heads: Heads) -> CopyTask:
    """With the properties that Validate Input saw, or as they are now. Raises SourceGone."""
    if "userMetadata" in task.source:
        return task
    found = look_at_source(task, heads)
    seen = {
        "contentType": found.content_type,
        "headers": found.headers,
        "userMetadata": found.user_metadata,
        "checksum": found.checksum,
    }
    return replace(task, source={**task.source, **seen})


def look_at_source(task: CopyTask, heads: Heads) -> Source:
    """The source as S3 has it. Raises SourceGone when it is not the one that was claimed."""
    wanted = task.source
    found = heads.head(wanted["bucket"], wanted["key"], wanted.get("versionId", ""))
    if found is None or found.etag != wanted["etag"]:
        raise SourceGone(f"{wanted['bucket']}/{wanted['key']}: the claimed version does not exist any more")
    return found
