"""How a copy comes to its target at most once, and never in the place of a newer one.

The first write may only create the target. If something is there, the object itself says what it is: our own copy is
adopted (an earlier attempt made it, whatever became of its answer), anything else is handled as the overwrite
policy says. A newer version replaces an older one only if that is still the one that was seen.

What S3 offers for that compares entity tags, not versions. If a copy hangs inside S3 while two newer versions come
and go, and the second has the very bytes the first copy saw, the late copy would win; nothing can tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from file_transfer.copying import order
from file_transfer.copying.task import CopyTask, Heads, look_at_source
from file_transfer.errors import ChecksumMismatch, TargetExists, TowpathError, Transient
from file_transfer.intake.source import Source

TRIES = 4

#: What must hold of the target: arguments of CopyObject and of CompleteMultipartUpload.
Condition = dict[str, str]
CREATE: Condition = {"IfNoneMatch": "*"}


class Objects(Heads, Protocol):
    """HEAD and version lists, as file_transfer.intake.source.SourceReader has them."""

    def versions(self, bucket: str, key: str) -> Iterator[dict[str, Any]]: ...


@dataclass(frozen=True)
class Outcome:
    """`state` is SUCCEEDED or SKIPPED. `adopted`: the copy had been made before."""

    state: str
    reason: str = ""
    etag: str = ""
    checksum: str = ""
    version_id: str = ""
    adopted: bool = False


#: Writes under a condition: what was made, or None when the condition kept it from being made.
Write = Callable[[Condition], Outcome | None]


@dataclass(frozen=True)
class Placing:
    """Decides by what is at the target."""

    objects: Objects

    def place(self, task: CopyTask, write: Write, condition: Condition = CREATE) -> Outcome:
        """Raises the taxonomy's errors; after any of them the same call may be made again without harm."""
        for _ in range(TRIES):
            made = write(condition)
            if made:
                return made
            settled, condition = self.look(task)
            if settled:
                return settled
        raise Transient(f"{task.uri} kept changing while it was written")

    def look(self, task: CopyTask) -> tuple[Outcome | None, Condition]:
        """(how the target is settled already, the condition for a write otherwise)."""
        existing = self._at_target(task)
        if existing is None:
            look_at_source(task, self.objects)  # a condition that failed may have been the source's
            return None, CREATE
        return self._meet(existing, task), {"IfMatch": f'"{existing.etag}"'}

    def made_after_all(self, task: CopyTask) -> Outcome | None:
        """One look at the target after an answer was lost; if even that fails, the first error is what counts."""
        try:
            existing = self._at_target(task)
        except TowpathError:
            return None
        if existing and _marker(existing).transfer_id == task.marker.transfer_id:
            return _adopt(existing, task)
        return None

    def _at_target(self, task: CopyTask) -> Source | None:
        return self.objects.head(task.target["bucket"], task.target["key"])

    def _meet(self, existing: Source, task: CopyTask) -> Outcome | None:
        """What is at the target decides; None means: replace it."""
        found = _marker(existing)
        if found.transfer_id == task.marker.transfer_id:
            return _adopt(existing, task)
        if task.target["overwrite"] == "never":
            return Outcome("SKIPPED", "EXISTS")
        if task.target["overwrite"] != "newest-wins":
            raise TargetExists(f"{task.uri} exists and is not this file")
        if order.is_newer(task.marker, found, lambda: self._version_ids(task)):
            return None
        return Outcome("SKIPPED", "NEWER_EXISTS")

    def _version_ids(self, task: CopyTask) -> Iterator[str]:
        bucket = task.transfer["bucket"]
        for version in self.objects.versions(bucket, task.transfer["key"]):
            yield order.version_transfer_id(bucket, version)


def compare_checksums(task: CopyTask, checksum: str) -> None:
    """Raises ChecksumMismatch when both sides have a checksum and they differ."""
    if task.checksum and checksum and task.checksum != checksum:
        raise ChecksumMismatch(f"{task.uri}: CRC64NVME is {checksum}, that of the source {task.checksum}")


def _marker(existing: Source) -> order.Marker:
    return order.read_marker(existing.user_metadata, existing.arrived_at)


def _adopt(existing: Source, task: CopyTask) -> Outcome:
    if existing.size != task.size:
        raise ChecksumMismatch(f"{task.uri} has {existing.size} bytes, the source {task.size}")
    compare_checksums(task, existing.checksum)
    return Outcome("SUCCEEDED", "", existing.etag, existing.checksum, existing.version_id, adopted=True)
